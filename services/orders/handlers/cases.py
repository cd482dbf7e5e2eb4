"""Cases of money that does not match: opened and closed here, decided in attention.py.

Refunds that waited for a case are looked at again when it changes or ends.

Each payment with an open case has one clock `payment_attention`, which stops with the last of its cases.
"""

from __future__ import annotations

from services.common.basics import ids
from services.orders.api import PAYMENT_ATTENTION, AttentionKind, SettleDecision
from services.orders.domain import Attention
from services.orders.domain.attention import HOLDS_PAYOUTS
from services.orders.handlers.promises import start_promise
from services.orders.repository import Work


def open_case(
    work: Work,
    kind: AttentionKind,
    payment_id: str,
    order_number: str | None,
    cents: int,
    currency: str,
    reason: str,
    reference: str = "",
) -> Attention:
    """Open a case about money for a person. If it is open already, only update its amount."""
    mine = work.cases.open_of_payment(payment_id)
    known = next((case for case in mine if (case.kind, case.reference) == (kind, reference)), None)
    if known is not None:
        if known.cents != cents:
            known.cents, known.version = cents, known.version + 1
            _decide_anew(work, known)
        return known
    clock = work.commitments.running(PAYMENT_ATTENTION, payment_id) if mine else None
    if clock is None:
        clock = start_promise(work, PAYMENT_ATTENTION, payment_id, order_number)
    case = Attention(
        id=ids.new_id(),
        kind=kind,
        payment_id=payment_id,
        order_number=order_number,
        cents=cents,
        currency=currency,
        reason=reason,
        reference=reference,
        opened_at=work.now,
        due_at=clock.due_at,
    )
    work.cases.add(case)
    work.journal.record(*case.raised())
    return case


def close_case(work: Work, case: Attention, decision: SettleDecision | None = None, note: str = "") -> None:
    """End a case; the clock of its payment stops with the last one."""
    work.journal.record(*case.close(work.now, work.caller.actor, decision, note))
    if all(other is case for other in work.cases.open_of_payment(case.payment_id)):
        work.commitments.stop(PAYMENT_ATTENTION, case.payment_id, work.now)
    _decide_anew(work, case)


def close_kinds(work: Work, payment_id: str, *kinds: AttentionKind, reference: str = "") -> None:
    """End the cases of these kinds that are open: they have settled by themselves."""
    for case in work.cases.open_of_payment(payment_id):
        if case.kind in kinds and case.reference == reference:
            close_case(work, case)


def _decide_anew(work: Work, case: Attention) -> None:
    if case.kind in HOLDS_PAYOUTS and case.order_number is not None:
        for refund in work.payments.refunds_of(case.order_number, lock=True):
            refund.look_again(work.now)
