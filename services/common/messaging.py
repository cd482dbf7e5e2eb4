"""Following other services' events: `@subscribe("orders", "order_placed")` on a service method.

    @subscribe("logistics", "shipment_delivered")
    def on_shipment_delivered(self, message: Message) -> None:
        event = load(schemas.ShipmentDelivered, message.body)
        with self.work() as work:
            if work.inbox.accept(message):
                handlers.open_return_window(work, event)

A service has one durable queue, `<service>.inbox`, bound to the exchanges `<source>.events` of those it follows; all of
it is declared by the migrate step (`declare_topology`), before anyone publishes.

The message is acked when the handler's transaction has committed. When the handler fails, its transaction is rolled
back, the message is kept in the inbox table with the error, and acked: it is tried again with growing pauses and parked
in the end, and blocks nobody meanwhile. When not even that can be written (the database is away), the message goes back
to the queue after a pause that holds a worker slot: nothing is lost and nothing spins.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import eventlet
import orjson
from eventlet.event import Event
from kombu import Exchange, Queue
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension

from services.common.caller import Caller
from services.common.consumer import QueueConsumer
from services.common.database import Database, Work
from services.common.errors import Unavailable
from services.common.inbox import Inbox
from services.common.message import Message
from services.common.publisher import connect

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
REQUEUE_PAUSE_SECONDS = 1.0
UNREADABLE = "unreadable"


def events_exchange(service: str) -> Exchange:
    """Where a service's journal entries are published, with their type as routing key."""
    return Exchange(f"{service}.events", type="topic", durable=True)


def inbox_queue(service: str, follows: Iterable[tuple[str, str]]) -> Queue:
    """A service's one queue for the events it follows: (source service, event type)."""
    from kombu import binding

    bindings = [binding(events_exchange(source), routing_key=type_) for source, type_ in sorted(follows)]
    return Queue(f"{service}.inbox", bindings=bindings, durable=True)


