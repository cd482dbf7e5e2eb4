"""What customers and agents do with a ticket (standard, sections 1, 5 and 6).

Who may: the customer of the ticket (by their e-mail when signed in, or by its link) and agents and leads. To everybody
else there is no such ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.common.basics import ids
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.basics.errors import Conflict, Forbidden
from services.support.domain import (
    Author,
    ClosedBy,
    Form,
    Message,
    ReopenWindowOver,
    Ticket,
    TicketReopened,
)
from services.support.handlers import views
from services.support.handlers.mailing import owe_about_ticket
from services.support.mails import tickets as mails
from services.support.repository import TicketNotFound, Work
from services.support.settings import SupportSettings
from services.support.sla import FIRST, NEXT, TicketClocks

Request = Mapping[str, Any]
Reply = dict[str, Any]


class VersionMoved(Conflict):
    """Somebody else changed the ticket meanwhile; look again."""

    code = "version_moved"
    message = "Somebody else changed the ticket meanwhile; look again."


def open_ticket(
    work: Work, settings: SupportSettings, form: Form, previous: str | None = None
) -> tuple[Ticket, datetime]:
    """Take in what a customer wrote, promise an answer by a time and confirm it by mail; the ticket and that time.

    An order number is a claim until the caller holds the order's link, or is signed in with the order's own address.
    """
    number, promises = ids.new_number(ids.TICKET), settings.promises
    mailbox = CUSTOMER in work.caller.roles and work.caller.email == form.email
    ticket, message, events = Ticket.open(
        number,
        form,
        work.now,
        answer_by=promises.answer_by(form.category, work.now),
        mailbox_proven=mailbox,
        order_proven=_owns_order(work, form, mailbox=mailbox),
    )
    message.actor, ticket.previous_number = work.caller.actor, previous
    clocks = work.tickets.clocks(ticket, promises)
    work.tickets.keep(ticket, clocks, events, message)
    work.links.begin(number, settings.secret)
    due = clocks.due(FIRST) or work.now
    owe_about_ticket(work, settings, ticket, mails.received(number, due, _zone(work, ticket)), "ticket_opened")
    return ticket, due


def get_ticket(work: Work, settings: SupportSettings, number: str) -> Reply:
    """The ticket with its thread, as the caller may see it."""
    ticket = work.tickets.get(number)
    to_staff = side_of(work, ticket) is Author.AGENT
    return views.full(work, ticket, work.tickets.clocks(ticket, settings.promises, lock=False), to_staff=to_staff)


def list_tickets(work: Work, query: Request) -> Reply:
    """The inbox by next deadline for agents; a customer's own tickets, the newest first, for customers."""
    caller = work.caller
    filters = {name: query.get(name) for name in ("status", "category", "assignee", "order_number", "cursor", "limit")}
    if caller.has(AGENT, LEAD):
        return work.tickets.page(lambda item: views.summary(item, to_staff=True), email=None, number=None, **filters)
    granted = next((grant.partition(":")[2] for grant in caller.grants if grant.startswith("ticket:")), None)
    if CUSTOMER not in caller.roles and granted is None:
        raise Forbidden("sign in to see your tickets", code="role_required")
    filters["assignee"] = None
    email = caller.email if CUSTOMER in caller.roles else None
    return work.tickets.page(lambda item: views.summary(item, to_staff=False), email=email, number=granted, **filters)


def post_message(work: Work, settings: SupportSettings, number: str, request: Request) -> Reply:
    """Add to the thread: the customer writes, or an agent answers or leaves a note."""
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is Author.CUSTOMER:
        return _customer_writes(work, settings, ticket, request)
    return _agent_writes(work, settings, ticket, request)


def assign_ticket(work: Work, settings: SupportSettings, number: str, request: Request) -> Reply:
    """Give the ticket to an agent or lead, or (None) back to the team."""
    ticket = _for_staff(work, number, request)
    assignee = request["assignee"]
    person = work.people.find_staff(assignee) if assignee else None
    if assignee and (person is None or not {AGENT, LEAD} & {*person.roles}):
        raise Conflict("nobody with that address answers tickets", code="no_such_agent")
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), ticket.assign(assignee))
    return views.summary(ticket, to_staff=True)


def resolve_ticket(work: Work, settings: SupportSettings, number: str, request: Request) -> Reply:
    """End the matter with a code, after it was answered; the customer is asked how satisfied they are."""
    ticket = _for_staff(work, number, request)
    clocks = work.tickets.clocks(ticket, settings.promises)
    events = ticket.resolve(
        request["code"], request.get("note"), work.now, by_lead=work.caller.has(LEAD), waits=clocks.waits
    )
    work.tickets.keep(ticket, clocks, events)
    owe_about_ticket(work, settings, ticket, mails.resolved(number), "ticket_resolved")
    return views.summary(ticket, to_staff=True)


