"""What logistics promises, and within which time (standard, sections 2 and 3).

dispatch  1 to 3 working days of the warehouse from the passed review to the hand-over
delivery  6 to 12 working days of the destination from the hand-over to the delivery
"""

from __future__ import annotations

from services.common.commitments.terms import Table, days

DISPATCH, DELIVERY = "dispatch", "delivery"

TERMS = Table(
    {
        DISPATCH: days(3, earliest=1),
        DELIVERY: days(12, earliest=6),
    }
)
