"""Connections to the bus: which transport a URI gets, how long an attempt may take, how soon the next one follows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from ssl import SSLError

from amqp.exceptions import AMQPError, NotFound
from eventlet import Timeout
from kombu import Connection, Exchange, Queue
from kombu.exceptions import KombuError, OperationalError
from kombu.transport.base import StdChannel

from services.common.basics import speed
from services.common.basics.speed import Piece
from services.common.basics.urls import tls_options, without_parameters
from services.common.bus.embedded import inproc
from services.common.bus.fast import fastamqp

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 3.0
CLOSE_SECONDS = 1.0
LOST: tuple[type[BaseException], ...] = (OSError, AMQPError, KombuError)
"""What a connection that is going away raises, whatever the transport; a time-out is an OSError too."""

_SCHEMES = {"amqp": fastamqp.SCHEME, "pyamqp": fastamqp.SCHEME, "amqps": fastamqp.TLS_SCHEME}
_TRANSPORTS = (fastamqp.Transport, inproc.Transport)  # importing them registers them with kombu


def connection_uri(uri: str) -> str:
    """Return the URI for our own connections: `amqp://` and `amqps://` go through `fastamqp`, others are unchanged.

    Its TLS parameters (`urls`) are removed: `connect` passes them on.
    """
    scheme, separator, rest = uri.partition("://")
    if speed.is_on(Piece.FRAMES):
        scheme = _SCHEMES.get(scheme, scheme)
    return f"{scheme}{separator}{without_parameters(rest)}"


def connect(uri: str, heartbeat: float = HEARTBEAT_SECONDS) -> Connection:
    """Open a kombu connection within a few seconds. Raise OperationalError if the broker does not answer.

    heartbeat: seconds; the caller must call `heartbeat_check` about once a second, or give 0.
    """
    tls = tls_options(uri) if uri.startswith("amqps:") else False
    connection = Connection(connection_uri(uri), heartbeat=heartbeat, connect_timeout=CONNECT_SECONDS, ssl=tls)
    try:
        with Timeout(CONNECT_SECONDS, TimeoutError("no answer from the broker")):
            connection.ensure_connection(max_retries=0)
    except BaseException as exc:
        connection.collect()
        if isinstance(exc, SSLError) or isinstance(exc.__cause__, SSLError):
            raise OperationalError(f"no trust between us and the broker: {exc}") from exc
        if isinstance(exc, LOST):
            raise OperationalError(str(exc)) from exc
        raise
    return connection


def close(connection: Connection) -> None:
    """Say goodbye if the broker listens; in any case the socket is closed in a second."""
    try:
        with Timeout(CLOSE_SECONDS, False):
            connection.release()
    except LOST:
        pass  # it was gone already
    finally:
        connection.collect()


class SharedExchange(Exchange):
    """An exchange of more than one process: used where it is there, made only where it is not.

    So who runs needs no right to make, change or delete it, where an operator's definitions have made it.
    """

    def declare(self, nowait: bool = False, passive: bool | None = None, channel: StdChannel | None = None) -> object:
        """Look for the exchange; make it if there is none, which needs the right to."""
        channel = channel or self.channel
        if isinstance(channel, inproc.Channel):
            return super().declare(channel=channel)
        look = channel.connection.channel()  # one of its own: the broker closes it when there is no such exchange
        try:
            return super().declare(passive=True, channel=look)
        except NotFound:
            return super().declare(channel=channel)
        finally:
            look.close()


def events_exchange(service: str) -> Exchange:
    """Return the exchange for a service's journal entries. Their type is the routing key."""
    return SharedExchange(f"{service}.events", type="topic", durable=True)


def declare(uri: str, *entities: Exchange | Queue) -> None:
    """Make sure that these exchanges and queues (with their bindings) exist; for the migrate step."""
    connection = connect(uri)
    try:
        channel = connection.channel()
        for entity in entities:
            entity.bind(channel).declare()
    finally:
        close(connection)


def pauses() -> Iterator[float]:
    """Yield the seconds to wait before each further attempt to connect: short at first, never more than 2."""
    return chain((0.2, 0.5, 1.0), repeat(2.0))
