"""What the fast path gives up, taken away one by one: `sender`, `publisher` and `rpc_client` say why each is safe.

A broker of our own forgets, a network of our own loses and repeats. What is unroutable, what has expired and what
survives a restart is tested in `test_bus_conformance` and `test_bus_faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa
from eventlet.event import Event
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError

from deploy.run.processes import free_ports
from services.common.basics.caller import Caller
from services.common.basics.errors import Unavailable
from services.common.bus import rpc_client
from services.common.bus import sender as sender_module
from services.common.bus.connections import connect, declare
from services.common.bus.consumer import QueueConsumer
from services.common.bus.publisher import Outgoing, journal_publisher
from services.common.bus.rpc import RpcClient, rpc
from services.common.bus.sender import LIMIT, Sender
from services.common.bus.wire import Packet
from services.common.store import tables
from services.common.store.database import Store, Work
from services.common.testing import fresh_store
from services.common.tests.broker import Bus, Proxy, Rabbit, until
from services.common.tests.toys import Noted

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    found = Rabbit(tmp_path_factory.mktemp("rabbit"))
    yield found
    found.stop()


@pytest.fixture
def bus(rabbit: Rabbit) -> Iterator[Bus]:
    found = Bus(rabbit.uri, heartbeat=1)
    yield found
    found.close()


@pytest.fixture
def network(rabbit: Rabbit) -> Iterator[Proxy]:
    """Put a proxy between the broker and what is tested."""
    proxy = Proxy(rabbit.uri)
    yield proxy
    proxy.close()


@pytest.fixture
def client(network: Proxy) -> Iterator[RpcClient]:
    """Yield a connected client behind that proxy."""
    found = RpcClient(network.uri, heartbeat=1)
    until(lambda: found.connected)
    yield found
    found.close()


class Keeper:
    """A service that notes how often it is asked, and keeps each number once for its key."""

    def __init__(self, bus: Bus, store: Store):
        self.asked, self.gate, self._store = list[int](), Event(), store
        self.name = bus.name("keeper")
        keeper = self

        class Service:
            name = keeper.name

            @rpc
            def keep(self, key: str, number: int) -> dict[str, Any]:
                keeper.asked.append(number)
                with store.work(Work, Caller("guest", idempotency_key=key)) as work:
                    return work.once("keep", number, lambda: keeper._kept(work, number))

            @rpc
            def get_late(self, number: int) -> int:
                keeper.asked.append(number)
                if len(keeper.asked) == 1:
                    keeper.gate.wait()
                return number

        self.service = Service

    def _kept(self, work: Work, number: int) -> dict[str, Any]:
        work.journal.record(Noted(thing="a", number=number))
        return {"kept": number}

    @property
    def effects(self) -> int:
        with self._store.reader.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(tables.journal)) or 0


@pytest.fixture
def keeper(bus: Bus, tmp_path: Path) -> Iterator[Keeper]:
    with fresh_store("keeper", tmp_path, postgres=False) as store:
        yield Keeper(bus, store)


# requests and replies are transient, and their confirms are not awaited


def test_callers_are_told_in_time_when_the_broker_restarts(rabbit: Rabbit, bus: Bus, keeper: Keeper) -> None:
    bus.start(keeper.service).stop()
    call = eventlet.spawn(bus.call, "keeper", "keep", "k", 1, timeout=8)
    until(lambda: rabbit.depth(f"rpc-{keeper.name}") == 1)

    rabbit.stop()
    rabbit.start()
    bus.start(keeper.service)

    with eventlet.Timeout(60), pytest.raises(Unavailable):
        call.wait()
    assert keeper.asked == []
    assert until(lambda: kept(bus.client, keeper)) == {"kept": 1}
    assert keeper.effects == 1


def test_repeating_after_a_lost_reply_has_one_effect(
    bus: Bus, keeper: Keeper, network: Proxy, client: RpcClient
) -> None:
    bus.start(keeper.service)
    network.silence("back")
    with pytest.raises(Unavailable, match="no answer in time"):
        client.call(keeper.name, "keep", ["k", 1], timeout=1)
    until(lambda: keeper.effects)

    network.cut()

    assert until(lambda: kept(client, keeper)) == {"kept": 1}
    assert set(keeper.asked) == {1}
    assert len(keeper.asked) >= 2
    assert keeper.effects == 1


def test_a_request_sent_twice_has_one_effect(bus: Bus, keeper: Keeper, network: Proxy, client: RpcClient) -> None:
    """Its confirm was lost with the connection; the caller has noticed nothing."""
    bus.start(keeper.service)
    network.silence("back")
    call = eventlet.spawn(client.call, keeper.name, "keep", ["k", 1], timeout=60)
    until(lambda: keeper.effects)

    network.cut()

    assert call.wait() == {"kept": 1}
    until(lambda: keeper.asked == [1, 1])
    assert keeper.effects == 1


def test_a_read_whose_connection_breaks_is_asked_again_at_once(
    bus: Bus, keeper: Keeper, network: Proxy, client: RpcClient
) -> None:
    bus.start(keeper.service)
    call = eventlet.spawn(client.call, keeper.name, "get_late", [1], timeout=600)
    until(lambda: keeper.asked)

    network.cut()

    with eventlet.Timeout(60):
        assert call.wait() == 1
    keeper.gate.send()


# what waits for the broker waits in memory


def test_waiting_calls_are_limited_and_expired_ones_make_room() -> None:
    [port] = free_ports(1)
    sender = Sender(f"amqp://nobody:there@127.0.0.1:{port}/")
    for number in range(LIMIT):
        sender.publish(Packet(b"", "", "q", {}, expires_at=0 if number == 0 else float("inf")), patient=True)

    sender.publish(Packet(b"", "", "q", {}), patient=True)
    with pytest.raises(Unavailable, match="too many messages"):
        sender.publish(Packet(b"", "", "q", {}), patient=True)

    sender.close()


def test_a_request_whose_reply_cannot_wait_is_requeued(
    bus: Bus, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done already is found by its key when it is asked again."""
    bus.start(keeper.service)
    effect = keeper._kept

    def unkeepable(work: Work, number: int) -> dict[str, Any]:
        monkeypatch.setattr(sender_module, "LIMIT", 0)
        eventlet.spawn_after(0.5, monkeypatch.setattr, sender_module, "LIMIT", LIMIT)
        return effect(work, number)

    monkeypatch.setattr(keeper, "_kept", unkeepable)

    assert bus.call("keeper", "keep", "k", 1, timeout=60) == {"kept": 1}
    assert len(keeper.asked) > 1
    assert keeper.effects == 1


