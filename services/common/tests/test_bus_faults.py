"""What stock nameko does not survive, on a RabbitMQ of our own that is stopped, frozen, starved and cut off.

Each test names the defect that it shows to be gone. They take a while: a broker has to be started and restarted.
"""

from __future__ import annotations

import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
from eventlet.event import Event
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError
from nameko.extensions import Entrypoint

from services.common.basics.errors import Unavailable
from services.common.bus.connections import connect, declare
from services.common.bus.consumer import QueueConsumer
from services.common.bus.publisher import JournalPublisher, Outgoing, journal_publisher
from services.common.bus.rpc import RpcClient, ServiceClient, rpc
from services.common.bus.sender import Sender
from services.common.bus.wire import Packet
from services.common.tests import slow_service
from services.common.tests.broker import Bus, Proxy, Rabbit, interface, until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    found = Rabbit(tmp_path_factory.mktemp("rabbit"))
    yield found
    found.stop()


@pytest.fixture
def bus(rabbit: Rabbit) -> Iterator[Bus]:
    found = Bus(rabbit.uri, heartbeat=2)
    yield found
    found.close()


class Probe:
    """A service that notes what it executes, with a gate in one of its methods."""

    def __init__(self, bus: Bus):
        self.executed = list[Any]()
        self.gate = Event()
        probe = self

        class Service:
            name = bus.name("probe")

            @rpc
            def do_thing(self, number: int) -> int:
                probe.executed.append(number)
                return number

            @rpc
            def get_thing(self, number: int) -> int:
                return number

            @rpc
            def hold(self, number: int) -> int:
                probe.executed.append(number)
                probe.gate.wait()
                return number

        self.service = Service


@pytest.fixture
def probe(bus: Bus) -> Probe:
    return Probe(bus)


def consumer_of(container: Any) -> QueueConsumer:
    return next(each for each in container.subextensions if isinstance(each, QueueConsumer))


def answers(bus: Bus, number: int) -> bool:
    try:
        return bool(bus.call("probe", "do_thing", number, timeout=1) == number)
    except Unavailable:
        return False


def test_a_call_of_a_service_that_is_down_does_not_hang(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service).stop()

    with pytest.raises(Unavailable, match="no answer in time"):
        bus.call("probe", "do_thing", 1, timeout=0.5)


def test_what_its_caller_gave_up_on_is_not_executed_later(bus: Bus, probe: Probe) -> None:
    bus.start(probe.service).stop()
    with pytest.raises(Unavailable):
        bus.call("probe", "do_thing", 1, timeout=0.2)

    bus.start(probe.service)

    assert bus.call("probe", "do_thing", 2) == 2
    assert probe.executed == [2]


def test_a_caller_whose_calls_all_hang_is_not_deaf_and_stops(bus: Bus, probe: Probe) -> None:
    class Caller:
        name = bus.name("caller")
        probe: ServiceClient[Any] = ServiceClient(interface(bus.name("probe"), "hold"), timeout=0.5)

        @rpc
        def ask(self) -> str:
            try:
                self.probe.hold(0)
            except Unavailable:
                return "unavailable"
            return "answered"

    bus.start(probe.service)
    caller = bus.start(Caller, max_workers=2)

    calls = [eventlet.spawn(bus.call, "caller", "ask", timeout=20) for _ in range(8)]

    assert [call.wait() for call in calls] == ["unavailable"] * 8
    with eventlet.Timeout(10):
        caller.stop()
    probe.gate.send()


def test_a_service_outlives_its_broker_with_a_call_in_flight(rabbit: Rabbit, bus: Bus, probe: Probe) -> None:
    container = bus.start(probe.service)
    with pytest.raises(Unavailable):
        bus.call("probe", "hold", 1, timeout=0.5)
    assert probe.executed == [1]

    rabbit.stop()
    until(lambda: not consumer_of(container).connected)
    probe.gate.send()  # the worker ends: neither its reply nor its ack can leave
    until(lambda: not container._worker_pool.running())
    assert container.started
    rabbit.start()

    until(lambda: answers(bus, 2))
    assert consumer_of(container).connected


