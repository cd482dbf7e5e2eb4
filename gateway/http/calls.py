"""How a view reaches the services: the nameko dependencies of the worker that carries this request.

services().orders.place_order(order)            one call, typed by the service's interface
tracking = ask(lambda: worker.logistics.get_tracking(number))    begin a call, go on …
tracking.reply                                  … and wait for it; None where the service did not answer
ask_each(lambda service: service.get_timeline(number))           the same question to every service, at once
authorized_for(order_number)                     before asking all services about one order
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import eventlet
from flask import current_app, g, request

from gateway.settings import GatewaySettings
from services import SERVICES
from services.common.basics.api import EveryService
from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError, Unavailable

if TYPE_CHECKING:
    from gateway.service import GatewayService

T = TypeVar("T")
WORKER = "gateway.service"  # the key in the WSGI environ under which the worker is found


def services() -> GatewayService:
    """Return the worker of this request, with a client for each service."""
    worker: GatewayService = request.environ[WORKER]
    return worker


def settings() -> GatewaySettings:
    return cast(GatewaySettings, current_app.config["PLEDGE"])


def caller() -> Caller:
    """Return the caller, as `auth` found out."""
    found: Caller = g.caller
    return found


def speak_as(found: Caller) -> None:
    """Let the calls of this request carry this caller from now on."""
    g.caller = found
    worker = request.environ.get(WORKER)
    if worker is not None:
        worker.context.data["caller"] = found.to_headers()


def authorized_for(order_number: str, *, ask_always: bool = False) -> None:
    """Let orders, whose decision it is, say whether the caller may see this order. Raises NotFound when not.

    Its yes is carried on as the grant `order:…`, which the other services take for an answer: they need not know
    whose order it is. Staff and holders of the order's link are known without asking, unless `ask_always`.
    """
    grant, found = f"order:{order_number}", caller()
    if ask_always or not (found.is_staff or grant in found.grants):
        services().orders.authorize_order_access(order_number)
    if not found.is_staff:
        speak_as(replace(found, grants=found.grants | {grant}))


class Reply(Generic[T]):
    """A call that runs beside others. Only Unavailable counts as no answer; every other refusal is raised."""

    def __init__(self, call: Callable[[], T]):
        self._thread = eventlet.spawn(_outcome, call)

    @property
    def reply(self) -> T | None:
        outcome = self._thread.wait()
        if isinstance(outcome, Unavailable):
            return None
        if isinstance(outcome, ServiceError):
            raise outcome
        return cast(T, outcome)


def ask(call: Callable[[], T]) -> Reply[T]:
    """Begin a call in a greenthread of its own."""
    return Reply(call)


def ask_each(call: Callable[[EveryService, str], T], names: Iterable[str] = SERVICES) -> tuple[dict[str, T], list[str]]:
    """Ask several services at once, `call(service, its name)`: (replies by name, the names of those without one)."""
    worker = services()
    asked = {name: ask(_bound(call, getattr(worker, name), name)) for name in names}
    replies = {name: each.reply for name, each in asked.items()}
    return (
        {name: reply for name, reply in replies.items() if reply is not None},
        sorted(name for name, reply in replies.items() if reply is None),
    )


def _bound(call: Callable[[EveryService, str], T], service: EveryService, name: str) -> Callable[[], T]:
    return lambda: call(service, name)


def _outcome(call: Callable[[], T]) -> T | ServiceError:
    try:
        return call()
    except ServiceError as exc:
        return exc
