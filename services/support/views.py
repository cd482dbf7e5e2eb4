"""How a ticket is shown: to staff in full, to the customer without notes, names of staff and what is unproven. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import cast

from services.common.basics.clock import rfc3339
from services.support.api import (
    Author,
    LookedInto,
    MessageView,
    PostedMessage,
    RatedTicket,
    RatingView,
    ResolutionView,
    SuggestionView,
    TicketStatus,
    TicketSummary,
    TicketView,
    VerificationView,
)
from services.support.api.basis import ShownBasis
from services.support.api.complaint_views import ComplaintView
from services.support.api.replies import LinkedTicket
from services.support.api.statuses import Above
from services.support.api.terms import COMPLETE_ANSWER, LEAD_ANSWER, UPDATE
from services.support.api.uploads import UploadNotFound, UploadView
from services.support.domain import (
    FIRST,
    NEVER,
    NEXT,
    Rating,
    Suggestion,
    Ticket,
    TicketClocks,
    TicketMessage,
    Upload,
    Verification,
)
from services.support.domain.escalation import may_escalate

NOTHING: Mapping[str, int | None] = MappingProxyType({})


def summary(ticket: Ticket, *, to_staff: bool) -> TicketSummary:
    """Show a ticket in a list, and in answers to commands.

    Customers have their own version, which notes do not change.
    """
    shown: TicketSummary = {
        "number": ticket.number,
        "status": _status(ticket, to_staff=to_staff),
        "category": ticket.category,
        "topic": ticket.topic,
        "subject": ticket.subject,
        "order_number": ticket.order_number,
        "sku": ticket.sku,
        "opened_at": rfc3339(ticket.opened_at),
        "next_due_at": None if ticket.next_due_at == NEVER else rfc3339(ticket.next_due_at),
        "cycle": ticket.cycle,
        "previous_number": ticket.previous_number,
        "next_number": ticket.next_number,
        "version": ticket.version if to_staff else ticket.public_version,
    }
    if to_staff:
        shown["customer"] = {"name": ticket.customer_name, "email": ticket.customer_email}
        shown["mailbox_proven"] = ticket.mailbox_proven
        shown["order_link"] = None if ticket.order_number is None else "verified" if ticket.order_proven else "claimed"
        shown["origin"] = ticket.origin
        shown["priority"] = ticket.priority
        shown["assignee"] = ticket.assignee
        if ticket.lead_wanted and ticket.escalated_at:
            shown["escalated_at"] = rfc3339(ticket.escalated_at)
    return shown


def full(
    ticket: Ticket,
    thread: Iterable[TicketMessage],
    clocks: TicketClocks,
    rating: Rating | None,
    now: datetime,
    *,
    to_staff: bool,
    proven: bool,
    before: int,
    above: Above,
    question: str | None = None,
    complaint: ComplaintView | None = None,
    published: Mapping[str, int | None] = NOTHING,
) -> TicketView:
    """Show a ticket with its thread, clocks and outcome. before: how many messages precede those of the thread.

    proven: the reader has shown that they read the customer's mail. Without it, the reason of a refusal is not shown.
    above: who answers a customer who is not content. question: what is looked into. published: which version readers
    see now of the articles that answers rest on.
    """
    due = clocks.due(FIRST, NEXT)
    return {
        **summary(ticket, to_staff=to_staff),
        "answer_by": rfc3339(due) if due else None,
        "own_words_only": not proven,
        "messages": [
            message(item, place, to_staff=to_staff, published=published)
            for place, item in enumerate(thread, start=before + 1)
        ],
        "commitments": [clock.view(now) for clock in clocks.all],
        "looked_into": _looked_into(ticket, question, clocks) if proven else None,
        "complaint": complaint,
        "resolution": _resolution(ticket, to_staff=to_staff, proven=proven),
        "ratable": ticket.ratable,
        "rating": _rating(rating) if rating else None,
        "escalation": {
            "possible": may_escalate(ticket, now),
            "to": above,
            "asked_at": moment(ticket.escalated_at),
            "answer_by": moment(clocks.due(LEAD_ANSWER)),
            "answered_at": moment(ticket.lead_answered_at),
        },
    }


def linked(tickets: Iterable[Ticket], *, to_staff: bool) -> list[LinkedTicket]:
    """Show tickets that belong to another one."""
    return [
        {"number": each.number, "subject": each.subject, "status": _status(each, to_staff=to_staff)} for each in tickets
    ]


def posted(ticket: Ticket, item: TicketMessage | None, place: int = 0, *, to_staff: bool) -> PostedMessage:
    """Show the ticket after a message, and the message with its place if it went into this ticket."""
    shown = cast(PostedMessage, summary(ticket, to_staff=to_staff))
    if item is not None:
        shown["message"] = message(item, place, to_staff=to_staff)
    return shown


def message(
    item: TicketMessage, place: int, *, to_staff: bool, published: Mapping[str, int | None] = NOTHING
) -> MessageView:
    """Show one entry of the thread. place: its number for this reader, who must not see gaps where notes are."""
    shown: MessageView = {
        "position": place,
        "author": item.author,
        "body": item.body,
        "internal": item.internal,
        "posted_at": rfc3339(item.posted_at),
    }
    if files := [upload(each) for each in item.attachments if each.media_type is not None]:
        shown["attachments"] = files
    if to_staff and item.author is not Author.SYSTEM:
        shown["actor"] = item.actor
    if item.verified_by is not None:
        shown["verified"] = True
        if to_staff:
            shown["verified_by"] = item.verified_by
    if item.basis:
        shown["basis"] = basis(item.basis, published)
    if item.author is Author.CUSTOMER and item.proven is not None:
        shown["proven"] = item.proven
    return shown


def upload(item: Upload) -> UploadView:
    """Show a file that is ready."""
    if item.media_type is None:
        raise UploadNotFound
    return {
        "id": item.id,
        "name": item.name,
        "media_type": item.media_type,
        "size": item.size,
        "picture": item.picture,
    }


def basis(cited: Iterable[ShownBasis], published: Mapping[str, int | None]) -> list[ShownBasis]:
    """Show what an answer rests on; of articles, whether readers see another version now."""
    shown = [cast(ShownBasis, dict(each)) for each in cited]
    for each in shown:
        if each.get("slug") in published:
            each["changed"] = published[each["slug"]] != each["version"]
    return shown


def verification(item: Verification) -> VerificationView:
    """Show a question that is or was looked into, to staff."""
    return {
        "id": item.id,
        "ticket_number": item.ticket_number,
        "status": item.status,
        "question": item.question,
        "known": item.known,
        "evidence": item.evidence,
        "asked_by": item.asked_by,
        "asked_at": rfc3339(item.asked_at),
        "draft": item.draft,
        "drafted_by": item.drafted_by,
        "drafted_at": moment(item.drafted_at),
        "decided_by": item.decided_by,
        "decided_at": moment(item.decided_at),
        "note": item.note,
        "answer": item.answer,
        "basis": item.basis or [],
        "version": item.version,
    }


def suggestion(item: Suggestion, *, to_staff: bool) -> SuggestionView:
    """Show a suggestion: what the board says of it, and to staff whose ticket it is."""
    shown: SuggestionView = {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        "text": item.text,
        "reason": item.reason,
        "link": item.link,
        "followers": item.followers,
        "received_at": rfc3339(item.received_at),
        "moved_at": rfc3339(item.moved_at),
    }
    if to_staff:
        shown["ticket_number"], shown["public"] = item.ticket_number, item.public
        shown["review_by"], shown["version"] = moment(item.review_by), item.version
    return shown


def moment(at: datetime | None) -> str | None:
    """Return the time as it travels, or None."""
    return None if at is None else rfc3339(at)


def rated(ticket: Ticket, rating: Rating) -> RatedTicket:
    """Show the rating that was just given."""
    return {"number": ticket.number, **_rating(rating)}


def _looked_into(ticket: Ticket, question: str | None, clocks: TicketClocks) -> LookedInto | None:
    if ticket.verification_id is None or question is None:
        return None
    return {
        "verification_id": ticket.verification_id,
        "question": question,
        "complete_by": moment(clocks.due(COMPLETE_ANSWER)),
        "news_by": moment(clocks.due(UPDATE)),
    }


def _rating(rating: Rating) -> RatingView:
    return {"score": rating.score, "comment": rating.comment, "rated_at": rfc3339(rating.rated_at)}


def _status(ticket: Ticket, *, to_staff: bool) -> TicketStatus:
    """Return the status. A ticket marked as spam is shown to customers as closed."""
    return ticket.status if to_staff or ticket.status is not TicketStatus.SPAM else TicketStatus.CLOSED


def _resolution(ticket: Ticket, *, to_staff: bool, proven: bool) -> ResolutionView | None:
    if ticket.resolution_code is None or ticket.resolved_at is None:
        return None
    return {
        "code": ticket.resolution_code,
        "note": ticket.resolution_note if to_staff or (ticket.refused and proven) else None,
        "ground": ticket.resolution_ground if to_staff or proven else None,
        "resolved_at": rfc3339(ticket.resolved_at),
        "closed_at": rfc3339(ticket.closed_at) if ticket.closed_at else None,
        "closed_by": ticket.closed_by,
    }
