"""What logistics promises, and within which time (standard, sections 2 and 3).

dispatch  1 to 3 working days of the warehouse from the passed review to the hand-over
delivery  6 to 12 working days of the destination from the hand-over to the delivery
remedy    5 working days of the destination from the broken delivery promise to the delivery, or to our asking the
          customer what we shall do
landed_cost  5 working days of the warehouse from a carrier's bill that differs to a person's decision; of staff only
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.common.basics.retention import KeptData
from services.common.basics.shapes import BreachCause
from services.common.commitments.terms import Table, days

DISPATCH, DELIVERY, REMEDY, LANDED_COST = "dispatch", "delivery", "remedy", "landed_cost"

TERMS = Table(
    {
        DISPATCH: days(3, earliest=1),
        DELIVERY: days(12, earliest=6),
        REMEDY: days(5),
        LANDED_COST: days(5),
    }
)

CAUSES: Mapping[str, BreachCause] = {
    DISPATCH: BreachCause.WAREHOUSE,
    DELIVERY: BreachCause.CARRIER,
    REMEDY: BreachCause.PLATFORM,
    LANDED_COST: BreachCause.PLATFORM,
}
"""Who breaks each promise as a rule; of parcels and shipments, facts may say otherwise (`domain.breaches`)."""

RECEIPTS_KEPT = KeptData(
    "webhooks of carriers that were handled, and what could not be taken of them", timedelta(days=90), "the webhook",
    "carriers repeat webhooks",
)  # fmt: skip
RAW_KEPT = KeptData(
    "webhooks of carriers as they came, sealed", RECEIPTS_KEPT.span, "the webhook",
    "a code that is learned later counts for them; they go at once with the data of their customer",
)  # fmt: skip
SAID_KEPT = KeptData(
    "what carriers say beside the scans of numbers that are no parcel's", RECEIPTS_KEPT.span, "it was last said",
    "the parcel may be handed over, or found to have that number, later",
)  # fmt: skip
LABELS_KEPT = KeptData(
    "labels as carriers printed them, sealed", RECEIPTS_KEPT.span, "the purchase",
    "they are printed again while a parcel is on its way; they go at once with the data of their customer",
)  # fmt: skip
RETENTION = (RECEIPTS_KEPT, RAW_KEPT, SAID_KEPT, LABELS_KEPT)
"""Whom parcels go to is erased with their order, on a word of orders."""
