"""kombu's pyamqp transport with less Python per frame, for the kit's own connections (`connections.connection_uri`).

1. The socket is read 64 KiB at a time and frames are cut from that buffer; py-amqp calls recv() three times a frame.
2. Frames written within one turn of the hub leave in one send(), so `write` never blocks and needs no lock. One
   greenthread writes as long as the connection lasts; a new one each time would cost twelve microseconds.
3. basic.publish and basic.ack are packed here, not by py-amqp's generic serializer.
4. What is delivered is handled as a whole, not frame by frame, and with it what has been delivered behind it.

Time-outs: reads wait on the hub and only then call recv(), so a read that times out loses nothing and does not touch
the time-out under which a write is going on. A write that makes no progress for `WRITE_SECONDS` closes the socket,
because half a frame cannot be taken back; the reader sees that at once. Waiting for an answer (declare, close) ends
after `ANSWER_SECONDS`, where py-amqp waits for ever. Needs eventlet's monkey-patching.

`basics.speed` says what it gains; PLEDGE_PLAIN=frames leaves it out.
"""

from __future__ import annotations

import socket
from _socket import socket as PlainSocket
from contextlib import suppress
from struct import unpack_from
from time import monotonic

import eventlet
from amqp.basic_message import Message as Content
from amqp.exceptions import RecoverableConnectionError, UnexpectedFrame
from amqp.spec import Basic
from amqp.transport import SSLTransport, TCPTransport
from eventlet.hubs import trampoline
from eventlet.queue import LightQueue
from kombu import transport
from kombu.transport import pyamqp

from services.common.bus.fast.amqp_frames import FRAME_END, ack_frame, publish_frames, read_delivery

SCHEME, TLS_SCHEME = "fastamqp", "fastamqps"
READ_BYTES = 65536
WRITE_SECONDS = 10.0
ANSWER_SECONDS = 10.0


class FrameSocket(TCPTransport):
    """One socket: an inbound buffer that frames are cut from, an outbound list that one greenthread sends."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self._inbound, self._position = b"", 0
        self._outbound: list[bytes] = []
        self._reading = self._flushing = self._has_writer = False
        self._bell = LightQueue()  # True: there is something to write; False: never again

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(WRITE_SECONDS)

    def next_frame(self) -> tuple[int, int, bytes] | None:
        """Return the next whole frame in the buffer as (type, channel, payload), or None."""
        buffer, start = self._inbound, self._position
        if len(buffer) - start < 8:
            return None
        kind, channel, size = unpack_from(">BHI", buffer, start)
        end = start + 7 + size
        if len(buffer) <= end:
            return None
        if buffer[end] != FRAME_END:
            raise UnexpectedFrame(f"frame ends with {buffer[end]:#04x}")
        self._position = end + 1
        return kind, channel, buffer[start + 7 : end]

    def next_delivery(self) -> tuple[int, bytes, Content] | None:
        """Return the next frames as (channel, method payload, message), if they are one whole basic.deliver."""
        delivered = read_delivery(self._inbound, self._position)
        if delivered is None:
            return None
        self._position, channel, payload, properties, body = delivered
        message = Content(body)
        message.properties = properties
        return channel, payload, message

    def fill(self, seconds: float) -> None:
        """Read what has arrived, waiting up to `seconds` for it: TimeoutError, or OSError when the peer is gone."""
        sock = self.sock
        if sock is None:
            raise OSError("the connection is closed")
        self._reading = True
        try:
            if not self.buffered():
                trampoline(sock, read=True, timeout=seconds, timeout_exc=TimeoutError)
            data = sock.recv(READ_BYTES) if self.connected else b""  # over TLS it may wait for the rest of a record
        finally:
            self._reading = False
            self._close_if_meant()
        if not data:
            self.close()
            raise OSError("the connection was closed")
        self._inbound, self._position = self._inbound[self._position :] + data, 0

    def buffered(self) -> bool:
        """Return whether recv() has something although the socket may not be readable."""
        return False

    def write(self, data: bytes | memoryview) -> None:
        """Send soon. OSError if the connection is known to be closed; a later failure closes it."""
        if not self.connected:
            raise OSError("the connection is closed")
        self._outbound.append(bytes(data))  # py-amqp reuses the buffer behind its memoryview
        if not self._flushing:
            self._flushing = True
            self._bell.put(True)
            if not self._has_writer:
                self._has_writer = True
                eventlet.spawn_n(self._write_on)

    def _write_on(self) -> None:
        while self._bell.get():
            self._flush()

    def _flush(self) -> None:
        try:
            while self._outbound and self.sock is not None:
                data, self._outbound = b"".join(self._outbound), []
                self.sock.sendall(data)
        except OSError:
            self.connected = False
        finally:
            self._flushing = False
            self._close_if_meant()

    def close(self) -> None:
        """Close, now or as soon as those who wait for the socket have been woken: eventlet does not wake them when it
        is closed under them, and its number may soon be another's."""
        self.connected = False
        self._close_if_meant()

    def _close_if_meant(self) -> None:
        if self.connected or self.sock is None:
            return
        if self._reading or self._flushing:
            with suppress(OSError):
                self._wake()
        else:
            self._bell.put(False)
            super().close()

    def _wake(self) -> None:
        """Wake the waiting reader and writer."""
        self.sock.shutdown(socket.SHUT_RDWR)


