"""What customers were told: support reports it."""

from __future__ import annotations

from services.common.basics.message import Message
from services.orders.handlers import remedies, reviews, shortages
from services.orders.repository import Work
from services.support.api.events import CustomerNotified

TOLD = frozenset({"change_requested", "remedy_requested", "review_needs_contact"})
"""What a mail is about that a clock of ours depends on."""


def matters(event: CustomerNotified, _: Message) -> bool:
    return event.about in TOLD


def on_customer_notified(work: Work, event: CustomerNotified, message: Message) -> None:
    """Note a sent mail on the clocks: it stops that of a shortage, and a review now waits for the customer."""
    if event.about == "change_requested" and event.reference:
        shortages.note_told(work, event.reference, event.notified_at)
    elif event.about == "remedy_requested" and event.reference:
        remedies.note_told(work, event.reference, event.notified_at)
    elif event.about == "review_needs_contact" and event.order_number:
        reviews.note_contact(work, event.order_number, event.notified_at)
