"""The publishing connection of a process: requests and replies leave on one channel, without waiting for confirms.

A `Sender` keeps a `Wire` open, and sends again on the next what the last one left unconfirmed. What each choice gives
up, and why that is safe here:

- Messages are transient: a broker that restarts forgets them. The caller has a deadline and gets `Unavailable`; reads
  are repeated, and a repeated write does no harm because it carries an idempotency key.
- No one waits for a confirm: the caller waits for the reply, which proves more. A mandatory message that no queue
  takes is reported at once (basic.return comes before its confirm).
- What was unconfirmed when the connection broke is sent again and may arrive twice, for the same reason. What has
  expired meanwhile is not sent: its caller has given up.
- `publish` never blocks. While the broker is away, messages wait in memory: requests for `GRACE_SECONDS` (longer, and
  new ones are refused at once, so that callers do not pile up), replies until they expire; never more than `LIMIT`.
- A broker that raises its memory alarm says so (connection.blocked): requests are refused at once until it is over.
- A broken, frozen or half-open connection is dropped by closing the socket, never by waiting for close-ok.

Facts that must not be lost never take this path: the journal's entries go through `publisher`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from logging import getLogger
from time import monotonic

import eventlet
from eventlet.event import Event

from services.common.basics.errors import Unavailable
from services.common.bus.connections import LOST, pauses
from services.common.bus.wire import Packet, Prepare, Wire

log = getLogger(__name__)

GRACE_SECONDS = 2.0
LIMIT = 5000


class Sender:
    """The long-lived publishing connection of its owner to one broker; see the module for what it promises.

    prepare(channel): called on each new connection, before anything is sent.
    lost(): called after a connection broke, before anything is sent again.
    """

    def __init__(
        self,
        uri: str,
        heartbeat: float = 10,
        prepare: Prepare | None = None,
        lost: Callable[[], None] | None = None,
    ):
        self._connect = partial(Wire, uri, heartbeat, prepare)
        self._on_lost = lost
        self._wire: Wire | None = None
        self._unsettled: dict[Packet, None] = {}  # in the order of publishing
        self._down_since = monotonic()
        self._closed = False
        self._empty: Event | None = None
        self._keeper = eventlet.spawn(self._keep)

    @property
    def connected(self) -> bool:
        return self._wire is not None

    def publish(self, message: Packet, patient: bool = False) -> None:
        """Send now, or as soon as the connection is back; never blocks.

        Unavailable when the broker has been away for GRACE_SECONDS or blocks publishers (unless `patient`), or when
        LIMIT messages wait already.
        """
        self._refuse_unless_sendable(patient)
        self._unsettled[message] = None
        if self._wire is not None:
            self._send(self._wire, message)

    def _refuse_unless_sendable(self, patient: bool) -> None:
        if len(self._unsettled) >= LIMIT:
            self._forget_expired()
        if self._closed or len(self._unsettled) >= LIMIT:
            reason = "the connection was closed" if self._closed else "too many messages wait for the broker"
            raise Unavailable(reason, code="service_unavailable")
        if patient:
            return
        if self._wire is None and monotonic() - self._down_since > GRACE_SECONDS:
            raise Unavailable("the broker is away", code="service_unavailable")
        if self._wire is not None and self._wire.blocked:
            raise Unavailable("the broker accepts no messages at the moment", code="service_unavailable")

    def drain(self, seconds: float) -> bool:
        """Wait until the broker has all that was published; whether it has, after `seconds` at most."""
        if self._unsettled:
            self._empty = self._empty or Event()
            self._empty.wait(timeout=seconds)
        return not self._unsettled

    def close(self) -> None:
        """Close the connection for good: nothing is sent after this."""
        self._closed = True
        if self._wire is not None:
            self._wire.close()
        else:
            self._keeper.kill()

    def _send(self, wire: Wire, message: Packet) -> None:
        try:
            wire.send(message, partial(self._settled, message))
        except LOST:
            wire.drop()  # it stays unsettled: the keeper sends it again on the next connection

    def _settled(self, message: Packet, reason: str | None) -> None:
        self._unsettled.pop(message, None)
        if reason is not None and message.refused is not None:
            message.refused(reason)
        if not self._unsettled and self._empty is not None:
            empty, self._empty = self._empty, None
            empty.send()

    def _forget_expired(self) -> None:
        now = monotonic()
        for message in [message for message in self._unsettled if message.expires_at <= now]:
            del self._unsettled[message]

    def _keep(self) -> None:
        """Run the greenthread of this sender: connect, send what waits, read until it breaks, repeat."""
        waits = pauses()
        while not self._closed:
            try:
                wire = self._connect()
                waits = pauses()
                self._use(wire)
            except LOST as exc:
                log.warning("no connection for publishing: %s", exc)
            except Exception:  # of a callback: this greenthread must outlive it
                log.exception("the publishing connection is opened anew")
            eventlet.sleep(next(waits))

    def _use(self, wire: Wire) -> None:
        self._forget_expired()
        self._wire = wire
        try:
            for message in list(self._unsettled):
                self._send(wire, message)
            reason = wire.read()
        finally:
            self._wire, self._down_since = None, monotonic()
        if not self._closed:
            log.warning("the publishing connection broke: %s", reason or "it could not be written to")
            if self._on_lost:
                self._on_lost()
