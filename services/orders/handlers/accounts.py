"""The account of an order, kept: what it does not need goes back by itself, what it lacks is in front of a person.

    captured = kept + refunded + attention                  (services.orders.domain.account)

`balance_account` is called, with the order locked, after everything that moves money or changes what the order is
worth. It may be called any number of times: it only does what is still to be done.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.common.basics.message import Message
from services.common.basics.money import CURRENCY
from services.orders.api import AttentionKind, OrderExpired, OrderStatus, RefundCause
from services.orders.domain import Account, Order, Payment, disputes, shares
from services.orders.handlers import cases, refunds
from services.orders.repository import Work


def account_of(work: Work, order: Order, payments: Sequence[Payment]) -> Account:
    """Compute the money of an order as it stands now."""
    number = order.order_number
    repaid, cases = work.payments.repaid_units(number), work.cases.open_of_order(number)
    return Account.of(order, payments, repaid, cases, work.payments.postage(number))


def balance_account(work: Work, order: Order, payments: Sequence[Payment]) -> None:
    """Send back what the order does not need, and put in front of a person what it lacks.

    payments: all of the order, locked. What a case is open about that may end in paying twice does not go back.
    """
    account = account_of(work, order, payments)
    _see_to_shortfall(work, order, payments, account)
    if account.surplus and not account.held:
        newest = sorted(payments, key=lambda payment: payment.captured_at or payment.created_at, reverse=True)
        cases = work.cases.open_of_order(order.order_number)
        for payment, part in shares(account.surplus, newest, lambda each: disputes.free_of(each, cases)):
            refunds.owe_refund(work, payment, part, RefundCause.PAYMENT, payment.payment_id)


def ask_about_unpaid(work: Work, order: Order, payments: Sequence[Payment]) -> None:
    """Ask a person about a confirmed order whose payment the bank took back, and keep its goods from leaving.

    What has left already is our loss and needs no decision.
    """
    left = any(shipment.dispatched_at for shipment in work.fulfillments.of_order(order.order_number))
    account = account_of(work, order, payments)
    if order.status is not OrderStatus.CONFIRMED or left or not account.missing:
        return
    cases.open_case(
        work,
        AttentionKind.UNPAID,
        _latest(payments).payment_id,
        order.order_number,
        account.missing.cents,
        CURRENCY,
        f"the order is confirmed and {account.missing} of {account.worth} USD are not paid any more",
    )


def on_order_expired(work: Work, event: OrderExpired, message: Message) -> None:
    """Send back what was paid for an order that expired: it was less than the order costs."""
    order = work.orders.get(event.order_number, lock=True)
    balance_account(work, order, work.payments.of_order(order.order_number, lock=True))


def _see_to_shortfall(work: Work, order: Order, payments: Sequence[Payment], account: Account) -> None:
    """Open the case of an order that is paid in part, or end the cases of one that lacks nothing any more."""
    if account.awaits_payment and account.available and account.missing:
        payment = next(payment for payment in reversed(payments) if payment.refundable)
        known = _open(work, order, AttentionKind.SHORTFALL)
        cases.open_case(
            work,
            AttentionKind.SHORTFALL,
            known or payment.payment_id,
            order.order_number,
            account.available.cents,
            CURRENCY,
            f"{account.available} USD arrived instead of {account.worth} USD",
        )
        return
    ended = [AttentionKind.SHORTFALL] if not account.missing or not account.available else []
    if not account.missing or order.status is not OrderStatus.CONFIRMED:
        ended.append(AttentionKind.UNPAID)
    for case in work.cases.open_of_order(order.order_number):
        if case.kind in ended:
            cases.close_case(work, case)


def _open(work: Work, order: Order, kind: AttentionKind) -> str | None:
    """Return the id of the payment that an open case of this kind is about."""
    found = (case.payment_id for case in work.cases.open_of_order(order.order_number) if case.kind is kind)
    return next(found, None)


def _latest(payments: Sequence[Payment]) -> Payment:
    """Return the payment that was captured last."""
    return max(payments, key=lambda payment: payment.captured_at or payment.created_at)
