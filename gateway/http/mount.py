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
been given back, so what the worker returns must not need its dependencies any more. A body above `body_limit` is not
handed on: the application sees its length alone, and refuses it. Connections are bounded in number, and the time to
send a request's head and body is bounded too. When the service stops, what is in hand is answered, nothing else begins.
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
from eventlet import wsgi
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from nameko.web.server import WebServer

from gateway.http import errors
from gateway.http.protocol import Protocol
from services.common import tracing
from services.common.basics.untyped import JsonDict
from services.common.runtime.telemetry import listen, trace_id_of

log = logging.getLogger(__name__)

StartResponse = Callable[..., object]
Bypass = Callable[[dict[str, object], StartResponse], Iterable[bytes] | None]

CONNECTIONS = 1000
WAIT_SECONDS = 5.0  # for a worker; whoever waits longer is told to come back, as calls to a service that hangs are
SEND_SECONDS = 30  # that a client may take nothing of the answer
DRAIN_SECONDS = 5  # for the answers of finished workers to leave, when the service stops
BODY_LIMIT = 1 << 20  # bytes
IDLE = wsgi.STATE_IDLE


class _AllBusy(Exception):
    """No worker was free in time."""


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
        self.connections: dict[int, list[object]] = {}
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

    def serve(self, sock: Any, address: object) -> None:
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
    quiet = True  # each request is logged here, with its path and status

    def __init__(self, bypass: Bypass | None = None, body_limit: int = BODY_LIMIT, **options: object):
        self.bypass, self.body_limit = bypass, body_limit
        super().__init__(**options)

    def setup(self) -> None:
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.stop_accepting()
        self.server.unregister_provider(self)

    def answer(self, environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        """What the web server calls for each request, in the connection's greenthread."""
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
        environ["gateway.container"] = self.container
        if self.bypass is not None and (answered := self.bypass(environ, start_response)) is not None:
            environ["eventlet.minimum_write_chunk_size"] = 1  # a stream's events leave one by one
            return answered
        self.server.in_hand += 1
        environ["eventlet.posthooks"].append((self._left, (), {}))
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

    def _left(self, _environ: dict[str, object]) -> None:
        self.server.in_hand -= 1


def _refused(
    environ: JsonDict, start_response: StartResponse, status: int, code: str, detail: str, trace_id: str
) -> list[bytes]:
    """The answer to a request that never gets to the application."""
    headers, body = errors.plain(status, code, detail, trace_id, environ.get("HTTP_ACCEPT", ""))
    start_response(f"{status} {http.HTTPStatus(status).phrase}", [*headers.items()])
    return [body]


def _end_reading(sock: Any) -> None:
    try:
        sock.shutdown(socket.SHUT_RD)
    except OSError as problem:
        log.debug("a connection had ended already: %s", problem)


wsgi_mount = WsgiMount.decorator
