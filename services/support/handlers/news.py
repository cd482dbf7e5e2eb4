"""How news reaches a customer: as a mail, or as outreach (standard, sections 2, 3 and 6).

Outreach opens or continues a conversation about the order, keeps the text that the customer is shown to the letter,
and mails it. Each piece of news has a key, and news with a key that was told is not told again: one event is told
once, and so is one status of one parcel, whatever the carrier repeats.

Every function raises ContactNotFound while the order itself is unknown here; the event is then tried again later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.common.basics import ids
from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.message import Message
from services.common.edge.tokens import CHECKOUT, ORDER_LIFETIME
from services.common.language import speaking
from services.orders.api.events import OrderPlaced, ReviewPassed
from services.support.adapters.mail.letter import Mail
from services.support.adapters.mail.orders import contents_of
from services.support.adapters.mail.words import TEXTS
from services.support.api import Category, ContactForm
from services.support.api.sorting import OrderState
from services.support.domain import Link, OrderContact, Ticket
from services.support.handlers.mailing import queue_mail
from services.support.repository import Work

Write = Callable[[str | None], Mail]
"""Writes the mail for a reader in that time zone."""
WriteWithNews = Callable[[str | None, datetime], Mail]
"""The same, and says until when we write again."""


def learn_contact(work: Work, event: OrderPlaced | ReviewPassed, message: Message) -> OrderContact:
    """Remember whom to write to about an order. Return the contact as it is now."""
    customer = event.customer
    if isinstance(event, OrderPlaced):
        work.order_links.note([(event.order_number, CHECKOUT)], ORDER_LIFETIME)
    contact = OrderContact(
        order_number=event.order_number,
        seq=message.subject_seq,
        email=customer.email,
        name=customer.name[:200],
        language=customer.language,
        time_zone=customer.time_zone,
        contents=_contents(event) if isinstance(event, OrderPlaced) else None,
        state=OrderState.UNPAID if isinstance(event, OrderPlaced) else OrderState.PAID,
        country=event.delivery.country,
    )
    return contact if work.contacts.learn(contact) else work.contacts.get(contact.order_number)


def _contents(event: OrderPlaced) -> str:
    with speaking(TEXTS.best(event.customer.language)):
        return contents_of(event)


def tell_customer(
    work: Work,
    contact: OrderContact,
    message: Message,
    write: Write,
    *,
    reference: str,
    key: str | None = None,
    wait: timedelta = timedelta(),
    first: bool = False,
) -> None:
    """Pass an event on to the customer of the order, as a mail that leads to the page of the order.

    It is news: a promise of news is kept by it. first: of an order about which nothing can have been promised before.
    """
    if not first:
        work.tickets.stop_updates(contact.order_number)
    queue_mail(
        work,
        write(contact.time_zone),
        contact.email,
        contact.order_number,
        key=key or f"event:{message.id}",
        about=message.type,
        reference=reference,
        order_number=contact.order_number,
        greets=contact.name,
        wait=wait,
        language=contact.language,
    )


def reach_out(
    work: Work,
    contact: OrderContact,
    message: Message,
    write: Write,
    category: Category,
    *,
    reference: str,
    needs_answer: bool = False,
    key: str | None = None,
) -> None:
    """Open or continue the conversation about the order in that category, and mail what is said there."""
    key = key or f"event:{message.id}"
    if work.notifications.known(key):
        return
    mail = write(contact.time_zone).in_language(contact.language)
    ticket = work.tickets.of_order_in_work(contact, category)
    if ticket is None:
        ticket = _begin(work, contact, category, mail, needs_answer=needs_answer)
    else:
        announce_in_ticket(work, ticket, mail)
    _mail_in_ticket(work, ticket, contact, mail, key, message, reference)


def reach_out_with_news_to_come(
    work: Work,
    contact: OrderContact,
    message: Message,
    write: WriteWithNews,
    category: Category,
    *,
    reference: str,
    key: str | None = None,
    wait: timedelta = timedelta(),
) -> None:
    """Tell the customer like `reach_out`, and promise to write again: the conversation's clock `update` starts now."""
    key = key or f"event:{message.id}"
    if work.notifications.known(key):
        return
    ticket = work.tickets.of_order_in_work(contact, category)
    clocks = work.tickets.clocks(ticket) if ticket else None
    news_by = clocks.promise_news(ticket, work.now) if ticket and clocks else work.settings.team_time.news_by(work.now)
    mail = write(contact.time_zone, news_by).in_language(contact.language)
    if ticket is None or clocks is None:
        ticket = _begin(work, contact, category, mail, needs_answer=False)
        clocks = work.tickets.clocks(ticket)
        clocks.promise_news(ticket, work.now)
        work.tickets.keep(ticket, clocks, [])
    else:
        text, events = ticket.announce(mail.text, work.now)
        work.tickets.keep(ticket, clocks, events, text)
    _mail_in_ticket(work, ticket, contact, mail, key, message, reference, wait)


