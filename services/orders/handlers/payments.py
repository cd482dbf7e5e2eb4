"""Payments: started by the customer, ended by what the provider reports."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from services.common.basics import ids
from services.common.basics.money import CURRENCY, Money
from services.common.basics.shapes import money_view
from services.orders.adapters.payments import FactKind, PaymentFact, PaymentProvider
from services.orders.api import (
    BadRawBody,
    BadSignature,
    OrderStatus,
    OutOfStock,
    PaymentStatus,
    PaymentWebhookReceipt,
    PlacedOrder,
    RefundCause,
    StartedPayment,
    StartPayment,
    WrongStatus,
)
from services.orders.domain import Order, Payment
from services.orders.domain.clocks import start_review_clock
from services.orders.handlers import access, refunds
from services.orders.repository import Transaction, Work
from services.orders.settings import OrdersSettings

APPLIED, KNOWN, UNKNOWN, SURPLUS = "applied", "known", "unknown", "surplus_refunded"
NOT_USD = "surplus_in_other_currency"


def start_payment(transaction: Transaction, number: str, choice: StartPayment) -> StartedPayment:
    """Start to pay an order, and return what the client needs. That is as good as the money: it is never stored."""
    with transaction() as work:
        payment, settings = attempt_payment(work, number, choice), work.settings
    return client_data(payment, settings.provider(payment.provider))


def attempt_payment(work: Work, number: str, choice: StartPayment) -> Payment:
    """The customer sets out to pay; a failed attempt is followed by a new one, a running one is the same one."""
    order = access.own(work, number, lines=False)
    if order.status is not OrderStatus.AWAITING_PAYMENT:
        raise WrongStatus(f"the order is {order.status}", details={"status": order.status.value})
    name = work.settings.provider(choice.provider or work.settings.payment_provider).name
    payment = work.payments.of_order(number, lock=True)[-1]
    if payment.status is PaymentStatus.FAILED or payment.provider != name:
        payment = Payment(ids.new_number(ids.PAYMENT), number, name, order.total, created_at=work.now)
        work.payments.add(payment)
    work.journal.record(payment.start())
    return payment


def client_data(payment: Payment, provider: PaymentProvider) -> StartedPayment:
    """What the customer's client needs to pay this payment."""
    return {
        "payment_id": payment.payment_id,
        "provider": payment.provider,
        "status": payment.status,
        "amount": money_view(payment.amount),
        **provider.start(payment.payment_id, payment.order_number, payment.amount),
    }


def ready_to_pay(placed: PlacedOrder, settings: OrdersSettings) -> PlacedOrder:
    """A placed order with what its client needs to pay at once, so that it need not ask for that first.

    Added when the reply is made and never stored: it is as good as the money.
    """
    shown = placed["payment"]
    amount = Money.parse(shown["amount"]["amount"])
    data = settings.provider(shown["provider"]).start(shown["id"], placed["number"], amount)
    return {**placed, "payment": {**shown, **data}}


def receive_webhook(
    work: Work, provider: str, headers: Mapping[str, str], raw_body_base64: str
) -> PaymentWebhookReceipt:
    """Take the facts of a webhook whose signature fits its raw bytes; BadSignature otherwise."""
    found, raw = work.settings.provider(provider), _decoded(raw_body_base64)
    if not found.verify(headers, raw, work.now):
        raise BadSignature
    return take_facts(work, provider, found.parse(raw))


def _decoded(raw_body_base64: str) -> bytes:
    try:
        return base64.b64decode(raw_body_base64, validate=True)
    except (binascii.Error, ValueError):
        raise BadRawBody from None


def forget_webhooks(transaction: Transaction) -> None:
    """Drop the marks of webhooks that no provider repeats any more."""
    with transaction() as work:
        work.payments.forget_webhooks()


