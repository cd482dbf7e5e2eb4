"""The broker of the embedded bus: exchanges, queues and routing in memory, in one process and one OS thread.

It knows nothing of kombu; `inproc` puts the transport on top. As in RabbitMQ: direct, topic and fanout routing,
prefetch per consumer, round robin among consumers, requeue at the head of the same queue, expiry of messages at the
head of their queue, queues that expire when they are not used, `mandatory`, and x-max-length with reject-publish.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from amqp.exceptions import MessageNacked
from eventlet import sleep
from kombu.exceptions import ChannelError

from services.common.basics.untyped import Fields, JsonDict
from services.common.bus.embedded.routing import Exchange

MAX_LENGTH = 10_000
"""Messages that a queue without an x-max-length of its own may hold."""

Payload = JsonDict


class Receiver(Protocol):
    """What a queue hands its copies to: a consumer on some channel."""

    prefetch: int
    unacked: int
    no_ack: bool

    def push(self, copy: Copy) -> None: ...


@dataclass(eq=False)
class Group:
    """All copies of one watched message: tells the watcher when the last one is settled."""

    callback: Callable[[bool], None]
    outstanding: int
    ok: bool = True

    def settle(self, ok: bool) -> None:
        self.outstanding -= 1
        self.ok = self.ok and ok
        if not self.outstanding:
            self.callback(self.ok)


@dataclass(eq=False, slots=True)
class Copy:
    """The copy of a message which one queue holds; `until` is when it expires (monotonic seconds)."""

    message: Payload
    exchange: str
    routing_key: str
    until: float | None
    group: Group | None
    redelivered: bool = False

    def settle(self, ok: bool) -> None:
        """Settle the copy: it was acked (ok), or it was expired, rejected, purged, or lost with its queue."""
        if self.group:
            self.group.settle(ok)


@dataclass(eq=False)
class Queue:
    """owner: the connection that alone may use it (exclusive); expires: seconds unused until it is deleted."""

    name: str
    owner: object = None
    auto_delete: bool = False
    max_length: int = MAX_LENGTH
    expires: float | None = None
    ready: deque[Copy] = field(default_factory=deque)
    receivers: deque[Receiver] = field(default_factory=deque)
    idle_since: float = field(default_factory=monotonic)

    @property
    def abandoned(self) -> bool:
        unused = self.expires is not None and not self.receivers
        return unused and monotonic() - self.idle_since > (self.expires or 0)

    def touch(self) -> None:
        """Note that it was used just now."""
        self.idle_since = monotonic()

    def pump(self) -> None:
        """Hand ready copies to receivers that have credit, round robin; drop what has expired at the head."""
        while self.ready:
            if (until := self.ready[0].until) is not None and until <= monotonic():
                self.ready.popleft().settle(False)
                continue
            receiver = self._with_credit()
            if receiver is None:
                return
            receiver.unacked += not receiver.no_ack
            receiver.push(self.ready.popleft())

    def _with_credit(self) -> Receiver | None:
        for _ in range(len(self.receivers)):
            receiver = self.receivers[0]
            self.receivers.rotate(-1)
            if not receiver.prefetch or receiver.unacked < receiver.prefetch:
                return receiver
        return None

    def drop_all(self) -> int:
        dropped = len(self.ready)
        while self.ready:
            self.ready.popleft().settle(False)
        return dropped


class Broker:
    """What all connections to `inproc://NAME` share."""

    def __init__(self) -> None:
        self.exchanges: dict[str, Exchange] = {}
        self.queues: dict[str, Queue] = {}
        self._watched: dict[str, Callable[[bool], None]] = {}

    def watch(self, message_id: str, callback: Callable[[bool], None]) -> None:
        """Call back once when every queue's copy of the next message with that id is acked (True), or when all are
        settled and some copy was dropped (False).

        This is the only confirm worth the name here: a publish to memory proves nothing. The callback runs in the
        greenthread that settles the last copy; it must neither block nor raise.
        """
        self._watched[message_id] = callback

    def unwatch(self, message_id: str) -> None:
        self._watched.pop(message_id, None)

    def declare_exchange(self, name: str, type: str) -> None:
        if self.exchanges.setdefault(name, Exchange(type)).type != type:
            raise ChannelError(f"PRECONDITION_FAILED - exchange {name!r}", (40, 10), "Exchange.declare", "406")

    def declare_queue(
        self, name: str, connection: object, exclusive: bool, auto_delete: bool, arguments: Fields
    ) -> Queue:
        self._delete_abandoned()
        queue = self.queues.get(name)
        if queue is None:
            expires = arguments.get("x-expires")
            queue = self.queues[name] = Queue(
                name,
                owner=connection if exclusive else None,
                auto_delete=auto_delete,
                max_length=arguments.get("x-max-length", MAX_LENGTH),
                expires=expires / 1000 if expires else None,
            )
        elif queue.owner not in (None, connection):
            raise ChannelError(f"RESOURCE_LOCKED - queue {name!r}", (50, 10), "Queue.declare", "405")
        return queue

    def exchange(self, name: str) -> Exchange:
        if name not in self.exchanges:
            raise ChannelError(f"NOT_FOUND - no exchange {name!r}", (60, 40), "Basic.publish", "404")
        return self.exchanges[name]

    def queue(self, name: str) -> Queue:
        if name not in self.queues:
            raise ChannelError(f"NOT_FOUND - no queue {name!r}", (50, 10), "Queue.declare", "404")
        return self.queues[name]

    def publish(self, message: Payload, exchange: str, routing_key: str, mandatory: bool) -> None:
        """Put a copy into every queue that it is routed to, or into none.

        ChannelError for an exchange that is not there, and for `mandatory` without a queue (NO_ROUTE); MessageNacked
        when a queue is full, so that memory is bounded by refusing and not by losing.
        """
        names = self.exchange(exchange).route(routing_key) if exchange else {routing_key} & self.queues.keys()
        if mandatory and not names:
            raise ChannelError("NO_ROUTE", (60, 50), "Basic.return", "312")
        queues = [self.queues[name] for name in names]
        if any(2 * len(queue.ready) > queue.max_length for queue in queues):
            sleep(0)  # a publisher in a tight loop: let the consumers run
        self._make_room(queues)
        properties = message["properties"]
        expiration = properties.get("expiration")
        until = monotonic() + int(expiration) / 1000 if expiration else None
        group = self._group(properties.get("message_id"), len(queues))
        for queue in queues:
            queue.ready.append(Copy(message, exchange, routing_key, until, group))
            queue.pump()

    def delete(self, queue: Queue) -> None:
        if self.queues.get(queue.name) is queue:
            del self.queues[queue.name]
            for exchange in self.exchanges.values():
                for binding in [binding for binding in exchange.bindings if binding[1] == queue.name]:
                    del exchange.bindings[binding]
            queue.drop_all()

    def requeue(self, queue: Queue, copies: Iterable[Copy]) -> None:
        """Put copies back at the head of their queue, in their order. Drop them if the queue is gone."""
        if self.queues.get(queue.name) is queue:
            queue.ready.extendleft(reversed(list(copies)))
            queue.pump()
        else:
            for copy in copies:
                copy.settle(False)

    def _group(self, message_id: str | None, copies: int) -> Group | None:
        callback = self._watched.pop(message_id, None) if message_id else None
        if callback is None:
            return None
        if not copies:
            callback(True)
        return Group(callback, copies)

    def _make_room(self, queues: list[Queue]) -> None:
        for queue in queues:
            if len(queue.ready) >= queue.max_length and queue.expires is None:
                raise MessageNacked(f"queue {queue.name} is full")
        for queue in queues:
            if len(queue.ready) >= queue.max_length:
                queue.ready.popleft().settle(False)  # a reply queue without a reader: the oldest reply goes

    def _delete_abandoned(self) -> None:
        for queue in [queue for queue in self.queues.values() if queue.abandoned]:
            self.delete(queue)


_brokers: dict[str, Broker] = {}


def broker(name: str = "main") -> Broker:
    """Return the broker behind `inproc://NAME`, the same one for all of this process."""
    return _brokers.setdefault(name, Broker())
