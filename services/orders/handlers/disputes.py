"""Disputes for leads: listed by when the bank wants its answer, and answered."""

from __future__ import annotations

from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.orders import bank_views
from services.orders.api.disputes import AnswerDispute, DisputeView, ListDisputes
from services.orders.domain.dispute import Dispute
from services.orders.handlers import dispute_facts
from services.orders.repository import Work


def list_disputes(work: Work, query: ListDisputes) -> Page[DisputeView]:
    """Return those without a decision, the next to answer first; or those that are decided."""
    page = work.disputes.page(lambda each: each, ended=query.ended, cursor=query.cursor, limit=query.limit)
    return {"items": [_show(work, each) for each in page["items"]], "next_cursor": page["next_cursor"]}


def get_dispute(work: Work, dispute_id: str) -> DisputeView:
    """Show one dispute."""
    return _show(work, work.disputes.get(dispute_id))


def answer_dispute(work: Work, dispute_id: str, answer: AnswerDispute) -> DisputeView:
    """Record that the evidence was sent to the bank."""
    work.orders.find(work.disputes.order_of(dispute_id), lock=True)
    dispute = work.disputes.get(dispute_id, lock=True)
    require_version(answer.version, dispute.version, lambda: _show(work, dispute))
    dispute.require_open()
    dispute_facts.note_answer(work, dispute, answer.note)
    return _show(work, dispute)


def _show(work: Work, dispute: Dispute) -> DisputeView:
    return bank_views.dispute_view(dispute, work.payments.received_cents(dispute.payment_id))
