"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.checks.configuration import DERIVED, table, with_part
from services import SERVICES

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", DERIVED)
def test_what_follows_from_the_settings_is_up_to_date(name: str) -> None:
    document = (ROOT / name).read_text("utf-8")

    assert document == with_part(name, document, DERIVED[name]()), "run `make settings`"


def test_angle_brackets_are_shown_as_they_are() -> None:
    spans = "".join(line.split("`")[1] + line.split("`")[3] for line in table().split("\n")[2:] if line.count("`") >= 4)

    assert "PLEDGE_<SERVICE>_DATABASE_URL" in spans
    assert "&lt;public URL&gt;/v1" in table()
    assert "&" not in spans


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", README))

    assert {"run", "demo", "test"} <= named
    assert [target for target in sorted(named) if f"\n{target}:" not in makefile and f"{target} " not in makefile] == []


def test_every_service_is_named() -> None:
    assert all(service in README for service in SERVICES)
