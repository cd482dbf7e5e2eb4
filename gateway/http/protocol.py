"""HTTP on one connection: requests are read (`reader`), given to the application one after the other, and answered.

A request that gets through has a head that all readers read alike and a complete body. Each step of a
client has its time: a request must begin within IDLE_SECONDS, its head be here within HEAD_SECONDS of its first byte,
its body within BODY_SECONDS after it (a large one, which goes to a file, within FILE_SECONDS), and of an answer
something must be taken every SEND_SECONDS. What is no request gets a problem document, and the connection is closed; so
do those that are slow with a body.

What a stranger sends as `traceparent` is left out, unless PLEDGE_TRUST_TRACEPARENT says that a proxy of ours makes it.
"""

from __future__ import annotations

import http
import socket
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from io import BytesIO
from logging import getLogger
from types import TracebackType
from typing import TYPE_CHECKING

import eventlet
from eventlet.greenio import GreenSocket

from gateway.http import errors, room
from gateway.http.reader import Environ, Reader, Refusal, Request, environ_of
from services.common.runtime.telemetry import new_trace_id, trace_id_of

if TYPE_CHECKING:
    from gateway.http.mount import MountServer

IDLE_SECONDS = 75  # an idle connection is kept that long; more than the 60 s of the usual proxies in front
HEAD_SECONDS = 15  # from the first byte to the end of the headers
BODY_SECONDS = 30
FILE_SECONDS = 300  # for a body that goes to a file: a picture from a phone on a slow network
SEND_SECONDS = 30  # that a client may take nothing of the answer
LINGER_SECONDS = 2  # for a client that still sends to hear why it is refused
DISCARD_LIMIT = 16 << 20  # of what it sends meanwhile: read and dropped
AT_ONCE = 1 << 20  # bytes of an answer that are sent in one piece; more goes out as it is read
PIECE = 32 << 10  # bytes that are read at a time
TRACING = ("HTTP_TRACEPARENT", "HTTP_TRACESTATE")
FULL = Refusal(503, "service_unavailable", "There is no room for this body just now.")
SLOW = Refusal(408, "request_timeout", f"The body was not here within {BODY_SECONDS} seconds.")
SLOW_FILE = Refusal(408, "request_timeout", f"The body was not here within {FILE_SECONDS} seconds.")

