"""What customers and agents do with a ticket (standard, sections 1, 5 and 6).

Who may: the customer of the ticket (by their e-mail when signed in, or by its link) and agents and leads. To everybody
else there is no such ticket.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NotRequired, TypedDict

from services.common.basics import ids
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.basics.clock import rfc3339
from services.common.basics.errors import Forbidden
from services.common.basics.shapes import Page
from services.common.bus.travel import to_wire
from services.common.edge.tokens import ticket_token
from services.support import views
from services.support.adapters.mail import tickets as mails
from services.support.api import (
    AssignTicket,
    Author,
    ClosedBy,
    ContactForm,
    ListTickets,
    MarkSpam,
    NoSuchAgent,
    PostedMessage,
    PostMessage,
    RatedTicket,
    RateTicket,
    ReopenTicket,
    ReopenWindowOver,
    ResolutionCode,
    ResolveTicket,
    RestoreTicket,
    TicketNotFound,
    TicketReceipt,
    TicketReopened,
    TicketStatus,
    TicketSummary,
    TicketView,
    Turn,
    VersionMoved,
)
from services.support.domain import FIRST, NEXT, SILENCE, Ticket, TicketClocks
from services.support.handlers.mailing import queue_ticket_mail
from services.support.repository import Transaction, Work


class Kept(TypedDict):
    """What is remembered of a receipt: everything but the token, which is a secret."""

    ticket_number: str
    answer_by: str
    trace_id: NotRequired[str]


def open_ticket(transaction: Transaction, form: ContactForm) -> TicketReceipt:
    """Take in what a customer wrote, once for an idempotency key. The token is made after the commit.

    A guest's second request with the same key has no token: key and address prove nothing, and the link is in the mail.
    """
    new = False

    def act() -> Kept:
        nonlocal new
        new = True
        ticket, answer_by = take_in(work, form)
        trace_id = work.caller.trace_id
        return {"ticket_number": ticket.number, "answer_by": rfc3339(answer_by), "trace_id": trace_id}

    with transaction() as work:
        kept = work.once("open_ticket", [to_wire(form)], act)
        secret, caller = work.settings.secret, work.caller
    receipt: TicketReceipt = {"ticket_number": kept["ticket_number"], "answer_by": kept["answer_by"]}
    if new or kept.get("trace_id") == caller.trace_id or caller.roles or caller.grants:
        receipt["access_token"] = ticket_token(secret, kept["ticket_number"], 1)
    return receipt


def take_in(work: Work, form: ContactForm, previous: str | None = None) -> tuple[Ticket, datetime]:
    """Open a ticket, promise an answer by a time and confirm it by mail. Return the ticket and that time.

    An order number is a claim until the caller holds the order's link, or is signed in with the order's own address.
    """
    number = ids.new_number(ids.TICKET)
    mailbox = CUSTOMER in work.caller.roles and work.caller.email == form.email
    ticket, message, events = Ticket.open(
        number,
        form,
        work.now,
        answer_by=work.settings.promises.answer_by(form.category, work.now),
        mailbox_proven=mailbox,
        order_proven=_owns_order(work, form, mailbox=mailbox),
    )
    message.actor, ticket.previous_number = work.caller.actor, previous
    clocks = work.tickets.clocks(ticket)
    work.tickets.keep(ticket, clocks, events, message)
    work.links.begin(number)
    due = clocks.due(FIRST) or work.now
    queue_ticket_mail(work, ticket, mails.received(number, due, _zone(work, ticket)), "ticket_opened")
    return ticket, due


def get_ticket(work: Work, number: str) -> TicketView:
    """Show the ticket with its thread, as the caller may see it."""
    ticket = work.tickets.get(number)
    to_staff = side_of(work, ticket) is Author.AGENT
    thread, clocks = work.tickets.thread(number, internal=to_staff), work.tickets.clocks(ticket, lock=False)
    return views.full(ticket, thread, clocks, work.tickets.rating(ticket), work.now, to_staff=to_staff)


def list_tickets(work: Work, query: ListTickets) -> Page[TicketSummary]:
    """List the inbox by next deadline for agents; for customers their own tickets, the newest first."""
    caller = work.caller
    if caller.has(AGENT, LEAD):
        return work.tickets.page(lambda item: views.summary(item, to_staff=True), query, email=None, number=None)
    granted = next((grant.partition(":")[2] for grant in caller.grants if grant.startswith("ticket:")), None)
    if CUSTOMER not in caller.roles and granted is None:
        raise Forbidden("sign in to see your tickets", code="role_required")
    email = caller.email if CUSTOMER in caller.roles else None
    query = replace(query, assignee=None)
    return work.tickets.page(lambda item: views.summary(item, to_staff=False), query, email=email, number=granted)


def post_message(work: Work, number: str, request: PostMessage) -> PostedMessage:
    """Add to the thread: the customer writes, or an agent answers or leaves a note."""
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is Author.AGENT:
        return _agent_writes(work, ticket, request)
    if request.internal or request.status:
        raise Forbidden("that is for staff", code="role_required")
    return _customer_writes(work, ticket, request.body)


def assign_ticket(work: Work, number: str, request: AssignTicket) -> TicketSummary:
    """Give the ticket to an agent or lead, or (None) back to the team."""
    ticket = _for_staff(work, number, request.version)
    person = work.people.find_staff(request.assignee) if request.assignee else None
    if request.assignee and (person is None or not {AGENT, LEAD} & {*person.roles}):
        raise NoSuchAgent
    work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.assign(request.assignee))
    return views.summary(ticket, to_staff=True)


def resolve_ticket(work: Work, number: str, request: ResolveTicket) -> TicketSummary:
    """End the matter with a code, after it was answered; ask the customer how satisfied they are."""
    ticket = _for_staff(work, number, request.version)
    clocks = work.tickets.clocks(ticket)
    code = ResolutionCode(request.code)
    events = ticket.resolve(code, request.note, work.now, by_lead=work.caller.has(LEAD), waits=clocks.waits)
    work.tickets.keep(ticket, clocks, events)
    queue_ticket_mail(work, ticket, mails.resolved(number), "ticket_resolved")
    return views.summary(ticket, to_staff=True)


def reopen_ticket(work: Work, number: str, request: ReopenTicket) -> PostedMessage:
    """Take the matter up again. With a message, one that was closed too long ago becomes a new, linked ticket."""
    ticket = work.tickets.get(number, lock=True)
    side = side_of(work, ticket)
    if request.message and side is Author.CUSTOMER:
        return _customer_writes(work, ticket, request.message)
    clocks = work.tickets.clocks(ticket)
    work.tickets.keep(ticket, clocks, ticket.reopen(work.now))
    _confirm_reopening(work, ticket, clocks)
    return views.posted(ticket, None, to_staff=side is Author.AGENT)


def close_ticket(work: Work, number: str) -> TicketSummary:
    """Close what is resolved: the customer's own decision, or the signature of a lead."""
    ticket = work.tickets.get(number, lock=True)
    side = side_of(work, ticket)
    if side is Author.AGENT:
        work.caller.require(LEAD)
    by = ClosedBy.CUSTOMER if side is Author.CUSTOMER else ClosedBy.LEAD
    work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.close(by, work.now))
    return views.summary(ticket, to_staff=side is Author.AGENT)


