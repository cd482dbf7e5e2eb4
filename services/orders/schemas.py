"""Shapes that cross the boundary of orders: strict on what we are asked, tolerant of what we hear."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, validate, validates_schema

from services.common.basics import ids
from services.common.basics.money import MAX_CENTS
from services.common.edge.fields import (
    CountryCode,
    EmailAddress,
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
from services.orders.domain import ChangeKind, OrderStatus
from services.orders.review import CHECKS, FAILED, PASSED

MAX_LINES = 50
DEFAULT_WEIGHT_G, DEFAULT_ORIGIN = 500, "CN"  # until somebody weighs it and looks at the label
HS_CODE = re.compile(r"\d{6,10}\Z", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}\Z", re.ASCII)


class TimeZone(Line):
    """An IANA time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in available_timezones():
            raise ValidationError("Not a time zone (IANA name).")
        return text


class Contact(Strict):
    name = Line(120, required=True)
    email = EmailAddress(required=True)
    phone = Line(40, required=True)
    language = Line(20, load_default="en", validate=validate.Regexp(LANGUAGE, error="Not a language tag."))
    time_zone = TimeZone(60)


class Address(Strict):
    name = Line(120, required=True)
    line1 = Line(200, required=True)
    line2 = Line(200, min_length=0, load_default="")
    city = Line(120, required=True)
    region = Line(120, min_length=0, load_default="")
    postal_code = Line(20, min_length=0, required=True)
    country = CountryCode(required=True)


class WantedLine(Strict):
    sku = Sku(required=True)
    quantity = Quantity(required=True)


class _Lines(Strict):
    lines = fields.List(fields.Nested(WantedLine), required=True, validate=validate.Length(min=1, max=MAX_LINES))

    @validates_schema
    def each_product_once(self, data: dict[str, Any], **_: Any) -> None:
        skus = [line["sku"] for line in data.get("lines", ())]
        if len(set(skus)) != len(skus):
            raise ValidationError("Name each product once.", "lines")


class PlaceOrder(_Lines):
    contact = fields.Nested(Contact, required=True)
    delivery = fields.Nested(Address, required=True)


class Page(Strict):
    cursor = Line(400)
    limit = WholeNumber(1, 100)


class ListProducts(Page):
    q = Line(100)


class ListOrders(Page):
    status = fields.String(validate=validate.OneOf([status.value for status in OrderStatus]))
    email = EmailAddress()


class Product(Strict):
    title = Line(200, required=True)
    price = MoneyField(required=True)
    weight_g = WholeNumber(1, 1_000_000, load_default=DEFAULT_WEIGHT_G)
    origin_country = CountryCode(load_default=DEFAULT_ORIGIN)
    hs_code = Line(14, allow_none=True, load_default=None, validate=validate.Regexp(HS_CODE, error="Not an HS code."))
    description = Text(10_000, min_length=0, load_default="")
    parameters = fields.Dict(keys=Line(80), values=Line(400), load_default=dict)
    materials = Text(4000, min_length=0, load_default="")
    usage = Text(10_000, min_length=0, load_default="")
    matches = fields.List(Sku(), load_default=list, validate=validate.Length(max=20))
    active = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    version = WholeNumber(0, 2**31 - 1)

    @validates_schema
    def worth_something(self, data: dict[str, Any], **_: Any) -> None:
        if "price" in data and not data["price"]:
            raise ValidationError("Must be more than 0.00.", "price")


class ProductName(Strict):
    sku = Sku(required=True)


class ImportedProduct(Product):
    """One row of the CSV; `stock` is what is on the shelf, counted."""

    sku = Sku(required=True)
    stock = WholeNumber(0, 1_000_000)


