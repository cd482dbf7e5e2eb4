"""A customer asks for a lead: the leads and the assignee are told, the customer hears by when one answers (standard,
section 6).

The ticket is locked meanwhile: who asks twice, or from two replicas at once, asks once.
"""

from __future__ import annotations

from services.common.basics.errors import Forbidden
from services.support import views
from services.support.adapters.mail import escalation as mails
from services.support.adapters.mail.letter import Mail
from services.support.api import Author, TicketReopened, TicketSummary
from services.support.api.escalation import EscalateTicket
from services.support.api.terms import LEAD_ANSWER
from services.support.domain import Ticket
from services.support.domain.escalation import escalate
from services.support.handlers.access import prove, reader_of, require_seen, side_of, zone_of
from services.support.handlers.mailing import queue_ticket_mail, tell_person
from services.support.handlers.whom import above, leads
from services.support.repository import Work


def escalate_ticket(work: Work, number: str, request: EscalateTicket) -> TicketSummary:
    """Pass the customer's wish on to the leads, and promise by when one of them answers."""
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is not Author.CUSTOMER:
        raise Forbidden("only the customer asks for a lead", code="role_required")
    require_seen(work, ticket, reader_of(work, ticket), request.version)
    proven = prove(work, ticket)
    message, events = escalate(ticket, request.reason, work.caller.actor, work.now, proven=proven)
    clocks = work.tickets.clocks(ticket)
    work.tickets.keep(ticket, clocks, events, message)
    by, to, people = clocks.due(LEAD_ANSWER) or work.now, above(work), leads(work)
    mail = mails.for_lead(number, by, work.settings.support_zone)
    for email in (each.email for each in people):
        _tell(work, ticket, mail, email)
    assignee = work.people.find_staff(ticket.assignee) if ticket.assignee else None
    if assignee is not None and assignee.email not in {each.email for each in people}:
        _tell(work, ticket, mails.for_assignee(number, to), assignee.email)
    reopened = any(isinstance(event, TicketReopened) for event in events)
    answer = mails.asked(number, by, zone_of(work, ticket), to, told=bool(people), reopened=reopened)
    queue_ticket_mail(work, ticket, answer, "ticket_escalated")
    return views.summary(ticket, to_staff=False)


def _tell(work: Work, ticket: Ticket, mail: Mail, email: str) -> None:
    key = f"{ticket.number}:escalated:{ticket.cycle}:{email}"
    tell_person(work, ticket.number, email, mail, key, about="ticket_escalated")
