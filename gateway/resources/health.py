"""How the platform feels: each service asked at once, each with little time to answer."""

from __future__ import annotations

import ipaddress
from typing import Literal, TypedDict

import eventlet
from flask import Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import NotFound

from gateway.http.calls import services, settings
from gateway.http.fresh import Fresh
from gateway.http.resource import Resource, reply
from services import SERVICES
from services.common.basics.api import ANYONE, EveryService
from services.common.basics.errors import ServiceError, Unavailable
from services.common.commitments import fingerprint

PATIENCE_SECONDS = 1.0
GOOD_SECONDS = 1.0  # that an answer is given again: strangers cost us no more calls than that
FORWARDING = (
    "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP", "Via",
)  # fmt: skip

blp = Resource("health", "For those who run the platform")


OTHER_TERMS = "other_terms"


class Health(TypedDict):
    """`ok` when every service can work now, and by the same terms as the gateway.

    services: each one's own word, `unavailable` for one that does not answer, and `other_terms` for one that can work
    but was started with another PLEDGE_TERMS; terms: the fingerprint of the gateway's.
    """

    status: Literal["ok", "degraded"]
    services: dict[str, str]
    terms: str


@blp.get("/health", roles=(ANYONE,), also={503: "At least one service cannot work now"})
def get_health() -> Health | Response:
    """Say whether every service can work now, or could a second ago."""
    states: Fresh[dict[str, str]] = current_app.extensions.setdefault("health", Fresh(lambda _: GOOD_SECONDS))
    terms = fingerprint(settings().terms)
    found = states.get(lambda: _ask_all(terms))
    words = set(found.values())
    health = Health(status="ok" if words == {"ok"} else "degraded", services=found, terms=terms)
    return health if words <= {"ok", OTHER_TERMS} else reply(health, 503)


def metrics() -> Response:
    """Return the metrics of this process to Prometheus on this machine; 404 to all others.

    The port is public and metrics are not: PLEDGE_OPS_ADDRESS serves them to other machines. What a proxy on this
    machine forwards also comes from loopback; it is recognized by the headers that proxies add.
    """
    local = ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 (an address that is not)
    if not local or any(name in request.headers for name in FORWARDING):
        raise NotFound
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _ask_all(terms: str) -> dict[str, str]:
    worker = services()
    asked = {name: eventlet.spawn(_ask, getattr(worker, name), terms) for name in SERVICES}
    return {name: thread.wait() for name, thread in asked.items()}


def _ask(service: EveryService, terms: str) -> str:
    answer = "unavailable"
    with eventlet.Timeout(PATIENCE_SECONDS, False):
        try:
            health = service.get_health()
            answer = health["status"] if health.get("terms", terms) == terms else OTHER_TERMS
        except Unavailable:
            pass  # that is the answer
        except ServiceError as problem:
            answer = problem.code
    return answer
