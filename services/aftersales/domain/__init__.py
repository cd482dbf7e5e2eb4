"""Returns as the business speaks of them. Pure: no clock, no environment, no randomness, no database.

order.py     what is known of an order: bought, paid, delivered, and until when it may come back
units.py     one returned piece: its receipt and its inspection, kept apart; and the refund that is claimed for it
states.py    the states of a return and the steps between them
review.py    the review in three parts, and what a rejection needs
returns.py   the return itself: its way from the wish to the money
events.py    the facts that its methods return
"""

from services.aftersales.domain.events import (
    RefundClaimed,
    ReturnAppealed,
    ReturnAuthorized,
    ReturnClosed,
    ReturnEvent,
    ReturnInfoAnswered,
    ReturnInfoRequested,
    ReturnInspected,
    ReturnLapsed,
    ReturnReceived,
    ReturnRefunded,
    ReturnRejected,
    ReturnRejectionProposed,
    ReturnRequested,
    ReturnSent,
    ReturnWithdrawn,
)
from services.aftersales.domain.order import (
    AskedLine,
    NotDeliveredYet,
    Order,
    OrderCancelled,
    OrderUnit,
    ReturnReason,
    ReturnWindowClosed,
    UnitsNotReturnable,
)
from services.aftersales.domain.returns import Return
from services.aftersales.domain.review import (
    GROUND_PART,
    Checked,
    Decision,
    Ground,
    Part,
    Parts,
    Result,
    Review,
    ReviewIncomplete,
    SecondPersonRequired,
)
from services.aftersales.domain.states import TRANSITIONS, ReturnStatus, WrongStatus
from services.aftersales.domain.units import (
    AlreadyPaidBack,
    ClaimStatus,
    Condition,
    Finding,
    Outcome,
    Receipt,
    RefundClaim,
    ReturnUnit,
    UnitNotExpected,
    UnknownRefund,
)

__all__ = [
    "GROUND_PART",
    "TRANSITIONS",
    "AlreadyPaidBack",
    "AskedLine",
    "Checked",
    "ClaimStatus",
    "Condition",
    "Decision",
    "Finding",
    "Ground",
    "NotDeliveredYet",
    "Order",
    "OrderCancelled",
    "OrderUnit",
    "Outcome",
    "Part",
    "Parts",
    "Receipt",
    "RefundClaim",
    "RefundClaimed",
    "Result",
    "Return",
    "ReturnAppealed",
    "ReturnAuthorized",
    "ReturnClosed",
    "ReturnEvent",
    "ReturnInfoAnswered",
    "ReturnInfoRequested",
    "ReturnInspected",
    "ReturnLapsed",
    "ReturnReason",
    "ReturnReceived",
    "ReturnRefunded",
    "ReturnRejected",
    "ReturnRejectionProposed",
    "ReturnRequested",
    "ReturnSent",
    "ReturnStatus",
    "ReturnUnit",
    "ReturnWindowClosed",
    "ReturnWithdrawn",
    "Review",
    "ReviewIncomplete",
    "SecondPersonRequired",
    "UnitNotExpected",
    "UnitsNotReturnable",
    "UnknownRefund",
    "WrongStatus",
]
