"""How a view reaches the services: the nameko dependencies of the worker that carries this request.

services().orders.place_order(body)            one call
gather(orders=…, logistics=…)                  several at once; who does not answer is named, not an error
authorized_for(order_number)                   before asking all services about one order
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import eventlet
from flask import g, request

from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError, Unavailable

if TYPE_CHECKING:
    from gateway.service import GatewayService

SERVICES = ("orders", "logistics", "aftersales", "support")
WORKER = "gateway.service"  # the key in the WSGI environ under which the worker is found


def services() -> GatewayService:
    """The worker of this request, with a client for each service."""
    worker: GatewayService = request.environ[WORKER]
    return worker


def caller() -> Caller:
    """Who asks, as `auth` found out."""
    found: Caller = g.caller
    return found


def speak_as(found: Caller) -> None:
    """From now on the calls of this request carry this caller."""
    g.caller = found
    worker = request.environ.get(WORKER)
    if worker is not None:
        worker.context.data["caller"] = found.to_headers()


def authorized_for(order_number: str, *, ask_always: bool = False) -> None:
    """Let orders, whose decision it is, say whether the caller may see this order; NotFound when not.

    Its yes is carried on as the grant `order:…`, which the other services take for an answer: they need not know
    whose order it is. Staff and holders of the order's link are known without asking, unless `ask_always`.
    """
    grant, found = f"order:{order_number}", caller()
    if ask_always or not (found.is_staff or grant in found.grants):
        services().orders.authorize_order_access(order_number)
    if not found.is_staff:
        speak_as(replace(found, grants=found.grants | {grant}))


def gather(**calls: Callable[[], Any]) -> tuple[dict[str, Any], list[str]]:
    """All calls at once: (what came back, by name; the names of those that did not answer, sorted).

    Only Unavailable counts as a gap; every other refusal is raised, the first by the order given.
    """
    running = {name: eventlet.spawn(_outcome, call) for name, call in calls.items()}
    outcomes = {name: thread.wait() for name, thread in running.items()}
    for outcome in outcomes.values():
        if isinstance(outcome, ServiceError) and not isinstance(outcome, Unavailable):
            raise outcome
    missing = sorted(name for name, outcome in outcomes.items() if isinstance(outcome, Unavailable))
    return {name: outcome for name, outcome in outcomes.items() if name not in missing}, missing


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ServiceError as exc:
        return exc
