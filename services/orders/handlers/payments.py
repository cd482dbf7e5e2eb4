"""Payments: started by the customer, ended by what the provider reports (facts.py)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.common.basics import ids
from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import money_view
from services.common.store.database import in_one
from services.orders.adapters.payments import PaymentFact, PaymentProvider, StartedSession
from services.orders.api import (
    BadRawBody,
    BadSignature,
    OrderStatus,
    PaymentStatus,
    PaymentWebhookReceipt,
    PlacedOrder,
    StartedPayment,
    StartPayment,
    UnknownProvider,
    WrongStatus,
)
from services.orders.domain import Order, Payment
from services.orders.handlers import access, accounts, fact_parts, facts
from services.orders.repository import Transaction, Work
from services.orders.settings import OrdersSettings


def start_payment(transaction: Transaction, number: str, choice: StartPayment) -> StartedPayment:
    """Start to pay an order, and return what the client needs. That is as good as the money: it is never stored."""
    payment, provider = in_one(transaction, lambda work: _attempt(work, number, choice))
    started = provider.start(payment.payment_id, payment.order_number, payment.amount, payment.session)
    if name := started.name:
        in_one(transaction, lambda work: work.payments.note_session(payment.payment_id, name))
    return client_data(payment, started)


def _attempt(work: Work, number: str, choice: StartPayment) -> tuple[Payment, PaymentProvider]:
    payment = attempt_payment(work, number, choice)
    return payment, work.settings.provider(payment.provider)


def attempt_payment(work: Work, number: str, choice: StartPayment) -> Payment:
    """Start the customer's payment of what is missing. A failed attempt is followed by a new one; a running one goes
    on.

    Raise WrongStatus for an order that lacks nothing or that has left.
    """
    order = access.get_own_order(work, number)
    payments = work.payments.of_order(number, lock=True)
    missing = _missing(work, order, payments)
    if not missing:
        raise WrongStatus(f"the order is {order.status}", details={"status": order.status.value})
    provider = work.settings.provider(choice.provider or work.settings.payment_provider)
    if not provider.is_set_up:
        raise UnknownProvider
    name = provider.name
    payment = payments[-1]
    is_over = payment.status in (PaymentStatus.FAILED, PaymentStatus.CAPTURED)
    if is_over or payment.provider != name or payment.amount != missing:
        payment = Payment(ids.new_number(ids.PAYMENT), number, name, missing, created_at=work.now)
        work.payments.add(payment)
    work.journal.record(payment.start())
    return payment


def _missing(work: Work, order: Order, payments: Sequence[Payment]) -> Money:
    """Return what can still be paid: for an unpaid order, or one whose money the bank took back before it left."""
    waits = order.status is OrderStatus.AWAITING_PAYMENT
    left = any(shipment.dispatched_at for shipment in work.fulfillments.of_order(order.order_number))
    if not waits and (order.status is not OrderStatus.CONFIRMED or left):
        return ZERO
    return accounts.account_of(work, order, payments).missing


def client_data(payment: Payment, started: StartedSession) -> StartedPayment:
    """Return what the customer's client needs to pay this payment."""
    return {
        "payment_id": payment.payment_id,
        "provider": payment.provider,
        "status": payment.status,
        "amount": money_view(payment.amount),
        **started.client,
    }


def ready_to_pay(placed: PlacedOrder, settings: OrdersSettings) -> PlacedOrder:
    """Add to a placed order what its client needs to pay, so that the client need not ask for it.

    Added when the reply is made and never stored: with this data anyone can use the payment. A provider that would have
    to be asked is not: placing an order waits for no one, and the client starts the payment.
    """
    shown = placed["payment"]
    provider = settings.provider(shown["provider"])
    if not provider.starts_locally:
        return placed
    started = provider.start(shown["id"], placed["number"], Money.parse(shown["amount"]["amount"]))
    return {**placed, "payment": {**shown, **started.client}}


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


def take_facts(work: Work, provider: str, reports: Sequence[PaymentFact]) -> PaymentWebhookReceipt:
    """Write down what a provider reported, each report once."""
    work.caller = replace(work.caller, actor=f"provider:{provider}")  # the provider said it, through the gateway
    if len(reports) > 1:
        facts.lock_orders(work, provider, reports)
    news = 0
    for fact in reports:
        if not work.payments.remember_webhook(provider, fact.event_id, fact.kind.value):
            continue
        news += 1
        outcome = facts.take_fact(work, provider, fact)
        if outcome != fact_parts.APPLIED:
            work.payments.note_outcome(provider, fact.event_id, outcome)
    return {"accepted": True, "duplicate": bool(reports) and not news}
