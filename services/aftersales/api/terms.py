"""What aftersales promises, and within which time (standard, sections 4 and 6).

return_review  2 working days from the request, or from an appeal, to the decision; stands still for the customer
verification   2 working days from the receipt to the inspection, so that a refund cannot be put off by not looking
refund         10 working days, 5 at the earliest, from the acceptance to the money's arrival
"""

from __future__ import annotations

from services.common.commitments.terms import Table, days

RETURN_REVIEW, VERIFICATION, REFUND = "return_review", "verification", "refund"

TERMS = Table(
    {
        RETURN_REVIEW: days(2),
        VERIFICATION: days(2),
        REFUND: days(10, earliest=5),
    }
)
