"""How a conversation begins: with the contact form, with a member of staff, or as the continuation of an old one
(standard, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NotRequired, TypedDict

from services.common.basics import ids
from services.common.basics.caller import CUSTOMER
from services.common.basics.clock import rfc3339
from services.common.bus.travel import write_argument
from services.common.edge.tokens import ticket_token
from services.common.store.database import in_one
from services.support import views
from services.support.adapters.mail import tickets as mails
from services.support.api import (
    AnswerTimes,
    BeginTicket,
    Category,
    ContactForm,
    StaffBeginTickets,
    TicketReceipt,
    TicketSummary,
)
from services.support.api.guard import Suspicion
from services.support.domain import FIRST, Ticket
from services.support.domain.guard import Quarantine
from services.support.handlers import complaints, guarding, sorting, suggestions
from services.support.handlers.access import acting, zone_of
from services.support.handlers.mailing import queue_ticket_mail
from services.support.repository import Transaction, Work


class ReceiptKept(TypedDict):
    """What is remembered of a receipt: everything but the token, which is a secret."""

    ticket_number: str
    answer_by: str
    trace_id: NotRequired[str]
    quarantined: NotRequired[bool]


def open_ticket(transaction: Transaction, form: ContactForm) -> TicketReceipt:
    """Take in what a customer wrote, once for an idempotency key. The token is made after the commit.

    A guest's second request with the same key has no token: key and address prove nothing, and the link is in the mail.
    """
    kept, gets_token, secret = in_one(transaction, lambda work: _open(work, form))
    receipt: TicketReceipt = {"ticket_number": kept["ticket_number"], "answer_by": kept["answer_by"]}
    if kept.get("quarantined"):
        receipt["quarantined"] = True
    if gets_token:
        receipt["access_token"] = ticket_token(secret, kept["ticket_number"], 1)
    return receipt


def _open(work: Work, form: ContactForm) -> tuple[ReceiptKept, bool, str]:
    """Return what is kept of the receipt, whether who asks gets a token, and the secret that it is made with."""
    new = False

    def act() -> ReceiptKept:
        nonlocal new
        new = True
        ticket, answer_by = take_in(work, form, suspicions=guarding.judge(work, form))
        kept: ReceiptKept = {
            "ticket_number": ticket.number, "answer_by": rfc3339(answer_by), "trace_id": work.caller.trace_id,
        }  # fmt: skip
        if ticket.quarantined:
            kept["quarantined"] = True
        return kept

    caller = work.caller
    if caller.is_staff and caller.email != form.email:
        raise StaffBeginTickets
    same = replace(form, form_token=None, website=None)  # sent again from the page, it is the same message
    kept = work.once("open_ticket", [write_argument(same)], act, asker=form.asker)
    gets_token = new or kept.get("trace_id") == caller.trace_id or bool(caller.roles or caller.grants)
    return kept, gets_token, work.settings.secret


def take_in(
    work: Work, form: ContactForm, previous: Ticket | None = None, *, proven: bool = False,
    suspicions: Sequence[Suspicion] = (),
) -> tuple[Ticket, datetime]:  # fmt: skip
    """Open a ticket, promise an answer by a time and confirm it by mail. Return the ticket and that time.

    An order number is a claim until the caller holds the order's link, or is signed in with the order's own address.
    previous: the ticket that this one continues; proven: its customer writes, and has shown that they read its mail.
    suspicions: why it is set aside instead, without any mail.
    """
    number = ids.new_number(ids.TICKET)
    work.journal.begin(number)
    mailbox = proven or (CUSTOMER in work.caller.roles and work.caller.email == form.email)
    known = previous is not None and previous.order_proven and proven
    answer_by = work.settings.team_time.answer_by(form.category, work.now)
    ticket, message, events = Ticket.open(
        number,
        form,
        work.now,
        answer_by=answer_by,
        mailbox_proven=mailbox,
        order_proven=known or _owns_order(work, form, mailbox=mailbox),
        suspicions=suspicions,
    )
    message.actor, ticket.previous_number = work.caller.actor, previous.number if previous else None
    work.uploads.attach(message, form.attachments, by_staff=work.caller.is_staff)
    work.tickets.keep(ticket, work.tickets.clocks(ticket, new=True), events, message)
    work.links.begin(number, proven=mailbox, reads=_holds_order(work, form))
    if suspicions:
        work.add(Quarantine(number, list(suspicions), work.now))
        return ticket, answer_by
    sorting.sort_in(work, ticket, form.message)
    due = work.tickets.clocks(ticket).due(FIRST) or work.now
    review_by = suggestions.take_in(work, ticket) if previous is None else None
    steps = complaints.take_in(work, ticket)
    mail = mails.received(number, due, zone_of(work, ticket), review_by=review_by, steps=steps)
    queue_ticket_mail(work, ticket, mail, "ticket_opened", first=True)
    return ticket, due


def let_through(work: Work, ticket: Ticket, reason: str) -> None:
    """Take in what was set aside. All that we promise counts from when it was written, and only now a mail says it."""
    at, number = ticket.opened_at, ticket.number
    answer_by = work.settings.team_time.answer_by(ticket.category, at)
    events = ticket.let_through(reason, answer_by)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, at=at)
    if (held := work.quarantines.find(number)) is not None:
        held.let_through_at, held.let_through_by = work.now, work.caller.actor
    asked = work.tickets.last_question(number)
    sorting.sort_in(work, ticket, asked.body if asked else "")
    due = work.tickets.clocks(ticket).due(FIRST) or answer_by
    review_by, steps = suggestions.take_in(work, ticket, at), complaints.take_in(work, ticket, at)
    mail = mails.let_through(number, due, work.now, zone_of(work, ticket), review_by=review_by, steps=steps)
    queue_ticket_mail(work, ticket, mail, "ticket_opened", first=True)


def list_answer_times(work: Work) -> AnswerTimes:
    """Return by category until when a person answers what is asked now."""
    by = work.settings.team_time.answer_by
    return {"items": [{"category": each, "answer_by": rfc3339(by(each, work.now))} for each in Category]}


def begin_ticket(work: Work, begun: BeginTicket) -> TicketSummary:
    """Begin a conversation with a customer; the message goes out by mail, with a link to answer."""
    contact = work.contacts.find(begun.order_number) if begun.order_number else None
    ticket, message, events = Ticket.begin(
        ids.new_number(ids.TICKET),
        begun,
        acting(work),
        work.now,
        order_proven=contact is not None and contact.email == begun.email,
    )
    work.uploads.attach(message, begun.attachments, by_staff=True)
    work.tickets.keep(ticket, work.tickets.clocks(ticket, new=True), events, message)
    mail = mails.begun(ticket.number, begun.message, your_turn=begun.asks, files=len(begun.attachments))
    queue_ticket_mail(work, ticket, mail, "ticket_opened")
    complaints.sort_anew(work, ticket)
    return views.summary(ticket, to_staff=True)


def _owns_order(work: Work, form: ContactForm, *, mailbox: bool) -> bool:
    if form.order_number is None:
        return False
    if f"order:{form.order_number}" in work.caller.grants:
        return True
    contact = work.contacts.find(form.order_number) if mailbox else None
    return contact is not None and contact.email == form.email


def _holds_order(work: Work, form: ContactForm) -> bool:
    """Return whether the caller came by the order's link and gives the address that the order has."""
    if form.order_number is None or f"order:{form.order_number}" not in work.caller.grants:
        return False
    contact = work.contacts.find(form.order_number)
    return contact is not None and contact.email == form.email
