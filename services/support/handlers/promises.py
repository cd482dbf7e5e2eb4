"""Promises at risk or broken: the customer is told what happened and what comes next, the leads are told
(standard, section 6)."""

from __future__ import annotations

from functools import partial

from services.common.basics import ids
from services.common.basics.clock import rfc3339
from services.common.basics.message import Message
from services.common.store.commitments import CommitmentAtRisk, CommitmentBreached
from services.support.adapters.mail import promises as mails
from services.support.handlers import news
from services.support.handlers.mailing import queue_mail
from services.support.repository import Work


def on_commitment_breached(work: Work, event: CommitmentBreached, message: Message) -> None:
    """Tell the customer and every lead that a promise was not kept."""
    if ids.is_number(event.promised_on, ids.TICKET):
        _apologize_in_ticket(work, event, message)
    elif event.order_number and event.kind not in mails.FOR_LEADS:
        key = _told_as(event)
        contact, write = work.contacts.get(event.order_number), partial(mails.broken, event)
        category = mails.category_of(event.kind)
        news.reach_out(work, contact, message, write, category, reference=message.subject, key=key)
    _warn_leads(work, event, message)


def _told_as(event: CommitmentBreached) -> str | None:
    """The key under which a breach is told once, where two clocks run for one promise."""
    if event.kind == "delivery":
        return f"late:{event.promised_on}"
    if event.kind == "refund":  # of a return, after-sales and orders each have a clock
        return f"late-refund:{event.order_number}:{rfc3339(event.due_at)}"
    return None


def on_commitment_at_risk(work: Work, event: CommitmentAtRisk, message: Message) -> None:
    """Tell every lead that a quarter of the time is left."""
    _warn_leads(work, event, message)


def _warn_leads(work: Work, event: CommitmentBreached | CommitmentAtRisk, message: Message) -> None:
    order, case = event.order_number, event.promised_on
    page = f"tickets/{case}" if ids.is_number(case, ids.TICKET) else f"orders/{order}" if order else ""
    news.tell_leads(work, message, mails.for_lead(event), page, reference=case)


def _apologize_in_ticket(work: Work, event: CommitmentBreached, message: Message) -> None:
    ticket = work.tickets.get(event.promised_on, lock=True)
    mail = mails.broken(event, None)
    news.announce(work, ticket, mail)
    serial, number = work.links.for_mail(ticket.number), ticket.number
    key, email = f"event:{message.id}", ticket.customer_email
    queue_mail(work, mail, email, serial, key=key, about=message.type, reference=number, ticket=ticket)
