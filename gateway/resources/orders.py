"""Orders over HTTP: placing, paying, following, cancelling (standard, section 2)."""

from __future__ import annotations

from typing import Any

from flask import current_app

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import page_of
from gateway.resources.composition import compose_order
from gateway.resources.schemas_orders import (
    Cancellation,
    CancelOrder,
    Order,
    OrderFilter,
    OrderSummary,
    PlacedOrder,
    PlaceOrder,
    StartedPayment,
    StartPayment,
)
from services.common.basics.api import ANYONE
from services.common.basics.caller import AGENT, CUSTOMER, LEAD, REVIEWER
from services.common.basics.clock import now
from services.common.edge.tokens import order_token

blp = Resource("orders", "Placing orders, paying them and following them")


@blp.route("/orders", methods=["POST"])
@blp.allows(ANYONE)
@blp.takes(PlaceOrder)
@blp.answers(201, PlacedOrder)
def place_order(body: dict[str, Any]) -> dict[str, Any]:
    """Place an order.

    Prices are the catalogue's; shipping and duties are always 0.00. The stock is reserved at once: 409 `out_of_stock`
    says of which SKU too little is left. Send an Idempotency-Key, so that a repeat is not a second order. `payment`
    already holds what the provider's client needs; `POST …/payments` is for another provider or another attempt.
    """
    order = services().orders.place_order(body)
    token = order_token(current_app.config["PLEDGE"].secret, order["number"], now())
    return {**order, "shipments": [], "returns": [], "missing": [], "access_token": token}


@blp.route("/orders", methods=["GET"])
@blp.allows(CUSTOMER, AGENT, LEAD, REVIEWER)
@blp.filters(OrderFilter)
@blp.answers(200, page_of(OrderSummary))
def list_orders(query: dict[str, Any]) -> dict[str, Any]:
    """List orders, the newest first; customers see those of their own e-mail address."""
    return services().orders.list_orders(query)  # type: ignore[no-any-return]


@blp.route("/orders/<number(ORD):number>", methods=["GET"])
@blp.allows(CUSTOMER, AGENT)
@blp.answers(200, Order)
def get_order(number: str) -> dict[str, Any]:
    """Show an order with payment, review, shipments, returns, promises and change requests."""
    return compose_order(number)


@blp.route("/orders/<number(ORD):number>/payments", methods=["POST"])
@blp.allows(CUSTOMER)
@blp.takes(StartPayment)
@blp.answers(201, StartedPayment)
def start_payment(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Start paying, or try again after a decline.

    The answer is what the provider's own client needs; the amount is the order's and cannot be chosen.
    """
    return services().orders.start_payment(number, body)  # type: ignore[no-any-return]


@blp.route("/orders/<number(ORD):number>/cancellation", methods=["POST"])
@blp.allows(CUSTOMER)
@blp.takes(CancelOrder)
@blp.answers(202, Cancellation)
def cancel_order(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Ask to cancel.

    Nothing shipped: cancelled at once, with a full refund. Being prepared: the parcel is recalled first. Handed over
    already: 409 `already_dispatched`, and the goods can be sent back.
    """
    return services().orders.cancel_order(number, body)  # type: ignore[no-any-return]
