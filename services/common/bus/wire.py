"""One publishing connection to the bus while it lasts: a confirm channel, its reader, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from logging import getLogger
from time import monotonic

import amqp
import eventlet
from amqp import spec
from amqp.exceptions import MessageNacked
from eventlet.semaphore import Semaphore
from kombu.exceptions import ChannelError
from kombu.transport.base import StdChannel

from services.common.basics import speed
from services.common.basics.speed import Piece
from services.common.basics.untyped import JsonDict
from services.common.bus.connections import CLOSE_SECONDS, LOST, connect

log = getLogger(__name__)

UNROUTABLE, REFUSED = "unroutable", "refused"

Settled = Callable[[str | None], None]
Prepare = Callable[[StdChannel], None]


@dataclass(eq=False, slots=True)
class Packet:
    """What leaves: `properties` are AMQP's; `refused` is told (with a reason) when no queue takes it."""

    body: bytes
    exchange: str
    routing_key: str
    properties: JsonDict
    headers: dict[str, object] | None = None
    mandatory: bool = False
    expires_at: float = float("inf")
    refused: Callable[[str], None] | None = None


class Wire:
    """One connection with one confirm channel, for as long as it lasts.

    prepare(channel) is called before anything is sent, to declare and to consume. OperationalError when the broker
    does not answer. A greenthread must run `read`.
    """

    def __init__(self, uri: str, heartbeat: float, prepare: Prepare | None = None):
        self.blocked = self._dropped = False
        self._number, self._pending = 0, dict[int, tuple[str | None, Settled]]()
        self._returned = set[str | None]()
        self._connection = connect(uri, heartbeat)
        # kombu's own drain_events would open a new connection in silence when this one is closed
        self._transport, self._raw = self._connection.transport, self._connection.connection
        self._confirming = self._transport.driver_type == "amqp"
        # py-amqp writes as the caller, who may have to wait with half a frame written
        self._turn: AbstractContextManager[object] = nullcontext() if speed.is_on(Piece.FRAMES) else Semaphore(1)
        try:
            self.channel = self._connection.channel()
            if self._confirming:
                self._watch_confirms()
            if prepare:
                prepare(self.channel)
        except BaseException:
            self.drop()
            raise

    def _watch_confirms(self) -> None:
        events = self.channel.events
        events["basic_return"].add(self._on_return)
        events["basic_ack"].add(partial(self._on_confirm, None))
        events["basic_nack"].add(partial(self._on_confirm, REFUSED))
        self._raw.on_blocked = partial(self._on_blocked, True)
        self._raw.on_unblocked = partial(self._on_blocked, False)
        self.channel.auto_decode = False
        self.channel.confirm_select()

    def send(self, message: Packet, settled: Settled) -> None:
        """Write it without waiting; `settled(None)` is called when the broker has it, `settled(reason)` if it never
        will. One of LOST when the connection is gone: nothing is called then, nor for what was not settled before."""
        properties = message.properties
        prepared = self.channel.prepare_message(
            message.body, None, "application/json", "utf-8", message.headers, properties
        )
        if not self._confirming:
            settled(self._route(prepared, message))
            return
        with self._turn:
            self._number += 1
            self._pending[self._number] = properties.get("message_id") or properties.get("correlation_id"), settled
            self.channel.basic_publish(
                prepared, exchange=message.exchange, routing_key=message.routing_key, mandatory=message.mandatory
            )

    def _route(self, prepared: object, message: Packet) -> str | None:
        try:
            self.channel.basic_publish(
                prepared, exchange=message.exchange, routing_key=message.routing_key, mandatory=message.mandatory
            )
        except MessageNacked:
            return REFUSED
        except ChannelError:
            return UNROUTABLE
        return None

    def read(self) -> BaseException | None:
        """Handle what arrives until the connection is lost (returns why) or dropped by us (None)."""
        beat = monotonic()
        try:
            while True:
                with suppress(TimeoutError):
                    self._transport.drain_events(self._raw, timeout=1)
                if monotonic() - beat >= 1:
                    self._transport.heartbeat_check(self._raw)
                    beat = monotonic()
        except LOST as exc:
            return None if self._dropped else exc
        finally:
            self.drop()

    def drop(self) -> None:
        """Close the socket at once: `read` returns."""
        self._dropped = True
        self._connection.collect()

    def close(self) -> None:
        """Close the connection after what was sent; `read` takes the answer, or the socket closes without one."""
        self._dropped = True
        if not self._confirming:
            self.drop()
            return
        with suppress(*LOST):
            self._raw.send_method(spec.Connection.Close, "BsBB", (0, "", 0, 0))
        eventlet.spawn_after(CLOSE_SECONDS, self.drop)

    def _on_return(self, error: object, exchange: str, routing_key: str, message: amqp.Message) -> None:
        properties = message.properties
        self._returned.add(properties.get("message_id") or properties.get("correlation_id"))

    def _on_confirm(self, refusal: str | None, tag: int, multiple: bool) -> None:
        pending = self._pending
        for number in list(takewhile(lambda number: number <= tag, pending)) if multiple else (tag,):
            key, settled = pending.pop(number)
            if key in self._returned:
                self._returned.discard(key)
                settled(UNROUTABLE)
            else:
                settled(refusal)

    def _on_blocked(self, blocked: bool, reason: str = "") -> None:
        log.warning("the broker %s publishers", "blocks" if blocked else "no longer blocks")
        self.blocked = blocked
