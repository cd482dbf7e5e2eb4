"""The warehouse over HTTP: what must leave and until when, and the steps on the way out (sections 2 and 3)."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer, Line, Listing, Money, Strict, WholeNumber, page_of, timestamp
from services.common.basics import ids
from services.common.basics.caller import AGENT, LEAD, WAREHOUSE
from services.common.edge.fields import Number

STATUSES = ("queued", "sorting", "packed", "dispatched", "recalled")
PARCEL_STATUSES = (
    "label_created", "in_transit", "customs", "customs_hold", "out_for_delivery", "available_for_pickup",
    "attempt_failed", "exception", "lost", "returning", "returned", "delivered", "cancelled",
)  # fmt: skip
HEALTH = ("on_time", "no_data", "at_risk", "stuck", "late")
ITEM = "/shipments/<number(SHP):number>"

blp = Resource("shipments", "Sorting, packing and handing over within 3 working days of the review")


def one_of(*values: str, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(values), **kwargs)


class ShipmentFilter(Listing):
    """Without a status or an order: what is still in the warehouse."""

    status = one_of(*STATUSES)
    order_number = Number(ids.ORDER)


class Step(Strict):
    """Nothing needs to be said."""


class HandedOver(Strict):
    carrier = Line(40, required=True, metadata={"example": "fedex", "description": "in any spelling"})
    tracking_number = Line(64, required=True)
    weight_g = WholeNumber(1, 1_000_000)


class Dispatch(Strict):
    """All parcels of the shipment, when the last one is handed over."""

    parcels = fields.List(fields.Nested(HandedOver), required=True, validate=validate.Length(1, 50))


class Promise(Answer):
    """The delivery window of 6 to 12 working days of the destination; fixed at dispatch, never computed again."""

    earliest_at = timestamp(required=True)
    due_at = timestamp(required=True)
    calendar = fields.String(required=True, metadata={"example": "US-CO"})
    calendar_version = fields.String(required=True)
    provisional = fields.Boolean(
        required=True, metadata={"description": "true past the horizon of that calendar's data"}
    )


class Parcel(Answer):
    """One box, where its carrier's scans say it is, and how it is doing against the promise."""

    id = fields.String(required=True)
    carrier = fields.String(required=True)
    tracking_number = fields.String(required=True)
    weight_g = fields.Integer(required=True, allow_none=True)
    status = one_of(*PARCEL_STATUSES, required=True)
    health = one_of(*HEALTH, required=True)
    last_event_at = timestamp(required=True, allow_none=True)
    delivered_at = timestamp(required=True, allow_none=True)
    reopened_at = timestamp(
        required=True, allow_none=True, metadata={"description": "when a later scan took a delivery back"}
    )


class ShipmentLine(Answer):
    line_id = fields.Integer(required=True)
    sku = fields.String(required=True)
    title = fields.String(required=True)
    quantity = fields.Integer(required=True)
    weight_g = fields.Integer(required=True)
    hs_code = fields.String(required=True, allow_none=True)
    origin_country = fields.String(required=True, allow_none=True)
    unit_price = fields.Nested(Money, required=True)


class Shipment(Answer):
    """What leaves together for one order; what the customer is charged for it is 0.00, always."""

    number = fields.String(required=True)
    order_number = fields.String(required=True)
    status = one_of(*STATUSES, required=True)
    on_hold = fields.Boolean(
        required=True, metadata={"description": "a change awaits the customer's answer; nothing leaves meanwhile"}
    )
    review_passed_at = timestamp(required=True)
    dispatch_due_at = timestamp(required=True)
    sorted_at = timestamp(required=True, allow_none=True)
    packed_at = timestamp(required=True, allow_none=True)
    dispatched_at = timestamp(required=True, allow_none=True)
    recalled_at = timestamp(required=True, allow_none=True)
    delivered_at = timestamp(required=True, allow_none=True)
    promise = fields.Nested(Promise, required=True, allow_none=True)
    health = one_of(*HEALTH, required=True, allow_none=True)
    lines = fields.List(fields.Nested(ShipmentLine), required=True)
    destination = fields.Dict(required=True, metadata={"description": "the address, with its time_zone"})
    customer_charged = fields.Nested(Money, required=True)
    parcels = fields.List(fields.Nested(Parcel), required=True)


@blp.route("/shipments", methods=["GET"])
@blp.allows(WAREHOUSE, AGENT, LEAD)
@blp.filters(ShipmentFilter)
@blp.answers(200, page_of(Shipment))
def list_shipments(query: dict[str, Any]) -> dict[str, Any]:
    """List shipments by the time at which they must have left."""
    reply: dict[str, Any] = services().logistics.list_shipments(query)
    return reply


@blp.route(ITEM, methods=["GET"])
@blp.allows(WAREHOUSE, AGENT, LEAD)
@blp.answers(200, Shipment)
def get_shipment(number: str) -> dict[str, Any]:
    """Show a shipment."""
    reply: dict[str, Any] = services().logistics.get_shipment(number)
    return reply


@blp.route(f"{ITEM}/sorted", methods=["POST"])
@blp.allows(WAREHOUSE)
@blp.takes(Step)
@blp.answers(200, Shipment)
def mark_sorted(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Begin to sort.

    409 `wrong_shipment_status` unless it is queued.
    """
    reply: dict[str, Any] = services().logistics.mark_sorted(number, body)
    return reply


@blp.route(f"{ITEM}/packed", methods=["POST"])
@blp.allows(WAREHOUSE)
@blp.takes(Step)
@blp.answers(200, Shipment)
def mark_packed(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Say that the goods are in their boxes.

    409 `wrong_shipment_status` unless it is being sorted.
    """
    reply: dict[str, Any] = services().logistics.mark_packed(number, body)
    return reply


@blp.route(f"{ITEM}/dispatched", methods=["POST"])
@blp.allows(WAREHOUSE)
@blp.takes(Dispatch)
@blp.answers(200, Shipment)
def mark_dispatched(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Say that all parcels are handed to their carriers, the last one now.

    The delivery window is fixed with it. 409: `wrong_shipment_status` unless it is packed, `shipment_on_hold` while a
    change awaits the customer's answer, `tracking_number_taken`.
    """
    reply: dict[str, Any] = services().logistics.mark_dispatched(number, body)
    return reply
