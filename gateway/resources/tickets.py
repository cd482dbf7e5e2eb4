"""Tickets over HTTP: the inbox, the thread, the steps of customers, agents and leads (standard, sections 1, 5, 6)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Annotated, NotRequired, TypedDict, cast

from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.resources.basis import looked_up
from gateway.resources.products import title_of
from gateway.resources.replies import fill_in
from gateway.resources.timeline import readable
from services.common.basics.api import TimelinePart
from services.common.basics.errors import Unavailable
from services.common.basics.shapes import Note, Page
from services.support.api import (
    Accepted,
    AmendTicket,
    AssignTicket,
    BeginTicket,
    CloseTicket,
    DecideVerification,
    DraftAnswer,
    ListTickets,
    ListVerifications,
    MarkSpam,
    PostedMessage,
    PostMessage,
    RatedTicket,
    RateTicket,
    ReopenTicket,
    RequestTicketLink,
    ResolveTicket,
    RestoreTicket,
    SupportApi,
    TicketPage,
    TicketSummary,
    TicketView,
    VerificationView,
    VerifyTicket,
)
from services.support.api.drafts import DraftView, SaveDraft
from services.support.api.escalation import EscalateTicket

ITEM = "/tickets/<number(TIC):number>"


class NamedProduct(TypedDict):
    """A product that a ticket names."""

    sku: str
    title: Annotated[str | None, Note("null where the catalogue has no such product: ask which one is meant")]


class TicketWithProduct(TicketView):
    """A ticket; `product` is left out where it names none, or the catalogue does not answer just now."""

    product: NotRequired[NamedProduct]


blp = Resource("tickets", "What customers wrote, and what was answered by when")


@blp.get("/tickets", SupportApi.list_tickets)
def list_tickets(query: ListTickets) -> TicketPage:
    return services().support.list_tickets(query)


@blp.post("/tickets", SupportApi.begin_ticket, status=201)
def begin_ticket(begun: BeginTicket) -> TicketSummary:
    return services().support.begin_ticket(begun)


@blp.patch(ITEM, SupportApi.amend_ticket)
def amend_ticket(number: str, request: AmendTicket) -> TicketSummary:
    return services().support.amend_ticket(number, request)


@blp.get(f"{ITEM}/timeline", SupportApi.get_ticket_timeline)
def get_ticket_timeline(number: str) -> TimelinePart:
    part = services().support.get_ticket_timeline(number)
    return {**part, "items": readable(part["items"])}


@blp.get(ITEM, SupportApi.get_ticket)
def get_ticket(number: str) -> TicketWithProduct:
    ticket = cast(TicketWithProduct, services().support.get_ticket(number))
    if sku := ticket.get("sku"):
        with suppress(Unavailable):
            ticket["product"] = {"sku": sku, "title": title_of(sku)}
    return ticket


@blp.post(f"{ITEM}/messages", SupportApi.post_message, status=201, limit=limits.MESSAGES)
def post_message(number: str, request: PostMessage) -> PostedMessage:
    known = replace(fill_in(number, request), basis=looked_up(request.basis))
    return services().support.post_message(number, known)


@blp.put(f"{ITEM}/draft", SupportApi.save_draft)
def save_draft(number: str, draft: SaveDraft) -> DraftView:
    return services().support.save_draft(number, draft)


@blp.post(f"{ITEM}/assignment", SupportApi.assign_ticket)
def assign_ticket(number: str, request: AssignTicket) -> TicketSummary:
    return services().support.assign_ticket(number, request)


@blp.post(f"{ITEM}/resolution", SupportApi.resolve_ticket)
def resolve_ticket(number: str, request: ResolveTicket) -> TicketSummary:
    return services().support.resolve_ticket(number, request)


@blp.post(f"{ITEM}/reopening", SupportApi.reopen_ticket, limit=limits.MESSAGES)
def reopen_ticket(number: str, request: ReopenTicket) -> PostedMessage:
    return services().support.reopen_ticket(number, request)


@blp.post(f"{ITEM}/escalation", SupportApi.escalate_ticket, limit=limits.MESSAGES)
def escalate_ticket(number: str, request: EscalateTicket) -> TicketSummary:
    return services().support.escalate_ticket(number, request)


@blp.post(f"{ITEM}/closing", SupportApi.close_ticket)
def close_ticket(number: str, request: CloseTicket) -> TicketSummary:
    return services().support.close_ticket(number, request)


@blp.post(f"{ITEM}/spam", SupportApi.mark_spam)
def mark_spam(number: str, request: MarkSpam) -> TicketSummary:
    return services().support.mark_spam(number, request)


@blp.post(f"{ITEM}/restoration", SupportApi.restore_ticket)
def restore_ticket(number: str, request: RestoreTicket) -> TicketSummary:
    return services().support.restore_ticket(number, request)


@blp.post(f"{ITEM}/rating", SupportApi.rate_ticket, status=201)
def rate_ticket(number: str, request: RateTicket) -> RatedTicket:
    return services().support.rate_ticket(number, request)


@blp.post(
    f"{ITEM}/link",
    SupportApi.request_ticket_link,
    status=202,
    limit=limits.LINKS,
    mails=lambda asked: str(asked.email),
)
def request_ticket_link(number: str, request: RequestTicketLink) -> Accepted:
    return services().support.request_ticket_link(number, request)


@blp.post(f"{ITEM}/verification", SupportApi.verify_ticket, status=201)
def verify_ticket(number: str, request: VerifyTicket) -> VerificationView:
    return services().support.verify_ticket(number, replace(request, basis=looked_up(request.basis)))


@blp.get("/verifications", SupportApi.list_verifications)
def list_verifications(query: ListVerifications) -> Page[VerificationView]:
    return services().support.list_verifications(query)


@blp.get("/verifications/<id:verification_id>", SupportApi.get_verification)
def get_verification(verification_id: str) -> VerificationView:
    return services().support.get_verification(verification_id)


@blp.put("/verifications/<id:verification_id>/draft", SupportApi.draft_answer)
def draft_answer(verification_id: str, request: DraftAnswer) -> VerificationView:
    return services().support.draft_answer(verification_id, replace(request, basis=looked_up(request.basis)))


@blp.post("/verifications/<id:verification_id>/decision", SupportApi.decide_verification)
def decide_verification(verification_id: str, request: DecideVerification) -> VerificationView:
    return services().support.decide_verification(verification_id, request)