class InboxConsumer(SharedExtension, ProviderCollector):
    """Consumes the service's inbox queue and runs the handler that follows each event."""

    queue_consumer = QueueConsumer()

    def setup(self) -> None:
        self._stopping = False
        self._leaving: set[Subscription] = set()
        self._quiet = Event()
        self.queue_consumer.register_provider(self)

    @property
    def queue(self) -> Queue:
        """Read by the queue consumer as it starts, when every handler has registered itself."""
        follows = [(handler.source, handler.event_type) for handler in self._providers]
        return inbox_queue(self.container.service_name, follows)

    def _handler(self, source: str, event_type: str) -> Subscription:
        for handler in self._providers:
            if (handler.source, handler.event_type) == (source, event_type):
                found: Subscription = handler
                return found
        raise LookupError(f"nobody here follows {source}.{event_type}")

    def start(self) -> None:
        self._database = next(item for item in self.container.dependencies if isinstance(item, Database))
        self._sweeper = self.container.spawn_managed_thread(self._retry_due, identifier="inbox")

    def unregister_provider(self, provider: Subscription) -> None:
        """Called as each handler stops: it is there for what comes until nothing comes any more."""
        self._leaving.add(provider)
        if self._leaving == self._providers:
            self._stopping = True
            self._sweeper.kill()
            self.queue_consumer.unregister_provider(self)
            self._quiet.send()
        self._quiet.wait()
        super().unregister_provider(provider)

    def kill(self) -> None:
        self._stopping = True

    def handle_message(self, body: Any, message: Any) -> None:
        """Called by the queue consumer for each delivery."""
        try:
            envelope = body if isinstance(body, dict) else orjson.loads(body)
            read = Message.read(envelope)
            handler = self._handler(read.service, read.type)
        except (LookupError, TypeError, ValueError) as exc:
            self.container.spawn_managed_thread(partial(self._park_unreadable, body, message, exc))
            return
        self._spawn(handler, envelope, message)

    def _spawn(self, handler: Subscription, envelope: dict[str, Any], message: Any | None) -> None:
        event = Message.read(envelope, handler=handler.method_name)
        caller = Caller(f"service:{self.container.service_name}", trace_id=event.trace_id, causation_id=event.id)
        try:
            self.container.spawn_worker(
                handler,
                (event,),
                {},
                context_data={"caller": caller.to_headers()},
                handle_result=partial(self._handled, envelope, event, message),
            )
        except ContainerBeingKilled:
            if message is not None:
                self.queue_consumer.requeue_message(message)

    def _handled(
        self, envelope: dict[str, Any], event: Message, message: Any | None, _ctx: Any, result: Any, exc_info: Any
    ) -> Any:
        """After the handler: ack, or keep the failure and ack, or give the message back."""
        if exc_info is not None and not self._recorded(event, envelope, exc_info[1]):
            if message is not None:
                eventlet.sleep(REQUEUE_PAUSE_SECONDS)  # holds its worker slot: back-pressure while the database is away
                self.queue_consumer.requeue_message(message)
            return result, exc_info
        if message is not None:
            self.queue_consumer.ack_message(message)
        return result, exc_info

    def _recorded(self, event: Message, envelope: dict[str, Any], error: BaseException) -> bool:
        if isinstance(error, Unavailable) and error.code == "database_unavailable":
            return False
        text = orjson.dumps(envelope).decode()
        try:
            with self._database.store.work(Work) as work:
                dead = work.inbox.record_failure(event.handler, event.id, text, f"{type(error).__name__}: {error}")
        except Exception:
            # whatever it was, the message is not kept yet: it goes back, slowly, and this replica lives on
            log.exception("inbox of %s: the failure of %s could not be kept", self.container.service_name, event.id)
            return False
        level = logging.ERROR if dead else logging.WARNING
        log.log(level, "%s failed on %s %s%s: %r", event.handler, event.type, event.id, " (parked)" * dead, error)
        return True

    def _park_unreadable(self, body: Any, message: Any, error: Exception) -> None:
        """What no handler can read is kept as a dead letter, to the byte, for people to look at."""
        if isinstance(body, bytes | memoryview):
            body = bytes(body).decode(errors="replace")
        text = body if isinstance(body, str) else orjson.dumps(body, default=repr).decode()
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
        try:
            with self._database.store.work(Work) as work:
                work.inbox.record_failure(UNREADABLE, digest, text, f"{type(error).__name__}: {error}", fatal=True)
        except Exception:
            log.exception("inbox of %s: an unreadable message could not be kept", self.container.service_name)
            eventlet.sleep(REQUEUE_PAUSE_SECONDS)
            self.queue_consumer.requeue_message(message)
        else:
            self.queue_consumer.ack_message(message)

    def _retry_due(self) -> None:
        """Run the handlers of what failed before and is due again, as if it had just come."""
        while not self._stopping:
            eventlet.sleep(RETRY_SECONDS)
            try:
                with self._database.store.work(Work) as work:
                    due = Inbox(work.session, work.now).claim_due()
            except Unavailable as exc:
                log.warning("inbox of %s: %s", self.container.service_name, exc)
                eventlet.sleep(REQUEUE_PAUSE_SECONDS)
                continue
            for text in due:
                self._retry(orjson.loads(text))

    def _retry(self, envelope: dict[str, Any]) -> None:
        try:
            handler = self._handler(envelope["service"], envelope["type"])
        except LookupError as exc:  # this release no longer follows it: left for people, every `inbox.CLAIM` anew
            log.error("inbox of %s: %s", self.container.service_name, exc)
            return
        self._spawn(handler, envelope, None)


class Subscription(Entrypoint):
    """The entrypoint behind `@subscribe`: which event of which service this method handles."""

    consumer = InboxConsumer()

    def __init__(self, source: str, event_type: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.source, self.event_type = source, event_type

    def setup(self) -> None:
        self.consumer.register_provider(self)

    def stop(self) -> None:
        self.consumer.unregister_provider(self)


subscribe = Subscription.decorator


def subscriptions(service_class: type) -> Iterator[tuple[str, str, str]]:
    """(source, event type, method) of everything a service class follows."""
    for name in dir(service_class):
        for entrypoint in getattr(getattr(service_class, name), "nameko_entrypoints", ()):
            if isinstance(entrypoint, Subscription):
                yield entrypoint.source, entrypoint.event_type, name


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
            rpc = Exchange("nameko-rpc", type="topic", durable=True)
            Queue(f"rpc-{name}", exchange=rpc, routing_key=f"{name}.*", durable=True)(channel).declare()