log = getLogger(__name__)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class Connection:
    """One connection, from its first byte to its last; `serve` does all of it. `host` is its `Server` (mount.py)."""

    def __init__(self, sock: GreenSocket, address: tuple[str, int], host: MountServer):
        self.sock, self.address, self.host = sock, address, host
        self.net, self.state = room.network_of(str(address[0])), room.IDLE
        self.reader = Reader(host.body_limit, host.scratch)

    def serve(self) -> None:
        """Answer requests until one side has enough."""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a second piece waits for no ack of the first
        try:
            while (request := self._next_request()) is not None:
                self.turn(room.ANSWERING)
                if not self._answer(request):
                    return
                self._hold_bodies()
                self.turn(room.IDLE)
            if self.reader.refusal is not None:
                self._refuse(self.reader.refusal)
        finally:
            self.reader.close()
            self.host.bodies.hold(self, self._client, 0)
            self.host.files.hold(self, self._client, 0)

    def turn_away(self) -> None:
        """Say that there is no room, as far as that needs no waiting."""
        headers, body = errors.plain(FULL.status, FULL.code, "There is no room just now.", new_trace_id(), "")
        lines = ["HTTP/1.1 503 Service Unavailable", "Connection: close", *(f"{n}: {v}" for n, v in headers.items())]
        self.sock.settimeout(0.001)
        try:
            self.sock.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        except OSError as gone:
            log.debug("a client left: %s", gone)
        self.sock.close()

    def end(self) -> None:
        """Cut it off; called where its room is needed."""
        room.end_socket(self.sock)

    def end_reading(self) -> None:
        """End the connection after answering what has already arrived."""
        room.end_socket(self.sock, socket.SHUT_RD)

    def _next_request(self) -> Request | None:
        """Return the next request with its body.

        Return None at the end, or if only `reader.refusal` is left to send.
        """
        reader, began = self.reader, time.monotonic()
        deadline, heard, filed = began + IDLE_SECONDS, False, False
        while not reader.whole:
            if reader.refusal is not None or reader.ended:
                return None
            data = self._receive(deadline)
            if not data:
                if reader.current is not None:
                    reader.refusal = SLOW if reader.current.file is None else SLOW_FILE
                return None
            if not heard:
                deadline, heard = time.monotonic() + HEAD_SECONDS, True
            reader.feed(data)
            if not self._hold_bodies():
                reader.close()
                reader.whole.clear()
                reader.refusal = FULL
                return None
            if reader.current is not None and reader.refusal is None and self.state != room.RECEIVING:
                self.turn(room.RECEIVING)
                deadline = time.monotonic() + BODY_SECONDS
                self._say_continue(reader.current)
            if reader.current is not None and reader.current.file is not None and not filed:
                deadline, filed = deadline + FILE_SECONDS - BODY_SECONDS, True
        return reader.whole.popleft()

    def _receive(self, deadline: float) -> bytes:
        """Return what was received; nothing at the end of the connection or of the time."""
        self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data: bytes = self.sock.recv(PIECE)
        except OSError as problem:  # a timeout is one
            log.debug("nothing more came: %s", problem)
            return b""
        return data

    def _say_continue(self, request: Request) -> None:
        if request.version == "1.1" and not request.body and request.header("expect").lower() == "100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def turn(self, state: str) -> None:
        """Note what this connection does from now on."""
        self.host.connections.turn(self, state)

    def _hold_bodies(self) -> bool:
        held: bool = self.host.bodies.hold(self, self._client, self.reader.held)
        return held and self.host.files.hold(self, self._client, self.reader.filed)

    def _client(self) -> str:
        """Return the address that the bodies count for: the client's, if a trusted proxy gives it."""
        request = self.reader.current or (self.reader.whole[0] if self.reader.whole else None)
        forwarded = request.header("x-forwarded-for") if request is not None else ""
        client: str = self.host.client_of(str(self.address[0]), forwarded)
        return client

    # answers

    def _environ(self, request: Request) -> Environ:
        environ = environ_of(request)
        if not self.host.trusts_traces:
            for name in TRACING:
                environ.pop(name, None)
        environ |= self.host.environ
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = str(self.address[0]), str(self.address[1])
        if request.file is not None:
            request.file.seek(0)
        environ["wsgi.input"] = request.file or BytesIO(bytes(request.body))
        environ["gateway.connection"] = self.sock
        return environ

    def _answer(self, request: Request) -> bool:
        """Have a request answered. Return whether the connection can go on."""
        environ, answer = self._environ(request), Answer(self, request)
        after: list[Callable[[], None]] = []
        environ["gateway.after_answer"] = after
        self.sock.settimeout(SEND_SECONDS)
        pieces: Iterable[bytes] = ()
        try:
            pieces = self.host.app(environ, answer.start)
            answer.send(pieces)
        except OSError as gone:
            log.debug("a client left: %s", gone)
            answer.keeps_alive = False
        except (Exception, eventlet.Timeout):
            log.exception("an answer failed")
            answer.keeps_alive = False
            if not answer.is_sent:
                self._refuse(Refusal(500, "internal", "Something went wrong on our side."))
        finally:
            if (close := getattr(pieces, "close", None)) is not None:
                close()
            if request.file is not None:
                request.file.close()
            for each in after:
                each()
        return answer.keeps_alive

    def send(self, data: bytes) -> None:
        """Hand bytes to the client. OSError when it takes none of them for too long, or is gone.

        What is left of them is looked at and not copied: many clients may wait for the same bytes. Each time that some
        are taken is noted: a slow client is not one that takes nothing.
        """
        before, left = self.state, memoryview(data)
        self.turn(room.SENDING)
        while left:
            left = left[self.sock.send(left) :]
            self.turn(room.SENDING)
        self.turn(before)

    def _refuse(self, refusal: Refusal) -> None:
        """Write a problem document and end the connection, in a way that lets the client read it first."""
        request = self.reader.so_far
        environ = environ_of(request)
        trace_id = trace_id_of(environ if self.host.trusts_traces else {})
        accept = str(environ.get("HTTP_ACCEPT", ""))
        headers, body = errors.plain(refusal.status, refusal.code, refusal.detail, trace_id, accept)
        lines = [f"HTTP/1.1 {refusal.status} {http.HTTPStatus(refusal.status).phrase}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.sock.settimeout(SEND_SECONDS)
        try:
            self.send("\r\n".join([*lines, "", ""]).encode() + (b"" if request.method == "HEAD" else body))
            self.sock.shutdown(socket.SHUT_WR)
        except OSError as gone:
            log.debug("a client left: %s", gone)
            return
        deadline, left = time.monotonic() + LINGER_SECONDS, DISCARD_LIMIT
        while left > 0 and time.monotonic() < deadline and (data := self._receive(deadline)):
            left -= len(data)  # closed with anything unread, the answer could be lost


class Answer:
    """What goes back for one request, as the application says it."""

    def __init__(self, connection: Connection, request: Request):
        self._connection, self._request = connection, request
        self.keeps_alive = request.keeps_alive
        self.is_sent = False
        self._status, self._headers = "", [("", "")]

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], object]:
        """Start the response (WSGI's start_response)."""
        if exc_info and self.is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        self._status, self._headers = status, headers
        return _no_write

    def send(self, pieces: Iterable[bytes]) -> None:
        """Send the head and the pieces: at once where their length is known and small, else one by one as they come."""
        known = {name.lower() for name, _ in self._headers}
        silent = self._request.method == "HEAD" or self._status[:3] in ("204", "304")
        if self._is_short(known, silent) or isinstance(pieces, list | tuple):
            body = b"".join(pieces)
            extra = [] if "content-length" in known or silent else [f"Content-Length: {len(body)}"]
            head, body = self._head(known, extra), b"" if silent else body
            if len(body) > PIECE:
                self._write(head)
                self._write(body)  # as it is: a file of ours is in memory once, however many take their time with it
            else:
                self._write(head + body)
            return
        chunked = self._request.version == "1.1" and "content-length" not in known
        self.keeps_alive = self.keeps_alive and (chunked or "content-length" in known)
        self._write(self._head(known, ["Transfer-Encoding: chunked"] if chunked else []))
        for piece in pieces:
            if piece:
                self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self._write(b"0\r\n\r\n")

    def _is_short(self, known: set[str], silent: bool) -> bool:
        """Return whether all of it may be held in memory: its length is known, and small."""
        length = next((value for name, value in self._headers if name.lower() == "content-length"), "0")
        return silent or ("content-length" in known and int(length) <= AT_ONCE)

    def _head(self, known: set[str], extra: list[str]) -> bytes:
        self.keeps_alive = self.keeps_alive and self._connection.host.is_accepting
        lines = [f"HTTP/1.1 {self._status}", *(f"{name}: {value}" for name, value in self._headers), *extra]
        if "date" not in known:
            lines.append(f"Date: {_date(int(time.time()))}")
        if not self.keeps_alive:
            lines.append("Connection: close")
        elif self._request.version == "1.0":
            lines.append("Connection: keep-alive")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _write(self, data: bytes) -> None:
        self.is_sent = True
        self._connection.send(data)


_dates: list[object] = [0, ""]


def _date(second: int) -> str:
    if _dates[0] != second:
        _dates[:] = [second, formatdate(second, usegmt=True)]
    return str(_dates[1])


def _no_write(_data: bytes) -> object:
    raise NotImplementedError("answers are returned here, not written")
