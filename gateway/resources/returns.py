"""Returns over HTTP: a customer asks, the after-sales team decides, the goods come, the money goes (section 4)."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from gateway.http.bodies import versioned
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer, Line, Listing, Money, Strict, WholeNumber, page_of, timestamp
from services.common.basics import ids
from services.common.basics.caller import AFTERSALES, AGENT, CUSTOMER, LEAD
from services.common.edge.fields import Number, Quantity, Sku, Text

STATUSES = (
    "requested", "needs_info", "authorized", "in_transit", "received", "inspected", "refund_due", "refunded", "closed",
    "rejected", "appealed", "rejected_final", "withdrawn", "lapsed",
)  # fmt: skip
REASONS = (
    "changed_mind", "not_as_described", "defective", "damaged", "wrong_item", "missing_parts", "arrived_late", "other",
)  # fmt: skip
GROUNDS = (
    "not_from_this_order", "already_refunded", "damaged_after_delivery", "used_beyond_trying", "incomplete",
    "reason_disproved",
)  # fmt: skip
CONDITIONS = ("received_ok", "damaged", "wrong_item", "missing", "lost_by_carrier")
OUTCOMES = ("accepted", "disputed")
ITEM = "/returns/<number(RET):number>"

blp = Resource("returns", "Sending goods back within 60 days of delivery, and getting all of the money")


def one_of(*values: str, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(values), **kwargs)


# what is asked


class RequestedLine(Strict):
    sku = Sku(required=True)
    quantity = Quantity(required=True)
    reason = one_of(*REASONS, required=True)


class RequestReturn(Strict):
    order_number = Number(ids.ORDER, required=True)
    lines = fields.List(fields.Nested(RequestedLine), required=True, validate=validate.Length(1, 50))
    description = Text(4000, min_length=0)
    evidence = fields.List(Line(500), validate=validate.Length(max=10), metadata={"description": "links to photos"})


class ReturnFilter(Listing):
    order_number = Number(ids.ORDER)
    status = one_of(*STATUSES)


class PartFinding(Strict):
    result = one_of("ok", "not_ok", required=True)
    note = Text(4000, min_length=0, metadata={"description": "the evidence; for staff only"})


class ReviewParts(Strict):
    product_status = fields.Nested(PartFinding)
    order_information = fields.Nested(PartFinding)
    return_reason = fields.Nested(PartFinding)


class ReviewReturn(Strict):
    """authorize: all three parts ok. reject: all three parts, a ground and an explanation. info: a question."""

    decision = one_of("authorize", "reject", "info", required=True)
    parts = fields.Nested(ReviewParts)
    ground = one_of(*GROUNDS)
    explanation = Text(4000, metadata={"description": "for the customer"})
    question = Text(4000, metadata={"description": "for the customer"})
    version = WholeNumber(1, 2**31 - 1)


class AnswerInfo(Strict):
    """The answer to the question, or that the goods were sent."""

    answer = Text(4000)
    sent = fields.Boolean(truthy={True}, falsy=set(), metadata={"enum": [True]})
    carrier = Line(64)
    tracking_number = Line(64)

    @validates_schema
    def one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data.keys() - {"answer"}) == ("answer" in data):
            raise ValidationError("Either answer, or sent (with carrier and tracking_number if known).")


class Pieces(Strict):
    """One piece by line_id and unit, or any quantity of a SKU."""

    line_id = WholeNumber(0, 10_000)
    unit = WholeNumber(0, 999)
    sku = Sku()
    quantity = Quantity()


class ReceivedPieces(Pieces):
    condition = one_of(*CONDITIONS, required=True)


class InspectedPieces(Pieces):
    outcome = one_of(*OUTCOMES, required=True)
    note = Text(4000, min_length=0, metadata={"description": "why it is disputed; the customer reads it"})


class Receipt(Strict):
    units = fields.List(fields.Nested(ReceivedPieces), validate=validate.Length(max=999))
    lines = fields.List(fields.Nested(ReceivedPieces), validate=validate.Length(max=50))
    version = WholeNumber(1, 2**31 - 1)


class Inspection(Strict):
    units = fields.List(fields.Nested(InspectedPieces), validate=validate.Length(max=999))
    lines = fields.List(fields.Nested(InspectedPieces), validate=validate.Length(max=50))
    version = WholeNumber(1, 2**31 - 1)


class Appeal(Strict):
    statement = Text(4000, required=True)


class Withdrawal(Strict):
    """Nothing needs to be said."""


# what is said


class Unit(Answer):
    """One piece: how it arrived and what the inspection found are two things."""

    line_id = fields.Integer(required=True)
    unit = fields.Integer(required=True)
    sku = fields.String(required=True)
    reason = one_of(*REASONS, required=True)
    paid = fields.Nested(Money, required=True)
    condition = one_of("awaiting", *CONDITIONS, required=True)
    outcome = one_of(*OUTCOMES, required=True, allow_none=True)


class Refund(Answer):
    """amount: what was accepted so far; settled: what has arrived on the customer's account."""

    amount = fields.Nested(Money, required=True)
    settled = fields.Nested(Money, required=True)
    claims = fields.List(fields.Dict(), required=True)


