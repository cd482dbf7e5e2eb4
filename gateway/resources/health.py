"""How the platform feels: each service asked at once, each with little time to answer."""

from __future__ import annotations

import ipaddress
import time
from typing import Literal, TypedDict

import eventlet
from eventlet.semaphore import Semaphore
from flask import Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import NotFound

from gateway.http.calls import services
from gateway.http.resource import Resource, reply
from services import SERVICES
from services.common.basics.api import ANYONE, EveryService
from services.common.basics.errors import ServiceError, Unavailable

PATIENCE_SECONDS = 1.0
GOOD_SECONDS = 1.0  # that an answer is given again: strangers cost us no more calls than that
FORWARDING = (
    "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP", "Via",
)  # fmt: skip

blp = Resource("health", "For those who run the platform")


class Health(TypedDict):
    """`ok` when every service can work now; each service's own word, `unavailable` for one that does not answer."""

    status: Literal["ok", "degraded"]
    services: dict[str, str]


@blp.get("/health", roles=(ANYONE,), also={503: "At least one service cannot work now"})
def get_health() -> Health | Response:
    """Say whether every service can work now, or could a second ago."""
    states: States = current_app.extensions.setdefault("health", States())
    found = states.get()
    if set(found.values()) == {"ok"}:
        return {"status": "ok", "services": found}
    return reply(Health(status="degraded", services=found), 503)


def metrics() -> Response:
    """The metrics of this process, for Prometheus on this machine; 404 for everybody else.

    They are nobody's business outside, and the port is public: PLEDGE_OPS_ADDRESS serves them to other machines. What
    a proxy on this machine passes on comes from loopback too, and is told by the headers that proxies add.
    """
    local = ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 (an address that is not)
    if not local or any(name in request.headers for name in FORWARDING):
        raise NotFound
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


class States:
    """What each service said, asked for at most once in GOOD_SECONDS, however many want to know."""

    def __init__(self) -> None:
        self._asking = Semaphore()
        self._asked_at, self._found = float("-inf"), {"": ""}

    def get(self) -> dict[str, str]:
        """Ask, unless that was done just now. Who comes while it is being done waits for the same answer."""
        with self._asking:
            if time.monotonic() - self._asked_at > GOOD_SECONDS:
                self._found = _ask_all()
                self._asked_at = time.monotonic()
            return self._found


def _ask_all() -> dict[str, str]:
    worker = services()
    asked = {name: eventlet.spawn(_ask, getattr(worker, name)) for name in SERVICES}
    return {name: thread.wait() for name, thread in asked.items()}


def _ask(service: EveryService) -> str:
    answer = "unavailable"
    with eventlet.Timeout(PATIENCE_SECONDS, False):
        try:
            answer = service.get_health()["status"]
        except Unavailable:
            pass  # that is the answer
        except ServiceError as problem:
            answer = problem.code
    return answer
