"""Whose answer a mail is: the reply address proves it, and nothing else in the mail does."""

from __future__ import annotations

from typing import NamedTuple

from services.common.basics import ids
from services.common.edge import tokens
from services.support.api import TicketNotFound
from services.support.domain import OrderContact, Ticket
from services.support.domain.incoming import IncomingMail
from services.support.repository import Work


class Owner(NamedTuple):
    """To whom we gave a reply address, and about what: a ticket or an order."""

    number: str
    email: str
    ticket: Ticket | None = None
    contact: OrderContact | None = None


def owner_of(work: Work, mail: IncomingMail, sender: str | None = None) -> Owner | None:
    """Return who was given the address that the mail was sent to; None for one that is not good.

    sender: only if it is that mailbox, so that who gets a mail of ours from a friend does not answer in their name.
    """
    for token in mail.tokens:
        owner = _named(work, token)
        if owner is not None and tokens.proves_reply(work.settings.secrets, token, owner.email, work.now):
            return owner if sender in (None, owner.email) else None
    return None


def number_meant(work: Work, mail: IncomingMail) -> str | None:
    """Return the number that the address names, though the mail does not prove that its writer may answer there."""
    found = (_named(work, token) for token in mail.tokens)
    return next((owner.number for owner in found if owner is not None), None)


def _named(work: Work, token: str) -> Owner | None:
    number = tokens.number_of_reply(token)
    if number is None:
        return None
    if ids.is_number(number, ids.TICKET):
        try:
            ticket = work.tickets.get(number)
        except TicketNotFound:
            return None
        return Owner(number, ticket.customer_email, ticket)
    contact = work.contacts.find(number)
    return Owner(number, contact.email, contact=contact) if contact is not None else None
