"""What aftersales promises, and within which time (standard, sections 4 and 6).

return_review  2 working days from the request, or from an appeal, to the decision; stands still for the customer
verification   2 working days from the receipt to the decision on each piece, so that a refund cannot be put off by not
               looking; stands still while a rejected piece is the customer's to appeal, or in appeal
postage        2 working days from the customer's receipt for the postage to the decision on it
send_back      5 working days from the last word on a rejection to the hand-over of the goods to a carrier
refund         10 working days, 5 at the earliest, from the acceptance, of goods or postage, to the money's arrival
"""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.shapes import BreachCause
from services.common.commitments.terms import Table, days

RETURN_REVIEW, VERIFICATION, REFUND, SEND_BACK = "return_review", "verification", "refund", "send_back"
POSTAGE = "postage"

TERMS = Table(
    {
        RETURN_REVIEW: days(2),
        VERIFICATION: days(2),
        POSTAGE: days(2),
        SEND_BACK: days(5),
        REFUND: days(10, earliest=5),
    }
)

CAUSES: Mapping[str, BreachCause] = {
    **dict.fromkeys((RETURN_REVIEW, POSTAGE), BreachCause.PLATFORM),
    **dict.fromkeys((VERIFICATION, SEND_BACK), BreachCause.WAREHOUSE),
    REFUND: BreachCause.UNKNOWN,  # orders keeps the clock of the money, and knows whether it or the provider was late
}
"""Who breaks each promise: it stands still while the customer is asked."""
