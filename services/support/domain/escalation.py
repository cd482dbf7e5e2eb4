"""A customer asks for a lead, and the lead answers (standard, section 6: no perfunctory reception). Pure.

The reason is a message of theirs: it makes the ticket ours to do, and takes up again what was over. The clocks follow
from the events.
"""

from __future__ import annotations

from datetime import datetime

from services.common.basics.events import Event
from services.support.api.escalation import AlreadyEscalated, NotEscalatable, ReasonTooShort
from services.support.api.events import EscalationAnswered, TicketEscalated
from services.support.api.statuses import TicketStatus
from services.support.domain.moves import IN_WORK
from services.support.domain.state import is_sentence
from services.support.domain.thread import Written
from services.support.domain.ticket import Ticket

ENDED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})


def may_escalate(ticket: Ticket, now: datetime) -> bool:
    """Return whether the customer may ask for a lead now: once in each cycle, and not too long after the end."""
    if ticket.status in ENDED:
        return not ticket.too_late(now)
    return ticket.status in IN_WORK and ticket.escalated_cycle != ticket.cycle


def escalate(ticket: Ticket, reason: str, actor: str, now: datetime, *, proven: bool) -> Written:
    """Note that the customer asks for a lead. Return their message and the events.

    Raise ReasonTooShort for less than a sentence, NotEscalatable for what was put away, AlreadyEscalated at the second
    time in a cycle, ReopenWindowOver where it was closed too long ago.
    """
    if not is_sentence(reason):
        raise ReasonTooShort
    if ticket.status not in IN_WORK | ENDED:
        raise NotEscalatable
    if ticket.status in IN_WORK and ticket.escalated_cycle == ticket.cycle:
        raise AlreadyEscalated
    message, events = ticket.write(reason, actor, now, proven=proven)
    ticket.escalated_at, ticket.escalated_cycle, ticket.lead_answered_at = now, ticket.cycle, None
    asked = TicketEscalated(ticket_number=ticket.number, order_number=ticket.linked_order, cycle=ticket.cycle)
    return message, [*events, asked]


def note_answer_of_lead(ticket: Ticket, now: datetime) -> list[Event]:
    """Note that a lead has written to the customer. Return the event, if the customer had asked for a lead."""
    if not ticket.lead_wanted:
        return []
    ticket.lead_answered_at = now
    return [EscalationAnswered(ticket_number=ticket.number, order_number=ticket.linked_order, cycle=ticket.cycle)]
