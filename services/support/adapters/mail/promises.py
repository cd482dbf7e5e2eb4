"""Mails about promises that run out: the customer is told what happened and when news follows, staff are warned
(standard, section 6: no delayed response).

When news follows is itself a promise with a clock, `update`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.common.commitments.events import CommitmentAtRisk, CommitmentBreached
from services.common.language import N_
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.words import _
from services.support.api import Category
from services.support.domain import Link

LATE: Mapping[str, tuple[Category, str]] = {
    "review": (Category.ORDER, N_("checking your order")),
    "shortage_contact": (Category.ORDER, N_("telling you about a shortage of stock")),
    "backorder": (Category.ORDER, N_("having the goods here that you ordered")),
    "dispatch": (Category.LOGISTICS, N_("handing your order over to the carrier")),
    "delivery": (Category.LOGISTICS, N_("delivering your order")),
    "remedy": (Category.LOGISTICS, N_("asking you what we do about your parcel")),
    "return_review": (Category.AFTERSALES, N_("deciding about your return")),
    "verification": (Category.AFTERSALES, N_("checking the goods you sent back")),
    "postage": (Category.AFTERSALES, N_("deciding about the postage of your return")),
    "send_back": (Category.AFTERSALES, N_("sending your goods back to you")),
    "refund": (Category.AFTERSALES, N_("paying your refund")),
    "first_response": (Category.COMPLAINT, N_("answering you")),
    "next_response": (Category.COMPLAINT, N_("answering you")),
    "complete_answer": (Category.COMPLAINT, N_("giving you a complete answer")),
    "lead_answer": (Category.COMPLAINT, N_("giving you the answer of the person in charge")),
    "update": (Category.COMPLAINT, N_("writing to you with news")),
    "suggestion_review": (Category.SUGGESTION, N_("deciding about your suggestion")),
    "complaint_acknowledgment": (Category.COMPLAINT, N_("taking up your complaint")),
    "complaint_decision": (Category.COMPLAINT, N_("deciding about your complaint")),
    "resolution": (Category.COMPLAINT, N_("solving your matter")),
}
"""By kind: under which category we write, and what we are late with."""

FOR_LEADS = frozenset({"payment_attention", "dispute_evidence", "privacy_request", "landed_cost"})
"""What only leads hear of: no customer was promised it, or the request itself says how it ends."""


def category_of(kind: str) -> Category:
    return LATE[kind][0] if kind in LATE else Category.ORDER


_SOMETHING = N_("something we promised you")


@for_customers
def broken(
    event: CommitmentBreached,
    zone: str | None,
    news_by: datetime | None = None,
    *,
    leads_told: bool,
    ticket_number: str | None = None,
) -> Mail:
    """Write the mail to the customer. news_by: when we write again; None if what was promised has happened by now."""
    promised, due = _(LATE[event.kind][1] if event.kind in LATE else _SOMETHING), when(event.due_at, zone)
    what = (
        _("we are late with {what}: we had promised it by {date}. We are sorry.", what=promised, date=due)
        if news_by
        else _("we were late with {what}: we had promised it by {date}. We are sorry.", what=promised, date=due)
    )
    if leads_told:
        lead = _("The lead of our team is told, too.") if ticket_number else _("The lead of our team has been told.")
        what = f"{what} {lead}"
    number = ticket_number or event.order_number or event.promised_on
    case = _("Your ticket: {number}", number=number) if ticket_number else _("Your order: {number}", number=number)
    if ticket_number and event.order_number:
        case = f"{case}\n{_('Your order: {number}', number=event.order_number)}"
    following = _("we write to you with news by {date}.", date=when(news_by, zone)) if news_by else ""
    return Mail(f"{_('We are late, and sorry')} · {number}", what, following, case, Link.TICKET)


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
