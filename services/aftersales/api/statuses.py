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
    REFUNDED = "refunded"
    CLOSED = "closed"
    REJECTED = "rejected"
    APPEALED = "appealed"
    REJECTED_FINAL = "rejected_final"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


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
    """What the inspection found."""

    ACCEPTED = "accepted"
    DISPUTED = "disputed"


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
