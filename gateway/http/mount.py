"""A WSGI application inside nameko's own web server: each request is a nameko worker, with its dependencies.

    class GatewayService:
        name = "gateway"
        orders = ServiceClient(OrdersApi)

        @wsgi_mount(bypass=first_look)
        def handle(self, environ, start_response):      # in a worker; `self` has the dependencies
            return application({**environ, "gateway.service": self}, start_response)

`bypass(environ, start_response)` sees each request first, in the connection's own greenthread, before a worker is
taken; it answers (health, the live stream) or returns None to pass the request on. The container is
`environ["gateway.container"]`. So neither can busy workers silence it nor can long streams use workers up.

A worker never waits for a client: the body is read before the worker is taken and the answer is sent after it has
been given back, so what the worker returns must not need its dependencies any more. A body that is larger than its
route takes (`body_limit(container, method, path)`) is refused before it is read. Connections are bounded in number, in
all and by address, and so is the memory of all bodies (room.py); each step of a client has its time (protocol.py). When
the service stops, what is in hand is answered, nothing else begins.
"""

from __future__ import annotations

import http
import logging
import socket
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from nameko.web.server import WebServer

from gateway.http import errors, room
from gateway.http.limits import client_of
from gateway.http.protocol import Connection
from gateway.http.reader import BODY_LIMIT
from gateway.settings import GatewaySettings
from services.common import tracing
from services.common.basics.untyped import JsonDict
from services.common.runtime.config import ENVIRON
from services.common.runtime.telemetry import listen, trace_id_of
from services.common.runtime.upload_settings import UploadSettings

log = logging.getLogger(__name__)

StartResponse = Callable[..., object]
Bypass = Callable[[dict[str, object], StartResponse], Iterable[bytes] | None]

BodyLimit = Callable[[Any, str, str], int]

WAIT_SECONDS = 5.0  # for a worker; a longer wait is told to come back, as calls to a service that hangs are
DRAIN_SECONDS = 5  # for the answers of finished workers to leave, when the service stops


class _AllBusy(Exception):
    """No worker was free in time."""


class MountServer(WebServer):
    """nameko's web server with connections of ours, a port of its own and an end that comes."""

    def __init__(self) -> None:
        super().__init__()
        self._sock: Any = None
        self._gt: Any = None
        self.is_accepting = True
        self.in_hand = 0  # requests that the application works on or whose answer is on its way

    def start(self) -> None:
        if self._sock is not None:
            return
        settings = GatewaySettings.load(self.container.config[ENVIRON])
        self._mount = next(iter(self._providers))
        self.app = self._mount.answer
        self.trusts_traces, self._proxies = settings.trust_traceparent, settings.trusted_proxies
        per_address = None if self._proxies else settings.connections_per_address  # all of them are the proxies'
        self.connections = room.Connections(settings.connections, per_address)
        self.bodies = room.Bodies()
        self.files = room.Bodies(room.FILES, room.FILES_PER_ADDRESS)
        self.scratch = settings.part(UploadSettings).store.scratch
        self._sock = listen(self.container.config["WEB_SERVER_ADDRESS"], "PLEDGE_HTTP_ADDRESS")
        self._sock.settimeout(None)
        for way in (socket.SO_SNDBUF, socket.SO_RCVBUF):  # each connection inherits them; else they grow to megabytes
            self._sock.setsockopt(socket.SOL_SOCKET, way, room.SOCKET)
        self.address = self._sock.getsockname()
        self.environ = {
            "SERVER_NAME": str(self.address[0]), "SERVER_PORT": str(self.address[1]), "GATEWAY_INTERFACE": "CGI/1.1",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.input_terminated": True,
            "gateway.container": self.container,
        }  # fmt: skip
        self._gt = self.container.spawn_managed_thread(self.run)

    def run(self) -> None:
        while self.is_accepting:
            try:
                sock, address = self._sock.accept()
            except OSError as problem:  # the client is gone again, or we have no file handles left
                log.warning("cannot accept a connection: %s", problem)
                eventlet.sleep(0.1)
                continue
            connection = Connection(sock, address, self)
            if self.connections.admit(connection):
                self.container.spawn_managed_thread(partial(self.serve, connection))
            else:
                log.warning("no room for a connection of %s", connection.net)
                connection.turn_away()

    def serve(self, connection: Connection) -> None:
        """Serve one connection to its end. Its errors affect no other."""
        try:
            connection.serve()
        except OSError as problem:
            log.debug("a connection broke: %s", problem)
        except Exception:
            log.exception("a connection failed")
        finally:
            self.connections.leave(connection)
            connection.sock.close()

    def body_limit(self, method: str, path: str) -> int:
        """Return the most bytes that a body may have there."""
        limit: int = self._mount.body_limit(self.container, method, path)
        return limit

    def client_of(self, address: str, forwarded: str) -> str:
        """Return the network of a client, as far as trusted proxies report it."""
        return client_of(address, forwarded, self._proxies)

    def stop_accepting(self) -> None:
        """First step of a stop: no new connections, no next request on the ones there are."""
        if self.is_accepting and self._sock is not None:
            self.is_accepting = False
            self._gt.kill()
            self._sock.close()
            for connection in self.connections:
                if connection.state == room.IDLE:
                    connection.end_reading()

    def stop(self) -> None:
        """Last step, when the workers are done: let their answers leave. Streams are cut with the container."""
        with eventlet.Timeout(DRAIN_SECONDS, False):
            while self.in_hand:
                eventlet.sleep(0.01)