def mark_spam(work: Work, number: str, request: MarkSpam) -> TicketSummary:
    """Take the ticket out of the inbox as spam; its clocks stand still."""
    ticket = _for_staff(work, number, request.version)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.mark_spam(request.reason))
    return views.summary(ticket, to_staff=True)


def restore_ticket(work: Work, number: str, request: RestoreTicket) -> TicketSummary:
    """Put back what was no spam."""
    ticket = _for_staff(work, number, request.version)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.restore(request.reason))
    return views.summary(ticket, to_staff=True)


def rate_ticket(work: Work, number: str, request: RateTicket) -> RatedTicket:
    """Note how satisfied the customer is with a resolution, 1 to 5, once."""
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is not Author.CUSTOMER:
        raise Forbidden("only the customer rates", code="role_required")
    rating, events = ticket.rate(request.score, request.comment, work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    work.add(rating)
    return views.rated(ticket, rating)


def close_silent_tickets(work: Work) -> None:
    """Close what was resolved a week ago and of which nothing was heard since; never a complaint."""
    for ticket in work.tickets.silent_since(work.now - SILENCE):
        work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.close(ClosedBy.SILENCE, work.now))


def owns_order(work: Work, order_number: str) -> bool:
    """Whether the caller is the customer of the order, as far as support knows."""
    contact = work.contacts.find(order_number)
    return contact is not None and work.caller.owns(f"order:{order_number}", contact.email)