def take_facts(work: Work, provider: str, facts: Sequence[PaymentFact]) -> PaymentWebhookReceipt:
    """Write down what a provider reported, each report once."""
    work.caller = replace(work.caller, actor=f"provider:{provider}")  # who told it, whoever carried it here
    news = 0
    for fact in facts:
        if not work.payments.remember_webhook(provider, fact.event_id, fact.kind.value):
            continue
        news += 1
        outcome = _TAKE[fact.kind](work, fact)
        if outcome != APPLIED:
            work.payments.note_outcome(provider, fact.event_id, outcome)
    return {"accepted": True, "duplicate": bool(facts) and not news}


def _captured(work: Work, fact: PaymentFact) -> str:
    order, payment = _locked(work, fact)
    if order is None or payment is None:
        return UNKNOWN
    event = payment.capture(fact.cents, fact.currency, fact.reference, work.now)
    if event is None:
        return KNOWN
    work.journal.record(event)
    if _can_be_confirmed(work, order):
        work.journal.record(order.confirm(payment.payment_id, work.now))
        _start_review_clock(work, order)
        return APPLIED
    if not payment.captured:
        work.journal.record(payment.surplus())
        return NOT_USD
    refunds.owe_refund(work, payment, payment.captured, RefundCause.PAYMENT, payment.payment_id)
    return SURPLUS


def _processing(work: Work, fact: PaymentFact) -> str:
    """The provider works on a payment: the order keeps its stock that long (`domain.hold`)."""
    _order, payment = _locked(work, fact)
    if payment is None:
        return UNKNOWN
    work.journal.record(payment.report_underway(fact.until or work.now + work.settings.hold))
    return APPLIED


def _failed(work: Work, fact: PaymentFact) -> str:
    _order, payment = _locked(work, fact)
    if payment is None:
        return UNKNOWN
    event = payment.fail(fact.reason or "declined")
    work.journal.record(event)
    return APPLIED if event else KNOWN


def _disputed(work: Work, fact: PaymentFact) -> str:
    _order, payment = _locked(work, fact)
    if payment is None:
        return UNKNOWN
    event = payment.dispute(fact.reason, work.now)
    work.journal.record(event)
    return APPLIED if event else KNOWN


def _refund_settled(work: Work, fact: PaymentFact) -> str:
    refund = work.payments.find_refund(fact.refund_id)
    if refund is None:
        return UNKNOWN
    if (fact.cents, fact.currency) != (refund.amount.cents, CURRENCY):
        return "wrong_amount"
    event = refund.settle(work.now)
    work.journal.record(event)
    return APPLIED if event else KNOWN


def _refund_failed(work: Work, fact: PaymentFact) -> str:
    refund = work.payments.find_refund(fact.refund_id)
    if refund is None:
        return UNKNOWN
    event = refund.fail(fact.reason or "refused by the provider", fact.reference, work.now)
    work.journal.record(event)
    return APPLIED if event else KNOWN


_TAKE: Mapping[FactKind, Callable[[Work, PaymentFact], str]] = {
    FactKind.PROCESSING: _processing,
    FactKind.CAPTURED: _captured,
    FactKind.FAILED: _failed,
    FactKind.DISPUTED: _disputed,
    FactKind.REFUND_SETTLED: _refund_settled,
    FactKind.REFUND_FAILED: _refund_failed,
}


def _locked(work: Work, fact: PaymentFact) -> tuple[Order | None, Payment | None]:
    """The order and the payment of a fact, locked in this order."""
    order = work.orders.of_payment(fact.payment_id)
    if order is None:
        return None, None
    payments = work.payments.of_order(order.order_number, lock=True)
    return order, next(payment for payment in payments if payment.payment_id == fact.payment_id)


def _can_be_confirmed(work: Work, order: Order) -> bool:
    """Whether this is the money the order waits for: still, or again, if the goods are still there."""
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return True
    if order.status is not OrderStatus.EXPIRED:
        return False
    try:
        with work.attempt():
            work.stock.reserve(order.wanted(), order.order_number)
    except OutOfStock:
        return False
    return True


def _start_review_clock(work: Work, order: Order) -> None:
    settings = work.settings
    clock = start_review_clock(
        ids.new_id(), order.order_number, work.now, calendar=settings.team_calendar, zone=settings.team_zone
    )
    order.review_due_at = clock.due_at
    work.commitments.start(clock)
