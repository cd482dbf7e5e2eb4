"""Promises at risk or broken: the customer is told what happened and when news follows, staff are warned: of a ticket
by the ladder, of all else every lead at once (standard, section 6)."""

from __future__ import annotations

from functools import partial

from services.common.basics import ids
from services.common.basics.caller import LEAD
from services.common.basics.clock import rfc3339
from services.common.basics.message import Message
from services.common.basics.personal import ERASED
from services.common.commitments.events import CommitmentAtRisk, CommitmentBreached
from services.support.adapters.mail import promises as mails
from services.support.api import TicketStatus
from services.support.api.terms import SUGGESTION_REVIEW
from services.support.domain import IN_WORK
from services.support.handlers import ladder, merging, news
from services.support.handlers.access import zone_of
from services.support.handlers.mailing import for_reader, name_to_greet, queue_mail
from services.support.repository import Work


def on_commitment_breached(work: Work, event: CommitmentBreached, message: Message) -> None:
    """Tell the customer and staff that a promise was not kept."""
    event = merging.of_where_it_goes_on(work, event)
    told = True
    if ids.is_number(event.promised_on, ids.TICKET):
        told = _apologize_in_ticket(work, event, message)
    elif event.order_number and event.kind not in mails.FOR_LEADS:
        key = _told_as(event)
        contact = work.contacts.get(event.order_number)
        write = partial(mails.broken, event, leads_told=_leads_told(work))
        category = mails.category_of(event.kind)
        news.reach_out_with_news_to_come(work, contact, message, write, category, reference=message.subject, key=key)
    else:
        told = False
    _warn_staff(work, event, message, customer_told=told)


def _told_as(event: CommitmentBreached) -> str | None:
    """Return the key under which a breach is told once, where two clocks run for one promise."""
    if event.kind == "delivery":
        return f"late:{event.promised_on}"
    if event.kind == "refund":  # parts of one claim, each with its clock
        return f"late-refund:{event.order_number}:{rfc3339(event.due_at)}"
    return None


def on_commitment_at_risk(work: Work, event: CommitmentAtRisk, message: Message) -> None:
    """Tell staff that a quarter of the time is left."""
    _warn_staff(work, merging.of_where_it_goes_on(work, event), message, customer_told=False)


def _warn_staff(
    work: Work, event: CommitmentBreached | CommitmentAtRisk, message: Message, *, customer_told: bool
) -> None:
    order, case = event.order_number, event.promised_on
    if ids.is_number(case, ids.TICKET):
        ladder.put_down(work, event)
        return
    by_order = news.desk_page(order, "money" if event.kind in mails.FOR_LEADS else "promises")
    page = by_order if news.desk_page(case) == news.desk_page(None) else news.desk_page(case)
    mail = mails.for_staff(event, customer_told=customer_told)
    news.tell_leads(work, message, mail, page, reference=case)


def _apologize_in_ticket(work: Work, event: CommitmentBreached, message: Message) -> bool:
    ticket = work.tickets.get(event.promised_on, lock=True)
    if ticket.customer_email == ERASED:
        return False
    if ticket.status not in IN_WORK and (event.kind != SUGGESTION_REVIEW or ticket.status is TicketStatus.SPAM):
        return False
    clocks = work.tickets.clocks(ticket)
    kept_late = clocks.stopped(event.kind, event.started_at)
    news_by = None if kept_late else clocks.promise_news(ticket, work.now)
    zone = zone_of(work, ticket)
    mail = mails.broken(event, zone, news_by, leads_told=_leads_told(work), ticket_number=ticket.number)
    text, events = ticket.announce(for_reader(work, ticket, mail).text, work.now)
    work.tickets.keep(ticket, clocks, events, text)
    serial, number = work.links.for_mail(ticket.number), ticket.number
    key, email = f"event:{message.id}", ticket.customer_email
    queue_mail(
        work, mail, email, serial, key=key, about=message.type, reference=number, ticket=ticket,
        greets=name_to_greet(ticket),
    )  # fmt: skip
    return True


def _leads_told(work: Work) -> bool:
    return bool(work.people.with_role(LEAD))
