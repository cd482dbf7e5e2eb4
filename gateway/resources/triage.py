"""Several tickets at once over HTTP: merged, split, related, and one step for many (standard, section 5)."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from gateway.http.calls import services
from gateway.http.errors import status_of_reply
from gateway.http.resource import Resource
from gateway.resources.tickets import ITEM
from services.common.basics.shapes import Note
from services.support.api import SupportApi, TicketSummary
from services.support.api.parts import TicketNumber
from services.support.api.triage import (
    BatchOutcome,
    BatchTickets,
    MergeTicket,
    RelateTicket,
    SplitResult,
    SplitTicket,
    UnmergeTicket,
)

blp = Resource("triage", "Tickets that belong together, and one step for many")


class BatchedTicket(TypedDict):
    """What came of one ticket: the ticket as it is now, or the code and the words of its refusal."""

    number: TicketNumber
    status: Annotated[int, Note("what the step would answer for this ticket alone: 200 if it was done")]
    ticket: NotRequired[TicketSummary]
    code: NotRequired[str]
    detail: NotRequired[str]


class BatchedTickets(TypedDict):
    """One outcome for each ticket, in the order in which they were named. done: for how many it was done."""

    items: list[BatchedTicket]
    done: int


@blp.post(f"{ITEM}/merge", SupportApi.merge_ticket)
def merge_ticket(number: str, request: MergeTicket) -> TicketSummary:
    return services().support.merge_ticket(number, request)


@blp.post(f"{ITEM}/unmerge", SupportApi.unmerge_ticket)
def unmerge_ticket(number: str, request: UnmergeTicket) -> TicketSummary:
    return services().support.unmerge_ticket(number, request)


@blp.post(f"{ITEM}/split", SupportApi.split_ticket, status=201)
def split_ticket(number: str, request: SplitTicket) -> SplitResult:
    return services().support.split_ticket(number, request)


@blp.post(f"{ITEM}/related", SupportApi.relate_ticket)
def relate_ticket(number: str, request: RelateTicket) -> TicketSummary:
    return services().support.relate_ticket(number, request)


@blp.delete(f"{ITEM}/related/<number(TIC):other>", SupportApi.unrelate_ticket)
def unrelate_ticket(number: str, other: str) -> TicketSummary:
    return services().support.unrelate_ticket(number, other)


@blp.post("/tickets/batch", SupportApi.batch_tickets, status=207)
def batch_tickets(request: BatchTickets) -> BatchedTickets:
    found = services().support.batch_tickets(request)
    return {"items": [_with_status(each) for each in found["items"]], "done": found["done"]}


def _with_status(outcome: BatchOutcome) -> BatchedTicket:
    if "ticket" in outcome:
        return {"number": outcome["number"], "status": 200, "ticket": outcome["ticket"]}
    status = status_of_reply(outcome["kind"], outcome["code"])
    return {"number": outcome["number"], "status": status, "code": outcome["code"], "detail": outcome["detail"]}