def side_of(work: Work, ticket: Ticket) -> Author:
    """AGENT for agents and leads, CUSTOMER for the ticket's own; TicketNotFound for everybody else."""
    if work.caller.has(AGENT, LEAD):
        return Author.AGENT
    if work.caller.owns(f"ticket:{ticket.number}", ticket.customer_email):
        return Author.CUSTOMER
    raise TicketNotFound


def _customer_writes(work: Work, ticket: Ticket, body: str) -> PostedMessage:
    _prove(work, ticket)
    try:
        message, events = ticket.write(body, work.caller.actor, work.now)
    except ReopenWindowOver:
        return _go_on_in_new_ticket(work, ticket, body)
    clocks = work.tickets.clocks(ticket)
    work.tickets.keep(ticket, clocks, events, message)
    if any(isinstance(event, TicketReopened) for event in events):
        _confirm_reopening(work, ticket, clocks)
    return views.posted(ticket, message, to_staff=False)


def _agent_writes(work: Work, ticket: Ticket, request: PostMessage) -> PostedMessage:
    actor = work.caller.email or work.caller.actor
    write = ticket.note if request.internal else ticket.answer
    then = TicketStatus(request.status) if request.status else None
    message, events = write(request.body, actor, work.now, then)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
    if not message.internal:
        mail = mails.answered(ticket.number, message.body, your_turn=request.status is Turn.WAITING_CUSTOMER)
        queue_ticket_mail(work, ticket, mail, "message_posted")
    return views.posted(ticket, message, to_staff=True)


def _go_on_in_new_ticket(work: Work, old: Ticket, body: str) -> PostedMessage:
    form = ContactForm(
        name=old.customer_name,
        email=old.customer_email,
        category=old.category,
        subject=old.subject,
        message=body,
        topic=old.topic,
        order_number=old.order_number,
        sku=old.sku,
    )
    ticket, _ = take_in(work, form, previous=old.number)
    return views.posted(ticket, None, to_staff=False)


def _confirm_reopening(work: Work, ticket: Ticket, clocks: TicketClocks) -> None:
    due = clocks.due(FIRST, NEXT) or work.now
    queue_ticket_mail(work, ticket, mails.reopened(ticket.number, due, _zone(work, ticket)), "ticket_reopened")


def _for_staff(work: Work, number: str, version: int | None) -> Ticket:
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is not Author.AGENT:
        work.caller.require(AGENT, LEAD)
    if version not in (None, ticket.version):
        raise VersionMoved
    return ticket


def _owns_order(work: Work, form: ContactForm, *, mailbox: bool) -> bool:
    if form.order_number is None:
        return False
    if f"order:{form.order_number}" in work.caller.grants:
        return True
    contact = work.contacts.find(form.order_number) if mailbox else None
    return contact is not None and contact.email == form.email


def _prove(work: Work, ticket: Ticket) -> None:
    """Note that the writer reads the customer's mailbox, when the caller shows it: signed in, or by a mailed link."""
    caller = work.caller
    signed_in = CUSTOMER in caller.roles and caller.email == ticket.customer_email
    if not (signed_in or f"mailbox:{ticket.number}" in caller.grants):
        return
    contact = work.contacts.find(ticket.order_number) if ticket.order_number and not ticket.order_proven else None
    ticket.prove_mailbox(contact.email if contact else None)


def _zone(work: Work, ticket: Ticket) -> str | None:
    """The customer's time zone, where an order of theirs has told it."""
    contact = work.contacts.find(ticket.order_number) if ticket.order_proven and ticket.order_number else None
    return contact.time_zone if contact else None
