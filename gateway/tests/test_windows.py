"""So many in any minute, whenever that minute begins."""

from __future__ import annotations

import time
from typing import Any

import pytest
from limits import parse

from gateway.http import windows
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

    assert [doors.hit(TWICE, "door").wait, at(20), doors.hit(TWICE, "door").wait] == [None, None, None]
    at(30)
    assert doors.hit(TWICE, "door").wait == 30


def test_the_refused_do_not_count(at: Any) -> None:
    doors = Windows()
    for second in (0, 20, 30, 40, 50):
        at(second)
        doors.hit(TWICE, "door")

    at(60.5)
    assert doors.hit(TWICE, "door").wait is None
    assert doors.hit(TWICE, "door").wait == pytest.approx(19.5)


def test_looking_counts_nothing_and_says_how_long_to_wait(at: Any) -> None:
    doors = Windows()
    assert [doors.look(TWICE, "door") for _ in range(3)] == [(None, 2, 60)] * 3

    for _ in range(2):
        doors.hit(TWICE, "door")
    at(20)

    assert doors.look(TWICE, "door") == doors.hit(TWICE, "door") == (40, 0, 40)


def test_where_nothing_is_allowed_nothing_gets_in(at: Any) -> None:
    assert Windows().hit(parse("0/minute"), "door").wait == 60


def test_each_limit_and_each_key_counts_apart(at: Any) -> None:
    doors, once = Windows(), parse("1/hour")

    assert doors.hit(once, "door").wait is None
    assert doors.hit(once, "door").wait == 3600
    assert doors.hit(once, "gate").wait is None
    assert doors.hit(TWICE, "door").wait is None


def test_an_unused_window_is_forgotten_when_it_is_over(at: Any) -> None:
    doors, once = Windows(), parse("1/hour")
    doors.hit(once, "kept")
    for number in range(100):
        doors.hit(TWICE, str(number))

    at(61)
    doors.hit(TWICE, "door")

    assert len(doors._hits) == 2
    assert doors.hit(once, "kept").wait == 3600 - 61


def test_what_is_left_is_told_with_when_there_is_more(at: Any) -> None:
    doors = Windows()

    assert doors.hit(TWICE, "door")[1:] == (1, 60)
    at(20)
    assert doors.hit(TWICE, "door")[1:] == (0, 40)


def test_what_others_let_through_counts_here(at: Any) -> None:
    told: list[tuple[str, int, int]] = []
    there, here = Windows(lambda *hit: told.append(hit)), Windows()
    there.hit(TWICE, "door")
    for _ in range(5):  # said more often than it may be, it fills no memory
        here.note(*told[0])

    assert (here.hit(TWICE, "door").wait, here.hit(TWICE, "gate").wait) == (60, None)
    assert [len(hits) for _, hits in here._hits.values()] == [2, 1]


def test_strangers_cannot_fill_the_memory(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MOST", 100)
    doors = Windows()

    for number in range(1000):
        doors.hit(TWICE, str(number))

    assert len(doors._hits) == 100
