"""The statuses and kinds of orders that cross its boundary. Their values never change their meaning."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ReviewStatus(StrEnum):
    NOT_STARTED = "not_started"
    PENDING = "pending"
    PASSED = "passed"
    NEEDS_CONTACT = "needs_contact"


class OrderStage(StrEnum):
    """How far an order is, in one word for its customer."""

    AWAITING_PAYMENT = "awaiting_payment"
    IN_REVIEW = "in_review"
    CONTACTING_YOU = "contacting_you"
    PREPARING = "preparing"
    NOT_ARRIVING = "not_arriving"  # a parcel does not arrive, and what we shall do instead is not done yet
    DISPATCHED = "dispatched"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    CAPTURED = "captured"
    FAILED = "failed"


class RefundStatus(StrEnum):
    DUE = "due"
    SUBMITTED = "submitted"
    PENDING = "pending"
    SETTLED = "settled"
    FAILED = "failed"
    MANUAL = "manual"


class RefundCause(StrEnum):
    """What money goes back for."""

    RETURN = "return"
    REMEDY = "remedy"  # did not arrive
    CHANGE = "change"
    CANCELLATION = "cancellation"
    PAYMENT = "payment"


class ChangeStatus(StrEnum):
    DRAFT = "draft"
    AWAITING_CUSTOMER = "awaiting_customer"
    ACCEPTED = "accepted"
    APPLIED = "applied"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STALE = "stale"


class ChangeKind(StrEnum):
    STOCK_SHORT = "stock_short"
    ADDRESS = "address"
    LINES = "lines"
    CANCEL = "cancel"


class CheckName(StrEnum):
    """The three checks of a review (standard, section 2)."""

    ORDER_INFO = "order_info"
    PAYMENT = "payment"
    DELIVERY = "delivery"


class CheckResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


class RemedyStatus(StrEnum):
    """How far the question is what we shall do about a parcel that does not arrive."""

    DRAFT = "draft"  # a person has to say first what is in the parcel
    AWAITING_CUSTOMER = "awaiting_customer"
    WAITING = "waiting"  # the customer waits for the parcel; asked again later
    RESENT = "resent"
    REFUNDED = "refunded"
    WITHDRAWN = "withdrawn"  # the parcel has turned up
    STALE = "stale"  # another question has taken its place


class RemedyReason(StrEnum):
    """Why a parcel does not arrive, as logistics or an agent found."""

    LOST = "lost"
    RETURNING = "returning"
    RETURNED = "returned"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    NEVER_SCANNED = "never_scanned"
    LATE = "late"
    NOT_RECEIVED = "not_received"
