"""The words of aftersales: statuses, reasons, grounds and findings as they cross the boundary."""

from __future__ import annotations

from enum import StrEnum


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    NEEDS_INFO = "needs_info"
    AUTHORIZED = "authorized"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    INSPECTED = "inspected"
    REFUND_DUE = "refund_due"
    EXCHANGE_DUE = "exchange_due"  # another piece is on its way to the customer
    REFUNDED = "refunded"
    CLOSED = "closed"
    REJECTED = "rejected"
    APPEALED = "appealed"
    REJECTED_FINAL = "rejected_final"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class ReturnOutcome(StrEnum):
    """What the customer wants for goods that are accepted."""

    REFUND = "refund"
    EXCHANGE = "exchange"  # the same product once more; nothing is paid back for it


class ExchangeEnd(StrEnum):
    """Why goods are paid back after all, though the customer wanted them exchanged."""

    OUT_OF_STOCK = "out_of_stock"
    PAYMENT_CONTESTED = "payment_contested"  # the bank looks into the payment, or took the money
    NOT_OWED = "not_owed"  # orders does not find these pieces in what it knows of the order
    CHANGED_MIND = "changed_mind"  # the customer prefers the money


class ReturnReason(StrEnum):
    """Why goods come back. Any of them will do: the standard asks for 60 days, not for a defect."""

    CHANGED_MIND = "changed_mind"
    NOT_AS_DESCRIBED = "not_as_described"
    DEFECTIVE = "defective"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING_PARTS = "missing_parts"
    ARRIVED_LATE = "arrived_late"
    OTHER = "other"


class Condition(StrEnum):
    """How a piece arrived, if it did."""

    AWAITING = "awaiting"
    RECEIVED_OK = "received_ok"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING = "missing"
    LOST_BY_CARRIER = "lost_by_carrier"


class Outcome(StrEnum):
    """What the inspection found, and what became of it. The first two are what an inspector says."""

    ACCEPTED = "accepted"  # paid back, or another one is sent
    DISPUTED = "disputed"  # one person finds a ground to reject it; a second one has to look
    UNCONFIRMED = "unconfirmed"  # one person accepts it; a second one has to agree before it is paid
    REJECTED = "rejected"  # two people agree on a ground; the customer may appeal
    APPEALED = "appealed"  # a third person has to decide
    REJECTED_FINAL = "rejected_final"  # not appealed in time, or the appeal was decided against the customer
    EXCHANGED = "exchanged"  # another one was delivered, and may come back in its own time


class PostageOutcome(StrEnum):
    """How far the postage of a return is decided."""

    ASKED = "asked"
    UNCONFIRMED = "unconfirmed"  # one person accepts it; a second one has to agree before it is paid
    DISPUTED = "disputed"  # one person finds a ground to decline it; a second one has to look
    ACCEPTED = "accepted"  # paid back
    DECLINED = "declined"  # two people agree on a ground; the customer may ask again with another receipt


class PostageGround(StrEnum):
    """The closed list of what postage may be declined for."""

    NO_RECEIPT = "no_receipt"
    NOT_THIS_RETURN = "not_this_return"
    AMOUNT_DIFFERS = "amount_differs"
    PAID_BACK_ALREADY = "paid_back_already"


class ClaimCause(StrEnum):
    """What a claim pays back."""

    RETURN = "return"  # goods
    POSTAGE = "postage"  # what sending them cost


class WaitsFor(StrEnum):
    """What the after-sales team has to do next about a piece of a return."""

    SECOND_LOOK = "second_look"  # a second person has to decide what is disputed, unconfirmed or appealed
    SEND_BACK = "send_back"  # goods that were rejected for good are here
    POSTAGE = "postage"  # postage that the customer asked for is not decided


class Disposition(StrEnum):
    """What becomes of an accepted piece."""

    RESTOCK = "restock"
    SCRAP = "scrap"


class ClaimStatus(StrEnum):
    """Where the money of a claim is, as the payment ledger tells."""

    CLAIMED = "claimed"
    SUBMITTED = "submitted"
    FAILED = "failed"
    SETTLED = "settled"


class Part(StrEnum):
    """What a review looks at (standard, section 4: "product status, order information and return reasons")."""

    PRODUCT_STATUS = "product_status"
    ORDER_INFORMATION = "order_information"
    RETURN_REASON = "return_reason"


class Result(StrEnum):
    OK = "ok"
    NOT_OK = "not_ok"


class Decision(StrEnum):
    AUTHORIZE = "authorize"
    REJECT = "reject"
    INFO = "info"


class Ground(StrEnum):
    """The closed list of what a return may be rejected for; nothing else is a ground."""

    NOT_FROM_THIS_ORDER = "not_from_this_order"
    ALREADY_REFUNDED = "already_refunded"
    DAMAGED_AFTER_DELIVERY = "damaged_after_delivery"
    USED_BEYOND_TRYING = "used_beyond_trying"
    INCOMPLETE = "incomplete"
    REASON_DISPROVED = "reason_disproved"