class AdjustStock(Strict):
    delta = WholeNumber(-1_000_000, 1_000_000, required=True, metadata={"not": {"const": 0}})
    reason = Line(200, required=True)

    @validates_schema
    def moves(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("delta") == 0:
            raise ValidationError("Must not be 0.", "delta")


class StartPayment(Strict):
    provider = Line(20)


class CancelOrder(Strict):
    reason = Line(500, min_length=0, load_default="")


class ProposeChange(Strict):
    """kind decides which of sku+quantity (stock_short), delivery (address) or lines (lines) is needed."""

    kind = fields.Enum(ChangeKind, by_value=True, required=True)
    reason = Line(500, required=True)
    sku = Sku()
    quantity = Quantity()
    delivery = fields.Nested(Address)
    lines = fields.List(fields.Nested(lambda: RemainingLine()), validate=validate.Length(min=1, max=MAX_LINES))

    @validates_schema
    def complete(self, data: dict[str, Any], **_: Any) -> None:
        needed = {
            ChangeKind.STOCK_SHORT: {"sku", "quantity"},
            ChangeKind.ADDRESS: {"delivery"},
            ChangeKind.LINES: {"lines"},
            ChangeKind.CANCEL: set[str](),
        }[data["kind"]]
        given = {name for name in ("sku", "quantity", "delivery", "lines") if name in data}
        for name in sorted(needed ^ given):
            raise ValidationError("Missing data for required field." if name in needed else "Not for this kind.", name)


class RemainingLine(Strict):
    sku = Sku(required=True)
    quantity = WholeNumber(0, 999, required=True)


class AnswerChange(Strict):
    decision = fields.String(required=True, validate=validate.OneOf(["accept", "decline"]))
    option = Line(40)
    digest = Line(64, required=True, validate=validate.Regexp(re.compile(r"[0-9a-f]{64}\Z"), error="Not a digest."))

    @validates_schema
    def names_an_option(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("decision") == "accept" and "option" not in data:
            raise ValidationError("Missing data for required field.", "option")


class ReviewCheck(Strict):
    check = fields.String(required=True, validate=validate.OneOf(CHECKS))
    result = fields.String(required=True, validate=validate.OneOf([PASSED, FAILED]))
    evidence = Line(1000, required=True)


class DecideReview(Strict):
    decision = fields.String(required=True, validate=validate.OneOf(["pass", "contact"]))
    checks = fields.List(fields.Nested(ReviewCheck), load_default=list, validate=validate.Length(max=3))
    note = Line(1000, min_length=0, load_default="")


class _OrderEvent(Tolerant):
    order_number = Number(ids.ORDER, required=True)


class PaymentCaptured(_OrderEvent):
    """Our own event, which starts the review."""


class StockAdjusted(Tolerant):
    """Our own event, after which customers may have to be asked."""

    sku = Sku(required=True)


class ShipmentEvent(_OrderEvent):
    """The part of every shipment's event that we rely on."""

    shipment_number = Number(ids.SHIPMENT, required=True)


class ShippedLine(Tolerant):
    sku = Sku(required=True)
    quantity = Quantity(required=True)


class ShipmentCreated(ShipmentEvent):
    lines = fields.List(fields.Nested(ShippedLine), required=True)


class ShipmentDispatched(ShipmentEvent):
    dispatched_at = Time(required=True)


class ShipmentDelivered(ShipmentEvent):
    delivered_at = Time(required=True)


class TrackingUpdated(ShipmentEvent):
    status = fields.String(required=True)


class RecallRefused(ShipmentEvent):
    reason = fields.String(required=True)
    cause = fields.String(required=True)


class ClaimedUnit(Tolerant):
    line_id = fields.Integer(required=True)
    unit = fields.Integer(required=True)


class RefundClaimed(_OrderEvent):
    return_number = fields.String(required=True)
    amount = MoneyField(required=True)
    units = fields.List(fields.Nested(ClaimedUnit), required=True, validate=validate.Length(min=1))


class CustomerNotified(Tolerant):
    order_number = fields.String(allow_none=True, load_default=None)
    about = fields.String(required=True)
    reference = fields.String(allow_none=True, load_default=None)
    notified_at = Time(required=True)


class SandboxFact(Tolerant):
    """The `data` of the sandbox bank's webhook."""

    payment_id = Line(64, load_default="")
    refund_id = Line(64, load_default="")
    id = Line(200, load_default="")
    reference = Line(200, required=True)
    amount_cents = WholeNumber(0, MAX_CENTS, required=True)
    currency = fields.String(required=True, validate=validate.Regexp(r"[A-Z]{3}\Z"))
    reason = Line(500, min_length=0, load_default="")


class SandboxWebhook(Tolerant):
    id = Line(200, required=True)
    type = Line(60, required=True)
    data = fields.Dict(required=True)
