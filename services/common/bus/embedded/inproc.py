"""The embedded bus: `inproc://NAME` is a kombu transport for services that live in one process, without RabbitMQ.

`register` makes kombu know it. Everything that nameko and the kit ask of a broker is there, and
`test_bus_conformance` holds it to what RabbitMQ does.

What it does not promise: durability. A crash loses what is queued, so a sender that must not lose one keeps it until
`Broker.watch` says that every follower has acked it; the outbox does, and replays the rest on start. There are no
priorities, no dead-letter exchanges and no real threads either: everything runs in the hub of one OS thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

import kombu
from amqp.protocol import queue_declare_ok_t
from eventlet.semaphore import Semaphore
from kombu import transport
from kombu.exceptions import ConnectionError as BusConnectionError
from kombu.message import Message as Received
from kombu.transport import base

from services.common.bus.embedded.broker import Broker, Copy, Payload, Queue, broker

__all__ = ["Broker", "Transport", "broker"]

_names = count(1)


class Consumer:
    """One basic.consume: the prefetch is its own, as with RabbitMQ's basic.qos(global=False)."""

    def __init__(self, channel: Channel, tag: str, queue: Queue, callback: Callable[[Received], object], no_ack: bool):
        self.channel, self.tag, self.queue, self.callback, self.no_ack = channel, tag, queue, callback, no_ack
        self.prefetch = channel.prefetch
        self.unacked = 0

    def push(self, copy: Copy) -> None:
        self.channel.connection.push(self, copy)


class Channel(base.StdChannel):
    """kombu's channel, as far as nameko and the kit use one."""

    def __init__(self, connection: Connection):
        self.connection: Any = connection
        self.broker = connection.broker
        self.channel_id, self.prefetch = next(_names), 0
        self.consumers: dict[str, Consumer] = {}
        self.unacked: dict[int, tuple[Consumer, Copy]] = {}
        self._tags = count(1)
        connection.channels.append(self)

    def exchange_declare(self, exchange: str, type: str = "direct", **_: object) -> None:
        self.broker.declare_exchange(exchange, type)

    def queue_declare(
        self, queue: str = "", passive: bool = False, exclusive: bool = False, auto_delete: bool = False,
        arguments: dict[str, object] | None = None, **_: object,
    ) -> queue_declare_ok_t:  # fmt: skip
        name = queue or f"amq.gen-{next(_names)}"
        if passive:
            found = self.broker.queue(name)
        else:
            found = self.broker.declare_queue(name, self.connection, exclusive, auto_delete, arguments or {})
        return queue_declare_ok_t(name, len(found.ready), len(found.receivers))

    def queue_bind(self, queue: str, exchange: str = "", routing_key: str = "", **_: object) -> None:
        self.broker.exchange(exchange).bind(routing_key, self.broker.queue(queue).name)

    def queue_unbind(self, queue: str, exchange: str = "", routing_key: str = "", **_: object) -> None:
        self.broker.exchange(exchange).bindings.pop((routing_key, queue), None)

    def queue_delete(self, queue: str, if_unused: bool = False, if_empty: bool = False, **_: object) -> None:
        found = self.broker.queues.get(queue)
        if found and not ((if_unused and found.receivers) or (if_empty and found.ready)):
            self.broker.delete(found)

    def queue_purge(self, queue: str, **_: object) -> int:
        return self.broker.queue(queue).drop_all()

    def prepare_message(
        self,
        body: bytes | str,
        priority: int | None = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        headers: dict[str, object] | None = None,
        properties: dict[str, object] | None = None,
    ) -> Payload:
        known = {"content_type": content_type, "content_encoding": content_encoding}  # nameko reads them there
        return {"body": body, "headers": headers or {}, "properties": {**(properties or {}), **known}}

    def basic_publish(
        self, message: Payload, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: object
    ) -> None:
        if self.connection is None:
            raise BusConnectionError("channel closed")
        self.broker.publish(message, exchange, routing_key, mandatory)

    def basic_qos(self, prefetch_size: int = 0, prefetch_count: int = 0, a_global: bool = False) -> None:
        self.prefetch = prefetch_count

    def basic_consume(
        self,
        queue: str,
        no_ack: bool = False,
        consumer_tag: str = "",
        callback: Callable[[Received], object] | None = None,
        **_: object,
    ) -> str:
        if callback is None:
            raise TypeError("a consumer needs a callback")
        tag = consumer_tag or f"ctag{next(_names)}"
        consumer = self.consumers[tag] = Consumer(self, tag, self.broker.queue(queue), callback, no_ack)
        consumer.queue.receivers.append(consumer)
        consumer.queue.pump()
        return tag

    def basic_cancel(self, consumer_tag: str, **_: object) -> None:
        consumer = self.consumers.pop(consumer_tag, None)
        if consumer is None:
            return
        queue = consumer.queue
        queue.receivers.remove(consumer)
        self.broker.requeue(queue, self.connection.take_back(consumer))
        queue.touch()
        if queue.auto_delete and not queue.receivers:
            self.broker.delete(queue)

    def deliver(self, consumer: Consumer, copy: Copy) -> None:
        """Give a copy to its consumer's callback, in the greenthread that drains the connection."""
        tag, properties = next(self._tags), copy.message["properties"]
        if consumer.no_ack:
            copy.settle(True)
        else:
            self.unacked[tag] = consumer, copy
        message = Received(
            body=copy.message["body"],
            channel=self,
            delivery_tag=tag,
            content_type=properties["content_type"],
            content_encoding=properties["content_encoding"],
            properties=dict(properties),
            headers=dict(copy.message["headers"]),
            postencode="utf-8",
            delivery_info={
                "exchange": copy.exchange,
                "routing_key": copy.routing_key,
                "redelivered": copy.redelivered,
                "consumer_tag": consumer.tag,
            },
        )
        consumer.callback(message)

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        for tag in [tag for tag in self.unacked if tag <= delivery_tag] if multiple else [delivery_tag]:
            consumer, copy = self.unacked.pop(tag)
            consumer.unacked -= 1
            copy.settle(True)
            consumer.queue.pump()

    def basic_reject(self, delivery_tag: int, requeue: bool = False) -> None:
        consumer, copy = self.unacked.pop(delivery_tag)
        consumer.unacked -= 1
        if requeue:
            copy.redelivered = True
            self.broker.requeue(consumer.queue, [copy])
        else:
            copy.settle(False)
            consumer.queue.pump()

    def basic_recover(self, requeue: bool = True) -> None:
        for tag in sorted(self.unacked, reverse=True):
            self.basic_reject(tag, requeue=True)

    def message_to_python(self, message: Received) -> Received:
        return message

    def close(self) -> None:
        if self.connection is not None:
            for tag in list(self.consumers):
                self.basic_cancel(tag)
            self.basic_recover()  # the messages of a dead worker: back to the head of their queue
            self.connection.channels.remove(self)
            self.connection = None


