"""What takes long takes turns, and few wait for one."""

from __future__ import annotations

import eventlet
import pytest
from eventlet.event import Event
from flask import Flask, g

from gateway.http import limits
from gateway.http.errors import Refused
from gateway.http.turns import LEFT, WAITING, Turns
from gateway.http.windows import Windows
from gateway.settings import GatewaySettings
from services.common.basics.caller import Caller
from services.common.testing import customer, guest, holder, staff

BUSY = "Come back."


def test_one_works_few_wait_and_the_rest_come_back() -> None:
    turns, go_on = Turns(BUSY, of_one=1), Event()
    at_work: list[int] = []
    most: list[int] = []

    def work(place: int) -> int:
        with turns.one(str(place), str(place)):
            at_work.append(place)
            most.append(len(at_work))
            go_on.wait()
            at_work.remove(place)
        return place

    threads = [eventlet.spawn(work, place) for place in range(1 + WAITING)]
    eventlet.sleep(0)
    with pytest.raises(Refused) as refused, turns.one("another", "n"):
        pass
    assert (refused.value.status, str(refused.value)) == (503, f"service_unavailable: {BUSY}")

    go_on.send()
    assert sorted(thread.wait() for thread in threads) == [*range(1 + WAITING)]
    assert max(most) == 1
    with turns.one("another", "n"):
        pass


def test_one_client_leaves_places_to_the_others() -> None:
    turns, go_on = Turns(BUSY, of_one=2), Event()

    def work(whose: str) -> str:
        with turns.one(whose, whose):
            go_on.wait()
        return whose

    threads = [eventlet.spawn(work, "greedy") for _ in range(2)]
    eventlet.sleep(0)
    for _ in range(9):
        with pytest.raises(Refused) as refused, turns.one("greedy", "greedy"):
            pass
        assert (refused.value.status, refused.value.code) == (429, "too_many_requests")
    threads.append(eventlet.spawn(work, "honest"))
    eventlet.sleep(0)

    go_on.send()
    assert [thread.wait() for thread in threads] == ["greedy", "greedy", "honest"]
    with turns.one("greedy", "greedy"):
        pass


def test_many_behind_one_address_share_no_place_and_leave_some() -> None:
    turns, go_on = Turns(BUSY, of_one=2), Event()

    def work(whose: str, network: str) -> str:
        with turns.one(whose, network):
            go_on.wait()
        return whose

    near = [f"order:{number}" for number in range(1 + WAITING - LEFT)]
    threads = [eventlet.spawn(work, each, "a mobile address") for each in near]
    eventlet.sleep(0)
    with pytest.raises(Refused) as refused, turns.one("order:9", "a mobile address"):
        pass
    assert refused.value.status == 429
    threads.append(eventlet.spawn(work, "order:1", "another network"))
    threads.append(eventlet.spawn(work, "another", "another"))
    eventlet.sleep(0)

    go_on.send()
    assert sorted(thread.wait() for thread in threads) == sorted([*near, "order:1", "another"])
    assert not turns._places


@pytest.mark.parametrize(
    ("caller", "whose"),
    [
        (None, ("203.0.113.9", "203.0.113.9")),
        (guest(), ("203.0.113.9", "203.0.113.9")),
        (holder("order:A"), ("order:A", "203.0.113.9")),
        (customer("ada@example.com"), ("customer:ada@example.com", "203.0.113.9")),
        (staff("agent", email="grace@pledge.example"), ("staff:grace@pledge.example",) * 2),
    ],
)
def test_places_are_counted_by_person_or_link(caller: Caller | None, whose: tuple[str, str]) -> None:
    app = Flask("turns")
    limits.register(app, GatewaySettings(), Windows())
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        if caller is not None:
            g.caller = caller
        assert limits.asker() == whose
