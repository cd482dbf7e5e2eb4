"""What support promises, and within which time (standard, sections 1 and 6).

first_response   from the customer's first message to a person's answer, by category
next_response    from a further message that is unanswered, by category
complete_answer  3 working days to the complete answer of what has to be looked into
resolution       5 working days from the opening or reopening; stands still while we wait for the customer
update           1 working day to our next news, from the moment at which we tell that something is late or wrong
privacy_request  30 calendar days from the request of a person's data, or of their erasure, to its end
"""

from __future__ import annotations

from services.common.commitments.terms import Table, calendar_days, days, hours

FIRST_RESPONSE, NEXT_RESPONSE = "first_response", "next_response"
COMPLETE_ANSWER, RESOLUTION, UPDATE = "complete_answer", "resolution", "update"
PRIVACY_REQUEST = "privacy_request"

ANSWER = (("complaint", 2), ("aftersales", 4), ("order", 4), ("product", 8), ("logistics", 8), ("suggestion", 8))

TERMS = Table(
    {
        **{
            f"{kind}.{category}": hours(target)
            for kind in (FIRST_RESPONSE, NEXT_RESPONSE)
            for category, target in ANSWER
        },
        COMPLETE_ANSWER: days(3),
        RESOLUTION: days(5),
        UPDATE: days(1),
        PRIVACY_REQUEST: calendar_days(30),
    }
)
