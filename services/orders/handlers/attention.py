"""Money in front of a person: listed for leads by due time, and decided.

What a decision moves, it moves in the same transaction; what the order then does not need goes back by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.orders import views
from services.orders.api import (
    AttentionKind,
    AttentionView,
    DecisionNotOffered,
    ListAttention,
    PaymentNotFound,
    RefundCause,
    SettleDecision,
    SettlePayment,
    WrongStatus,
)
from services.orders.api.statuses import DisputeStatus
from services.orders.domain import Attention, Order, Payment, disputes
from services.orders.handlers import accounts, bank, cases, ceilings, claims, dispute_facts, refunds
from services.orders.repository import Work

SETTLED = "nothing of this payment is open any more"


def list_attention(work: Work, query: ListAttention) -> Page[AttentionView]:
    """Return the open cases, the next due first, or those that are settled."""
    return work.cases.page(views.attention_view, settled=query.settled, cursor=query.cursor, limit=query.limit)


def settle_payment(work: Work, payment_id: str, settling: SettlePayment) -> AttentionView:
    """Do what a lead decided about a payment: the oldest case that offers this decision is meant."""
    found = work.cases.open_of_payment(payment_id)
    if not found and not work.cases.knows(payment_id):
        raise PaymentNotFound
    if not found:
        raise WrongStatus(SETTLED, details={"status": "settled"})
    number = found[0].order_number
    order = work.orders.get(number, lock=True) if number is not None else None
    payments = work.payments.of_order(number, lock=True) if number is not None else []
    mine = work.cases.open_of_payment(payment_id, lock=True)
    if not mine:
        raise WrongStatus(SETTLED, details={"status": "settled"})
    case = next((case for case in mine if _is_meant(case, settling)), None)
    if case is None:
        offered = sorted({decision.value for each in mine for decision in each.decisions})
        raise DecisionNotOffered(details={"decisions": offered})
    require_version(settling.version, case.version, lambda: views.attention_view(case))
    cases.close_case(work, case, settling.decision, settling.note)
    if order is not None:
        payment = next((payment for payment in payments if payment.payment_id == payment_id), None)
        act = _ACTS.get(settling.decision)
        if act is not None and payment is not None:  # a claim on an order that was never paid has none
            act(work, case, order, payment, payments)
        accounts.balance_account(work, order, payments)
    return views.attention_view(case)


def _is_meant(case: Attention, settling: SettlePayment) -> bool:
    return settling.decision in case.decisions and settling.reference in (None, case.reference)


Act = Callable[[Work, Attention, Order, Payment, list[Payment]], None]


def _returned(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    work.journal.record(payment.give_back_foreign(payment.foreign_rest))


def _send_back(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    """Send back what arrived for an order that is not paid in full. The order can still be paid."""
    left = work.cases.open_of_order(order.order_number)
    for each in payments:
        for part in (disputes.free_of(each, left), disputes.contested_of(each, left)):
            if part:
                refunds.owe_refund(work, each, part, RefundCause.PAYMENT, each.payment_id)


def _won(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    dispute_facts.decide(work, payment, case, DisputeStatus.WON)


def _lost(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    dispute_facts.decide(work, payment, case, DisputeStatus.LOST)
    dispute_facts.lose(work, order, payment, payments, case)


def _noted(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    if case.kind is AttentionKind.BANK_REFUND:
        bank.tell_of_bank_refund(work, case.reference)


def _covers_owed(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    bank.cover_owed(work, payment, case.reference, case.amount)


def _covered(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    refunds.tell_if_claim_is_settled(work, case)


def _release(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    ceilings.release(work, case.reference)


def _pay(work: Work, case: Attention, order: Order, payment: Payment, payments: list[Payment]) -> None:
    claims.pay_refused(work, case, order)


_ACTS: Mapping[SettleDecision, Act] = {
    SettleDecision.RETURNED: _returned,
    SettleDecision.SEND_BACK: _send_back,
    SettleDecision.WON: _won,
    SettleDecision.LOST: _lost,
    SettleDecision.NOTED: _noted,
    SettleDecision.COVERS_OWED: _covers_owed,
    SettleDecision.COVERED: _covered,
    SettleDecision.RELEASE: _release,
    SettleDecision.PAY: _pay,
}
