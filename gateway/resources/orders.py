"""Orders over HTTP: placing, paying, following, cancelling (standard, section 2)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, NotRequired, TypedDict

from flask import Response

from gateway.http import exports, limits
from gateway.http.calls import caller, services, settings
from gateway.http.resource import Resource
from gateway.http.words import retold
from gateway.resources.composition import WholeOrder, compose_order
from services.aftersales.api.replies import ReturnView
from services.common.basics.clock import now
from services.common.basics.shapes import Note, Page
from services.common.edge.tokens import order_token
from services.logistics.api.replies import TrackedShipmentView
from services.orders.api import (
    Cancellation,
    CancelOrder,
    ExportOrders,
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


class OwnToken(TypedDict):
    access_token: NotRequired[Annotated[str, Note("to be sent as a bearer token; not for a guest's repeat")]]


class NewOrder(PlacedOrder, OwnToken):
    """The order, and a token that lets its holder act as its customer until the return window is over.

    A guest who repeats a request gets the order, with what is needed to pay it, but no second token: a key and an
    address prove nothing, and the link is in the mail. A system of the shop gets none: it is no customer.
    """

    shipments: list[TrackedShipmentView]
    returns: list[ReturnView]
    missing: list[str]


@blp.post(
    "/orders", OrdersApi.place_order, status=201, limit=limits.ORDERS, mails=lambda order: str(order.contact.email)
)
def place_order(order: PlaceOrder) -> NewOrder:
    placed = services().orders.place_order(order)
    access: OwnToken = {}
    who = caller()
    if not who.is_key and (not placed.get("repeated") or who.roles or who.grants):
        access["access_token"] = order_token(settings().signing, placed["number"], now())
    return {**placed, "shipments": [], "returns": [], "missing": [], **access}


ORDER_COLUMNS: exports.Columns[OrderSummary] = {
    "number": lambda order: order["number"],
    "placed_at": lambda order: order["placed_at"],
    "status": lambda order: order["status"],
    "stage": lambda order: order["stage"],
    "review": lambda order: order["review"]["status"],
    "name": lambda order: order["contact"]["name"],
    "email": lambda order: order["contact"]["email"],
    "ordered": lambda order: order["totals"]["ordered"]["amount"],
    "total": lambda order: order["totals"]["total"]["amount"],
    "currency": lambda order: order["totals"]["total"]["currency"],
}


@blp.get("/orders", OrdersApi.list_orders)
def list_orders(query: ListOrders) -> Page[OrderSummary]:
    return services().orders.list_orders(query)


@blp.get("/orders/export", OrdersApi.list_orders_to_export, media="text/csv")
def export_orders(query: ExportOrders) -> Response:
    """Export orders as CSV in UTF-8, the newest first, as they are read; the first row names the columns.

    What a spreadsheet would take for a formula begins with an apostrophe. Who is shown is recorded, page by page. A
    file that cannot be read to its end is broken off, so that it does not look complete.
    """
    return exports.stream(
        "orders.csv", export_orders.__name__, ORDER_COLUMNS, exports.every_page(partial(_page, query))
    )


def _page(query: ExportOrders, cursor: str | None) -> Page[OrderSummary]:
    return services().orders.list_orders_to_export(ListOrders(**vars(query), cursor=cursor, limit=100))


@blp.get("/orders/<number(ORD):number>", OrdersApi.get_order)
def get_order(number: str) -> WholeOrder:
    """Show an order with payment, review, shipments, returns, promises and change requests."""
    return compose_order(number)


@blp.post("/orders/<number(ORD):number>/payments", OrdersApi.start_payment, status=201, limit=limits.PAYMENTS)
def start_payment(number: str, choice: StartPayment) -> StartedPayment:
    return services().orders.start_payment(number, choice)


@blp.post(
    "/orders/<number(ORD):number>/link",
    SupportApi.request_order_link,
    status=202,
    limit=limits.LINKS,
    mails=lambda asked: str(asked.email),
)
def request_order_link(number: str, request: RequestOrderLink) -> Accepted:
    return services().support.request_order_link(number, request)


@blp.post("/orders/<number(ORD):number>/release", OrdersApi.release_hold)
def release_hold(number: str, wish: ReleaseHold) -> ReleasedHold:
    return services().orders.release_hold(number, wish)


@blp.post("/orders/<number(ORD):number>/cancellation", OrdersApi.cancel_order, status=202)
def cancel_order(number: str, wish: CancelOrder) -> Cancellation:
    done = services().orders.cancel_order(number, wish)
    return {**done, "next": retold(done["next"])}
