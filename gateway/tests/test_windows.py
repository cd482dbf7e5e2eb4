"""So many in any minute, whenever that minute begins."""

from __future__ import annotations

import time
from typing import Any

import pytest
from limits import parse

from gateway.http.windows import Windows

TWICE = parse("2/minute")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets the time to that many seconds after the beginning."""

    def becomes(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: 1_000_000 + seconds)

    becomes(0)
    return becomes


def test_a_refused_request_is_told_when_to_try_again(at: Any) -> None:
    doors = Windows()

    assert [doors.hit(TWICE, "door"), at(20), doors.hit(TWICE, "door")] == [None, None, None]
    at(30)
    assert doors.hit(TWICE, "door") == 30


def test_the_refused_do_not_count(at: Any) -> None:
    doors = Windows()
    for second in (0, 20, 30, 40, 50):
        at(second)
        doors.hit(TWICE, "door")

    at(60.5)
    assert doors.hit(TWICE, "door") is None
    assert doors.hit(TWICE, "door") == pytest.approx(19.5)


def test_where_nothing_is_allowed_nothing_gets_in(at: Any) -> None:
    assert Windows().hit(parse("0/minute"), "door") == 60


def test_each_limit_and_each_key_counts_apart(at: Any) -> None:
    doors, once = Windows(), parse("1/hour")

    assert doors.hit(once, "door") is None
    assert doors.hit(once, "door") == 3600
    assert doors.hit(once, "gate") is None
    assert doors.hit(TWICE, "door") is None


def test_an_unused_window_is_forgotten_when_it_is_over(at: Any) -> None:
    doors, once = Windows(), parse("1/hour")
    doors.hit(once, "kept")
    for number in range(100):
        doors.hit(TWICE, str(number))

    at(61)
    doors.hit(TWICE, "door")

    assert len(doors._hits) == 2
    assert doors.hit(once, "kept") == 3600 - 61
