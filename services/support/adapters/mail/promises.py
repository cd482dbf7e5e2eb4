"""Mails about promises that run out: the customer is told what happened and what comes next, the lead is warned
(standard, section 6: no delayed response)."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.store.commitments import CommitmentAtRisk, CommitmentBreached
from services.support.adapters.mail.letter import Mail, when
from services.support.api import Category
from services.support.domain import Link

LATE: Mapping[str, tuple[Category, str, str]] = {
    "review": (Category.ORDER, "checking your order", "we finish the check with priority"),
    "shortage_contact": (Category.ORDER, "telling you about a shortage of stock", "we write to you about it at once"),
    "dispatch": (Category.LOGISTICS, "handing your order over to the carrier", "we send it as soon as possible"),
    "delivery": (Category.LOGISTICS, "delivering your order", "we find out where it is"),
    "return_review": (Category.AFTERSALES, "deciding about your return", "we decide with priority"),
    "verification": (Category.AFTERSALES, "checking the goods you sent back", "we check them with priority"),
    "refund": (Category.AFTERSALES, "paying your refund", "we clear it with the bank"),
    "first_response": (Category.COMPLAINT, "answering you", "your message is now first in line"),
    "next_response": (Category.COMPLAINT, "answering you", "your message is now first in line"),
    "complete_answer": (Category.COMPLAINT, "giving you a complete answer", "we answer with priority"),
    "resolution": (Category.COMPLAINT, "solving your matter", "we take it up with priority"),
}
"""By kind: under which category we write, what we are late with, what we do about it."""

FOR_LEADS = frozenset({"payment_attention"})
"""What no customer was promised: only leads hear of it."""


def category_of(kind: str) -> Category:
    return LATE[kind][0] if kind in LATE else Category.ORDER


def broken(event: CommitmentBreached, zone: str | None) -> Mail:
    """For the customer."""
    _, late_with, remedy = LATE.get(event.kind, (None, "something we promised you", "we make it good"))
    number = event.order_number or event.promised_on
    label = "Your order" if event.order_number else "Your ticket"
    return Mail(
        f"We are late, and sorry · {number}",
        f"we are late with {late_with}: we had promised it by {when(event.due_at, zone)}. "
        "We are sorry. The lead of our team has been told.",
        f"{remedy}, and write to you with news by the end of the next working day.",
        f"{label}: {number}",
        Link.TICKET,
    )


def for_lead(event: CommitmentBreached | CommitmentAtRisk) -> Mail:
    """For the lead of the team."""
    broken = isinstance(event, CommitmentBreached)
    what = "was not kept" if broken else "is at risk: a quarter of the time is left"
    order = f"\nOrder: {event.order_number}" if event.order_number else ""
    told = " The customer has been told." if broken and event.kind not in FOR_LEADS else ""
    return Mail(
        f"Promise {'broken' if broken else 'at risk'}: {event.kind} · {event.promised_on}",
        f"the promise {event.kind} of {event.promised_on} {what}. It is due at {when(event.due_at)}.",
        f"please see to it that it is taken care of.{told}",
        f"Case: {event.promised_on}{order}",
        Link.DESK,
    )
