"""What support promises, and within which time (standard, sections 1 and 6).

first_response   from the customer's first message to a person's answer, by category
next_response    from a further message that is unanswered, by category
complete_answer  3 working days to the complete answer of what has to be looked into
resolution       5 working days from the opening or reopening; stands still while we wait for the customer
"""

from __future__ import annotations

from collections.abc import Mapping

from services.common.commitments.terms import Terms, days, hours

FIRST_RESPONSE, NEXT_RESPONSE = "first_response", "next_response"
COMPLETE_ANSWER, RESOLUTION = "complete_answer", "resolution"

TERMS: Mapping[str, Terms] = {
    FIRST_RESPONSE: hours(8),
    f"{FIRST_RESPONSE}.complaint": hours(2),
    f"{FIRST_RESPONSE}.aftersales": hours(4),
    f"{FIRST_RESPONSE}.order": hours(4),
    NEXT_RESPONSE: hours(8),
    f"{NEXT_RESPONSE}.complaint": hours(2),
    f"{NEXT_RESPONSE}.aftersales": hours(4),
    f"{NEXT_RESPONSE}.order": hours(4),
    COMPLETE_ANSWER: days(3),
    RESOLUTION: days(5),
}
"""By kind, and by kind and category of the ticket where that makes a difference."""
