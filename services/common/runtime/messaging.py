"""Following other services' events: those in a service's table `follows` (`following`).

The handler is given the transaction in which the event is marked as handled, so that its effect and the mark are there
together or not at all (`inbox`). It makes no call and opens no transaction of its own: what takes another machine is
written down as due, and a timer does it.

A service has one durable queue, `<service>.inbox`, bound to the exchanges `<source>.events` of those it follows; all of
it is declared by the migrate step (`declare_topology`), before anyone publishes. What comes is handled in batches that
are as large as what has gathered (`handling`), in a lane: a worker that goes on until nothing waits. One lane does the
work; another opens when something has waited for `RELIEF_SECONDS`, so that a slow handler blocks no other. Under load
up to half of the workers are lanes: callers then wait a little longer, and what they set off does not fall behind.

A service whose work can wait says so with `gather_seconds`: while `MANY` events come within that time it begins a
batch that seldom, so that more events share a transaction. At other times an event is handled as it comes.

A message is acked when the transaction has committed. When its handler fails, it is kept in the inbox table with the
error, and acked: it is tried again with growing pauses and parked in the end, and blocks nothing meanwhile. When not
even that can be written (the database is away), it goes back to the queue after a pause that holds a lane: nothing is
lost and nothing spins. A replica that stops ends what its lanes have in hand, and leaves what waits to the others.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from time import monotonic

import eventlet
import orjson
from eventlet.greenthread import GreenThread
from kombu import Queue
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension

from services.common.basics.caller import Caller
from services.common.basics.errors import Unavailable
from services.common.basics.message import Message
from services.common.basics.untyped import JsonDict
from services.common.bus.connections import SharedExchange, connect, events_exchange
from services.common.bus.consumer import QueueConsumer
from services.common.runtime.database import Database
from services.common.runtime.failures import Failures
from services.common.runtime.following import followed_by
from services.common.runtime.handling import Incoming
from services.common.runtime.resting import Resting
from services.common.store.database import ConcurrentUpdate, Work

log = logging.getLogger(__name__)

BATCH, LANES, PREFETCH = 25, 10, 250
RELIEF_SECONDS = 0.05
MANY = 4
RETRY_SECONDS, LOOK_SECONDS = 0.5, 5.0
REQUEUE_PAUSE_SECONDS = 1.0


def inbox_queue(service: str, follows: Iterable[tuple[str, str]]) -> Queue:
    """Return a service's one queue for the events it follows: (source service, event type)."""
    from kombu import binding

    bindings = [binding(events_exchange(source), routing_key=type_) for source, type_ in sorted(follows)]
    return Queue(f"{service}.inbox", bindings=bindings, durable=True)


class Lane:
    """The entrypoint of a worker that handles what waits: nameko asks for the name of the method to run."""

    method_name = "handle_events"
    quiet = True  # each event has its own line in the log, and its own span


