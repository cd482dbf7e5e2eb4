"""What other services tell, passed on to the customer: as a mail, or as outreach (standard, sections 2, 3 and 6).

Outreach opens or continues a conversation about the order, keeps the text that the customer is shown to the letter,
and mails it. Each piece of news has a key, and news with a key that was told is not told again: one event is told
once, and so is one status of one parcel, whatever the carrier repeats.

Every function raises ContactNotFound while the order itself is unknown here; the event is then tried again later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.common.basics import ids
from services.common.basics.caller import LEAD
from services.common.basics.message import Message
from services.support.domain import Category, Form, Link, OrderContact, Ticket
from services.support.handlers.mailing import owe
from services.support.mails import Mail, promises
from services.support.mails.logistics import KEY_STATUSES
from services.support.repository import Work
from services.support.settings import SupportSettings

Heard = Mapping[str, Any]
Writer = Callable[[Heard, str | None], Mail]


def learn_contact(work: Work, message: Message, event: Heard) -> OrderContact:
    """Remember whom to write to about an order; who that is now."""
    customer = event["customer"]
    contact = OrderContact(
        order_number=event["order_number"],
        seq=message.subject_seq,
        email=customer["email"],
        name=customer["name"][:200],
        language=customer["language"],
        time_zone=customer["time_zone"],
    )
    return contact if work.contacts.learn(contact) else work.contacts.get(contact.order_number)


def tell(
    work: Work,
    message: Message,
    event: Heard,
    write: Writer,
    *,
    key: str | None = None,
    contact: OrderContact | None = None,
) -> None:
    """Pass an event on to the customer of the order, as a mail that leads to the page of the order."""
    contact = contact or work.contacts.get(event["order_number"])
    owe(
        work,
        write(event, contact.time_zone),
        contact.email,
        contact.order_number,
        key=key or f"event:{message.id}",
        about=message.type,
        reference=_reference(message, event),
        order_number=contact.order_number,
    )


def tell_status(work: Work, message: Message, event: Heard, write: Writer) -> None:
    """Tell of a parcel's status, if it is one that customers are told of, at most once for each parcel."""
    status = event.get("status", "delivered")
    if status in KEY_STATUSES:
        tell(work, message, event, write, key=f"parcel:{event['parcel_id']}:{status}")


def reach_out(
    work: Work,
    settings: SupportSettings,
    message: Message,
    event: Heard,
    write: Writer,
    category: Category,
    *,
    needs_answer: bool = False,
    key: str | None = None,
) -> None:
    """Open or continue the conversation about the order in that category, and mail what is said there."""
    contact, key = work.contacts.get(event["order_number"]), key or f"event:{message.id}"
    if work.notifications.known(key):
        return
    mail = write(event, contact.time_zone)
    ticket = work.tickets.of_order_in_work(contact, category)
    if ticket is None:
        ticket = _begin(work, settings, contact, category, mail, needs_answer=needs_answer)
    else:
        _announce(work, settings, ticket, mail)
    serial = work.links.for_mail(ticket.number, settings.secret)
    link_key = serial if mail.link is Link.TICKET else contact.order_number
    reference = _reference(message, event)
    owe(work, mail, contact.email, link_key, key=key, about=message.type, reference=reference, ticket=ticket)


def settle(work: Work, settings: SupportSettings, message: Message, event: Heard, write: Writer) -> None:
    """Tell how a change request ended, and end the conversation that we began about it, unless it went on to more."""
    contact = work.contacts.get(event["order_number"])
    mail = write(event, contact.time_zone)
    for ticket in work.tickets.outreach_of(contact.order_number):
        if ticket.category is Category.ORDER:
            _announce(work, settings, ticket, mail)
            events = ticket.settle(work.now)
            work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), events)
    tell(work, message, event, write)


def tell_broken_promise(work: Work, settings: SupportSettings, message: Message, event: Heard) -> None:
    """A promise was not kept: the customer is told what happened and what comes next, the leads are told."""
    if ids.is_number(event["promised_on"], ids.TICKET):
        _apologize_in_ticket(work, settings, message, event)
    elif event["order_number"]:
        key = f"late:{event['promised_on']}" if event["kind"] == "delivery" else None
        category = promises.category_of(event["kind"])
        reach_out(work, settings, message, event, promises.broken, category, key=key)
    warn_leads(work, message, event, broken=True)


def warn_leads(work: Work, message: Message, event: Heard, *, broken: bool = False) -> None:
    """Tell every lead of a promise that is at risk, or broken."""
    order, case = event["order_number"], event["promised_on"]
    page = f"tickets/{case}" if ids.is_number(case, ids.TICKET) else f"orders/{order}" if order else ""
    _tell_leads(work, message, promises.for_lead(event, broken=broken), page, case)


def warn_of_money(work: Work, message: Message, event: Heard, write: Callable[[Heard], Mail]) -> None:
    """Tell every lead of money that nothing moves any more until a person does."""
    _tell_leads(work, message, write(event), f"orders/{event['order_number']}", _reference(message, event))


def _tell_leads(work: Work, message: Message, mail: Mail, page: str, reference: str) -> None:
    for lead in work.people.with_role(LEAD):
        key = f"event:{message.id}:{lead.email}"
        owe(work, mail, lead.email, page, key=key, about=message.type, reference=reference, tells_customer=False)


def _apologize_in_ticket(work: Work, settings: SupportSettings, message: Message, event: Heard) -> None:
    ticket = work.tickets.get(event["promised_on"], lock=True)
    mail = promises.broken(event, None)
    _announce(work, settings, ticket, mail)
    serial = work.links.for_mail(ticket.number, settings.secret)
    key, reference = f"event:{message.id}", ticket.number
    owe(work, mail, ticket.customer_email, serial, key=key, about=message.type, reference=reference, ticket=ticket)


def _begin(
    work: Work, settings: SupportSettings, contact: OrderContact, category: Category, mail: Mail, *, needs_answer: bool
) -> Ticket:
    subject = mail.subject.partition(" · ")[0]
    form = Form(contact.name[:120], contact.email, category, subject, mail.text, order_number=contact.order_number)
    number = ids.new_number(ids.TICKET)
    ticket, message, events = Ticket.reach_out(number, form, work.now, needs_answer=needs_answer)
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), events, message)
    return ticket


def _announce(work: Work, settings: SupportSettings, ticket: Ticket, mail: Mail) -> None:
    message, events = ticket.announce(mail.text, work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket, settings.promises), events, message)


def _reference(message: Message, event: Heard) -> str:
    """What the news is about: a change, a refund, a payment, else the subject of the event."""
    return str(event.get("change_id") or event.get("refund_id") or event.get("payment_id") or message.subject)
