"""What is asked and said about products, orders, their review and change requests."""

from __future__ import annotations

from marshmallow import fields, validate

from gateway.http.schemas import Answer, Line, Listing, Money, Strict, WholeNumber, timestamp
from services.common.edge.fields import CountryCode, EmailAddress, MoneyField, Quantity, Sku, Text

ORDER_STATUSES = ("awaiting_payment", "confirmed", "completed", "cancelled", "expired")
STAGES = (
    "awaiting_payment", "in_review", "contacting_you", "preparing", "dispatched", "in_transit", "customs",
    "out_for_delivery", "delivered", "completed", "cancelled", "expired",
)  # fmt: skip
REVIEW_STATUSES = ("not_started", "pending", "passed", "needs_contact")
CHANGE_KINDS = ("stock_short", "address", "lines", "cancel")
CHANGE_STATUSES = (
    "draft", "awaiting_customer", "accepted", "applied", "declined", "withdrawn", "expired", "stale",
)  # fmt: skip
CHECKS = ("order_info", "payment", "delivery")


def one_of(*values: str, **kwargs: object) -> fields.String:
    return fields.String(validate=validate.OneOf(values), **kwargs)  # type: ignore[arg-type]


# what is asked


class ProductFilter(Listing):
    q = Line(100, metadata={"description": "part of title, SKU or description"})


class SaveProduct(Strict):
    title = Line(200, required=True)
    price = MoneyField(required=True)
    weight_g = WholeNumber(1, 1_000_000)
    origin_country = CountryCode()
    hs_code = Line(14, allow_none=True, validate=validate.Regexp(r"\d{6,10}\Z"))
    description = Text(10_000, min_length=0)
    parameters = fields.Dict(keys=Line(80), values=Line(400))
    materials = Text(4000, min_length=0)
    usage = Text(10_000, min_length=0)
    matches = fields.List(Sku(), validate=validate.Length(max=20), metadata={"description": "SKUs that match"})
    active = fields.Boolean(truthy={True}, falsy={False})
    version = WholeNumber(0, 2**31 - 1, metadata={"description": "refuse if it is another one; or send If-Match"})


class AdjustStock(Strict):
    delta = WholeNumber(-1_000_000, 1_000_000, required=True)
    reason = Line(200, required=True)


class Contact(Strict):
    name = Line(120, required=True)
    email = EmailAddress(required=True)
    phone = Line(40, required=True)
    language = Line(20, metadata={"example": "en"})
    time_zone = Line(60, metadata={"example": "Europe/London", "description": "IANA name; else that of the address"})


class Address(Strict):
    name = Line(120, required=True)
    line1 = Line(200, required=True)
    line2 = Line(200, min_length=0)
    city = Line(120, required=True)
    region = Line(120, min_length=0)
    postal_code = Line(20, min_length=0, required=True)
    country = CountryCode(required=True)


class WantedLine(Strict):
    sku = Sku(required=True)
    quantity = Quantity(required=True)


class PlaceOrder(Strict):
    contact = fields.Nested(Contact, required=True)
    delivery = fields.Nested(Address, required=True)
    lines = fields.List(fields.Nested(WantedLine), required=True, validate=validate.Length(min=1, max=50))


class OrderFilter(Listing):
    status = one_of(*ORDER_STATUSES)
    email = EmailAddress(metadata={"description": "for staff; customers see their own orders"})


class StartPayment(Strict):
    provider = Line(20, metadata={"example": "sandbox"})


class CancelOrder(Strict):
    reason = Line(500, min_length=0)


class RemainingLine(Strict):
    sku = Sku(required=True)
    quantity = WholeNumber(0, 999, required=True)


class ProposeChange(Strict):
    """stock_short wants sku and quantity, address wants delivery, lines wants lines (what is to remain of them)."""

    kind = one_of(*CHANGE_KINDS, required=True)
    reason = Line(500, required=True, metadata={"description": "the customer reads it"})
    sku = Sku()
    quantity = Quantity()
    delivery = fields.Nested(Address)
    lines = fields.List(fields.Nested(RemainingLine), validate=validate.Length(min=1, max=50))


class AnswerChange(Strict):
    decision = one_of("accept", "decline", required=True)
    option = Line(40, metadata={"description": "needed to accept"})
    digest = Line(64, required=True, metadata={"description": "of the change as it was shown"})