def settle_question(
    work: Work,
    contact: OrderContact,
    message: Message,
    write: Write,
    *,
    reference: str,
    category: Category = Category.ORDER,
    by_mail: bool = True,
) -> None:
    """Tell how a question of ours ended, and end the conversation that we began about it, unless it went on to more.

    by_mail: not if another mail says it at the same moment.
    """
    mail = write(contact.time_zone).in_language(contact.language)
    for ticket in work.tickets.outreach_of(contact.order_number):
        if ticket.category is category:
            announce_in_ticket(work, ticket, mail)
            events = ticket.settle(work.now)
            work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    if by_mail:
        tell_customer(work, contact, message, write, reference=reference)


DESK_PAGES = {ids.TICKET: "inbox", ids.ORDER: "orders", ids.RETURN: "returns"}


def desk_page(number: str | None, otherwise: str = "promises") -> str:
    """Return the address of a thing on the desk, without the leading slash; `otherwise` for what has no page there."""
    found = next((page for kind, page in DESK_PAGES.items() if ids.is_number(number or "", kind)), None)
    return f"desk/{found}/{number}" if found else f"desk/{otherwise}"


def tell_leads(work: Work, message: Message, mail: Mail, page: str, *, reference: str, admins: bool = False) -> None:
    """Mail every lead, and every admin where it is for them too; the link leads to that page of the desk."""
    others = work.people.with_role(ADMIN) if admins else []
    for lead in {person.email: person for person in [*work.people.with_role(LEAD), *others]}.values():
        key = f"event:{message.id}:{lead.email}"
        queue_mail(work, mail, lead.email, page, key=key, about=message.type, reference=reference, tells_customer=False)


def announce_in_ticket(work: Work, ticket: Ticket, mail: Mail) -> None:
    """Add the text of a mail to the thread."""
    message, events = ticket.announce(mail.text, work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)


def _mail_in_ticket(
    work: Work,
    ticket: Ticket,
    contact: OrderContact,
    mail: Mail,
    key: str,
    message: Message,
    reference: str,
    wait: timedelta = timedelta(),
) -> None:
    serial = work.links.for_mail(ticket.number)
    link_key = serial if mail.link is Link.TICKET else contact.order_number
    queue_mail(
        work, mail, contact.email, link_key, key=key, about=message.type, reference=reference, ticket=ticket,
        greets=contact.name, wait=wait, language=contact.language,
    )  # fmt: skip


def _begin(work: Work, contact: OrderContact, category: Category, mail: Mail, *, needs_answer: bool) -> Ticket:
    form = ContactForm(
        name=contact.name[:120],
        email=contact.email,
        category=category,
        subject=mail.subject.partition(" · ")[0],
        message=mail.text,
        order_number=contact.order_number,
        time_zone=contact.time_zone,
        language=contact.language,
    )
    number = ids.new_number(ids.TICKET)
    ticket, message, events = Ticket.reach_out(number, form, work.now, needs_answer=needs_answer)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
    return ticket
