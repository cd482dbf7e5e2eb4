"""What orders promises, and within which time (standard, sections 2 and 4).

review            1 working day from the payment to the passed review, or to the customer's hearing of what is unclear
shortage_contact  4 business hours from the shortage to the customer's hearing of it
RETURN_DAYS       days after the delivery in which goods may come back
"""

from __future__ import annotations

from services.common.commitments.terms import Table, days, hours

REVIEW, SHORTAGE_CONTACT = "review", "shortage_contact"
RETURN_DAYS = 60

TERMS = Table(
    {
        REVIEW: days(1),
        SHORTAGE_CONTACT: hours(4),
    }
)
