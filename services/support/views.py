"""How a ticket is shown: to staff in full, to the customer without notes, names of staff and what is unproven."""

from __future__ import annotations

from typing import Any

from services.common.basics.clock import rfc3339
from services.support.domain import NEVER, Author, Message, Rating, Ticket, TicketStatus
from services.support.repository import Work
from services.support.sla import FIRST, NEXT, TicketClocks


def summary(ticket: Ticket, *, to_staff: bool) -> dict[str, Any]:
    """A ticket in a list, and the answer to commands."""
    shown: dict[str, Any] = {
        "number": ticket.number,
        "status": _status(ticket, to_staff=to_staff),
        "category": ticket.category.value,
        "topic": ticket.topic.value if ticket.topic else None,
        "subject": ticket.subject,
        "order_number": ticket.order_number,
        "sku": ticket.sku,
        "opened_at": rfc3339(ticket.opened_at),
        "next_due_at": None if ticket.next_due_at == NEVER else rfc3339(ticket.next_due_at),
        "cycle": ticket.cycle,
        "previous_number": ticket.previous_number,
        "version": ticket.version,
    }
    if to_staff:
        shown |= {
            "customer": {"name": ticket.customer_name, "email": ticket.customer_email},
            "mailbox_proven": ticket.mailbox_proven,
            "order_link": None if ticket.order_number is None else "verified" if ticket.order_proven else "claimed",
            "origin": ticket.origin.value,
            "assignee": ticket.assignee,
        }
    return shown


def full(work: Work, ticket: Ticket, clocks: TicketClocks, *, to_staff: bool) -> dict[str, Any]:
    """A ticket with its thread, clocks and outcome."""
    thread = work.tickets.thread(ticket.number, internal=to_staff)
    rating = work.tickets.rating(ticket)
    return {
        **summary(ticket, to_staff=to_staff),
        "answer_by": answer_by(clocks),
        "messages": [message(item, to_staff=to_staff) for item in thread],
        "commitments": [clock.to_json(work.now) for clock in clocks.all],
        "resolution": _resolution(ticket, to_staff=to_staff),
        "ratable": ticket.ratable,
        "rating": rated(rating) if rating else None,
    }


def message(item: Message, *, to_staff: bool) -> dict[str, Any]:
    """One entry of the thread."""
    shown = {
        "position": item.position,
        "author": item.author.value,
        "body": item.body,
        "internal": item.internal,
        "posted_at": rfc3339(item.posted_at),
    }
    return {**shown, "actor": item.actor} if to_staff and item.author is not Author.SYSTEM else shown


def rated(rating: Rating) -> dict[str, Any]:
    return {"score": rating.score, "comment": rating.comment, "rated_at": rfc3339(rating.rated_at)}


def answer_by(clocks: TicketClocks) -> str | None:
    """Until when a person answers, when something is unanswered."""
    due = clocks.due(FIRST, NEXT)
    return rfc3339(due) if due else None


def _status(ticket: Ticket, *, to_staff: bool) -> str:
    """To customers, what we took for spam is simply closed."""
    return ticket.status.value if to_staff or ticket.status is not TicketStatus.SPAM else TicketStatus.CLOSED.value


def _resolution(ticket: Ticket, *, to_staff: bool) -> dict[str, Any] | None:
    if ticket.resolution_code is None or ticket.resolved_at is None:
        return None
    return {
        "code": ticket.resolution_code.value,
        "note": ticket.resolution_note if to_staff else None,
        "resolved_at": rfc3339(ticket.resolved_at),
        "closed_at": rfc3339(ticket.closed_at) if ticket.closed_at else None,
        "closed_by": ticket.closed_by.value if ticket.closed_by else None,
    }
