"""What takes long takes turns, and few wait for one."""

from __future__ import annotations

import eventlet
import pytest
from eventlet.event import Event

from gateway.http.errors import Refused
from gateway.http.turns import WAITING, Turns

BUSY = "Come back."


def test_one_works_few_wait_and_the_rest_come_back() -> None:
    turns, go_on = Turns(BUSY, of_one=1), Event()
    at_work: list[int] = []
    most: list[int] = []

    def work(place: int) -> int:
        with turns.one(str(place)):
            at_work.append(place)
            most.append(len(at_work))
            go_on.wait()
            at_work.remove(place)
        return place

    threads = [eventlet.spawn(work, place) for place in range(1 + WAITING)]
    eventlet.sleep(0)
    with pytest.raises(Refused) as refused, turns.one("another"):
        pass
    assert (refused.value.status, str(refused.value)) == (503, f"service_unavailable: {BUSY}")

    go_on.send()
    assert sorted(thread.wait() for thread in threads) == [*range(1 + WAITING)]
    assert max(most) == 1
    with turns.one("another"):
        pass


def test_one_client_leaves_places_to_the_others() -> None:
    turns, go_on = Turns(BUSY, of_one=2), Event()

    def work(whose: str) -> str:
        with turns.one(whose):
            go_on.wait()
        return whose

    threads = [eventlet.spawn(work, "greedy") for _ in range(2)]
    eventlet.sleep(0)
    for _ in range(9):
        with pytest.raises(Refused) as refused, turns.one("greedy"):
            pass
        assert (refused.value.status, refused.value.code) == (429, "too_many_requests")
    threads.append(eventlet.spawn(work, "honest"))
    eventlet.sleep(0)

    go_on.send()
    assert [thread.wait() for thread in threads] == ["greedy", "greedy", "honest"]
    with turns.one("greedy"):
        pass