def usual_limit(_container: object, _method: str, _path: str) -> int:
    """Return 64 KiB for every address."""
    return BODY_LIMIT


class WsgiMount(Entrypoint):
    """The entrypoint: `bypass` gets the first look at a request, the decorated method answers the others."""

    server = MountServer()
    quiet = True  # each request is logged here, with its path and status

    def __init__(self, bypass: Bypass | None = None, body_limit: BodyLimit = usual_limit, **options: object):
        self.bypass, self.body_limit = bypass, body_limit
        super().__init__(**options)

    def setup(self) -> None:
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.stop_accepting()
        self.server.unregister_provider(self)

    def answer(self, environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request. The web server calls this in the connection's greenthread."""
        trace_id = trace_id_of(environ)
        try:
            return self._answer(environ, start_response, trace_id)
        except ContainerBeingKilled:
            return _refused(environ, start_response, 503, "service_unavailable", "We are about to restart.", trace_id)
        except _AllBusy:
            log.warning("no worker was free within %s s", WAIT_SECONDS, extra={"trace_id": trace_id})
            detail = "We have too much to do right now."
            return _refused(environ, start_response, 503, "service_unavailable", detail, trace_id)
        except Exception:
            log.exception("a request failed", extra={"trace_id": trace_id})
            detail = "Something went wrong on our side."
            return _refused(environ, start_response, 500, "internal", detail, trace_id)

    def _answer(self, environ: JsonDict, start_response: StartResponse, trace_id: str) -> Iterable[bytes]:
        if self.bypass is not None and (answered := self.bypass(environ, start_response)) is not None:
            return answered
        self.server.in_hand += 1
        environ["gateway.after_answer"].append(self._left)
        done, status = Event(), ["-"]

        def start(text: str, headers: list[tuple[str, str]], exc_info: object = None) -> object:
            status[0] = text[:3]
            tracing.note(http_response_status_code=int(status[0]), http_request_method=environ["REQUEST_METHOD"])
            return start_response(text, headers, exc_info)

        def handled(_ctx: object, result: object, exc_info: object) -> tuple[object, object]:
            log.info("%s %s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], status[0])
            done.send(result, exc_info)
            return result, exc_info

        caller = {"actor": "guest", "trace_id": trace_id}
        context = {"caller": caller, tracing.TRACEPARENT: environ.get("HTTP_TRACEPARENT", "")}
        with eventlet.Timeout(WAIT_SECONDS, _AllBusy):
            self.container.spawn_worker(self, (environ, start), {}, context_data=context, handle_result=handled)
        answer: Iterable[bytes] = done.wait()
        return answer

    def _left(self) -> None:
        self.server.in_hand -= 1


def _refused(
    environ: JsonDict, start_response: StartResponse, status: int, code: str, detail: str, trace_id: str
) -> list[bytes]:
    """Return the answer to a request that does not reach the application."""
    headers, body = errors.plain(status, code, detail, trace_id, environ.get("HTTP_ACCEPT", ""))
    start_response(f"{status} {http.HTTPStatus(status).phrase}", [*headers.items()])
    return [body]


wsgi_mount = WsgiMount.decorator
