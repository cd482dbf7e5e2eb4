"""Orders over HTTP: placing, paying, following, cancelling (standard, section 2)."""

from __future__ import annotations

from typing import Annotated

from gateway.http.calls import services, settings
from gateway.http.resource import Resource
from gateway.resources.composition import WholeOrder, compose_order
from services.aftersales.api.replies import ReturnView
from services.common.basics.clock import now
from services.common.basics.shapes import Note, Page
from services.common.edge.tokens import order_token
from services.logistics.api.replies import TrackedShipmentView
from services.orders.api import (
    Cancellation,
    CancelOrder,
    ListOrders,
    OrdersApi,
    OrderSummary,
    PlacedOrder,
    PlaceOrder,
    ReleasedHold,
    ReleaseHold,
    StartedPayment,
    StartPayment,
)
from services.support.api import Accepted, RequestOrderLink, SupportApi

blp = Resource("orders", "Placing orders, paying them and following them")


class NewOrder(PlacedOrder):
    """The order, and a token that lets its holder act as its customer until the return window is over."""

    shipments: list[TrackedShipmentView]
    returns: list[ReturnView]
    missing: list[str]
    access_token: Annotated[str, Note("to be sent as a bearer token")]


@blp.post("/orders", OrdersApi.place_order, status=201)
def place_order(order: PlaceOrder) -> NewOrder:
    placed = services().orders.place_order(order)
    token = order_token(settings().secret, placed["number"], now())
    return {**placed, "shipments": [], "returns": [], "missing": [], "access_token": token}


@blp.get("/orders", OrdersApi.list_orders)
def list_orders(query: ListOrders) -> Page[OrderSummary]:
    return services().orders.list_orders(query)


@blp.get("/orders/<number(ORD):number>", OrdersApi.get_order)
def get_order(number: str) -> WholeOrder:
    """Show an order with payment, review, shipments, returns, promises and change requests."""
    return compose_order(number)


@blp.post("/orders/<number(ORD):number>/payments", OrdersApi.start_payment, status=201)
def start_payment(number: str, choice: StartPayment) -> StartedPayment:
    return services().orders.start_payment(number, choice)


@blp.post("/orders/<number(ORD):number>/link", SupportApi.request_order_link, status=202)
def request_order_link(number: str, request: RequestOrderLink) -> Accepted:
    return services().support.request_order_link(number, request)


@blp.post("/orders/<number(ORD):number>/release", OrdersApi.release_hold)
def release_hold(number: str, wish: ReleaseHold) -> ReleasedHold:
    return services().orders.release_hold(number, wish)


@blp.post("/orders/<number(ORD):number>/cancellation", OrdersApi.cancel_order, status=202)
def cancel_order(number: str, wish: CancelOrder) -> Cancellation:
    return services().orders.cancel_order(number, wish)