def reopen_ticket(work: Work, settings: SupportSettings, number: str, request: Request) -> Reply:
    """Take the matter up again. With a message, one that was closed too long ago becomes a new, linked ticket."""
    ticket = work.tickets.get(number, lock=True)
    side = side_of(work, ticket)
    if request.get("message") and side is Author.CUSTOMER:
        return _customer_writes(work, settings, ticket, {"body": request["message"]})
    clocks = work.tickets.clocks(ticket, settings.promises)
    work.tickets.keep(ticket, clocks, ticket.reopen(work.now))
    _confirm_reopening(work, settings, ticket, clocks)
    return views.summary(ticket, to_staff=side is Author.AGENT)


def close_ticket(work: Work, settings: SupportSettings, number: str, _request: Request) -> Reply:
    """Close what is resolved: the customer's own decision, or the signature of a lead."""
    ticket = work.tickets.get(number, lock=True)
    side = side_of(work, ticket)
    if side is Author.AGENT:
        work.caller.require(LEAD)
    by = ClosedBy.CUSTOMER if side is Author.CUSTOMER else ClosedBy.LEAD
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), ticket.close(by, work.now))
    return views.summary(ticket, to_staff=side is Author.AGENT)


def mark_spam(work: Work, settings: SupportSettings, number: str, request: Request) -> Reply:
    """Take the ticket out of the inbox as spam; its clocks stand still."""
    ticket = _for_staff(work, number, request)
    events = ticket.mark_spam(request["reason"])
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), events)
    return views.summary(ticket, to_staff=True)


def restore_ticket(work: Work, settings: SupportSettings, number: str, request: Request) -> Reply:
    """It was no spam after all."""
    ticket = _for_staff(work, number, request)
    events = ticket.restore(request["reason"])
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), events)
    return views.summary(ticket, to_staff=True)


def rate_ticket(work: Work, settings: SupportSettings, number: str, request: Request) -> Reply:
    """The customer says how satisfied they are with a resolution, 1 to 5, once."""
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is not Author.CUSTOMER:
        raise Forbidden("only the customer rates", code="role_required")
    rating, events = ticket.rate(request["score"], request.get("comment"), work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), events)
    work.add(rating)
    return {"number": number, **views.rated(rating)}


def close_silent(work: Work, settings: SupportSettings, tickets: list[Ticket]) -> None:
    """Close what was resolved a week ago and of which nothing was heard since; never a complaint."""
    for ticket in tickets:
        clocks = work.tickets.clocks(ticket, settings.promises)
        work.tickets.keep(ticket, clocks, ticket.close(ClosedBy.SILENCE, work.now))


def side_of(work: Work, ticket: Ticket) -> Author:
    """AGENT for agents and leads, CUSTOMER for the ticket's own; TicketNotFound for everybody else."""
    if work.caller.has(AGENT, LEAD):
        return Author.AGENT
    if work.caller.owns(f"ticket:{ticket.number}", ticket.customer_email):
        return Author.CUSTOMER
    raise TicketNotFound


def _customer_writes(work: Work, settings: SupportSettings, ticket: Ticket, request: Request) -> Reply:
    if request.get("internal") or request.get("status"):
        raise Forbidden("that is for staff", code="role_required")
    _prove(work, ticket)
    try:
        message, events = ticket.write(request["body"], work.caller.actor, work.now)
    except ReopenWindowOver:
        return _go_on_in_new_ticket(work, settings, ticket, request["body"])
    clocks = work.tickets.clocks(ticket, settings.promises)
    work.tickets.keep(ticket, clocks, events, message)
    if any(isinstance(event, TicketReopened) for event in events):
        _confirm_reopening(work, settings, ticket, clocks)
    return _posted(ticket, message, to_staff=False)


def _agent_writes(work: Work, settings: SupportSettings, ticket: Ticket, request: Request) -> Reply:
    actor = work.caller.email or work.caller.actor
    write = ticket.note if request.get("internal") else ticket.answer
    message, events = write(request["body"], actor, work.now, request.get("status"))
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), events, message)
    if not message.internal:
        mail = mails.answered(ticket.number, message.body, your_turn=request.get("status") == "waiting_customer")
        owe_about_ticket(work, settings, ticket, mail, "message_posted")
    return _posted(ticket, message, to_staff=True)


def _go_on_in_new_ticket(work: Work, settings: SupportSettings, old: Ticket, body: str) -> Reply:
    form = Form(
        old.customer_name, old.customer_email, old.category, old.subject, body, old.topic, old.order_number, old.sku
    )
    ticket, _ = open_ticket(work, settings, form, previous=old.number)
    return views.summary(ticket, to_staff=False)


def _confirm_reopening(work: Work, settings: SupportSettings, ticket: Ticket, clocks: TicketClocks) -> None:
    due = clocks.due(FIRST, NEXT) or work.now
    owe_about_ticket(work, settings, ticket, mails.reopened(ticket.number, due, _zone(work, ticket)), "ticket_reopened")


def _posted(ticket: Ticket, message: Message, *, to_staff: bool) -> Reply:
    return {**views.summary(ticket, to_staff=to_staff), "message": views.message(message, to_staff=to_staff)}


def _for_staff(work: Work, number: str, request: Request) -> Ticket:
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is not Author.AGENT:
        work.caller.require(AGENT, LEAD)
    if request.get("version") not in (None, ticket.version):
        raise VersionMoved
    return ticket


def _owns_order(work: Work, form: Form, *, mailbox: bool) -> bool:
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
