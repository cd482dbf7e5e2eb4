"""What banks and providers say of our money, as leads see it. Pure."""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.orders.api.disputes import DisputeView
from services.orders.api.reconciling import BooksView
from services.orders.domain.books import Comparison
from services.orders.domain.currencies import reported
from services.orders.domain.dispute import Dispute


def dispute_view(dispute: Dispute, whole: int) -> DisputeView:
    """Show a dispute. whole: what the payment took, for one that is about all of it."""
    amount = reported(dispute.cents or whole, dispute.currency)
    return {
        "id": dispute.id,
        "payment_id": dispute.payment_id,
        "order_number": dispute.order_number,
        "provider": dispute.provider,
        "reference": dispute.name,
        "amount": {"amount": amount.amount, "currency": amount.currency},
        "reason": dispute.reason or "no reason given",
        "status": dispute.status,
        "opened_at": rfc3339(dispute.opened_at),
        "answer_by": rfc3339(dispute.answer_by),
        "answered_at": None if dispute.answered_at is None else rfc3339(dispute.answered_at),
        "answered_by": dispute.answered_by or None,
        "ended_at": None if dispute.ended_at is None else rfc3339(dispute.ended_at),
        "version": dispute.version,
    }


def books_view(comparison: Comparison, differences: int) -> BooksView:
    """Show how far the books of a provider are compared."""
    return {
        "provider": comparison.provider,
        "compared_from": rfc3339(comparison.begun_at),
        "compared_at": None if comparison.finished_at is None else rfc3339(comparison.finished_at),
        "next_at": rfc3339(comparison.next_at),
        "movements": comparison.seen,
        "differences": differences,
        "problem": comparison.problem or None,
    }
