"""The kills between two steps: how a boundary is named, and what a life leaves that it should not."""

from __future__ import annotations

from collections import Counter

import pytest

from deploy.lab.chaos.steps import __main__ as command
from deploy.lab.chaos.steps.kills import Outcome, named
from deploy.lab.chaos.steps.stripe import CardBank
from deploy.lab.chaos.steps.traces import unlike

pytestmark = pytest.mark.pure


def test_a_boundary_has_its_first_name_and_its_turn() -> None:
    crossed = ["receives a", "commits b|commits a", "receives a", "commits a"]

    assert named(crossed) == ["receives a 1", "commits b 1", "receives a 2", "commits a 2"]


def test_what_is_lost_or_doubled_is_not_alike() -> None:
    assert unlike(Counter(mail=1, event=2), Counter(mail=1, event=2)) == []
    assert unlike(Counter(mail=1, event=2), Counter(mail=2)) == ["event: 0 instead of 2", "mail: 2 instead of 1"]


def test_what_is_not_taken_is_not_waited_for_at_the_end() -> None:
    with CardBank("http://127.0.0.1:1") as bank:
        bank.tell(b"{}")
        bank.end()

        assert not bank._courier.is_alive()


def test_what_became_of_each_is_told_also_if_that_breaks_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks_off(_lives: object, outcomes: list[Outcome], **_how: bool) -> None:
        outcomes.append(Outcome("capture", "commits a 1", 1, 1, 5, []))
        raise TimeoutError

    monkeypatch.setattr(command, "kill_at_each", breaks_off)
    with pytest.raises(TimeoutError):
        command.run([], keep=False, only_list=False)

    assert "1 boundaries, 1 kills, 5 cents lost" in capsys.readouterr().out
