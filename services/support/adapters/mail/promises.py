"""Mails about promises that run out: the customer is told what happened and when news follows, staff are warned
(standard, section 6: no delayed response).

When news follows is itself a promise with a clock, `update`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.common.store.commitments import CommitmentAtRisk, CommitmentBreached
from services.support.adapters.mail.letter import Mail, when
from services.support.api import Category
from services.support.domain import Link

LATE: Mapping[str, tuple[Category, str]] = {
    "review": (Category.ORDER, "checking your order"),
    "shortage_contact": (Category.ORDER, "telling you about a shortage of stock"),
    "dispatch": (Category.LOGISTICS, "handing your order over to the carrier"),
    "delivery": (Category.LOGISTICS, "delivering your order"),
    "remedy": (Category.LOGISTICS, "asking you what we do about your parcel"),
    "return_review": (Category.AFTERSALES, "deciding about your return"),
    "verification": (Category.AFTERSALES, "checking the goods you sent back"),
    "postage": (Category.AFTERSALES, "deciding about the postage of your return"),
    "send_back": (Category.AFTERSALES, "sending your goods back to you"),
    "refund": (Category.AFTERSALES, "paying your refund"),
    "first_response": (Category.COMPLAINT, "answering you"),
    "next_response": (Category.COMPLAINT, "answering you"),
    "complete_answer": (Category.COMPLAINT, "giving you a complete answer"),
    "lead_answer": (Category.COMPLAINT, "giving you the answer of the person in charge"),
    "update": (Category.COMPLAINT, "writing to you with news"),
    "suggestion_review": (Category.SUGGESTION, "deciding about your suggestion"),
    "complaint_acknowledgment": (Category.COMPLAINT, "taking up your complaint"),
    "complaint_decision": (Category.COMPLAINT, "deciding about your complaint"),
    "resolution": (Category.COMPLAINT, "solving your matter"),
}
"""By kind: under which category we write, and what we are late with."""

FOR_LEADS = frozenset({"payment_attention", "dispute_evidence", "privacy_request"})
"""What only leads hear of: no customer was promised it, or the request itself says how it ends."""


def category_of(kind: str) -> Category:
    return LATE[kind][0] if kind in LATE else Category.ORDER


def broken(
    event: CommitmentBreached,
    zone: str | None,
    news_by: datetime | None = None,
    *,
    leads_told: bool,
    ticket_number: str | None = None,
) -> Mail:
    """Write the mail to the customer. news_by: when we write again; None if what was promised has happened by now."""
    late_with = LATE[event.kind][1] if event.kind in LATE else "something we promised you"
    number = ticket_number or event.order_number or event.promised_on
    order = f"\nYour order: {event.order_number}" if ticket_number and event.order_number else ""
    label = "Your ticket" if ticket_number else "Your order"
    lead = f" The lead of our team {'is told, too' if ticket_number else 'has been told'}." if leads_told else ""
    now = "we are late with" if news_by else "we were late with"
    return Mail(
        f"We are late, and sorry · {number}",
        f"{now} {late_with}: we had promised it by {when(event.due_at, zone)}. We are sorry.{lead}",
        f"we write to you with news by {when(news_by, zone)}." if news_by else "",
        f"{label}: {number}{order}",
        Link.TICKET,
    )


def for_staff(event: CommitmentBreached | CommitmentAtRisk, *, customer_told: bool = False) -> Mail:
    """Write the mail to the leads and to the person who works on it."""
    broken = isinstance(event, CommitmentBreached)
    what = "was not kept" if broken else "is at risk: a quarter of the time is left"
    order = f"\nOrder: {event.order_number}" if event.order_number else ""
    told = " The customer has been told." if customer_told else ""
    return Mail(
        f"Promise {'broken' if broken else 'at risk'}: {event.kind} · {event.promised_on}",
        f"the promise {event.kind} of {event.promised_on} {what}. It is due at {when(event.due_at)}.",
        f"please see to it that it is taken care of.{told}",
        f"Case: {event.promised_on}{order}",
        Link.DESK,
    )
