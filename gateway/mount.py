"""A WSGI application inside nameko's own web server: each request is a nameko worker, with its dependencies.

    class GatewayService:
        name = "gateway"
        orders = ServiceClient("orders")

        @wsgi_mount(bypass=first_look)
        def handle(self, environ, start_response):      # in a worker; `self` has the dependencies
            return application({**environ, "gateway.service": self}, start_response)

`bypass(environ, start_response)` sees each request first, in the connection's own greenthread, before a worker is
taken; it answers (health, the live stream) or returns None to pass the request on. The container is
`environ["gateway.container"]`. So neither can busy workers silence it nor can long streams use workers up.

A worker never waits for a client: the body is read before the worker is taken and the answer is sent after it has
been given back, so what the worker returns must not need its dependencies any more. A body above `body_limit` is not
handed on: the application sees its length alone, and refuses it. Connections are bounded in number, and the time to
send a request's head and body is bounded too. When the service stops, what is in hand is answered, nothing else begins.
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from nameko.web.server import WebServer

from services.common.telemetry import listen, trace_id_of

log = logging.getLogger(__name__)

StartResponse = Callable[..., Any]
Bypass = Callable[[dict[str, Any], StartResponse], Iterable[bytes] | None]

CONNECTIONS = 1000
IDLE_SECONDS = 75  # an idle connection is kept that long; more than the 60 s of the usual proxies in front
HEAD_SECONDS = 15  # from the first line to the end of the headers
BODY_SECONDS = 30
SEND_SECONDS = 30  # that a client may take nothing of the answer
DRAIN_SECONDS = 5  # for the answers of finished workers to leave, when the service stops
BODY_LIMIT = 1 << 20  # bytes
DISCARD_LIMIT = 16 << 20  # of a body that is too large: read and dropped, so that the client hears the refusal
IDLE, REQUEST = wsgi.STATE_IDLE, wsgi.STATE_REQUEST


class Protocol(wsgi.HttpProtocol):
    """One connection: eventlet's HTTP, with a limit on the time of each step and on the size of what is held."""

    error_content_type = "application/problem+json"
    error_message_format = '{"type":"about:blank","title":"%(explain)s","status":%(code)d,"code":"malformed_request"}'

    def _read_request_line(self) -> bytes:
        line: bytes = b""
        with eventlet.Timeout(IDLE_SECONDS, False):
            line = super()._read_request_line()
        return line

    def parse_request(self) -> bool:
        parsed: bool = False
        with eventlet.Timeout(HEAD_SECONDS, False):
            parsed = super().parse_request()
        if not parsed:
            self.close_connection = 1
        return parsed

    def handle_one_response(self) -> None:
        if self.environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
            self._refuse("501 Not Implemented")  # where its body ends cannot be told
        elif self._take_body():
            super().handle_one_response()
        else:
            self._refuse("408 Request Timeout")

    def _take_body(self) -> bool:
        """Read the whole body off the connection, within limits; False when the client was too slow or went away."""
        source, limit = self.environ["eventlet.input"], self.server.body_limit
        promised = source.content_length or 0
        if not promised and not source.chunked_input:
            return True
        try:
            with eventlet.Timeout(BODY_SECONDS):
                body = _read(source, limit + 1) if promised <= limit else b""
                if too_large := max(promised, len(body)) > limit:
                    self.close_connection = 1
                    _discard(source, DISCARD_LIMIT)
        except (eventlet.Timeout, OSError, wsgi.ChunkReadError):
            return False
        self.environ.pop("HTTP_TRANSFER_ENCODING", None)
        self.environ["CONTENT_LENGTH"] = str(max(promised, limit + 1) if too_large else len(body))
        self.environ["wsgi.input"] = BytesIO(b"" if too_large else body)
        return too_large or len(body) >= promised

    def _refuse(self, status: str) -> None:
        self.close_connection = 1
        self.wfile.write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())


def _discard(source: Any, limit: int) -> None:
    while limit > 0 and (piece := source.read(1 << 16)):
        limit -= len(piece)


