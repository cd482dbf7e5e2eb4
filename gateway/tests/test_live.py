"""The live stream: nothing missed, nothing shown to strangers, no reader starved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import requests

from gateway.live import follower
from gateway.live import streams as live
from gateway.tests.peers import FOREIGN, ORDER, PEERS
from gateway.tests.tokens import access_token, order_token, stream_token
from services.common.basics.caller import Caller
from services.common.basics.clock import now
from services.common.bus.embedded.inproc import broker
from services.common.bus.publisher import Outgoing, journal_publisher
from services.common.edge.tokens import ORDER_LIFETIME, STREAM_LIFETIME
from services.common.testing import distributed, eventually

PATH = f"/v1/orders/{ORDER}/live"


def an_entry(entry_id: str, **given: Any) -> dict[str, Any]:
    return {
        "id": entry_id, "service": "orders", "type": "review_passed", "version": 1, "subject": ORDER,
        "subject_seq": 1, "order_number": ORDER, "occurred_at": "2026-03-02T09:30:00Z",
        "actor": "staff:grace@pledge.example", "trace_id": "t", "causation_id": None, "audience": "public",
        "body": {"order_number": ORDER}, **given,
    }  # fmt: skip


def publish(uri: str, *entries: dict[str, Any]) -> None:
    publisher = journal_publisher(uri)
    publisher.connect()
    out = [Outgoing(e["id"], f"{e['service']}.events", e["type"], orjson.dumps(e), {}, False) for e in entries]
    problems: list[str | None] = []
    publisher.publish(out, lambda _id, problem: problems.append(problem))
    eventually(lambda: len(problems) == len(entries))
    publisher.close()
    assert not any(problems)


class Listening:
    """One open stream."""

    def __init__(self, gateway: Any, token: str | None, query: str = "", path: str = PATH, **headers: str):
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self.response = gateway.request("GET", path + query, headers=headers, stream=True)
        self.response.raise_for_status()
        self.lines: Iterator[str] = self.response.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(self.lines).startswith("retry:")

    def next(self) -> tuple[str, Any]:
        """Return the next event: its name and its data."""
        name = ""
        for line in self.lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: "):
                return name, orjson.loads(line.removeprefix("data: "))
        raise EOFError

    def close(self) -> None:
        self.response.close()


def a_customer() -> str:
    return order_token(ORDER, now())


def a_ticket(order: str = ORDER, at: datetime | None = None, ends: datetime | None = None) -> str:
    """Return a stream ticket of the customer of ORDER."""
    holder = Caller(f"customer:{ORDER}", grants=frozenset({f"order:{ORDER}"}))
    return stream_token(order, holder.to_headers(), ends, at or now())


def an_agent() -> str:
    return access_token("grace@pledge.example", ["agent"], now())


def test_a_customer_follows_public_entries_without_staff_names(gateway: Any) -> None:
    stream = Listening(gateway, a_customer())

    publish(gateway.uri, an_entry("1"), an_entry("2", audience="internal"), an_entry("3", order_number="ORD-OTHER"))
    publish(gateway.uri, an_entry("4", service="logistics", type="shipment_packed"))

    assert [stream.next()[1]["id"], stream.next()[1]["id"]] == ["1", "4"]
    stream.close()


def test_what_a_customer_is_shown_names_a_role_and_no_person(gateway: Any) -> None:
    stream = Listening(gateway, a_customer())

    publish(gateway.uri, an_entry("1"))

    name, entry = stream.next()
    assert (name, entry["actor"], entry["type"]) == ("entry", "staff", "review_passed")
    assert "grace" not in orjson.dumps(entry).decode()
    stream.close()


def test_staff_see_internal_entries_too(gateway: Any) -> None:
    stream = Listening(gateway, an_agent())

    publish(gateway.uri, an_entry("1", audience="internal"))

    assert stream.next()[1]["actor"] == "staff:grace@pledge.example"
    stream.close()


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        (None, 401, "sign_in_required"),
        ("ord_nonsense", 401, "token_invalid"),
        ("eve@example.com", 404, "order_not_found"),
    ],
)
def test_a_stranger_gets_no_stream(gateway: Any, token: str | None, status: int, code: str) -> None:
    if token and "@" in token:  # signed in; made here, for a token ends soon
        token = access_token(token, ["customer"], now())
    answer = gateway.get(PATH, token)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_returning_reader_gets_missed_entries_first(gateway: Any) -> None:
    gateway.asked("orders").entries = [an_entry("1"), an_entry("2", occurred_at="2026-03-02T09:31:00Z")]
    gateway.asked("logistics").entries = [an_entry("3", service="logistics", occurred_at="2026-03-02T09:30:30Z")]

    stream = Listening(gateway, a_customer(), **{"Last-Event-ID": "1"})

    assert [stream.next()[1]["id"], stream.next()[1]["id"]] == ["3", "2"]
    publish(gateway.uri, an_entry("2"), an_entry("5"))
    assert stream.next()[1]["id"] == "5"
    stream.close()


def test_a_past_that_cannot_be_read_whole_is_said_to_have_a_gap(start: Any) -> None:
    gateway = start(peers=PEERS[:3])

    stream = Listening(gateway, a_customer(), **{"Last-Event-ID": "1"})

    assert stream.next() == ("gap", {"missing": ["support"]})
    stream.close()


def test_losing_the_broker_ends_the_stream(gateway: Any) -> None:
    stream = Listening(gateway, a_customer())

    gateway.live.on_lost()

    with pytest.raises(EOFError):
        stream.next()
    eventually(lambda: gateway.live._addresses.total() == 0)
    stream.close()


@pytest.mark.skipif(distributed(), reason="the connections of the embedded bus can be broken from here")
def test_own_queues_are_read_again_after_the_bus_broke(start: Any) -> None:
    gateway = start()
    queues = broker(gateway.uri.removeprefix("inproc://")).queues
    stream, before = Listening(gateway, a_customer()), own_queues(queues)

    for name in before.values():
        connection: Any = queues[name].owner
        connection.close()

    with pytest.raises(EOFError):
        stream.next()
    eventually(lambda: len(own_queues(queues)) == len(before))
    after = own_queues(queues)
    assert before.keys() == after.keys() == {"live", "limits", "viewers"}
    assert not {*before.values()} & {*after.values()}
    eventually(lambda: gateway.live.connected)
    again = Listening(gateway, a_customer())
    publish(gateway.uri, an_entry("1"))
    assert again.next()[1]["id"] == "1"
    again.close()


def own_queues(names: Iterable[str]) -> dict[str, str]:
    """Return the gateway's own queues by topic."""
    return {name.removeprefix("gateway.").partition("-")[0]: name for name in names if name.startswith("gateway.")}


