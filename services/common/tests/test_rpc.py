"""RPC: typed errors, deadlines, repeated reads, and who asked; on the embedded bus (`test_bus_faults` has RabbitMQ)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import eventlet
import orjson
import pytest
from eventlet.event import Event
from nameko.events import event_handler

from services.common.basics import guard
from services.common.basics.caller import Caller
from services.common.basics.errors import KINDS, Conflict, Invalid, ServiceError, Unavailable
from services.common.bus.connections import connect
from services.common.bus.rpc import RpcClient, ServiceClient, rpc
from services.common.bus.rpc_body import EXCHANGE
from services.common.bus.sender import Sender
from services.common.bus.wire import Packet
from services.common.tests.broker import Bus, interface, until


@pytest.fixture
def bus() -> Iterator[Bus]:
    found = Bus(f"inproc://{uuid4().hex}")
    yield found
    found.close()


class Probe:
    """Calls of a service, and gates that hold its workers."""

    def __init__(self, bus: Bus):
        self.calls = list[Any]()
        self.failures = list[Exception]()
        self.gate = Event()
        probe = self

        class Service:
            name = bus.name("probe")

            @rpc
            def get_thing(self, number: int) -> int:
                return probe.note(number)

            @rpc
            def do_thing(self, number: int) -> int:
                return probe.note(number)

            @rpc
            def hold(self, number: int) -> int:
                probe.calls.append(number)
                probe.gate.wait()
                return number

            @rpc
            def defaults(self, first: int, second: int = 2, *, third: int = 3) -> list[int]:
                return [first, second, third]

        self.service = Service

    def note(self, number: int) -> int:
        self.calls.append(number)
        if self.failures:
            raise self.failures.pop(0)
        return number


@pytest.fixture
def probe(bus: Bus) -> Probe:
    return Probe(bus)


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kind_of_error_arrives_as_itself(bus: Bus, probe: Probe, kind: type[ServiceError]) -> None:
    bus.start(probe.service)
    probe.failures = [kind("no", code="for_a_reason", details={"field": "x"}) for _ in range(3)]

    with pytest.raises(kind) as refused:
        bus.call("probe", "do_thing", 1)

    assert refused.value.to_wire() == kind("no", code="for_a_reason", details={"field": "x"}).to_wire()


def test_an_error_whose_details_cannot_be_sent_is_still_an_error(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    probe.failures = [Conflict("\ud800")]

    with pytest.raises(ServiceError) as failed:
        bus.call("probe", "do_thing", 1)

    assert failed.value.code == "internal_error"


def test_keywords_and_defaults_are_understood(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    service = bus.name("probe")

    assert bus.client.call(service, "defaults", [1], kwargs={"third": 5}) == [1, 2, 5]


def test_a_read_is_repeated_while_its_service_is_unavailable(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    probe.failures = [Unavailable("starting"), Unavailable("starting")]

    assert bus.call("probe", "get_thing", 1) == 1
    assert probe.calls == [1, 1, 1]


def test_a_read_is_not_repeated_for_ever(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    probe.failures = [Unavailable("down") for _ in range(10)]

    with pytest.raises(Unavailable):
        bus.call("probe", "get_thing", 1)

    assert probe.calls == [1, 1, 1]


def test_a_command_is_never_repeated_by_the_client(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    probe.failures = [Unavailable("starting")]

    with pytest.raises(Unavailable):
        bus.call("probe", "do_thing", 1)

    assert probe.calls == [1]


def test_no_call_leaves_an_open_transaction(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)

    with guard.transaction(), pytest.raises(RuntimeError, match="rpc inside an open transaction"):
        bus.call("probe", "do_thing", 1)

    assert probe.calls == []
    assert bus.call("probe", "do_thing", 1) == 1


def test_a_transaction_belongs_to_one_greenthread() -> None:
    with guard.transaction():
        eventlet.spawn(guard.forbid_in_transaction, "rpc").wait()
        with pytest.raises(RuntimeError):
            guard.forbid_in_transaction("rpc")

    guard.forbid_in_transaction("rpc")


def test_arguments_that_are_not_json_are_refused_unsent(bus: Bus) -> None:
    with pytest.raises(TypeError):
        bus.call("probe", "do_thing", object())


@pytest.mark.parametrize("value", ["\ud800", 2**70])
def test_a_clients_input_that_json_cannot_carry_is_invalid(bus: Bus, value: Any) -> None:
    with pytest.raises(Invalid):
        bus.call("probe", "do_thing", value)


def test_a_request_that_expired_in_the_queue_is_not_executed(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service).stop()
    with pytest.raises(Unavailable):
        bus.call("probe", "do_thing", 1, timeout=0.05)

    bus.start(probe.service)

    assert bus.call("probe", "do_thing", 2) == 2
    assert probe.calls == [2]


def test_a_request_without_expiry_is_dropped_by_its_deadline(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    sender = Sender(bus.uri)
    body = orjson.dumps({"args": [1], "kwargs": {}})

    sender.publish(Packet(body, EXCHANGE, f"{bus.name('probe')}.do_thing", {}, {"deadline": time.time() - 1}))
    sender.drain(5)
    sender.close()

    assert bus.call("probe", "do_thing", 2) == 2
    assert probe.calls == [2]


def test_a_request_that_expired_before_a_worker_is_not_run(bus: Bus, probe: Probe) -> None:
    class Busy(probe.service):  # type: ignore[name-defined]
        @event_handler(bus.name("source"), "happened")
        def on_happened(self, body: Any) -> None:
            probe.calls.append("event")
            probe.gate.wait()

    bus.start(Busy, max_workers=1)  # one worker for two queues: what is delivered may have to wait for it
    sender = Sender(bus.uri)
    sender.publish(Packet(b"{}", f"{bus.name('source')}.events", "happened", {}))
    until(lambda: probe.calls)

    with pytest.raises(Unavailable):
        bus.call("probe", "do_thing", 1, timeout=0.1)
    probe.gate.send()

    assert bus.call("probe", "do_thing", 2) == 2
    assert probe.calls == ["event", 2]
    sender.close()


def test_more_requests_than_workers_are_all_answered(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service, max_workers=2)

    calls = [eventlet.spawn(bus.call, "probe", "do_thing", number) for number in range(50)]

    assert [call.wait() for call in calls] == list(range(50))


def test_a_deadline_is_inherited_along_the_chain(bus: Bus, probe: Probe) -> None:
    waited = list[float]()

    class Middle:
        name = bus.name("middle")
        probe: ServiceClient[Any] = ServiceClient(interface(bus.name("probe"), "hold"), timeout=60)

        @rpc
        def pass_on(self) -> None:
            began = time.monotonic()
            try:
                self.probe.hold(1)
            finally:
                waited.append(time.monotonic() - began)

    bus.start(probe.service)
    bus.start(Middle)

    with pytest.raises(Unavailable):
        bus.call("middle", "pass_on", timeout=0.3)

    until(lambda: waited)
    assert waited[0] <= 1
    probe.gate.send()


def test_the_deadline_is_not_in_the_context_that_events_inherit(bus: Bus) -> None:
    from nameko.extensions import DependencyProvider

    class Context(DependencyProvider):
        def get_dependency(self, worker_ctx: Any) -> Any:
            return worker_ctx

    class Looker:
        name = bus.name("looker")
        context = Context()

        @rpc
        def look(self) -> list[Any]:
            return [sorted(self.context.data), self.context.deadline > time.time()]

    bus.start(Looker)

    assert bus.client.call(bus.name("looker"), "look", caller=Caller("guest")) == [["caller"], True]


def test_a_reply_after_the_deadline_is_dropped(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    with pytest.raises(Unavailable):
        bus.call("probe", "hold", 1, timeout=0.1)

    probe.gate.send()

    assert bus.call("probe", "do_thing", 2) == 2


def test_two_clients_never_get_each_others_replies(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    clients = [RpcClient(bus.uri) for _ in range(3)]

    calls = [eventlet.spawn(clients[number % 3].call, bus.name("probe"), "do_thing", [number]) for number in range(90)]

    assert [call.wait() for call in calls] == list(range(90))
    for client in clients:
        client.close()


def test_a_closed_client_fails_what_is_in_flight(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    client = RpcClient(bus.uri)
    call = eventlet.spawn(client.call, bus.name("probe"), "hold", [1])
    until(lambda: probe.calls)

    client.close()

    with pytest.raises(Unavailable, match="closed"):
        call.wait()
    with pytest.raises(Unavailable):
        client.call(bus.name("probe"), "do_thing", [1])


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"args": 1, "kwargs": {}}', b"\xff"])
def test_a_malformed_request_is_answered_and_harms_nothing(bus: Bus, probe: Probe, body: bytes) -> None:
    container = bus.start(probe.service)
    connection = connect(bus.uri)
    replies = list[Any]()
    channel = connection.channel()
    channel.queue_declare("replies", exclusive=True)
    channel.queue_bind("replies", EXCHANGE, "replies")
    channel.basic_consume("replies", no_ack=True, callback=lambda message: replies.append(orjson.loads(message.body)))

    message = channel.prepare_message(
        body, None, "application/json", "utf-8", {}, {"reply_to": "replies", "correlation_id": "1"}
    )
    channel.basic_publish(message, EXCHANGE, f"{bus.name('probe')}.do_thing")
    connection.drain_events(timeout=5)
    connection.release()

    assert replies[0]["error"]["code"] == "bad_call"
    assert container.started
    assert bus.call("probe", "do_thing", 2) == 2


def test_what_is_answered_is_acked(bus: Bus, probe: Probe) -> None:
    from services.common.bus.embedded.inproc import broker

    bus.start(probe.service)
    for number in range(5):
        bus.call("probe", "do_thing", number)

    queue = broker(bus.uri.partition("://")[2]).queues[f"rpc-{bus.name('probe')}"]

    assert not queue.ready
    assert [receiver.unacked for receiver in queue.receivers] == [0]
