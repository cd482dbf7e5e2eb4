"""Access to a ticket: who may do what, and what they have shown (standard, sections 1 and 6).

Its customer (by their e-mail when signed in, or by its link), agents, leads and admins take part. To all others
there is no such ticket. A link that was not mailed proves nothing: its holder reads what was written without proof,
or, who came through the link of the order, what is said about it, until the customer shows that they read the mailbox.
Then it ends.
"""

from __future__ import annotations

from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.basics.personal import ERASED
from services.support import views
from services.support.api import Author, TicketNotFound, VersionMoved, WrongStatus
from services.support.domain import Ticket
from services.support.repository import Reader, Work


def acting(work: Work) -> str:
    """Return the mailbox of who acts, by which staff stand on tickets, or the name of a program, which has none."""
    return work.caller.email or work.caller.actor


def side_of(work: Work, ticket: Ticket) -> Author:
    """Return AGENT for agents, leads and admins, CUSTOMER for the ticket's customer.

    Raise TicketNotFound for anyone else.
    """
    if work.caller.has(AGENT, LEAD):
        return Author.AGENT
    if work.caller.owns(f"ticket:{ticket.number}", ticket.customer_email):
        return Author.CUSTOMER
    raise TicketNotFound


def reader_of(work: Work, ticket: Ticket) -> Reader:
    """Return as which reader the caller sees the thread. Raise TicketNotFound for anyone else."""
    if side_of(work, ticket) is Author.AGENT:
        return Reader.STAFF
    reads = shows_mailbox(work, ticket) or f"reads:{ticket.number}" in work.caller.grants
    return Reader.CUSTOMER if reads else Reader.UNPROVEN


def shows_mailbox(work: Work, ticket: Ticket) -> bool:
    """Return whether the caller has shown that they read the customer's mail: signed in, or by a mailed link."""
    caller = work.caller
    signed_in = CUSTOMER in caller.roles and caller.email == ticket.customer_email
    return signed_in or f"mailbox:{ticket.number}" in caller.grants


def prove(work: Work, ticket: Ticket) -> bool:
    """Note what the caller shows, and end the links that are good no more. Return whether they read the mailbox."""
    if not shows_mailbox(work, ticket):
        return False
    if not ticket.mailbox_proven:
        work.links.revoke_unproven(ticket.number)
    contact = work.contacts.find(ticket.order_number) if ticket.order_number and not ticket.order_proven else None
    ticket.prove_mailbox(contact.email if contact else None)
    for grant in work.caller.grants:
        if grant.startswith(f"renewed:{ticket.number}:"):
            work.links.revoke_before(ticket.number, int(grant.rpartition(":")[2]))
    return True


def for_staff(work: Work, number: str, version: int | None) -> Ticket:
    """Return the ticket, locked, for a member of staff who saw that version."""
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is not Author.AGENT:
        raise TicketNotFound
    require_seen(work, ticket, Reader.STAFF, version)
    return ticket


def require_seen(work: Work, ticket: Ticket, reader: Reader, version: int | None) -> None:
    """Raise VersionMoved when the ticket has another version than the one seen; its details show what changed."""
    require_person(ticket)
    to_staff = reader is Reader.STAFF
    current = ticket.version if to_staff else ticket.public_version
    if version in (None, current):
        return
    arrived = work.tickets.arrived(ticket, reader, version or 0)
    shown = [
        views.message(item, work.tickets.count(ticket.number, reader, item.position), to_staff=to_staff)
        for item in arrived
    ]
    now = views.summary(ticket, to_staff=to_staff)
    raise VersionMoved(details={"version": current, "current": now, "messages": shown})


def require_person(ticket: Ticket) -> None:
    """Raise WrongStatus for a conversation whose customer was erased: what is written there reaches no person."""
    if ticket.customer_email == ERASED:
        raise WrongStatus("the customer of this ticket was erased, as they had asked")


def owns_order(work: Work, order_number: str) -> bool:
    """Return whether the caller is the customer of the order, as far as support knows."""
    contact = work.contacts.find(order_number)
    return contact is not None and work.caller.owns(f"order:{order_number}", contact.email)


def zone_of(work: Work, ticket: Ticket) -> str | None:
    """Return the customer's time zone: that of their order if it is proven theirs, else the one from the form."""
    contact = work.contacts.find(ticket.order_number) if ticket.order_proven and ticket.order_number else None
    return (contact.time_zone if contact else None) or ticket.time_zone
