"""How a guest gets into their ticket: a link of 256 bits, for one ticket, thirty days, renewable by mail, revocable."""

from __future__ import annotations

from services.support.adapters.mail.tickets import link_renewed
from services.support.api import Accepted, RequestTicketLink, TicketAccess, TicketNotFound, TokenInvalid
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