class TlsFrameSocket(FrameSocket, SSLTransport):
    """The same over TLS: what the TLS layer has decrypted already must be read before waiting for the socket."""

    def _setup_transport(self) -> None:
        SSLTransport._setup_transport(self)
        self._write = self.sock.sendall

    def _shutdown_transport(self) -> None:
        """Skip the TLS goodbye: unwrap() would wait for a broker that may be frozen."""

    def buffered(self) -> bool:
        return bool(self.sock.pending())

    def _wake(self) -> None:
        """Shut the plain socket down.

        An SSLSocket's own shutdown would drop the encryption under readers and writers.
        """
        PlainSocket.shutdown(self.sock, socket.SHUT_RDWR)


class Channel(pyamqp.Channel):
    """py-amqp's channel, with its two most frequent methods packed by hand."""

    def _basic_publish(
        self, msg: Content, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: object
    ) -> None:
        connection = self.connection
        if connection is None:
            raise RecoverableConnectionError("channel closed")
        body = msg.body.encode() if isinstance(msg.body, str) else msg.body
        frames = publish_frames(
            self.channel_id, connection.frame_max, msg.properties, body, exchange, routing_key, mandatory
        )
        connection.transport.write(frames)
        connection.bytes_sent += 1

    basic_publish = _basic_publish

    def basic_ack(self, delivery_tag: int, multiple: bool = False, **_: object) -> None:
        connection = self.connection
        if connection is None:
            raise RecoverableConnectionError("channel closed")
        connection.transport.write(ack_frame(self.channel_id, delivery_tag, multiple))
        connection.bytes_sent += 1


class Connection(pyamqp.Connection):
    """py-amqp's connection over a FrameSocket."""

    Channel = Channel

    def Transport(
        self, host: str, connect_timeout: float, tls: object = False, *_: object, **options: object
    ) -> FrameSocket:
        if tls:
            return TlsFrameSocket(host, connect_timeout=connect_timeout, ssl=tls, **options)
        return FrameSocket(host, connect_timeout=connect_timeout, **options)

    def drain_events(self, timeout: float | None = None) -> None:
        """Handle frames up to the next method; TimeoutError when it did not come in `timeout` (or ANSWER_SECONDS).

        Deliveries that have arrived in a row are handled in a row; what follows an answer is left for the next call,
        since it may be for a consumer that py-amqp enters in its books when it has the answer.
        """
        deadline = monotonic() + (ANSWER_SECONDS if timeout is None else timeout)
        while not (self._handle_deliveries() or self.blocking_read(max(deadline - monotonic(), 0))):
            pass

    def _handle_deliveries(self) -> bool:
        """Handle the deliveries in the buffer. Return whether there were any."""
        any_handled, source = False, self._transport
        while source is not None and (delivery := source.next_delivery()) is not None:
            channel, payload, message = delivery
            self.bytes_recv += 3  # as py-amqp counts: frames
            self.on_inbound_method(channel, Basic.Deliver, payload, message)
            any_handled, source = True, self._transport
        return any_handled

    def blocking_read(self, timeout: float | None = None) -> bool:
        """Handle the next frame; whether it was the end of a method. False, too, when more has arrived to look at."""
        source = self._transport
        if source is None:
            raise RecoverableConnectionError("the connection is closed")
        frame = source.next_frame()
        if frame is None:
            source.fill(ANSWER_SECONDS if timeout is None else timeout)
            return False
        handled: bool = self.on_inbound_frame(frame)
        return handled


class Transport(pyamqp.Transport):
    """What kombu loads for `fastamqp://`."""

    Connection = Connection


class TlsTransport(Transport):
    """What kombu loads for `fastamqps://`; what must be checked is said by `urls.tls_options`."""

    default_port = pyamqp.DEFAULT_SSL_PORT


transport.TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
transport.TRANSPORT_ALIASES[TLS_SCHEME] = f"{__name__}:TlsTransport"