class InboxConsumer(SharedExtension, ProviderCollector):
    """Consumes the service's inbox queue and has each event handled by the method that follows it."""

    queue_consumer = QueueConsumer()
    prefetch_count = PREFETCH
    _gather = _taken_at = 0.0

    def setup(self) -> None:
        self._stopping = False
        self._waiting: list[Incoming] = []
        self._lanes, self._most = 0, max(1, min(LANES, self.container.max_workers // 2))
        self._relief: GreenThread | None = None
        self._gather = getattr(self.container.service_cls, "gather_seconds", 0.0)
        self._came = deque([-self._gather] * MANY, MANY)
        self.queue_consumer.register_provider(self)

    @property
    def queue(self) -> Queue:
        """Read by the queue consumer as it starts, when the service has registered itself."""
        return inbox_queue(self.container.service_name, self._methods())

    def _methods(self) -> dict[tuple[str, str], str]:
        return {each.key: each.name for each in getattr(self.container.service_cls, "follows", ())}

    def start(self) -> None:
        database = next(item for item in self.container.dependencies if isinstance(item, Database))
        self._failures = Failures(self.container.service_name, database.store, self._delivery)
        self._handlers = self._methods()
        self._rest, self._store = Resting(), database.store
        self._store.bells.append(self._rest.ring)
        self._sweeper = self.container.spawn_managed_thread(self._retry_due, identifier="inbox")

    def unregister_provider(self, provider: InboxEntrypoint) -> None:
        """Stop receiving, and give back what waits. Called as the service stops."""
        self._stopping = True
        self._sweeper.kill()
        self.queue_consumer.unregister_provider(self)
        self._give_back(self._waiting)  # the lanes finish their batches
        super().unregister_provider(provider)

    def kill(self) -> None:
        self._stopping = True

    # -- receiving

    def handle_message(self, body: JsonDict | bytes | str, message: object) -> None:
        """Queue a delivery, or park what cannot be read. Called by the queue consumer for each delivery."""
        try:
            envelope = body if isinstance(body, dict) else orjson.loads(body)
            delivery = self._delivery(envelope, message)
        except (LookupError, TypeError, ValueError) as exc:
            self.container.spawn_managed_thread(partial(self._park, body, message, exc))
        else:
            self._wait_in_line(delivery)

    def _delivery(self, envelope: Mapping[str, object], message: object | None) -> Incoming:
        event = Message.read(envelope)
        handler = self._handlers.get((event.service, event.type))
        if handler is None:
            raise LookupError(f"nobody here follows {event.service}.{event.type}")
        return Incoming(replace(event, handler=handler), envelope, message)

    def _wait_in_line(self, delivery: Incoming) -> None:
        self._waiting.append(delivery)
        self._came.append(monotonic())
        self._call_lane()

    def _call_lane(self) -> None:
        pause = self._pause()
        if not self._lanes and not pause:
            self._open_lane()
        elif self._relief is None and self._lanes < self._most:
            self._relief = eventlet.spawn_after(max(pause, RELIEF_SECONDS if self._lanes else 0), self._relieve)

    def _relieve(self) -> None:
        self._relief = None
        if self._waiting and self._lanes < self._most:
            if not self._pause():
                self._open_lane()
            self._call_lane()  # nothing new may come, and this lane may be blocked too

    def _pause(self) -> float:
        """Return for how long what waits gathers still."""
        if not self._gather or len(self._waiting) >= BATCH:
            return 0.0
        now = monotonic()
        many = now - self._came[0] < self._gather
        return max(0.0, self._taken_at + self._gather - now) if many else 0.0

    def _open_lane(self) -> None:
        caller = Caller(f"service:{self.container.service_name}").to_headers()
        self._lanes += 1
        try:
            self.container.spawn_worker(
                Lane, (self._take, self._settle), {}, context_data={"caller": caller}, handle_result=self._close_lane
            )
        except ContainerBeingKilled:
            self._lanes -= 1
            self._give_back(self._waiting)

    def _close_lane(self, _ctx: object, result: object, exc_info: object) -> object:
        self._lanes -= 1
        if self._waiting:  # what came while it closed, or gathers
            eventlet.spawn_n(self._call_lane)
        return result, exc_info

    # -- the work of a lane

    def _take(self) -> list[Incoming]:
        """Take the next batch for a lane; empty if nothing waits. What failed before is tried by itself."""
        if self._pause():
            return []  # what came meanwhile gathers until another lane takes it
        self._taken_at = monotonic()
        batch = self._waiting[:BATCH]
        alone = next((place for place, each in enumerate(batch) if each.retried), None)
        if alone is not None:
            batch = batch[: alone or 1]
        del self._waiting[: len(batch)]
        return batch

    def _settle(self, delivery: Incoming, error: Exception | None) -> None:
        """Ack the delivery, or keep its failure and ack, or give it back. Called when its transaction is over."""
        if error is None or self._failures.keep(delivery, error):
            self._ack(delivery)
        else:
            if not self._stopping:
                eventlet.sleep(REQUEUE_PAUSE_SECONDS)  # holds its lane: back-pressure while the database is away
            self._give_back([delivery])

    def _ack(self, delivery: Incoming) -> None:
        if delivery.message is not None:
            self.queue_consumer.ack_message(delivery.message)

    def _give_back(self, deliveries: list[Incoming]) -> None:
        """Return the list's deliveries to the queue. Retried ones stay in the inbox table anyway."""
        while deliveries:
            message = deliveries.pop(0).message
            if message is not None:
                self.queue_consumer.requeue_message(message)

    # -- what did not go well

    def _park(self, body: object, message: object, error: Exception) -> None:
        if self._failures.park_unreadable(body, error):
            self.queue_consumer.ack_message(message)
        else:
            eventlet.sleep(REQUEUE_PAUSE_SECONDS)
            self.queue_consumer.requeue_message(message)

    def _retry_due(self) -> None:
        """Run the handlers of what failed before and is due again, as if it had just come."""
        while not self._stopping:
            self._rest.begin()
            pause = REQUEUE_PAUSE_SECONDS
            try:
                pause = self._retry()
            except (Unavailable, ConcurrentUpdate) as exc:
                log.warning("inbox of %s: %s", self.container.service_name, exc)
            self._rest.take(pause, RETRY_SECONDS)

    def _retry(self) -> float:
        """Put in line what is due again. Return how many seconds nothing will be, as far as is known now."""
        with self._store.work(Work, reading=True) as work:
            due = work.inbox.next_attempt()
        if due is not None and due <= work.now:
            for delivery in self._failures.due():
                self._wait_in_line(delivery)
            return RETRY_SECONDS
        return LOOK_SECONDS if due is None else min((due - work.now).total_seconds(), LOOK_SECONDS)


class InboxEntrypoint(Entrypoint):
    """The entrypoint behind the table `follows`."""

    consumer = InboxConsumer()

    def setup(self) -> None:
        self.consumer.register_provider(self)

    def stop(self) -> None:
        self.consumer.unregister_provider(self)


def subscriptions(service_class: type) -> Iterator[tuple[str, str, str]]:
    """Yield (source, event type, method) of everything a service class follows."""
    for following in followed_by(service_class):
        yield *following.key, following.name


def declare_topology(uri: str, service_classes: Iterable[type]) -> None:
    """Declare every exchange, queue and binding of these services; run before anyone publishes, any number of times."""
    with connect(uri) as connection:
        channel = connection.default_channel
        for service_class in service_classes:
            name = service_class.name  # type: ignore[attr-defined]
            follows = [(source, type_) for source, type_, _ in subscriptions(service_class)]
            for service in {name, *(source for source, _ in follows)}:
                events_exchange(service)(channel).declare()
            inbox_queue(name, follows)(channel).declare()
            rpc = SharedExchange("nameko-rpc", type="topic", durable=True)
            Queue(f"rpc-{name}", exchange=rpc, routing_key=f"{name}.*", durable=True)(channel).declare()
