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
    return {"ticket_number": link.ticket_number, "grants": grants}


def request_ticket_link(work: Work, number: str, request: RequestTicketLink) -> Accepted:
    """Mail a new link to the ticket's customer and revoke the old ones; do nothing when that is not their address.

    Whoever asks learns nothing from the answer. The new link only ever goes to the address that the ticket has.
    """
    _renew_link(work, number, request.email)
    return {}


def _renew_link(work: Work, number: str, email: str) -> None:
    try:
        ticket = work.tickets.get(number, lock=True)
    except TicketNotFound:
        return
    if ticket.customer_email != email or not work.people.count_code(f"link:{number}"):
        return
    work.links.revoke_all(number)
    serial = work.links.for_mail(number, renew=True)
    mail = link_renewed(number)
    key = f"{number}:link:{serial}"
    queue_mail(work, mail, email, serial, key=key, about="link", reference=number, ticket=ticket, tells_customer=False)


def request_order_link(work: Work, number: str, request: RequestOrderLink) -> Accepted:
    """Mail a new link to the order's customer, unless that is not their address or they were sent their share.

    Who asks learns nothing, neither from the answer nor from how long it takes: a right guess and a wrong one each
    count once and write one row. Counted for each pair, so that nobody can use up what the customer may ask for.
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
