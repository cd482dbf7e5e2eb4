"""Mails that did not reach a customer: a person is told, in the conversation about the ticket or the order."""

from __future__ import annotations

from services.common.basics import ids
from services.support.api import Category, ContactForm
from services.support.domain import Notification, OrderContact, Ticket
from services.support.repository import Work

SUBJECT = "We could not reach you by e-mail"
WORDS = "A mail about your order could not be delivered to the address that we have."


def tell_person(work: Work, item: Notification) -> None:
    """Note for the agents that a mail was given up, and make it their turn.

    Called once for each such mail, in the transaction that gives it up. A mail that is about no ticket opens one about
    its order, unless a conversation about it goes on; one that is about neither (a sign-in code) is not reported.
    """
    ticket = work.tickets.get(item.ticket_number, lock=True) if item.ticket_number else _about_order(work, item)
    if ticket is None:
        return
    ticket = work.tickets.goes_on(ticket)
    text = f"The mail about {item.about} to {item.recipient} could not be delivered: {item.error}"
    message, posted = ticket.announce(text, work.now, internal=True)
    ticket.call_back()
    work.tickets.keep(ticket, work.tickets.clocks(ticket), posted, message)


def _about_order(work: Work, item: Notification) -> Ticket | None:
    contact = work.contacts.find(item.order_number) if item.order_number else None
    if contact is None:
        return None
    return work.tickets.of_order_in_work(contact, Category.ORDER) or _open(work, contact)


def _open(work: Work, contact: OrderContact) -> Ticket:
    form = ContactForm(
        name=contact.name[:120],
        email=contact.email,
        category=Category.ORDER,
        subject=SUBJECT,
        message=WORDS,
        order_number=contact.order_number,
    )
    ticket, message, events = Ticket.reach_out(ids.new_number(ids.TICKET), form, work.now, needs_answer=False)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
    return ticket