# a network that is gone: half-open, or refusing every connection


@pytest.mark.parametrize("how", ["half-open", "unreachable"])
def test_a_cut_connection_comes_back_by_itself(
    rabbit: Rabbit, bus: Bus, keeper: Keeper, network: Proxy, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consumer, reply listener and publisher; for longer than the broker keeps the queue of a listener that is gone."""
    monkeypatch.setattr(rpc_client, "REPLY_QUEUE_EXPIRES_MS", 1000)
    container = bus.start(keeper.service, AMQP_URI=network.uri)
    consumer = next(each for each in container.subextensions if isinstance(each, QueueConsumer))
    client, publisher = RpcClient(network.uri, heartbeat=1), journal_publisher(network.uri, heartbeat=1)
    inbox = Queue(bus.name("inbox"), Exchange("orders.events", type="topic"), routing_key="told", durable=True)
    declare(rabbit.uri, inbox)
    assert kept(client, keeper)
    assert published(publisher)

    if how == "half-open":
        network.silence()
    else:
        network.refusing = True
        network.cut()
    until(lambda: not consumer.connected and not client.connected)
    until(lambda: client._queue.name not in rabbit.control("list_queues", "-p", "pledge", "name"))
    with eventlet.Timeout(20):
        for caller in (client, bus.client):
            with pytest.raises(Unavailable):
                caller.call(keeper.name, "keep", ["other", 2], timeout=1)
        assert not published(publisher)
    network.refusing = False
    network.flow()

    assert until(lambda: kept(client, keeper)) == {"kept": 1}
    assert until(lambda: kept(bus.client, keeper)) == {"kept": 1}
    until(lambda: published(publisher))
    assert keeper.effects == 1
    client.close()
    publisher.close()


# what must not be lost is confirmed


def test_what_a_full_queue_refuses_does_not_count_as_published(rabbit: Rabbit, bus: Bus) -> None:
    arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
    exchange = Exchange("orders.events", type="topic")
    queue = Queue(bus.name("full"), exchange, routing_key=bus.name("told"), durable=True, queue_arguments=arguments)
    declare(rabbit.uri, queue)
    publisher, settled = journal_publisher(rabbit.uri), dict[str, str | None]()
    batch = [Outgoing(str(number), "orders.events", bus.name("told"), b"{}") for number in range(3)]

    publisher.publish(batch, settled.__setitem__)

    assert [settled["0"], settled["2"]] == [None, "refused"]
    publisher.close()
    connection = connect(rabbit.uri)
    queue(connection.channel()).delete()
    connection.release()


def kept(client: RpcClient, keeper: Keeper) -> dict[str, Any] | None:
    """Return what the service answers to number 1 under its key, or None while it does not."""
    try:
        answer: dict[str, Any] = client.call(keeper.name, "keep", ["k", 1], timeout=2)
    except Unavailable:
        return None
    return answer


def published(publisher: Any) -> bool:
    settled = dict[str, str | None]()
    try:
        publisher.connect()
        publisher.publish([Outgoing("1", "orders.events", "told", b"{}")], settled.__setitem__)
    except OperationalError:
        return False
    return settled == {"1": None}