class ReviewCheck(Strict):
    check = one_of(*CHECKS, required=True)
    result = one_of("passed", "failed", required=True)
    evidence = Line(1000, required=True)


class DecideReview(Strict):
    decision = one_of("pass", "contact", required=True)
    checks = fields.List(fields.Nested(ReviewCheck), validate=validate.Length(max=3))
    note = Line(1000, min_length=0)


# what is said


class Product(Answer):
    """A product with what a customer wants to know before buying it."""

    sku = fields.String(required=True)
    title = fields.String(required=True)
    price = fields.Nested(Money, required=True)
    description = fields.String(required=True)
    parameters = fields.Dict(required=True)
    materials = fields.String(required=True)
    usage = fields.String(required=True)
    matches = fields.List(fields.String(), required=True)
    weight_g = fields.Integer(required=True)
    available = fields.Integer(metadata={"description": "pieces that can be ordered now; on a single product only"})
    version = fields.Integer(required=True)


class StockLevel(Answer):
    """What is on the shelf, and how much of it is promised."""

    sku = fields.String(required=True)
    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)


class Imported(Answer):
    imported = fields.Integer(required=True)


class Totals(Answer):
    """Shipping and duties are always 0.00."""

    goods = fields.Nested(Money, required=True)
    shipping = fields.Nested(Money, required=True)
    duties = fields.Nested(Money, required=True)
    total = fields.Nested(Money, required=True)


class OrderLine(Answer):
    """What is left of a line; `paid` is what each of its units cost."""

    line_id = fields.Integer(required=True)
    sku = fields.String(required=True)
    title = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit_price = fields.Nested(Money, required=True)
    paid = fields.List(fields.Nested(Money), required=True)


class ReviewState(Answer):
    status = one_of(*REVIEW_STATUSES, required=True)
    due_at = timestamp(required=True, allow_none=True)
    checks = fields.List(fields.Dict())


class OrderSummary(Answer):
    """An order in a list."""

    number = fields.String(required=True)
    status = one_of(*ORDER_STATUSES, required=True)
    stage = one_of(*STAGES, required=True)
    version = fields.Integer(required=True)
    contact = fields.Dict(required=True)
    totals = fields.Nested(Totals, required=True)
    review = fields.Nested(ReviewState, required=True)
    placed_at = timestamp(required=True)


class Change(Answer):
    """A proposal to change an order; nothing happens before its customer accepts one of the options."""

    id = fields.String(required=True)
    order_number = fields.String(required=True)
    kind = one_of(*CHANGE_KINDS, required=True)
    status = one_of(*CHANGE_STATUSES, required=True)
    summary = fields.String(required=True)
    options = fields.List(fields.Dict(), required=True)
    digest = fields.String(required=True)
    expires_at = timestamp(required=True)


class Order(OrderSummary):
    """An order with everything about it; `missing` names the services that did not answer just now."""

    delivery = fields.Dict(required=True)
    lines = fields.List(fields.Nested(OrderLine), required=True)
    payment = fields.Dict(required=True, allow_none=True)
    refunds = fields.List(fields.Dict(), required=True)
    changes = fields.List(fields.Nested(Change), required=True)
    commitments = fields.List(fields.Dict(), required=True)
    return_policy = fields.Dict(required=True)
    shipments = fields.List(fields.Dict())
    returns = fields.List(fields.Dict())
    missing = fields.List(fields.String())


class PlacedOrder(Order):
    """The order, and a token that lets its holder act as its customer for thirty days, without an account."""

    access_token = fields.String(required=True)


class StartedPayment(Answer):
    """What the client needs to pay; further fields are the provider's."""

    payment_id = fields.String(required=True)
    provider = fields.String(required=True)
    status = fields.String(required=True)
    amount = fields.Nested(Money, required=True)


class Cancellation(Answer):
    """`cancelled`: it is done; `requested`: the shipment is being recalled first."""

    status = one_of("cancelled", "requested", required=True)
    next = fields.String(required=True)


class Changes(Answer):
    items = fields.List(fields.Nested(Change), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Review(Answer):
    number = fields.String(required=True)
    status = one_of(*ORDER_STATUSES, required=True)
    review = fields.Nested(ReviewState, required=True)
