"""Answers that leads read: drawn with the step that makes them, read by another person than their author (standard,
sections 1 and 6)."""

from __future__ import annotations

from services.common.basics.api import Period
from services.common.basics.caller import LEAD
from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.support import views
from services.support.api.quality import (
    ListQuality,
    QualityReason,
    QualityReport,
    QualityView,
    ReviewAnswer,
)
from services.support.domain import Rating, Ticket, TicketMessage, Verification
from services.support.domain.quality import LOW, QualityReview, id_of, is_drawn
from services.support.handlers.access import acting
from services.support.repository import Work


def draw_answer(work: Work, ticket: Ticket, message: TicketMessage) -> None:
    """Have an answer of a person read, if the lot falls on it."""
    if message.internal or not is_drawn(ticket.number, message.position):
        return
    _draw(work, QualityReason.SAMPLE, f"{ticket.number}:{message.position}", ticket, message)


def draw_sent_back(work: Work, ticket: Ticket, verification: Verification) -> None:
    """Have a draft read that a second person sent back."""
    question = verification.question
    work.quality.draw(
        QualityReview(
            id_of(QualityReason.SENT_BACK, f"{verification.id}:{verification.drafted_at}"), QualityReason.SENT_BACK,
            ticket.number, verification.drafted_by or "", verification.draft or "", question, verification.note, None,
            verification.drafted_at or work.now, work.now,
        )
    )  # fmt: skip


def draw_rated(work: Work, ticket: Ticket, rating: Rating) -> None:
    """Have the last answer read of what the customer rated with 1 or 2."""
    message = work.tickets.last_answer(ticket.number) if rating.score <= LOW else None
    if message is not None:
        mark = f"{ticket.number}:{rating.cycle}"
        _draw(work, QualityReason.LOW_RATING, mark, ticket, message, rating.comment, rating.score)


def list_quality(work: Work, query: ListQuality) -> Page[QualityView]:
    """List what is to be read, and what was."""
    return work.quality.page(_shown, query, acting(work), to_lead=work.caller.has(LEAD))


def review_answer(work: Work, review_id: str, request: ReviewAnswer) -> QualityView:
    """Note what a lead found."""
    review = work.quality.lock(review_id)
    require_version(request.version, review.version, lambda: _shown(review))
    work.journal.record(*review.review(request, acting(work), work.now))
    work.session.flush()
    return _shown(review)


def report_quality(work: Work, query: Period) -> QualityReport:
    """Report by person what was found of the answers of that period."""
    return {"items": work.quality.report(query.since, query.until)}


def _draw(
    work: Work,
    reason: QualityReason,
    mark: str,
    ticket: Ticket,
    message: TicketMessage,
    remark: str | None = None,
    score: int | None = None,
) -> None:
    question = work.tickets.last_question(ticket.number)
    asked = question.body if question else None
    work.quality.draw(
        QualityReview(
            id_of(reason, mark), reason, ticket.number, message.actor, message.body, asked, remark, score,
            message.posted_at, work.now,
        )
    )  # fmt: skip


def _shown(review: QualityReview) -> QualityView:
    return {
        "id": review.id,
        "reason": review.reason,
        "ticket_number": review.ticket_number,
        "agent": review.agent,
        "question": review.question,
        "answer": review.answer,
        "answered_at": rfc3339(review.answered_at),
        "remark": review.remark,
        "score": review.score,
        "drawn_at": rfc3339(review.drawn_at),
        "read_by": review.reviewed_by,
        "read_at": views.moment(review.reviewed_at),
        "polite": review.polite,
        "truthful": review.truthful,
        "complete": review.complete,
        "note": review.note,
        "version": review.version,
    }
