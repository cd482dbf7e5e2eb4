"""What orders promises, and within which time (standard, sections 2 and 4).

review            1 working day from the payment to the passed review; it stands still while the customer is asked
shortage_contact  4 business hours from the shortage to the customer's hearing of it
remedy            5 working days from the fact that a parcel does not arrive to the customer's hearing of the choice,
                  and from the customer's "wait" to the next question
payment_attention 1 working day from money that does not match to a person's decision
dispute_evidence  5 working days from a bank's dispute to our evidence, or what the bank allows if that is less
refund            10 working days, 5 at the earliest, from owing money, for whatever cause, to its settlement
backorder         the day by which goods are expected that were ordered before they were in stock; each order's own
RETURN_DAYS       days after the delivery in which goods may come back
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.common.basics.retention import KeptData, years
from services.common.basics.shapes import BreachCause
from services.common.commitments.terms import Table, days, hours

REVIEW, SHORTAGE_CONTACT, REMEDY = "review", "shortage_contact", "remedy"
BACKORDER = "backorder"
PAYMENT_ATTENTION, REFUND, DISPUTE_EVIDENCE = "payment_attention", "refund", "dispute_evidence"
OF_STAFF = frozenset({PAYMENT_ATTENTION, DISPUTE_EVIDENCE})
"""What was promised to no customer: they are not shown it."""
RETURN_DAYS = 60

TERMS = Table(
    {
        REVIEW: days(1),
        SHORTAGE_CONTACT: hours(4),
        REMEDY: days(5),
        PAYMENT_ATTENTION: days(1),
        DISPUTE_EVIDENCE: days(5),
        REFUND: days(10, earliest=5),
    }
)

CAUSES: Mapping[str, BreachCause] = dict.fromkeys((*TERMS, BACKORDER), BreachCause.PLATFORM)
"""Who breaks each promise, where no facts of the single case say it: it stands still while the customer is asked."""

UNPAID_KEPT = KeptData(
    "who wanted an order that was never paid, and where it should go", timedelta(days=90), "the order",
    "questions about a payment that failed",
)  # fmt: skip
ORDERS_KEPT = KeptData(
    "who bought, where it went, what they wrote and agreed to", years(3), "the order",
    "returns, guarantees and claims; not erased while anything of the order is open",
)  # fmt: skip
SALES_RECORDS_KEPT = KeptData(
    "the record of a sale: name and address, apart from everything else (`kept_records`)", years(10),
    "the end of the year of the sale", "tax law, also against the customer's wish",
)  # fmt: skip
WEBHOOKS_KEPT = KeptData(
    "which reports of payment providers were handled", timedelta(days=90), "the report", "providers repeat reports"
)
BOOKS_KEPT = KeptData(
    "what payment providers have booked, and where it differed from our books", timedelta(days=400), "the booking",
    "a year's books are closed with it; names no person",
)  # fmt: skip
RETENTION = (UNPAID_KEPT, ORDERS_KEPT, SALES_RECORDS_KEPT, WEBHOOKS_KEPT, BOOKS_KEPT)
