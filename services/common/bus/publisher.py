"""Publishing the journal: persistent, mandatory where a service follows, confirmed in batches; never lost, maybe twice.

The relay hands over a batch and learns what became of each entry. An entry counts as published when the broker has
confirmed it, or, on the embedded bus, when every follower has acked it. Everything else is a reason to try it again
later: `unroutable` (no queue takes it: a follower's topology is not declared), `refused`, `dropped`, or a broken
connection, after which an entry may have arrived all the same; the inbox makes the double harmless.

The publishing connection for requests and replies, with other promises, is `sender`; both are opened by `connections`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from logging import getLogger
from typing import Protocol

import eventlet
from amqp.exceptions import MessageNacked
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError

from services.common.bus.connections import LOST, connect, connection_uri, declare
from services.common.bus.embedded import inproc
from services.common.bus.sender import Sender
from services.common.bus.wire import REFUSED, UNROUTABLE, Packet, Wire

__all__ = ["JournalPublisher", "Outgoing", "Sender", "connect", "connection_uri", "declare", "journal_publisher"]

log = getLogger(__name__)

CONFIRM_SECONDS = 5.0
PERSISTENT = 2
DROPPED = "dropped"

EntrySettled = Callable[[str, str | None], None]


@dataclass(frozen=True)
class Outgoing:
    """One journal entry on its way out; `id` is the entry's and travels as the message id, `body` is JSON."""

    id: str
    exchange: str
    routing_key: str
    body: bytes
    headers: dict[str, object] = field(default_factory=dict)
    mandatory: bool = True

    def to_message(self) -> Packet:
        properties = {"delivery_mode": PERSISTENT, "message_id": self.id}
        return Packet(self.body, self.exchange, self.routing_key, properties, self.headers, self.mandatory)


class JournalPublisher(Protocol):
    """What the relay publishes through; a batch may be sent while others wait to be confirmed."""

    def connect(self) -> None:
        """Connect if needed; repeating is harmless.

        Raise OperationalError if the broker is away or blocks publishers.
        """

    def publish(self, batch: Sequence[Outgoing], settled: EntrySettled) -> None:
        """Send the batch in order; `settled(id, None)` for what is published, `settled(id, reason)` for what is not.

        RabbitMQ: called for each of the batch, by this greenthread, before this returns, CONFIRM_SECONDS at most.
        Embedded: this returns at once. The last consumer to ack calls it; it must neither block nor raise there.
        """

    def close(self) -> None:
        """Close it for good, without waiting for what is under way."""


def journal_publisher(uri: str, heartbeat: float = 10) -> JournalPublisher:
    """Return the publisher for that bus. It connects when it is first used."""
    return EmbeddedPublisher(uri) if uri.startswith("inproc:") else ConfirmedPublisher(uri, heartbeat)


class ConfirmedPublisher:
    """RabbitMQ: a connection of its own, all of a batch sent, then one wait for all its confirms."""

    def __init__(self, uri: str, heartbeat: float):
        self._uri, self._heartbeat = uri, heartbeat
        self._wire: Wire | None = None
        self._waiting: dict[Event, Wire] = {}
        self._connecting = Semaphore()

    def connect(self) -> None:
        self._connected()

    def _connected(self) -> Wire:
        with self._connecting:  # one attempt, and the batches that wait for it go on in their order
            if self._wire is None:
                self._wire = Wire(self._uri, self._heartbeat)
                eventlet.spawn(self._read, self._wire)
            if self._wire.blocked:
                raise OperationalError("the broker accepts no messages at the moment")
            return self._wire

    def publish(self, batch: Sequence[Outgoing], settled: EntrySettled) -> None:
        outcomes: dict[str, str | None] = {}
        problem = "not confirmed in time"
        try:
            self._send_all(self._connected(), batch, outcomes)
        except LOST as exc:
            problem = f"the connection broke: {exc}"
        for outgoing in batch:
            settled(outgoing.id, outcomes.get(outgoing.id, problem))

    def _send_all(self, wire: Wire, batch: Sequence[Outgoing], outcomes: dict[str, str | None]) -> None:
        done = Event()

        def note(entry_id: str, reason: str | None) -> None:
            outcomes[entry_id] = reason
            if len(outcomes) == len(batch) and not done.ready():
                done.send()

        self._waiting[done] = wire
        try:
            for outgoing in batch:
                wire.send(outgoing.to_message(), partial(note, outgoing.id))
            done.wait(timeout=CONFIRM_SECONDS)
        finally:
            del self._waiting[done]
            # a blocked broker reads what was sent when it can; each new connection would only add a copy to that
            if len(outcomes) < len(batch) and not wire.blocked:
                wire.drop()
                self._let_go(wire)

    def close(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def _read(self, wire: Wire) -> None:
        """Run the greenthread of one connection: read confirms and heartbeats until it ends."""
        reason = wire.read()
        if reason is not None:
            log.warning("the journal's connection broke: %s", reason)
        self._let_go(wire)

    def _let_go(self, wire: Wire) -> None:
        """Release those that wait for confirms of a connection that is gone: none will come."""
        if self._wire is wire:
            self._wire = None
        for done, sent_on in self._waiting.items():
            if sent_on is wire and not done.ready():
                done.send()


class EmbeddedPublisher:
    """inproc: memory proves nothing, so an entry is settled when every queue's copy of it is acked."""

    def __init__(self, uri: str):
        self._uri = uri
        self._connection: Connection | None = None
        self._channel: inproc.Channel | None = None

    def connect(self) -> None:
        if self._channel is None:
            self._connection = connect(self._uri)
            self._channel = self._connection.channel()

    def publish(self, batch: Sequence[Outgoing], settled: EntrySettled) -> None:
        self.connect()
        for outgoing in batch:
            self._publish(outgoing, settled)

    def _publish(self, outgoing: Outgoing, settled: EntrySettled) -> None:
        channel = self._channel
        if channel is None:
            settled(outgoing.id, "closed")
            return
        message = outgoing.to_message()
        payload = channel.prepare_message(
            message.body, None, "application/json", "utf-8", message.headers, message.properties
        )
        broker = channel.broker
        broker.watch(outgoing.id, lambda ok: settled(outgoing.id, None if ok else DROPPED))
        try:
            channel.basic_publish(payload, outgoing.exchange, outgoing.routing_key, outgoing.mandatory)
        except (MessageNacked, ChannelError) as exc:
            broker.unwatch(outgoing.id)
            settled(outgoing.id, REFUSED if isinstance(exc, MessageNacked) else UNROUTABLE)

    def close(self) -> None:
        self._channel = None
        if self._connection is not None:
            self._connection.release()
            self._connection = None