class Connection:
    """What kombu calls the connection: an inbox, and the semaphore that wakes its reader."""

    def __init__(self, client: kombu.Connection):
        self.client, self.broker = client, broker(client.hostname or "main")
        self.channels: list[Channel] = []
        self.inbox: deque[tuple[Consumer, Copy]] = deque()
        self.wake, self.open = Semaphore(0), True

    def push(self, consumer: Consumer, copy: Copy) -> None:
        self.inbox.append((consumer, copy))
        if self.wake.balance < 1:  # at most one pending wake-up
            self.wake.release()

    def take_back(self, consumer: Consumer) -> list[Copy]:
        """Take back what was handed to that consumer and not yet read."""
        unseen = [copy for owner, copy in self.inbox if owner is consumer]
        self.inbox = deque(item for item in self.inbox if item[0] is not consumer)
        return unseen

    def close(self) -> None:
        self.open = False
        for channel in list(self.channels):
            channel.close()
        for queue in [queue for queue in self.broker.queues.values() if queue.owner is self]:
            self.broker.delete(queue)
        self.wake.release()


class Transport(base.Transport):
    """What kombu loads for `inproc://`."""

    driver_type = driver_name = "inproc"
    recoverable_connection_errors = (BusConnectionError,)  # without these two kombu would
    recoverable_channel_errors = ()  # "reconnect and retry" a NO_ROUTE

    def establish_connection(self) -> Connection:
        return Connection(self.client)

    def create_channel(self, connection: Connection) -> Channel:
        return Channel(connection)

    def close_connection(self, connection: Connection) -> None:
        connection.close()

    def verify_connection(self, connection: Connection) -> bool:
        return connection.open

    def drain_events(self, connection: Connection, timeout: float | None = None) -> None:
        """Deliver the next message; TimeoutError when none came in `timeout` seconds."""
        while not connection.inbox:  # no polling: push() wakes us
            if not connection.open:
                raise BusConnectionError("connection closed")
            if not connection.wake.acquire(timeout=timeout):
                raise TimeoutError
        consumer, copy = connection.inbox.popleft()
        consumer.channel.deliver(consumer, copy)


def register() -> None:
    """Register the transport of `inproc://` with kombu."""
    transport.TRANSPORT_ALIASES["inproc"] = f"{__name__}:Transport"