def _read(source: Any, limit: int) -> bytes:
    """Up to `limit` bytes; less at the end of the body."""
    pieces: list[bytes] = []
    while limit > 0 and (piece := source.read(min(limit, 1 << 16))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


class _Complaints:
    """Where eventlet writes what went wrong with an answer, by its level `info`; its own access log is off."""

    def info(self, message: str) -> None:
        gone = isinstance(sys.exc_info()[1], OSError)  # the client left; nothing to see to
        log.log(logging.DEBUG if gone else logging.ERROR, "an answer failed: %s", message)

    error = debug = info


class MountServer(WebServer):
    """nameko's web server with bounded connections, a port of its own and an end that comes."""

    def __init__(self) -> None:
        super().__init__()
        self._sock: Any = None
        self._serv: Any = None
        self._gt: Any = None
        self._is_accepting = True
        self.connections: dict[int, list[Any]] = {}
        self.room = Semaphore(CONNECTIONS)
        self.in_hand = 0  # requests that the application works on or whose answer is on its way

    def start(self) -> None:
        if self._sock is None:
            self._mount = next(iter(self._providers))
            self._sock = listen(self.container.config["WEB_SERVER_ADDRESS"], "PLEDGE_HTTP_ADDRESS")
            self._sock.settimeout(None)
            self._serv = wsgi.Server(
                self._sock, self._sock.getsockname(), self._mount.answer, protocol=Protocol, log_output=False,
                keepalive=True, socket_timeout=SEND_SECONDS, debug=False,
            )  # fmt: skip
            self._serv.log = _Complaints()
            self._serv.body_limit = self._mount.body_limit
            self._gt = self.container.spawn_managed_thread(self.run)

    def run(self) -> None:
        while self._is_accepting:
            self.room.acquire()
            try:
                sock, address = self._sock.accept()
            except OSError as problem:  # the client is gone again, or we have no file handles left
                self.room.release()
                log.warning("cannot accept a connection: %s", problem)
                eventlet.sleep(0.1)
                continue
            self.container.spawn_managed_thread(partial(self.serve, sock, address))

    def serve(self, sock: Any, address: Any) -> None:
        """One connection, to its end; whatever goes wrong with it is its own affair."""
        state = [address, sock, IDLE]
        self.connections[id(state)] = state
        try:
            sock.settimeout(SEND_SECONDS)
            self._serv.process_request(state)
        except OSError as problem:
            log.debug("a connection broke: %s", problem)
        except Exception:
            log.exception("a connection failed")
        finally:
            del self.connections[id(state)]
            self.room.release()
            sock.close()

    def stop_accepting(self) -> None:
        """First step of a stop: no new connections, no next request on the ones there are."""
        if self._is_accepting and self._sock is not None:
            self._is_accepting = self._serv.keepalive = False
            self._gt.kill()
            self._sock.close()
            for _, sock, state in list(self.connections.values()):
                if state == IDLE:  # what has already arrived can still be read, then the connection is at its end
                    _end_reading(sock)

    def stop(self) -> None:
        """Last step, when the workers are done: let their answers leave. Streams are cut with the container."""
        with eventlet.Timeout(DRAIN_SECONDS, False):
            while self.in_hand:
                eventlet.sleep(0.01)


class WsgiMount(Entrypoint):
    """The entrypoint: `bypass` gets the first look at a request, the decorated method answers the others."""

    server = MountServer()

    def __init__(self, bypass: Bypass | None = None, body_limit: int = BODY_LIMIT, **options: Any):
        self.bypass, self.body_limit = bypass, body_limit
        super().__init__(**options)

    def setup(self) -> None:
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.stop_accepting()
        self.server.unregister_provider(self)

    def answer(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """What the web server calls for each request, in the connection's greenthread."""
        environ["gateway.container"] = self.container
        if self.bypass is not None and (answered := self.bypass(environ, start_response)) is not None:
            environ["eventlet.minimum_write_chunk_size"] = 1  # a stream's events leave one by one
            return answered
        self.server.in_hand += 1
        environ["eventlet.posthooks"].append((self._left, (), {}))
        done, status = Event(), ["-"]

        def start(text: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            status[0] = text[:3]
            return start_response(text, headers, exc_info)

        def handled(_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            log.info("%s %s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], status[0])
            done.send(result, exc_info)
            return result, exc_info

        caller = {"actor": "guest", "trace_id": trace_id_of(environ)}
        try:
            self.container.spawn_worker(
                self, (environ, start), {}, context_data={"caller": caller}, handle_result=handled
            )
        except ContainerBeingKilled:
            start_response("503 Service Unavailable", [("Retry-After", "1"), ("Content-Length", "0")])
            return [b""]
        answer: Iterable[bytes] = done.wait()
        return answer

    def _left(self, _environ: dict[str, Any]) -> None:
        self.server.in_hand -= 1


def _end_reading(sock: Any) -> None:
    try:
        sock.shutdown(socket.SHUT_RD)
    except OSError as problem:
        log.debug("a connection had ended already: %s", problem)


wsgi_mount = WsgiMount.decorator
