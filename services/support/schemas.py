"""Shapes that cross support's boundary: strict on what we are asked, tolerant of what we hear."""

from __future__ import annotations

from marshmallow import fields as f
from marshmallow import validate

from services.common.basics import ids
from services.common.edge.fields import (
    EmailAddress,
    Line,
    MoneyField,
    Number,
    Sku,
    Strict,
    Text,
    Time,
    Tolerant,
    WholeNumber,
)
from services.support.domain import Category, ResolutionCode, TicketStatus, Topic

MAX_MESSAGE = 10_000
TURNS = [TicketStatus.OPEN, TicketStatus.WAITING_CUSTOMER, TicketStatus.WAITING_INTERNAL]
CODES = [code for code in ResolutionCode if code is not ResolutionCode.SETTLED]


class ContactForm(Strict):
    """The one form for every demand (standard, section 5)."""

    name = Line(120, required=True)
    email = EmailAddress(required=True)
    category = f.Enum(Category, by_value=True, required=True)
    topic = f.Enum(Topic, by_value=True)
    subject = Line(200, required=True)
    message = Text(MAX_MESSAGE, required=True)
    order_number = Number(ids.ORDER)
    sku = Sku()


class Versioned(Strict):
    """A staff edit that may say which version it saw."""

    version = WholeNumber(1, 2**31 - 1)


class PostMessage(Strict):
    """`status`: for staff, whose turn it is afterwards."""

    body = Text(MAX_MESSAGE, required=True)
    internal = f.Boolean(load_default=False, truthy={True}, falsy={False})
    status = f.Enum(TicketStatus, by_value=True, validate=validate.OneOf(TURNS))


class Assign(Versioned):
    assignee = EmailAddress(required=True, allow_none=True)


class Resolve(Versioned):
    code = f.Enum(ResolutionCode, by_value=True, required=True, validate=validate.OneOf(CODES))
    note = Text(2000)


class Reopen(Strict):
    message = Text(MAX_MESSAGE)


class Reason(Versioned):
    reason = Line(200, required=True)


class Nothing(Strict):
    """An empty body."""


class Rate(Strict):
    score = WholeNumber(1, 5, required=True)
    comment = Text(2000)


class RenewLink(Strict):
    email = EmailAddress(required=True)


class ListTickets(Strict):
    status = f.Enum(TicketStatus, by_value=True)
    category = f.Enum(Category, by_value=True)
    assignee = EmailAddress()
    order_number = Number(ids.ORDER)
    cursor = f.String(validate=validate.Length(max=400))
    limit = WholeNumber(1, 100)


class RequestSignIn(Strict):
    email = EmailAddress(required=True)


class VerifySignIn(Strict):
    """Spaces in the code are let be: mails show it in two groups."""

    email = EmailAddress(required=True)
    code = Line(20, required=True)


class Customer(Tolerant):
    name = f.String(required=True)
    email = EmailAddress(required=True)
    language = f.String(load_default=None, allow_none=True)
    time_zone = f.String(load_default=None, allow_none=True)


class OrderNews(Tolerant):
    """Every event about an order."""

    order_number = f.String(required=True)


class OrderPlaced(OrderNews):
    customer = f.Nested(Customer, required=True)


class ReviewPassed(OrderPlaced):
    pass


class FailedCheck(Tolerant):
    check = f.String(required=True)


class ReviewNeedsContact(OrderNews):
    failed = f.List(f.Nested(FailedCheck), required=True)


class Option(Tolerant):
    label = f.String(required=True)


class ChangeNews(OrderNews):
    change_id = f.String(required=True)
    option = f.String(load_default="")


class ChangeRequested(ChangeNews):
    summary = f.String(required=True)
    options = f.List(f.Nested(Option), required=True)
    expires_at = Time(load_default=None, allow_none=True)


class ChangedLine(Tolerant):
    sku = f.String(required=True)
    quantity = f.Integer(required=True)


class OrderChanged(ChangeNews):
    lines = f.List(f.Nested(ChangedLine), required=True)
    refund = MoneyField(load_default=None, allow_none=True)


class OrderCancelled(OrderNews):
    refund = MoneyField(load_default=None, allow_none=True)


class Refund(OrderNews):
    refund_id = f.String(required=True)
    amount = MoneyField(required=True)
    cause = f.String(required=True)


class RefundFailed(Refund):
    reason = f.String(load_default="")
    manual = f.Boolean(load_default=False)


class Received(Tolerant):
    """Money as a provider took it, in whatever currency."""

    amount = f.String(required=True)
    currency = f.String(required=True)


class PaymentNeedsAttention(OrderNews):
    payment_id = f.String(required=True)
    amount = f.Nested(Received, required=True)
    reason = f.String(required=True)


class HandedOver(Tolerant):
    carrier = f.String(required=True)
    tracking_number = f.String(required=True)


class Promise(Tolerant):
    due_at = Time(required=True)


class ShipmentDispatched(OrderNews):
    parcels = f.List(f.Nested(HandedOver), required=True)
    promise = f.Nested(Promise, required=True)


class RecallRefused(OrderNews):
    cause = f.String(required=True)


class ParcelNews(OrderNews):
    parcel_id = f.String(required=True)
    tracking_number = f.String(required=True)


class TrackingUpdated(ParcelNews):
    status = f.String(required=True)


class ParcelException(ParcelNews):
    shipment_number = f.String(required=True)
    status = f.String(required=True)
    reason = f.String(required=True)


class ParcelStuck(ParcelNews):
    last_event_at = Time(load_default=None, allow_none=True)


class ReturnNews(OrderNews):
    return_number = f.String(required=True)


class ReturnInfoRequested(ReturnNews):
    question = f.String(required=True)


class ReturnAuthorized(ReturnNews):
    instructions = f.Dict(required=True)
    send_by = Time(load_default=None, allow_none=True)


class ReturnRejected(ReturnNews):
    explanation = f.String(required=True)


class ReturnInspected(ReturnNews):
    accepted = f.Integer(required=True)
    disputed = f.Integer(required=True)
    refund = MoneyField(load_default=None, allow_none=True)


class ReturnRefunded(ReturnNews):
    amount = MoneyField(required=True)


class Commitment(Tolerant):
    """A clock of any service that runs out or has run out."""

    kind = f.String(required=True)
    promised_on = f.String(required=True)
    order_number = f.String(load_default=None, allow_none=True)
    due_at = Time(required=True)
