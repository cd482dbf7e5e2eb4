"""How a guest gets into their ticket: a link of 256 bits, for one ticket, thirty days, renewable by mail, revocable."""

from __future__ import annotations

from typing import Any

from services.common.basics.errors import NotFound
from services.support.handlers.mailing import owe
from services.support.mails.tickets import link_renewed
from services.support.repository import TicketNotFound, Work
from services.support.settings import SupportSettings


class TokenInvalid(NotFound):
    """This link is not good, or no longer."""

    code = "token_invalid"
    message = "This link is not good, or no longer."


def exchange_token(work: Work, token: str) -> dict[str, Any]:
    """What a ticket's token lets its holder do: act as that ticket's customer, and show that they read the mailbox."""
    link = work.links.find_good(token)
    if link is None:
        raise TokenInvalid
    grants = [f"ticket:{link.ticket_number}"]
    if link.mailed:
        grants.append(f"mailbox:{link.ticket_number}")
    return {"ticket_number": link.ticket_number, "grants": grants}


def renew_link(work: Work, settings: SupportSettings, number: str, email: str) -> None:
    """Mail a new link to the ticket's customer and revoke the old ones; nothing when that is not their address.

    Whoever asks learns nothing from the answer. The new link only ever goes to the address that the ticket has.
    """
    try:
        ticket = work.tickets.get(number, lock=True)
    except TicketNotFound:
        return
    if ticket.customer_email != email or not work.people.count_code(f"link:{number}"):
        return
    work.links.revoke_all(number)
    serial = work.links.for_mail(number, settings.secret, renew=True)
    mail = link_renewed(number)
    key = f"{number}:link:{serial}"
    owe(work, mail, email, serial, key=key, about="link", reference=number, ticket=ticket, tells_customer=False)
