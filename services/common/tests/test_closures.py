"""A carrier's closure that is announced today counts from today on, without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from services.common.calendar import Overlay, close, working_days
from services.common.runtime.closures import REFUSED, ClosuresFile

TYPHOON = date(2026, 9, 16)


@pytest.fixture(autouse=True)
def nothing_closed() -> Iterator[None]:
    yield
    close(Overlay())


def is_open() -> bool:
    return working_days("CN").is_working(TYPHOON)


def refused() -> float:
    (metric,) = REFUSED.collect()
    return float(metric.samples[0].value)


def look(closures: ClosuresFile) -> bool:
    """Look twice, as what has just changed may be half a file."""
    return [closures.look() for _ in range(2)][-1]


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "closures.yaml"
    path.write_text("{}")
    closures = ClosuresFile(path)

    assert (look(closures), is_open()) == (False, True)
    path.write_text(f"CN: {{closed: [{TYPHOON}]}}")
    assert (look(closures), is_open()) == (True, False)
    assert (look(closures), is_open()) == (False, False)
    path.write_text("CN: {closed: []}")
    assert (look(closures), is_open()) == (True, True)


@pytest.mark.parametrize("nonsense", ["CN: {closed: [2026-13-01]}", "{", None])
def test_nonsense_leaves_what_was_in_force(tmp_path: Path, nonsense: str | None) -> None:
    path = tmp_path / "closures.yaml"
    path.write_text("{}")
    closures = ClosuresFile(path)
    path.write_text(f"CN: {{closed: [{TYPHOON}]}}")
    look(closures)

    if nonsense is None:
        path.unlink()
    else:
        path.write_text(nonsense)

    assert (look(closures), is_open(), refused()) == (False, False, 1)
    path.write_text("CN: {closed: []}  # put right")
    assert (look(closures), is_open(), refused()) == (True, True, 0)


def test_a_change_during_the_start_is_not_missed(tmp_path: Path) -> None:
    """The file was read already when the first look is taken."""
    path = tmp_path / "closures.yaml"
    path.write_text(f"CN: {{closed: [{TYPHOON}]}}")

    assert (look(ClosuresFile(path)), is_open()) == (True, False)


def test_a_file_that_is_being_written_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "closures.yaml"
    path.write_text("{}")
    closures = ClosuresFile(path)
    look(closures)
    path.write_text("CN: {closed: []}  # half of it")

    assert closures.look() is False
    path.write_text(f"CN: {{closed: [{TYPHOON}]}}")
    assert (closures.look(), is_open()) == (False, True)
    assert (closures.look(), is_open()) == (True, False)


def test_what_could_not_be_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "closures.yaml"
    path.write_text(f"CN: {{closed: [{TYPHOON}]}}")
    closures = ClosuresFile(path)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_text", unreadable)
        assert (look(closures), is_open(), refused()) == (False, True, 1)

    assert (closures.look(), is_open(), refused()) == (True, False, 0)


def unreadable(*_: object) -> str:
    raise OSError("the share is away")
