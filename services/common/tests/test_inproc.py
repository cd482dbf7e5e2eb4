"""The embedded broker where it is watched, full, expired or closed; `test_bus_conformance` has the ordinary day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from amqp.exceptions import MessageNacked
from kombu import Connection, Exchange, Queue
from kombu.exceptions import ChannelError

from services.common.bus.connections import connect, declare
from services.common.bus.embedded.inproc import broker
from services.common.bus.publisher import Outgoing, journal_publisher


@pytest.fixture
def uri() -> str:
    return f"inproc://{uuid4().hex}"


@pytest.fixture
def connection(uri: str) -> Iterator[Connection]:
    found = connect(uri)
    yield found
    found.release()


def inbox(uri: str, name: str = "inbox", **options: Any) -> Queue:
    queue = Queue(name, Exchange("orders.events", type="topic"), routing_key="#", **options)
    declare(uri, queue)
    return queue


class Settled(dict[str, str | None]):
    """What a publisher said of its entries."""

    def __call__(self, entry_id: str, reason: str | None) -> None:
        assert entry_id not in self, "settled twice"
        self[entry_id] = reason


def publish(uri: str, *ids: str, mandatory: bool = True) -> Settled:
    settled, publisher = Settled(), journal_publisher(uri)
    publisher.publish([Outgoing(each, "orders.events", "placed", b"{}", {}, mandatory) for each in ids], settled)
    return settled


def receive(connection: Connection, queue: Queue, count: int = 1) -> list[Any]:
    """Take messages without acking them; the consumer stays until its connection closes."""
    messages = list[Any]()
    connection.Consumer(queue, on_message=messages.append).consume()
    for _ in range(count):
        connection.drain_events(timeout=5)
    return messages


def test_an_entry_is_settled_when_every_follower_has_acked(uri: str, connection: Connection) -> None:
    queues = [inbox(uri, "first"), inbox(uri, "second")]

    settled = publish(uri, "a")
    first, second = (receive(connection, queue)[0] for queue in queues)

    assert settled == {}
    first.ack()
    assert settled == {}
    second.ack()
    assert settled == {"a": None}


def test_an_entry_that_no_queue_takes_is_unroutable(uri: str) -> None:
    declare(uri, Exchange("orders.events", type="topic"))

    assert publish(uri, "a") == {"a": "unroutable"}
    assert publish(uri, "b", mandatory=False) == {"b": None}


def test_an_entry_for_a_missing_exchange_is_unroutable(uri: str) -> None:
    assert publish(uri, "a") == {"a": "unroutable"}


def test_a_full_queue_refuses_and_no_queue_gets_a_copy(uri: str) -> None:
    inbox(uri, "small", queue_arguments={"x-max-length": 2})
    inbox(uri, "large")

    settled = publish(uri, "a", "b", "c")

    assert settled == {"c": "refused"}
    queues = broker(uri.partition("://")[2]).queues
    assert [len(queues[name].ready) for name in ("small", "large")] == [2, 2]


def test_an_unread_reply_queue_loses_its_oldest(uri: str) -> None:
    inbox(uri, "replies", queue_arguments={"x-max-length": 2, "x-expires": 60_000})

    assert publish(uri, "a", "b", "c") == {"a": "dropped"}


def test_a_deleted_queue_drops_what_it_held(uri: str, connection: Connection) -> None:
    queue = inbox(uri)
    settled = publish(uri, "a")

    queue(connection.channel()).delete()

    assert settled == {"a": "dropped"}


def test_a_rejected_message_is_dropped(uri: str, connection: Connection) -> None:
    queue = inbox(uri)
    settled = publish(uri, "a")

    receive(connection, queue)[0].reject()

    assert settled == {"a": "dropped"}


def test_deliveries_of_a_closed_connection_return_in_order(uri: str, connection: Connection) -> None:
    queue = inbox(uri)
    settled = publish(uri, "a", "b", "c")
    receive(connection, queue, count=2)

    connection.release()

    other = connect(uri)
    again = receive(other, queue, count=3)
    assert [message.properties["message_id"] for message in again] == ["a", "b", "c"]
    assert [message.delivery_info["redelivered"] for message in again] == [True, True, False]
    assert settled == {}
    for message in again:
        message.ack()
    assert settled == dict.fromkeys("abc")
    other.release()


def test_an_abandoned_queue_is_deleted(uri: str) -> None:
    inbox(uri, "gone", queue_arguments={"x-expires": 1})
    queues = broker(uri.partition("://")[2]).queues
    queues["gone"].idle_since -= 1

    inbox(uri, "other")

    assert list(queues) == ["other"]


def test_a_queue_of_another_connection_is_locked(uri: str, connection: Connection) -> None:
    Queue("mine", exclusive=True)(connection.channel()).declare()

    with pytest.raises(ChannelError, match="RESOURCE_LOCKED"):
        declare(uri, Queue("mine", exclusive=True))


def test_an_exchange_keeps_its_type(uri: str) -> None:
    declare(uri, Exchange("x", type="topic"))

    with pytest.raises(ChannelError, match="PRECONDITION_FAILED"):
        declare(uri, Exchange("x", type="fanout"))


def test_publishing_into_a_full_queue_says_so(uri: str, connection: Connection) -> None:
    inbox(uri, queue_arguments={"x-max-length": 1})
    producer = connection.Producer()
    producer.publish({}, exchange="orders.events", routing_key="placed")

    with pytest.raises(MessageNacked, match="full"):
        producer.publish({}, exchange="orders.events", routing_key="placed")


def test_two_names_are_two_brokers(uri: str) -> None:
    inbox(uri)

    assert broker(uri.partition("://")[2]).queues
    assert not broker(uuid4().hex).queues
