"""What takes long takes turns, and few wait for one."""

from __future__ import annotations

import eventlet
import pytest
from eventlet.event import Event

from gateway.http.errors import Refused
from gateway.http.turns import WAITING, Turns

BUSY = "Come back."


def test_one_works_few_wait_and_the_rest_come_back() -> None:
    turns, go_on = Turns(BUSY), Event()
    at_work: list[int] = []
    most: list[int] = []

    def work(place: int) -> int:
        with turns.one():
            at_work.append(place)
            most.append(len(at_work))
            go_on.wait()
            at_work.remove(place)
        return place

    threads = [eventlet.spawn(work, place) for place in range(1 + WAITING)]
    eventlet.sleep(0)
    with pytest.raises(Refused) as refused, turns.one():
        pass
    assert (refused.value.status, str(refused.value)) == (503, f"service_unavailable: {BUSY}")

    go_on.send()
    assert sorted(thread.wait() for thread in threads) == [*range(1 + WAITING)]
    assert max(most) == 1
    with turns.one():
        pass
