"""A phase runs once more what failed for want of time, and what fails twice stays failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.checks import phases

pytestmark = pytest.mark.pure
TESTS = """
from pathlib import Path

def test_ready():
    assert True

def test_late():
    seen = Path(__file__).with_name("seen")
    was_there = seen.exists()
    seen.touch()
    assert {passes}
"""


@pytest.mark.parametrize(("passes", "passed"), [("was_there", True), ("False", False)])
def test_what_fails_once_is_run_again(tmp_path: Path, passes: str, passed: bool) -> None:
    suite = tmp_path / "test_it.py"
    suite.write_text(TESTS.format(passes=passes), "utf-8")

    bare = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # plugins take most of the time that this takes
    found, closing = phases.pytest(bare, str(suite), "-o", f"cache_dir={tmp_path}/cache")

    assert found is passed
    assert "1 failed, 1 passed" in closing
    assert "run again: 1 " in closing


def test_what_has_a_place_in_the_plan_is_a_phase() -> None:
    assert {*phases.ALONE, *phases.GIVES_WAY, *phases.NEEDED} <= {*phases.PHASES}