class Return(Answer):
    """A return. Staff see the single decisions in `decisions`, customers the one that is in force in `review`."""

    number = fields.String(required=True)
    order_number = fields.String(required=True)
    status = one_of(*STATUSES, required=True)
    version = fields.Integer(required=True)
    lines = fields.List(fields.Nested(RequestedLine), required=True)
    units = fields.List(fields.Nested(Unit), required=True)
    review = fields.Dict(required=True, allow_none=True)
    question = fields.Dict(required=True, allow_none=True)
    rejection = fields.Dict(required=True, allow_none=True)
    appeal = fields.Dict(required=True, allow_none=True)
    instructions = fields.Dict(required=True, allow_none=True)
    send_by = timestamp(required=True, allow_none=True)
    refund = fields.Nested(Refund, required=True)
    dates = fields.Dict(required=True)
    commitments = fields.List(fields.Dict(), required=True)


@blp.route("/returns", methods=["POST"])
@blp.allows(CUSTOMER, AGENT, AFTERSALES, LEAD)
@blp.takes(RequestReturn)
@blp.answers(201, Return)
def request_return(body: dict[str, Any]) -> Any:
    """Ask to send goods back.

    Possible from the delivery to the end of day 60 after it, in the customer's zone; before: 409 `not_delivered_yet`,
    after: 409 `return_window_closed`. A piece is in one return only: 409 `not_returnable` says why for each line.
    """
    return services().aftersales.request_return(body)


@blp.route("/returns", methods=["GET"])
@blp.allows(CUSTOMER, AGENT, AFTERSALES, LEAD)
@blp.filters(ReturnFilter)
@blp.answers(200, page_of(Return))
def list_returns(query: dict[str, Any]) -> Any:
    """List returns: customers their own, the newest first; staff all of them, what waits longest first."""
    return services().aftersales.list_returns(query)


@blp.route(ITEM, methods=["GET"])
@blp.allows(CUSTOMER, AGENT, AFTERSALES, LEAD)
@blp.answers(200, Return)
def get_return(number: str) -> Any:
    """Show a return."""
    return services().aftersales.get_return(number)


@blp.route(f"{ITEM}/review", methods=["POST"])
@blp.allows(AFTERSALES, LEAD)
@blp.takes(ReviewReturn)
@blp.answers(200, Return)
def review_return(body: dict[str, Any], number: str) -> Any:
    """Record what was found in the three parts, and decide.

    A rejection is proposed by one person and confirmed by another with the same ground; an appeal is decided by a
    third: 403 `second_person_required`.
    """
    return services().aftersales.review_return(number, versioned(body))


@blp.route(f"{ITEM}/info", methods=["POST"])
@blp.allows(CUSTOMER)
@blp.takes(AnswerInfo)
@blp.answers(200, Return)
def answer_info(body: dict[str, Any], number: str) -> Any:
    """Answer the team's question, or tell that the goods were sent."""
    return services().aftersales.answer_info(number, body)


@blp.route(f"{ITEM}/receipt", methods=["POST"])
@blp.allows(AFTERSALES, LEAD)
@blp.takes(Receipt)
@blp.answers(200, Return)
def receive_return(body: dict[str, Any], number: str) -> Any:
    """Record what arrived and how; the rest may come later."""
    return services().aftersales.receive_return(number, versioned(body))


@blp.route(f"{ITEM}/inspection", methods=["POST"])
@blp.allows(AFTERSALES, LEAD)
@blp.takes(Inspection)
@blp.answers(200, Return)
def inspect_return(body: dict[str, Any], number: str) -> Any:
    """Judge what arrived. What is accepted is refunded in full, to the original payment."""
    return services().aftersales.inspect_return(number, versioned(body))


@blp.route(f"{ITEM}/appeal", methods=["POST"])
@blp.allows(CUSTOMER)
@blp.takes(Appeal)
@blp.answers(200, Return)
def appeal_return(body: dict[str, Any], number: str) -> Any:
    """Contest a rejection; somebody else decides."""
    return services().aftersales.appeal_return(number, body)


@blp.route(f"{ITEM}/withdrawal", methods=["POST"])
@blp.allows(CUSTOMER)
@blp.takes(Withdrawal)
@blp.answers(200, Return)
def withdraw_return(body: dict[str, Any], number: str) -> Any:
    """Keep the goods after all, before they are sent."""
    return services().aftersales.withdraw_return(number, body)
