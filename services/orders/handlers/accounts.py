"""The account of an order, kept: what it does not need goes back by itself, what it lacks is in front of a person.

    captured = kept + refunded + attention                  (services.orders.domain.account)

`balance_account` is called, with the order locked, after everything that moves money or changes what the order is
worth. It may be called any number of times: it only does what is still to be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.basics.message import Message
from services.common.basics.money import CURRENCY, ZERO, Money
from services.orders.api import AttentionKind, OrderExpired, OrderStatus, RefundCause
from services.orders.domain import Account, Attention, Order, Payment, disputes, shares
from services.orders.handlers import cases, refunds
from services.orders.repository import Work


@dataclass(frozen=True)
class Books:
    """What is written of an order's money beside the order and its payments, as read once in a transaction."""

    repaid: set[tuple[int, int]]
    cases: list[Attention]
    borne: Money

    @classmethod
    def of(cls, work: Work, number: str, payments: Sequence[Payment]) -> Books:
        """Read them. payments: all of the order; only money that came can have gone back."""
        paid, opened = work.payments, work.cases.open_of_order(number)
        if all(payment.received is None for payment in payments):
            return cls(set(), opened, ZERO)
        return cls(paid.repaid_units(number), opened, paid.borne(number))

    def account(self, order: Order, payments: Sequence[Payment]) -> Account:
        """Compute the account of an order that these books are of."""
        return Account.of(order, payments, self.repaid, self.cases, self.borne)


def account_of(work: Work, order: Order, payments: Sequence[Payment]) -> Account:
    """Compute the money of an order as it stands now."""
    return Books.of(work, order.order_number, payments).account(order, payments)


def balance_account(work: Work, order: Order, payments: Sequence[Payment], books: Books | None = None) -> None:
    """Send back what the order does not need, and put in front of a person what it lacks.

    payments: all of the order, locked. books: read before, if nothing was written into them since.
    What a case is open about that may end in paying twice does not go back.
    """
    books = books or Books.of(work, order.order_number, payments)
    account = books.account(order, payments)
    _see_to_shortfall(work, order, payments, account, books.cases)
    if account.surplus and not account.held:
        newest = sorted(payments, key=lambda payment: payment.captured_at or payment.created_at, reverse=True)
        opened = books.cases
        for payment, part in shares(account.surplus, newest, lambda each: disputes.free_of(each, opened)):
            refunds.owe_refund(work, payment, part, RefundCause.PAYMENT, payment.payment_id)


def ask_about_unpaid(work: Work, order: Order, payments: Sequence[Payment]) -> None:
    """Ask a person about a confirmed order whose payment the bank took back, and keep its goods from leaving.

    What has left already is our loss and needs no decision; what is to follow it, in exchange or sent again, does.
    """
    shipments = work.fulfillments.of_order(order.order_number)
    here = any(not (each.dispatched_at or each.is_over) for each in shipments)
    left = not here and any(each.dispatched_at for each in shipments)
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


def _see_to_shortfall(
    work: Work, order: Order, payments: Sequence[Payment], account: Account, opened: Sequence[Attention]
) -> None:
    """Open the case of an order that is paid in part, or end the cases of one that lacks nothing any more."""
    if account.awaits_payment and account.available and account.missing:
        payment = next(payment for payment in reversed(payments) if payment.refundable)
        known = next((case.payment_id for case in opened if case.kind is AttentionKind.SHORTFALL), None)
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
    for case in opened:
        if case.kind in ended:
            cases.close_case(work, case)


def _latest(payments: Sequence[Payment]) -> Payment:
    """Return the payment that was captured last."""
    return max(payments, key=lambda payment: payment.captured_at or payment.created_at)
