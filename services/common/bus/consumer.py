"""Receiving: nameko's queue consumer, made to survive its broker. All entrypoints of the kit consume through it.

Where it differs from nameko's:
- it reconnects within 0.2 … 2 s of the broker's return, not after up to 30 s;
- an ack or requeue on a dead connection is logged, not fatal: the broker delivers the message again;
- it stops gracefully: its connection stays open until every worker has acked, so that nothing is executed twice;
- nothing it does waits for ever on a frozen broker, and a container can be stopped while the broker is away;
- what cannot block is handled at once, without a greenthread per message;
- heartbeats are sent and checked under load too, and `connected` and `silence` say how it is, for readiness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from logging import getLogger
from time import monotonic
from typing import Protocol

import eventlet
from eventlet.event import Event
from kombu import Connection, Consumer, Queue
from kombu.message import Message as Received
from kombu.transport.base import Transport
from nameko import messaging
from nameko.constants import AMQP_URI_CONFIG_KEY, HEARTBEAT_CONFIG_KEY

from services.common.bus.connections import HEARTBEAT_SECONDS, LOST, close, connect, connection_uri, pauses
from services.common.bus.rpc_body import decode

log = getLogger(__name__)

ITERATION_SECONDS, STOPPING_SECONDS = 0.25, 0.02
CANCEL_SECONDS = 3.0


class Provider(Protocol):
    """Who registers with the consumer for a queue of its own."""

    queue: Queue

    def handle_message(self, body: object, message: Received) -> None: ...


class QueueConsumer(messaging.QueueConsumer):
    """One per container; the providers that register with it have a `queue` and `handle_message(body, message)`."""

    connected = False
    should_stop = False
    _pending_remove_providers: dict[object, Event]
    _beat: Callable[[], None]
    _bytes_heard: int | None = None
    _heard_at = _beat_at = 0.0

    @property
    def silence(self) -> float:
        """Seconds since the broker last sent something (heartbeats included); infinite while not connected."""
        return monotonic() - self._heard_at if self.connected else float("inf")

    # -- connecting

    @property
    def amqp_uri(self) -> str:
        uri: str = self.container.config[AMQP_URI_CONFIG_KEY]
        return uri

    @cached_property
    def connection(self) -> Connection:
        """Never opened: kombu asks it which errors there are. nameko's own does not know what our URIs say of TLS."""
        return Connection(connection_uri(self.amqp_uri))

    def run(self, **_: object) -> None:
        """Run the consumer's greenthread. It ends when asked to stop, never because the broker is away."""
        waits = pauses()
        while not self.should_stop:
            try:
                for _iteration in self._iterations():
                    waits = pauses()
            except LOST as exc:
                self.connected = False
                wait = next(waits)
                log.warning("no connection for consuming, next attempt in %s s: %s", wait, exc)
                self._let_removed_providers_go()
                eventlet.sleep(wait)
                if self._consumers_ready.ready() and not self._providers:
                    self.should_stop = True  # stopped during the outage

    def _iterations(self) -> Iterator[None]:
        with self.consumer_context() as (connection, _channel, _consumers):
            # kombu's own drain_events would open a new connection in silence when this one is closed
            transport, raw = connection.transport, connection.connection
            self._beat = partial(self._check_heartbeat, transport, raw)
            while True:
                self.on_iteration()
                if self.should_stop:
                    return
                with suppress(TimeoutError):
                    transport.drain_events(raw, timeout=ITERATION_SECONDS if self._consumers else STOPPING_SECONDS)
                yield

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """Connect once. `run` makes the next attempt."""
        heartbeat = self.container.config.get(HEARTBEAT_CONFIG_KEY, HEARTBEAT_SECONDS)
        connection = connect(self.amqp_uri, heartbeat)
        try:
            yield connection
        except BaseException:
            connection.collect()
            raise
        else:
            close(connection)
        finally:
            self.connected = False
            self._consumers.clear()

    def get_consumers(self, consumer_cls: type[Consumer], channel: object) -> object:
        """Return the consumers. Called by kombu after every (re)connection."""
        for provider in self._providers:
            consumer = consumer_cls(queues=[provider.queue], on_message=partial(self._on_message, provider))
            consumer.qos(prefetch_count=getattr(provider, "prefetch_count", self.prefetch_count))
            consumer.consume()  # now: the last count set holds for every consumer that begins after it
            self._consumers[provider] = consumer
        return list(self._consumers.values())

    def on_consume_ready(self, connection: Connection, channel: object, consumers: object, **options: object) -> None:
        """Note that messages may come now. Called by kombu."""
        self.connected, self._heard_at = True, monotonic()
        super().on_consume_ready(connection, channel, consumers, **options)

    # -- receiving

    def _on_message(self, provider: Provider, message: Received) -> None:
        try:
            body = decode(message)
        except ValueError as exc:
            log.warning("an unreadable message (%s): %s", message.delivery_info.get("routing_key"), exc)
            body = message.body  # the provider decides what becomes of it
        self.handle_message(provider, body, message)

    def handle_message(self, provider: Provider, body: object, message: Received) -> None:
        """Handle it at once while a worker is free, since that cannot block.

        Else wait for a worker in a greenthread.
        """
        if self.container._worker_pool.free() > 0:
            provider.handle_message(body, message)
        else:
            super().handle_message(provider, body, message)

    def ack_message(self, message: Received) -> None:
        self._answer(message, message.ack)

    def requeue_message(self, message: Received) -> None:
        """Give it back. One that came to a container which is being killed comes back with its connection.

        Given back before, it would come again at once and for ever: the kill would never get its turn.
        """
        if not self.container._being_killed:
            self._answer(message, message.requeue)

    def _answer(self, message: Received, answer: Callable[[], object]) -> None:
        if message.channel.connection is None:
            return  # the broker has taken it back already
        try:
            answer()
        except LOST as exc:
            log.warning("an ack was lost, the broker delivers again: %s", exc)

    # -- keeping alive, stopping

    def on_iteration(self) -> None:
        """Send heartbeats, and end when all is done. Called after each event and a few times a second without any."""
        self._cancel_consumers_if_requested()
        self._beat()
        pool = self.container._worker_pool
        if not self._consumers and not pool.running() and not pool.waiting():
            self.should_stop = True  # only now: workers have acked on this connection

    def _check_heartbeat(self, transport: Transport, raw: object) -> None:
        now = monotonic()
        if now - self._beat_at < 1:
            return
        self._beat_at = now
        transport.heartbeat_check(raw)
        heard = getattr(raw, "bytes_recv", None)
        if heard is None or heard != self._bytes_heard:
            self._bytes_heard, self._heard_at = heard, now

    def _cancel_consumers_if_requested(self) -> None:
        removals, self._pending_remove_providers = self._pending_remove_providers, {}
        try:
            for provider in removals:
                consumer = self._consumers.pop(provider, None)
                if consumer is not None:
                    with eventlet.Timeout(CANCEL_SECONDS, TimeoutError("no answer to a cancel")):
                        consumer.cancel()
        finally:
            for removed in removals.values():  # all of them: when one cannot be cancelled, the connection is given up
                removed.send()

    def _let_removed_providers_go(self) -> None:
        """Remove the providers at once: while the broker is away there is nothing to cancel."""
        self._consumers.clear()
        self._cancel_consumers_if_requested()

    def kill(self) -> None:
        """Kill the consumer within a bounded time, whatever the broker does."""
        with eventlet.Timeout(CANCEL_SECONDS, False):
            super().kill()
        if self._gt is not None:
            self._gt.kill()
