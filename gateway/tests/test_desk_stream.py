"""The stream of the desk: each role is told what changed of its things, and a stream stays small."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.live import desk
from gateway.live.desk import MOST, DeskFollower
from gateway.tests.peers import ORDER
from gateway.tests.test_live import Listening, a_customer, an_entry, publish
from gateway.tests.tokens import access_token
from services.common.basics.caller import Caller
from services.common.basics.clock import now

PATH = "/v1/desk/stream"
TICKET = "TIC-0000-0000-0"


def as_a(role: str) -> str:
    return access_token(f"{role}@pledge.example", [role], now())


def listening(gateway: Any, role: str) -> Listening:
    return Listening(gateway, as_a(role), path=PATH)


def seen(stream: Listening, wanted: int) -> list[tuple[str, str]]:
    """Return (subject, by) of the next changes, as many as are wanted."""
    found: list[tuple[str, str]] = []
    while len(found) < wanted:
        name, told = stream.next()
        assert name == "changed"
        found += [(each["subject"], each["by"]) for each in told["items"]]
    return found


def test_each_role_hears_what_it_works_with(gateway: Any) -> None:
    streams = {role: listening(gateway, role) for role in ("warehouse", "agent", "admin")}
    told = [
        an_entry("1", service="support", subject=TICKET, order_number=None, actor="customer:ada@example.com"),
        an_entry("2", service="support", subject="a-session", order_number=None),
        an_entry("3", service="logistics", subject="SHP-1", audience="internal"),
    ]

    publish(gateway.uri, *told)

    ticket, session, shipment = (
        (TICKET, "customer"),
        ("a-session", "grace@pledge.example"),
        ("SHP-1", "grace@pledge.example"),
    )
    expected = {"warehouse": [shipment], "agent": [ticket, shipment], "admin": [ticket, session, shipment]}
    assert {role: seen(stream, len(expected[role])) for role, stream in streams.items()} == expected
    for stream in streams.values():
        stream.close()


def test_a_change_of_roles_ends_the_streams_of_that_person(gateway: Any) -> None:
    gone, other = listening(gateway, "agent"), listening(gateway, "lead")
    body = {"email": "agent@pledge.example"}

    publish(gateway.uri, an_entry("1", service="support", type="staff_changed", order_number=None, body=body))
    publish(gateway.uri, an_entry("2"))

    with pytest.raises(EOFError):
        gone.next()
    assert seen(other, 1) == [(ORDER, "grace@pledge.example")]
    for stream in (gone, other):
        stream.close()


@pytest.mark.parametrize(("token", "status"), [(None, 401), (a_customer(), 403), ("ord_nonsense", 401)])
def test_only_staff_follow_the_desk(gateway: Any, token: str | None, status: int) -> None:
    assert gateway.get(PATH, token).status_code == status


def test_a_stream_of_the_desk_ends_with_its_token(gateway: Any) -> None:
    token = access_token("agent@pledge.example", ["agent"], now() - timedelta(minutes=15) + timedelta(seconds=2))
    stream = Listening(gateway, token, path=PATH)

    with pytest.raises(EOFError):
        stream.next()
    stream.close()


@pytest.mark.pure
@pytest.mark.parametrize(("things", "named"), [(3, 3), (MOST, MOST), (10 * MOST, 0)])
def test_a_stream_holds_little_of_a_large_burst(monkeypatch: pytest.MonkeyPatch, things: int, named: int) -> None:
    monkeypatch.setattr(desk, "GATHER_SECONDS", 0.0)
    follower = DeskFollower(Caller("staff:grace@pledge.example", roles=frozenset({"lead"})))

    for thing in range(things):
        follower.give(an_entry(f"a{thing}", subject=f"ORD-{thing}"))
        follower.give(an_entry(f"b{thing}", subject=f"ORD-{thing}", type="order_completed"))

    told = follower.changes(0.01)
    assert told is not None
    assert ("all" in told, {each["type"] for each in told["items"]}) == (
        named == 0,
        {"order_completed"} if named else set(),
    )
    assert len(told["items"]) == named
    assert follower.changes(0.01) == {"items": []}
    follower.give(None)
    assert follower.changes(0.01) is None
