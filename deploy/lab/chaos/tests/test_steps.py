"""The kills between two steps: how a boundary is named, and what a life leaves that it should not."""

from __future__ import annotations

from collections import Counter

import pytest

from deploy.lab.chaos.steps.kills import named
from deploy.lab.chaos.steps.traces import unlike

pytestmark = pytest.mark.pure


def test_a_boundary_has_its_first_name_and_its_turn() -> None:
    crossed = ["receives a", "commits b|commits a", "receives a", "commits a"]

    assert named(crossed) == ["receives a 1", "commits b 1", "receives a 2", "commits a 2"]


def test_what_is_lost_or_doubled_is_not_alike() -> None:
    assert unlike(Counter(mail=1, event=2), Counter(mail=1, event=2)) == []
    assert unlike(Counter(mail=1, event=2), Counter(mail=2)) == ["event: 0 instead of 2", "mail: 2 instead of 1"]