def test_a_reader_that_lets_too_much_wait_is_cut_off() -> None:
    slow = follower.OpenStream(ORDER)

    for i in range(follower.WAITING + 10):
        slow.give(an_entry(str(i)))

    read = [slow.next(0.01) for _ in range(follower.WAITING + 1)]
    assert read[-1] is None
    assert all(read[:-1])


def test_closed_connections_are_noticed_before_any_heartbeat(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 3600.0)
    gateway = start()
    streams = [Listening(gateway, a_customer()) for _ in range(follower.STREAMS_PER_ORDER)]
    assert gateway.live._addresses.total() == follower.STREAMS_PER_ORDER

    for stream in streams:
        stream.close()

    eventually(lambda: gateway.live._addresses.total() == 0)
    assert not gateway.live._all


def test_the_newest_of_too_many_streams_wins(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "STREAMS_PER_ORDER", 2)
    gateway = start()
    streams = [Listening(gateway, a_customer()) for _ in range(4)]

    publish(gateway.uri, an_entry("1"))

    for replaced in streams[:2]:
        assert [line for line in replaced.lines if line.startswith("retry")] == [f"retry: {live.REPLACED_RETRY_MS}"]
    assert [stream.next()[1]["id"] for stream in streams[2:]] == ["1", "1"]
    for stream in streams:
        stream.close()


def test_a_ticket_opens_the_stream_without_a_header(gateway: Any) -> None:
    given = gateway.post(f"{PATH}/tickets", {}, headers={"Authorization": f"Bearer {a_customer()}"})

    assert (given.status_code, given.json()["expires_in"]) == (201, 60)
    stream = Listening(gateway, None, f"?ticket={given.json()['ticket']}")
    publish(gateway.uri, an_entry("1"), an_entry("2", audience="internal"), an_entry("3"))
    assert [stream.next()[1]["id"], stream.next()[1]["id"]] == ["1", "3"]
    stream.close()


def test_a_returning_ticket_holder_gets_the_missed_entries(gateway: Any) -> None:
    gateway.asked("orders").entries = [an_entry("1"), an_entry("2", occurred_at="2026-03-02T09:31:00Z")]

    stream = Listening(gateway, None, f"?ticket={a_ticket()}&last_event_id=1")

    assert stream.next()[1]["id"] == "2"
    stream.close()