def test_calls_fail_fast_without_a_broker_and_a_service_stops(
    rabbit: Rabbit, bus: Bus, probe: Probe, caplog: pytest.LogCaptureFixture
) -> None:
    container = bus.start(probe.service)
    bus.call("probe", "do_thing", 1)

    rabbit.stop()
    try:

        def refused_at_once() -> bool:
            try:
                bus.call("probe", "do_thing", 2, timeout=0.5)
            except Unavailable as exc:
                return "the broker is away" in str(exc)
            return False

        until(refused_at_once)
        assert "next attempt in 0.2 s" in caplog.text
        with eventlet.Timeout(10):
            container.stop()
    finally:
        rabbit.start()


def test_a_service_started_before_its_broker_waits_for_it(
    rabbit: Rabbit, bus: Bus, probe: Probe, caplog: pytest.LogCaptureFixture
) -> None:
    rabbit.stop()
    starting = eventlet.spawn(bus.start, probe.service)
    until(lambda: "next attempt in 1.0 s" in caplog.text)

    rabbit.start()

    starting.wait()
    assert bus.call("probe", "do_thing", 1) == 1


def test_no_call_is_executed_twice_by_a_graceful_stop(rabbit: Rabbit, bus: Bus, tmp_path: Path) -> None:
    record = tmp_path / "executed"
    record.touch()
    command = [sys.executable, "-W", "ignore", "-c", slow_service.COMMAND]
    arguments = [bus.uri, bus.name("slow"), str(record)]
    first = subprocess.Popen([*command, *arguments], cwd=ROOT)
    second = None
    try:
        until(lambda: bus.name("slow") in rabbit.control("list_consumers", "-p", "pledge"))
        calls = [eventlet.spawn(bus.call, "slow", "work", number, timeout=40) for number in range(12)]
        until(lambda: record.read_text().count("\n") >= 4)

        first.send_signal(signal.SIGTERM)
        assert until(lambda: first.poll() is not None)
        second = subprocess.Popen([*command, *arguments], cwd=ROOT)

        assert sorted(call.wait() for call in calls) == list(range(12))
        assert first.returncode == 0
        assert sorted(map(int, record.read_text().split())) == list(range(12))
    finally:
        for process in (first, second):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def test_a_memory_alarm_fails_calls_in_time_and_none_runs_late(rabbit: Rabbit, bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    bus.call("probe", "do_thing", 0)

    with rabbit.memory_alarm():
        with pytest.raises(Unavailable):
            bus.call("probe", "do_thing", 1, timeout=0.5)  # this one tells the broker that we publish
        until(lambda: bus.client._sender._wire is not None and bus.client._sender._wire.blocked)
        with pytest.raises(Unavailable, match="accepts no messages"):
            bus.call("probe", "do_thing", 2, timeout=60)

    until(lambda: answers(bus, 3))
    assert not {1, 2} & set(probe.executed)


def test_a_frozen_broker_fails_calls_in_time_and_is_noticed(rabbit: Rabbit, bus: Bus, probe: Probe) -> None:
    container = bus.start(probe.service)
    bus.call("probe", "do_thing", 0)

    with rabbit.frozen():
        with pytest.raises(Unavailable):
            bus.call("probe", "do_thing", 1, timeout=0.5)
        until(lambda: not consumer_of(container).connected and not bus.client.connected)

    until(lambda: answers(bus, 3))
    assert 1 not in probe.executed


def test_container_and_client_stop_under_a_frozen_broker(rabbit: Rabbit, bus: Bus, probe: Probe) -> None:
    container = bus.start(probe.service)
    bus.call("probe", "do_thing", 0)

    with rabbit.frozen(), eventlet.Timeout(15):
        container.kill()
        bus.client.close()


def test_a_write_in_flight_is_answered_over_a_new_connection(rabbit: Rabbit, bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    call = eventlet.spawn(bus.call, "probe", "hold", 1, timeout=30)
    until(lambda: probe.executed)

    rabbit.control("close_all_connections", "--vhost", "pledge", "test")
    probe.gate.send()

    assert call.wait() == 1


def test_unconfirmed_calls_are_sent_again_until_they_expire(rabbit: Rabbit, bus: Bus) -> None:
    name = bus.name("unconfirmed")
    declare(rabbit.uri, Queue(name, durable=True))
    sender = Sender(rabbit.uri)
    until(lambda: sender.connected)
    assert sender._wire is not None
    sender._wire.drop()

    sender.publish(Packet(b"1", "", name, {"delivery_mode": 2}))
    sender.publish(Packet(b"2", "", name, {"delivery_mode": 2}, expires_at=0))

    assert sender.drain(10)
    connection = connect(rabbit.uri)
    assert connection.channel().queue_declare(name, passive=True).message_count == 1
    connection.release()
    sender.close()


@pytest.mark.parametrize("piece", [1, 5, 1000])
def test_frames_in_pieces_are_understood(rabbit: Rabbit, bus: Bus, probe: Probe, piece: int) -> None:
    bus.start(probe.service)
    proxy = Proxy(rabbit.uri, piece)
    client = RpcClient(proxy.uri, heartbeat=60)

    calls = [eventlet.spawn(client.call, bus.name("probe"), "do_thing", [number], timeout=60) for number in range(20)]

    assert [call.wait() for call in calls] == list(range(20))
    client.close()
    proxy.close()


def test_a_broker_behind_tls_is_trusted_by_its_certificate_only(
    rabbit: Rabbit, bus: Bus, probe: Probe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus.start(probe.service)
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    proxy = Proxy(rabbit.uri, 100, context)
    uri = proxy.uri.replace("amqp://", "amqps://")

    with pytest.raises(OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(uri)
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    client = RpcClient(uri)
    calls = [eventlet.spawn(client.call, bus.name("probe"), "do_thing", [number], timeout=60) for number in range(50)]

    assert [call.wait() for call in calls] == list(range(50))
    client.close()
    proxy.close()


def test_a_silent_network_is_noticed_and_replaced(rabbit: Rabbit, bus: Bus, probe: Probe) -> None:
    bus.start(probe.service)
    proxy = Proxy(rabbit.uri, 65536)
    client = RpcClient(proxy.uri, heartbeat=1)
    assert client.call(bus.name("probe"), "do_thing", [1]) == 1

    proxy.silence()
    until(lambda: not client.connected)
    proxy.flow()
    until(lambda: client.connected)

    assert client.call(bus.name("probe"), "do_thing", [2]) == 2
    assert proxy.accepted > 1
    client.close()
    proxy.close()


# -- how much a consumer takes at a time


class Takes(Entrypoint):
    queue_consumer = QueueConsumer()

    def __init__(self, name: str, prefetch_count: int, **options: Any):
        super().__init__(**options)
        self.queue, self.prefetch_count = Queue(name, auto_delete=True), prefetch_count

    def setup(self) -> None:
        self.queue_consumer.register_provider(self)


def test_each_queue_is_consumed_with_a_prefetch_count_of_its_own(rabbit: Rabbit, bus: Bus) -> None:
    class Taker:
        name = bus.name("taker")

        @Takes.decorator(bus.name("first"), 31)
        @Takes.decorator(bus.name("second"), 32)
        @Takes.decorator(bus.name("third"), 33)
        def take(self) -> None:
            """Do nothing: nothing comes."""

    bus.start(Taker)

    lines = rabbit.control("list_consumers", "-p", "pledge", "queue_name", "prefetch_count").splitlines()
    found = dict(line.split("\t") for line in lines if bus.suffix in line)
    assert found == {bus.name("first"): "31", bus.name("second"): "32", bus.name("third"): "33"}


# -- the journal's publisher


def entries(count: int, routing_key: str = "placed", size: int = 10) -> list[Outgoing]:
    return [Outgoing(f"{routing_key}-{n}", "orders.events", routing_key, b"x" * size, {}) for n in range(count)]


@pytest.fixture
def inbox(rabbit: Rabbit, bus: Bus) -> Iterator[Queue]:
    queue = Queue(bus.name("inbox"), Exchange("orders.events", type="topic"), routing_key="placed", durable=True)
    declare(rabbit.uri, queue)
    yield queue
    connection = connect(rabbit.uri)
    queue(connection.channel()).delete()
    connection.release()


def depth(rabbit: Rabbit, queue: Queue) -> int:
    connection = connect(rabbit.uri)
    count: int = queue(connection.channel()).queue_declare(passive=True).message_count
    connection.release()
    return count


def published(publisher: JournalPublisher) -> bool:
    settled = dict[str, str | None]()
    publisher.publish(entries(1), settled.__setitem__)
    return settled == {"placed-0": None}


def test_a_batch_is_settled_per_entry_before_publish_returns(rabbit: Rabbit, inbox: Queue) -> None:
    publisher, settled = journal_publisher(rabbit.uri), dict[str, str | None]()
    batch = [*entries(300, size=2000), *entries(2, "nobody_follows")]

    publisher.publish(batch, settled.__setitem__)
    publisher.close()

    assert list(settled) == [outgoing.id for outgoing in batch]
    assert {reason for key, reason in settled.items() if key.startswith("placed")} == {None}
    assert {reason for key, reason in settled.items() if key.startswith("nobody")} == {"unroutable"}
    assert depth(rabbit, inbox) == 300


def test_batches_share_one_connection_and_keep_their_order(rabbit: Rabbit, inbox: Queue) -> None:
    network, settled = Proxy(rabbit.uri), dict[str, str | None]()
    publisher, batches = journal_publisher(network.uri), [[each] for each in entries(5)]

    sending = [eventlet.spawn(publisher.publish, batch, settled.__setitem__) for batch in batches]
    for each in sending:
        each.wait()
    publisher.close()

    assert list(settled.items()) == [(f"placed-{number}", None) for number in range(5)]
    assert network.accepted == 1
    with connect(rabbit.uri) as connection:
        channel = connection.channel()
        arrived = [channel.basic_get(inbox.name, no_ack=True).properties["message_id"] for _ in range(5)]
    assert arrived == [f"placed-{number}" for number in range(5)]
    network.close()


def test_entries_survive_a_restart_of_the_broker(rabbit: Rabbit, inbox: Queue) -> None:
    publisher, settled = journal_publisher(rabbit.uri), dict[str, str | None]()
    publisher.publish(entries(5), settled.__setitem__)

    rabbit.stop()
    with pytest.raises(OperationalError):
        until(publisher.connect, 5)
    failed = dict[str, str | None]()
    publisher.publish(entries(2), failed.__setitem__)
    rabbit.start()

    assert list(failed) == ["placed-0", "placed-1"]
    assert None not in failed.values()
    assert depth(rabbit, inbox) == 5
    until(lambda: published(publisher))  # a broker that has just started may take its time, and then it is sent again
    assert depth(rabbit, inbox) >= 6
    publisher.close()


@pytest.mark.parametrize("trouble", ["memory_alarm", "frozen"])
def test_publishing_is_bounded_while_the_broker_does_not_listen(rabbit: Rabbit, inbox: Queue, trouble: str) -> None:
    publisher, settled = journal_publisher(rabbit.uri), dict[str, str | None]()
    publisher.publish(entries(1), settled.__setitem__)
    assert settled == {"placed-0": None}

    failed = dict[str, str | None]()
    with getattr(rabbit, trouble)(), eventlet.Timeout(20):
        publisher.publish(entries(100), failed.__setitem__)
        with pytest.raises(OperationalError):
            publisher.connect()

    assert None not in failed.values()
    assert len(failed) == 100

    until(lambda: published(publisher))
    publisher.close()
    until(lambda: depth(rabbit, inbox) >= 2)
