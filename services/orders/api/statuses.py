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
    POSTAGE = "postage"  # of sending goods back, which we bear
    REMEDY = "remedy"  # did not arrive
    GOODWILL = "goodwill"  # for a complaint; our own money, like postage
    CHANGE = "change"
    CANCELLATION = "cancellation"
    PAYMENT = "payment"  # more than the order needs
    BANK = "bank"  # made in the bank's own window
    CHARGEBACK = "chargeback"  # taken back by the customer's bank


class DocumentKind(StrEnum):
    """A document with a number of its own."""

    RECEIPT = "receipt"  # of a payment
    CREDIT_NOTE = "credit_note"  # of a refund that was paid
    CREDIT_CORRECTION = "credit_correction"  # of a credit note: the money came back to us


class CaptureUse(StrEnum):
    """What money that was captured is for."""

    ORDER = "order"  # the order is paid
    AGAIN = "again"  # an order is paid again whose money the bank had taken back
    PART = "part"  # less than the order needs: the rest can be paid, else it goes back
    SURPLUS = "surplus"  # more than the order needs: it goes back
    ATTENTION = "attention"  # a person has to decide


class AttentionKind(StrEnum):
    """Why money is in front of a person."""

    OTHER_CURRENCY = "other_currency"
    SHORTFALL = "shortfall"  # less arrived than the order costs
    UNPAID = "unpaid"  # the bank took back what a confirmed order was paid with
    DISPUTE = "dispute"  # the customer's bank asks for it back
    BANK_REFUND = "bank_refund"  # the bank paid back what we did not ask for
    REFUND_REFUSED = "refund_refused"  # the bank does not pay a refund
    AMOUNT_DIFFERS = "amount_differs"  # the bank told two amounts of one payment
    CLAIM_UNCOVERED = "claim_uncovered"  # more is owed than is here
    UNKNOWN_PAYMENT = "unknown_payment"  # money of no order of ours
    REFUND_CEILING = "refund_ceiling"  # a refund that would go beyond what may be paid back in a day
    BOOKS_DIFFER = "books_differ"  # the provider's books and ours are not the same
    CLAIM_REFUSED = "claim_refused"  # a return's claim that what we know of the order does not bear out


class SettleDecision(StrEnum):
    """What a person decided about it."""

    RETURNED = "returned"  # it was sent back at the provider
    SEND_BACK = "send_back"  # send it back
    ACCEPT = "accept"  # we bear the loss and go on
    WON = "won"  # the bank left the money with us
    LOST = "lost"  # the bank took the money back
    NOTED = "noted"  # it stays as we have it
    COVERS_OWED = "covers_owed"  # the bank paid what we owed
    COVERED = "covered"  # the customer has the rest already
    RELEASE = "release"  # send it today nevertheless
    PAY = "pay"  # it is owed after all
    REFUSE = "refuse"  # it is not owed


class DisputeStatus(StrEnum):
    """How far a dispute with a customer's bank is."""

    OPEN = "open"  # the bank wants our evidence
    ANSWERED = "answered"  # it has the evidence
    WON = "won"  # it left the money with us, or gave it back
    LOST = "lost"  # it took the money


class BookedKind(StrEnum):
    """What a provider has booked of our money."""

    CAPTURE = "capture"  # a customer's payment came in
    REFUND = "refund"  # money went back to a customer
    REFUND_BACK = "refund_back"  # a refund did not arrive and came back to us
    DISPUTE = "dispute"  # a customer's bank took a payment
    DISPUTE_BACK = "dispute_back"  # the bank gave it back


class CeilingLevel(StrEnum):
    """How far the refunds of a day have come."""

    ALARM = "alarm"  # people are told
    STOP = "stop"  # the next one waits for a person


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


class EditBarrier(StrEnum):
    """Why customers cannot change their order themselves now, or why an edit was not done."""

    NOT_PAID = "not_paid"
    ENDED = "ended"  # it is completed, cancelled or about to be
    CHANGE_OPEN = "change_open"  # another change waits, for the customer's answer or for the warehouse
    PAYMENT_IN_QUESTION = "payment_in_question"
    BEING_PACKED = "being_packed"
    ALREADY_DISPATCHED = "already_dispatched"


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


class WhyNotSent(StrEnum):
    """Why nothing is sent in exchange for a return, which pays back instead."""

    OUT_OF_STOCK = "out_of_stock"
    PAYMENT_CONTESTED = "payment_contested"  # the bank looks into the payment, or took the money
    NOT_OWED = "not_owed"  # the order does not have these pieces, or they had their money, or another one
    CHANGED_MIND = "changed_mind"  # the customer prefers the money


class ExchangeStatus(StrEnum):
    """What became of a shipment that a return asked for in exchange."""

    ARRANGED = "arranged"
    ENDED = "ended"  # it was not sent: there was none, or its customer wanted the money


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