@pytest.mark.parametrize(
    "address",
    [
        lambda: f"{PATH}?ticket={a_ticket(order=FOREIGN)}",
        lambda: f"{PATH}?ticket={a_ticket(at=now() - STREAM_LIFETIME)}",
        lambda: f"{PATH}?ticket={a_ticket()[:-1]}",
        lambda: f"{PATH}?ticket={a_customer()}",
        lambda: f"{PATH}?ticket=",
        lambda: f"/v1/orders/{ORDER}/timeline?ticket={a_ticket()}",
    ],
    ids=["of another order", "expired", "changed", "a token", "empty", "elsewhere"],
)
def test_a_ticket_is_good_for_its_stream_alone(gateway: Any, address: Any) -> None:
    assert gateway.get(address()).status_code == 401


def test_a_ticket_is_no_token(gateway: Any) -> None:
    assert gateway.get(f"/v1/orders/{ORDER}/timeline", a_ticket()).json()["code"] == "token_invalid"


def test_a_stranger_gets_no_ticket(gateway: Any) -> None:
    eve = access_token("eve@example.com", ["customer"], now())

    for token, status in ((eve, 404), ("ord_nonsense", 401)):
        answer = gateway.post(f"{PATH}/tickets", {}, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    assert gateway.post(f"{PATH}/tickets", {}).status_code == 401


@pytest.mark.parametrize("by_ticket", [False, True])
def test_a_stream_ends_with_the_token_that_opened_it(gateway: Any, by_ticket: bool) -> None:
    ends = now() + timedelta(seconds=2)
    token = order_token(ORDER, ends - ORDER_LIFETIME)
    ticket = f"?ticket={a_ticket(ends=ends)}" if by_ticket else ""

    stream = Listening(gateway, None if by_ticket else token, ticket)

    with pytest.raises(EOFError):
        stream.next()
    stream.close()


def test_a_quiet_stream_is_kept_open_by_comments(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)

    stream = Listening(gateway, a_customer())

    assert any(line == ": still here" for line in stream.lines)
    stream.close()


def test_more_streams_than_the_limit_are_asked_to_come_later(start: Any) -> None:
    gateway = start(PLEDGE_LIVE_STREAMS="1", PLEDGE_TRUSTED_PROXIES="1")
    stream = Listening(gateway, a_customer(), **{"X-Forwarded-For": "192.0.2.1"})

    answer = gateway.get(PATH, a_customer(), headers={"X-Forwarded-For": "192.0.2.2"})

    assert (answer.status_code, answer.json()["code"]) == (503, "too_many_streams")
    assert int(answer.headers["Retry-After"]) > 0
    stream.close()


def test_one_address_cannot_take_all_streams(start: Any) -> None:
    gateway = start(PLEDGE_LIVE_STREAMS_PER_ADDRESS="1", PLEDGE_TRUSTED_PROXIES="1")
    other = Listening(gateway, a_customer(), **{"X-Forwarded-For": "192.0.2.2"})
    first = Listening(gateway, a_customer(), **{"X-Forwarded-For": "192.0.2.1"})
    second = Listening(gateway, a_customer(), **{"X-Forwarded-For": "192.0.2.1"})

    publish(gateway.uri, an_entry("1"))

    with pytest.raises(EOFError):
        first.next()
    assert [other.next()[1]["id"], second.next()[1]["id"]] == ["1", "1"]
    for stream in (first, second, other):
        stream.close()


def test_a_stream_that_ended_makes_room_for_its_address(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    gateway = start(PLEDGE_LIVE_STREAMS_PER_ADDRESS="1")

    Listening(gateway, a_customer()).close()
    eventually(lambda: not gateway.live._addresses)

    Listening(gateway, a_customer()).close()


def test_streams_leave_every_worker_free(start: Any) -> None:
    gateway = start(PLEDGE_MAX_WORKERS="2")
    streams = [Listening(gateway, a_customer()) for _ in range(5)]

    answer = gateway.get(f"/v1/orders/{ORDER}/timeline", a_customer())

    assert answer.status_code == 200
    for stream in streams:
        stream.close()


def test_streams_end_when_the_gateway_stops(start: Any) -> None:
    gateway = start()
    stream = Listening(gateway, a_customer())

    gateway.containers["gateway"].stop()

    with pytest.raises((EOFError, requests.exceptions.ChunkedEncodingError)):
        stream.next()
    stream.close()
