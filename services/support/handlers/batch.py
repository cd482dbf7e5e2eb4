"""One step for many tickets, each in a transaction of its own (standard, section 5).

A ticket that is refused costs that ticket alone. What is done is done once for the caller's key and the ticket, however
often the whole is sent: what was refused is tried again then. An outage ends the whole at once: Unavailable.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from services.common.basics.errors import ServiceError, Unavailable
from services.common.bus.travel import write_argument
from services.common.store.database import in_one
from services.support import views
from services.support.api import (
    AmendTicket,
    AssignTicket,
    MarkSpam,
    PostMessage,
    ResolveTicket,
    RestoreTicket,
    TicketSummary,
)
from services.support.api.triage import BatchItem, BatchOutcome, BatchResult, BatchStep, BatchTickets
from services.support.handlers import canned, tickets, writing
from services.support.repository import Transaction, Work


def batch_tickets(transaction: Transaction, request: BatchTickets) -> BatchResult:
    """Take the step for each ticket, in the order in which they were named."""
    items = [_outcome(transaction, request, item) for item in request.items]
    return {"items": items, "done": sum("ticket" in item for item in items)}


def _outcome(transaction: Transaction, request: BatchTickets, item: BatchItem) -> BatchOutcome:
    try:
        ticket = in_one(transaction, partial(_take_once, request, item))
    except Unavailable:
        raise  # it would be waited for with each of the others
    except ServiceError as refused:  # a ConcurrentUpdate is one too
        return {"number": item.number, "kind": refused.kind, "code": refused.code, "detail": refused.message}
    return {"number": item.number, "ticket": ticket}


def _take_once(request: BatchTickets, item: BatchItem, work: Work) -> TicketSummary:
    asked = [write_argument(replace(request, items=[item]))]
    return work.once_for(item.number, "batch_tickets", asked, partial(_take, work, request, item))


def _take(work: Work, request: BatchTickets, item: BatchItem) -> TicketSummary:
    number, version = item.number, item.version
    match request.step:
        case BatchStep.ANSWER:
            text = canned.fill_known(work, number, request.body or "")
            writing.post_message(work, number, PostMessage(text, status=request.turn, version=version))
            return views.summary(work.tickets.get(number), to_staff=True)
        case BatchStep.ASSIGN:
            return tickets.assign_ticket(work, number, AssignTicket(request.assignee, version))
        case BatchStep.AMEND:
            wish = AmendTicket(request.category, None, request.priority, team=request.team, version=version)
            return tickets.amend_ticket(work, number, wish)
        case BatchStep.RESOLVE:
            assert request.code is not None, "the form requires it"
            return tickets.resolve_ticket(
                work, number, ResolveTicket(request.code, request.note, version, request.ground)
            )
        case BatchStep.SPAM:
            return tickets.mark_spam(work, number, MarkSpam(request.reason or "", version))
        case BatchStep.RESTORE:
            return tickets.restore_ticket(work, number, RestoreTicket(request.reason or "", version))
