"""The queue of refunds for leads: try again what the bank did not pay, or record how it was paid by hand."""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.orders import views
from services.orders.api import (
    AttentionKind,
    ListRefunds,
    PayoutHeld,
    RecordPaidRefund,
    RefundNotFound,
    RetryRefund,
    StaffRefundView,
)
from services.orders.domain import Refund
from services.orders.handlers import cases, refunds
from services.orders.repository import Work


def list_refunds(work: Work, query: ListRefunds) -> Page[StaffRefundView]:
    """List the refunds in that status, or all of them, the next due first."""
    page = work.payments.page_of_refunds(
        lambda refund: refund, status=query.status, cursor=query.cursor, limit=query.limit
    )
    held = work.cases.held(refund.order_number for refund in page["items"])
    waiting = {refund_id for number in sorted(held) for refund_id in refunds.waiting_of(work, number)}
    items = [views.staff_refund_view(refund, held=refund.refund_id in waiting) for refund in page["items"]]
    return {"items": items, "next_cursor": page["next_cursor"]}


def retry_refund(work: Work, refund_id: str, retry: RetryRefund) -> StaffRefundView:
    """Try the refund at the bank again at once. Its case ends, and opens again if the bank refuses."""
    refund = _locked(work, refund_id, retry.version)
    work.journal.record(refund.retry(work.now, work.caller.actor))
    cases.close_kinds(work, refund.payment_id, AttentionKind.REFUND_REFUSED, reference=refund_id)
    return _show(work, refund)


def record_paid_refund(work: Work, refund_id: str, paid: RecordPaidRefund) -> StaffRefundView:
    """Note what one person says of a payment by hand; a second one who says the same settles the refund."""
    refund = _locked(work, refund_id, paid.version)
    by = work.caller.actor
    if paid.decision == "not_paid":
        work.journal.record(refund.deny_payment(by, paid.proof))
        return _show(work, refund)
    if refund_id in refunds.waiting_of(work, refund.order_number):
        raise PayoutHeld
    recorded = refund.record_payment(by, paid.proof, rfc3339(work.now))
    if recorded is not None:
        work.journal.record(recorded)
    else:
        work.journal.record(refund.confirm_payment(by, paid.proof))
        refunds.record(work, refund, refund.settle(work.now))
    return _show(work, refund)


def _locked(work: Work, refund_id: str, seen: int | None) -> Refund:
    """Return the refund, locked after its order. Raise VersionMoved if the caller saw another version."""
    number = work.payments.order_of_refund(refund_id)
    if number is None:
        raise RefundNotFound
    work.orders.find(number, lock=True)
    refund = work.payments.find_refund(refund_id)
    if refund is None:
        raise RefundNotFound
    require_version(seen, refund.version, lambda: _show(work, refund))
    return refund


def _show(work: Work, refund: Refund) -> StaffRefundView:
    held = refund.refund_id in refunds.waiting_of(work, refund.order_number)
    return views.staff_refund_view(refund, held=held)
