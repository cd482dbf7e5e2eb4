"""Orders that staff keep back, over HTTP."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.orders.api import OrdersApi
from services.orders.api.order_holds import HoldOrder, ListHolds, OrderHoldView

HOLD = "/orders/<number(ORD):number>/hold"

blp = Resource("holds", "Paid orders that staff keep back, and let go on")


@blp.get("/holds", OrdersApi.list_holds)
def list_holds(query: ListHolds) -> Page[OrderHoldView]:
    return services().orders.list_holds(query)


@blp.post(HOLD, OrdersApi.hold_order, status=201)
def hold_order(number: str, hold: HoldOrder) -> OrderHoldView:
    return services().orders.hold_order(number, hold)


@blp.delete(HOLD, OrdersApi.release_order)
def release_order(number: str) -> OrderHoldView:
    return services().orders.release_order(number)
