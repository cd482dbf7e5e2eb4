"""How a guest gets in: to their ticket by a link of 256 bits, for thirty days, renewable by mail, revocable; to their
order by a signed link, of which a new one is mailed to the order's own address.
"""

from __future__ import annotations

import hashlib

from services.common.basics import ids
from services.support.adapters.mail.tickets import link_renewed, order_link
from services.support.api import (
    Accepted,
    RequestOrderLink,
    RequestTicketLink,
    TicketAccess,
    TicketNotFound,
    TokenInvalid,
)
from services.support.domain import LinkRequest, Ticket
from services.support.handlers.mailing import queue_mail
from services.support.repository import Work


def exchange_ticket_token(work: Work, token: str) -> TicketAccess:
    """Say what a ticket's token proves: its holder is the ticket's customer, and perhaps reads the mailbox."""
    link = work.links.find_good(token)
    if link is None:
        raise TokenInvalid
    grants = [f"ticket:{link.ticket_number}"]
    if link.mailed:
        grants.append(f"mailbox:{link.ticket_number}")
    elif link.reads:
        grants.append(f"reads:{link.ticket_number}")
    if link.renewed:
        grants.append(f"renewed:{link.ticket_number}:{link.serial}")
    return {"ticket_number": link.ticket_number, "grants": grants}


def request_ticket_link(work: Work, number: str, request: RequestTicketLink) -> Accepted:
    """Note a request for a new link. A timer handles it later.

    The caller learns nothing, from the answer or from the time that it takes: each request is counted and written
    down alike, whatever the ticket and the address are.
    """
    if work.people.count_code(f"link:{number}"):
        work.add(LinkRequest(ids.new_id(), number, request.email, work.now))
    return {}


def request_order_link(work: Work, number: str, request: RequestOrderLink) -> Accepted:
    """Mail a new link to the order's customer, unless that is not their address or they were sent their share.

    The caller learns nothing, neither from the answer nor from how long it takes: a right guess and a wrong one each
    count once and write one row. Counted for each pair, so that no one can use up what the customer may ask for.
    """
    pair = hashlib.sha256(f"{number}\n{request.email}".encode()).hexdigest()[:32]
    contact, granted = work.contacts.find(number), work.people.count_code(f"order-link:{pair}")
    if not granted:
        return {}
    if contact is None or contact.email.casefold() != request.email.casefold():
        work.people.count_code(f"no-order:{pair}")  # forgotten after a day, as all counts are
        return {}
    key = f"{number}:link:{ids.new_id()}"
    queue_mail(
        work,
        order_link(number),
        contact.email,
        number,
        key=key,
        about="link",
        reference=number,
        order_number=number,
        tells_customer=False,
    )
    return {}


def mail_requested_links(work: Work) -> None:
    """Mail a new link for each request with the address of the ticket; it only ever goes to that address.

    The links given out before stay valid until the new one is used: anyone can ask.
    """
    for request in work.links.take_requests():
        try:
            ticket = work.tickets.get(request.ticket_number, lock=True)
        except TicketNotFound:
            continue
        if ticket.customer_email == request.email:
            _mail_link(work, ticket)


def _mail_link(work: Work, ticket: Ticket) -> None:
    serial, number = work.links.for_mail(ticket.number, renew=True), ticket.number
    key, mail = f"{number}:link:{serial}", link_renewed(number)
    queue_mail(
        work, mail, ticket.customer_email, serial, key=key, about="link", reference=number, ticket=ticket,
        tells_customer=False,
    )  # fmt: skip
