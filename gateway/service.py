"""The gateway as a nameko service: one entrypoint for all of HTTP, a client for each service."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nameko.extensions import DependencyProvider

from gateway.app import Application
from gateway.http.calls import WORKER
from gateway.http.first_look import body_limit, first_look
from gateway.http.mount import wsgi_mount
from gateway.live.follower import LiveStream
from gateway.live.viewing import SharedViewers
from services.aftersales.api import AftersalesApi
from services.common.bus.rpc import ServiceClient
from services.logistics.api import LogisticsApi
from services.orders.api import OrdersApi
from services.support.api import SupportApi


class Context(DependencyProvider):
    """Gives the worker its own context, so that the caller can be put into what its calls carry."""

    def get_dependency(self, worker_ctx: object) -> object:
        return worker_ctx


class GatewayService:
    """Every request, but those answered on first look, is one worker of this service."""

    name = "gateway"
    context = Context()
    application = Application()
    live = LiveStream()
    viewers = SharedViewers()
    orders = ServiceClient(OrdersApi)
    logistics = ServiceClient(LogisticsApi)
    aftersales = ServiceClient(AftersalesApi)
    support = ServiceClient(SupportApi)

    @wsgi_mount(bypass=first_look, body_limit=body_limit)
    def handle(self, environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
        environ[WORKER] = self
        answer: Iterable[bytes] = self.application(environ, start_response)
        return answer
