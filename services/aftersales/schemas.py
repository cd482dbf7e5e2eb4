"""Shapes that cross the aftersales boundary: strict on what we are asked, tolerant of what we hear."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from services.aftersales.domain import (
    AskedLine,
    Checked,
    Condition,
    Decision,
    Finding,
    Ground,
    Outcome,
    Part,
    Receipt,
    Result,
    ReturnReason,
    ReturnStatus,
)
from services.common.basics import ids
from services.common.edge.fields import (
    Line,
    MoneyField,
    Number,
    Quantity,
    Sku,
    Strict,
    Text,
    Time,
    Tolerant,
    WholeNumber,
)

MAX_LINES, MAX_UNITS = 50, 999
ARRIVED = [condition for condition in Condition if condition is not Condition.AWAITING]


class RequestedLine(Strict):
    sku = Sku(required=True)
    quantity = Quantity(required=True)
    reason = fields.Enum(ReturnReason, by_value=True, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> AskedLine:
        return AskedLine(**data)


class RequestReturn(Strict):
    order_number = Number(ids.ORDER, required=True)
    lines = fields.List(fields.Nested(RequestedLine), required=True, validate=validate.Length(1, MAX_LINES))
    description = Text(4000, min_length=0, load_default="")
    evidence = fields.List(Line(500), load_default=list, validate=validate.Length(max=10))


class ListReturns(Strict):
    order_number = Number(ids.ORDER)
    status = fields.Enum(ReturnStatus, by_value=True)
    cursor = fields.String()
    limit = WholeNumber(1, 100)


class Step(Strict):
    """What staff may say with every step: the version they saw."""

    version = WholeNumber(1, 2**31 - 1, load_default=None)


class PartFinding(Strict):
    result = fields.Enum(Result, by_value=True, required=True)
    note = Text(4000, min_length=0, load_default="")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Checked:
        return Checked(**data)


class ReviewParts(Strict):
    product_status = fields.Nested(PartFinding)
    order_information = fields.Nested(PartFinding)
    return_reason = fields.Nested(PartFinding)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[Part, Checked]:
        return {Part(name): checked for name, checked in data.items()}


class ReviewReturn(Step):
    """authorize and reject need all three parts; reject a ground and an explanation; info a question."""

    decision = fields.Enum(Decision, by_value=True, required=True)
    parts = fields.Nested(ReviewParts, load_default=dict)
    ground = fields.Enum(Ground, by_value=True, load_default=None)
    explanation = Text(4000, load_default="")
    question = Text(4000, load_default="")

    @validates_schema
    def fits_the_decision(self, data: dict[str, Any], **_: Any) -> None:
        needed = {Decision.REJECT: ("ground", "explanation"), Decision.INFO: ("question",)}
        missing = [name for name in needed.get(data["decision"], ()) if not data[name]]
        if data["decision"] is not Decision.INFO and set(data["parts"]) != set(Part):
            missing.append("parts")
        if missing:
            raise ValidationError({name: ["Needed for this decision."] for name in missing})


class AnswerInfo(Strict):
    """The answer to the question asked, or that the goods were sent: one of the two."""

    answer = Text(4000)
    carrier = Line(64)
    tracking_number = Line(64)
    sent = fields.Boolean(truthy={True}, falsy=set())

    @validates_schema
    def one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        told = bool(data.keys() & {"sent", "carrier", "tracking_number"})
        if told == ("answer" in data):
            raise ValidationError("Either answer, or sent (with carrier and tracking_number if known).")


class _Pieces(Strict):
    """Which pieces: one by line_id and unit, or any quantity of a SKU."""

    line_id = WholeNumber(0, 10_000)
    unit = WholeNumber(0, MAX_UNITS)
    sku = Sku()
    quantity = Quantity()

    @validates_schema
    def one_way(self, data: dict[str, Any], **_: Any) -> None:
        given = data.keys() & {"line_id", "unit", "sku", "quantity"}
        if given not in ({"line_id", "unit"}, {"sku", "quantity"}):
            raise ValidationError("Either line_id and unit, or sku and quantity.")


class ReceivedPieces(_Pieces):
    condition = fields.Enum(Condition, by_value=True, required=True, validate=validate.OneOf(ARRIVED))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Receipt:
        return Receipt(**data)


class InspectedPieces(_Pieces):
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    note = Text(4000, min_length=0, load_default="")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Finding:
        return Finding(**data)


class _Several(Step):
    """`units` and `lines` are two names for one list, so that either can be said naturally."""

    @validates_schema
    def not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data["units"] and not data["lines"]:
            raise ValidationError("At least one of units and lines.")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"version": data["version"], "pieces": [*data["units"], *data["lines"]]}


class ReceiveReturn(_Several):
    units = fields.List(fields.Nested(ReceivedPieces), load_default=list, validate=validate.Length(max=MAX_UNITS))
    lines = fields.List(fields.Nested(ReceivedPieces), load_default=list, validate=validate.Length(max=MAX_LINES))


class InspectReturn(_Several):
    units = fields.List(fields.Nested(InspectedPieces), load_default=list, validate=validate.Length(max=MAX_UNITS))
    lines = fields.List(fields.Nested(InspectedPieces), load_default=list, validate=validate.Length(max=MAX_LINES))


class AppealReturn(Strict):
    statement = Text(4000, required=True)


class WithdrawReturn(Strict):
    pass


# what we hear


class _Customer(Tolerant):
    email = fields.String(required=True)
    time_zone = fields.String(load_default="")


class _Policy(Tolerant):
    version = fields.String(required=True)
    days = fields.Integer(required=True)


class _BoughtLine(Tolerant):
    """`units` numbers the pieces that `paid` tells of; without it they count from 0."""

    line_id = fields.Integer(required=True)
    sku = fields.String(required=True)
    title = fields.String(load_default="")
    paid = fields.List(MoneyField(), load_default=list)
    units = fields.List(fields.Integer(), load_default=None)


class OrderPlaced(Tolerant):
    """services/orders/contracts/order_placed.v1.json"""

    order_number = fields.String(required=True)
    customer = fields.Nested(_Customer, required=True)
    lines = fields.List(fields.Nested(_BoughtLine), required=True)
    return_policy = fields.Nested(_Policy, required=True)
    placed_at = Time(required=True)


class _RemovedLine(Tolerant):
    line_id = fields.Integer(required=True)
    units = fields.List(fields.Integer(), required=True)


class OrderChanged(Tolerant):
    """services/orders/contracts/order_changed.v1.json"""

    order_number = fields.String(required=True)
    lines = fields.List(fields.Nested(_BoughtLine), load_default=list)
    removed = fields.List(fields.Nested(_RemovedLine), load_default=list)


class OrderCancelled(Tolerant):
    """services/orders/contracts/order_cancelled.v1.json"""

    order_number = fields.String(required=True)


class ShipmentDelivered(Tolerant):
    """services/logistics/contracts/shipment_delivered.v1.json"""

    order_number = fields.String(required=True)
    delivered_at = Time(required=True)
    time_zone = fields.String(load_default=None, allow_none=True)


class RefundNews(Tolerant):
    """services/orders/contracts/refund_submitted.v1.json, refund_settled, refund_failed"""

    refund_id = fields.String(required=True)
    amount = MoneyField(required=True)
    cause = fields.String(required=True)
    reference = fields.String(required=True)
    settled_at = Time(load_default=None)
