"""Shapes that cross logistics' boundary: strict on what we are asked, tolerant of what we hear."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from services.common.basics.errors import Invalid
from services.common.basics.money import ZERO
from services.common.edge.fields import (
    CountryCode,
    EmailAddress,
    Line,
    MoneyField,
    Quantity,
    Strict,
    Time,
    Tolerant,
    WholeNumber,
)
from services.logistics.domain import NewParcel, ShipmentLine, ShipmentStatus, carrier_code

MAX_BODY = 1024 * 1024
MAX_LINES = 500


class Step(Strict):
    """A warehouse step that needs no more than its name."""


class ParcelGiven(Strict):
    """A parcel as it is handed over; `carrier` in any spelling."""

    carrier = Line(40, required=True)
    tracking_number = Line(64, required=True)
    weight_g = WholeNumber(1, 1_000_000)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewParcel:
        return NewParcel(carrier_code(data["carrier"]), data["tracking_number"], data.get("weight_g"))


def _distinct(parcels: list[NewParcel]) -> None:
    if any(not parcel.carrier for parcel in parcels):
        raise ValidationError("A carrier's name has letters or digits.")
    if len({(parcel.carrier, parcel.tracking_number) for parcel in parcels}) != len(parcels):
        raise ValidationError("Two parcels have the same tracking number.")


class MarkDispatched(Strict):
    parcels = fields.List(
        fields.Nested(ParcelGiven), required=True, validate=[validate.Length(min=1, max=50), _distinct]
    )


class ListShipments(Strict):
    status = fields.Enum(ShipmentStatus, by_value=True)
    order_number = Line(20)
    cursor = fields.String()
    limit = WholeNumber(1, 100)


def raw_body(encoded: Any) -> bytes:
    """The bytes of a webhook, which travel in base64. Invalid: `body_too_large` beyond 1 MiB."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Invalid("the body is not base64", code="malformed_webhook") from None
    if len(raw) > MAX_BODY:
        raise Invalid("the body has more than 1 MiB", code="body_too_large")
    return raw


class _Line(Tolerant):
    line_id = fields.Integer(required=True)
    sku = fields.String(required=True)
    title = fields.String(required=True)
    quantity = Quantity(required=True)
    weight_g = fields.Integer(load_default=0)
    hs_code = fields.String(load_default=None, allow_none=True)
    origin_country = fields.String(load_default=None, allow_none=True)
    unit_price = MoneyField(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ShipmentLine:
        return ShipmentLine(**data)


class _LineAfter(_Line):
    """A line after a change; what is left out is as it was."""

    title = fields.String(load_default="")
    quantity = WholeNumber(0, 999, required=True)
    unit_price = MoneyField(load_default=ZERO)


class _Customer(Tolerant):
    email = EmailAddress(required=True)
    time_zone = fields.String(load_default=None, allow_none=True)


class _Delivery(Tolerant):
    name = fields.String(load_default="")
    line1 = fields.String(load_default="")
    line2 = fields.String(load_default="", allow_none=True)
    city = fields.String(load_default="")
    region = fields.String(load_default="", allow_none=True)
    postal_code = fields.String(load_default="", allow_none=True)
    country = CountryCode(required=True)


class ReviewPassed(Tolerant):
    """What we need of services/orders/contracts/review_passed.v1.json."""

    order_number = fields.String(required=True)
    passed_at = Time(required=True)
    customer = fields.Nested(_Customer, required=True)
    delivery = fields.Nested(_Delivery, required=True)
    lines = fields.List(fields.Nested(_Line), required=True, validate=validate.Length(min=1, max=MAX_LINES))


class ChangeEvent(Tolerant):
    """What we need of orders' change_requested, change_declined, change_closed and stock_covered."""

    order_number = fields.String(required=True)
    change_id = fields.String(required=True)


class OrderChanged(ChangeEvent):
    """What we need of order_changed: what the order consists of now, and where it goes."""

    lines = fields.List(fields.Nested(_LineAfter), required=True, validate=validate.Length(max=MAX_LINES))
    delivery = fields.Nested(_Delivery, load_default=None, allow_none=True)


class OrderEvent(Tolerant):
    """What we need of orders' cancellation_requested and order_cancelled."""

    order_number = fields.String(required=True)
