"""The account of an order: every captured cent is kept for it, on its way back, or in front of a person.

    captured = kept + refunded + attention

`refunded` is what went back or is on its way; postage of a return and what a complaint is made good with are ours
(`borne`), and make what is kept less. What is left (`available`) is kept as far as the order needs it; what the
order does not need, or what waits for a decision, is never counted as kept. Of a disputed payment the disputed part
waits, and no more. Other currencies are not added up: each such payment is in front of a person by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from services.common.basics.money import ZERO, Money
from services.orders.api import OrderStatus, RefundCause
from services.orders.domain.attention import HOLDS_ALL_PAYOUTS, Attention
from services.orders.domain.disputes import contested_of
from services.orders.domain.order import Order
from services.orders.domain.payment import Payment

LIVE = frozenset({OrderStatus.CONFIRMED, OrderStatus.COMPLETED})
BORNE = frozenset({RefundCause.POSTAGE, RefundCause.GOODWILL})
"""What is paid back out of our own money: the units of the order keep what they cost."""
UnitKeys = Collection[tuple[int, int]]


def worth_of(order: Order, repaid: UnitKeys) -> Money:
    """Return what the order is to be paid with: what its units cost that are in it and were not repaid.

    Nothing for an order that has ended or expired. One that is not paid yet is worth its total.
    """
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return order.total
    if order.status not in LIVE:
        return ZERO
    return Money.total(
        line.paid[unit] for line in order.lines for unit in line.units if (line.line_id, unit) not in repaid
    )


@dataclass(frozen=True)
class Account:
    """The money of one order, in USD.

    held: all of it waits for a decision. contested: what of it is disputed, and here.
    """

    captured: Money
    refunded: Money
    worth: Money
    awaits_payment: bool
    held: bool
    contested: Money = ZERO

    @classmethod
    def of(
        cls,
        order: Order,
        payments: Iterable[Payment],
        repaid: UnitKeys,
        cases: Iterable[Attention] = (),
        borne: Money = ZERO,
    ) -> Account:
        """Build the account of an order. cases: its open ones. borne: what of `refunded` is our own money."""
        payments, cases = list(payments), list(cases)
        return cls(
            captured=Money.total(payment.captured for payment in payments),
            refunded=Money.total(payment.refunded for payment in payments),
            worth=max(worth_of(order, repaid) - borne, ZERO),
            awaits_payment=order.status is OrderStatus.AWAITING_PAYMENT,
            held=any(case.kind in HOLDS_ALL_PAYOUTS for case in cases),
            contested=Money.total(contested_of(payment, cases) for payment in payments),
        )

    @property
    def available(self) -> Money:
        return self.captured - self.refunded

    @property
    def missing(self) -> Money:
        """What still has to be paid."""
        return max(self.worth - self.available, ZERO)

    @property
    def surplus(self) -> Money:
        """What the order does not need, and no bank disputes."""
        return max(self.available - self.contested - self.worth, ZERO)

    @property
    def kept(self) -> Money:
        """What is kept for the order: nothing while a person has to decide, or while it is not paid in full."""
        waits = self.held or self.awaits_payment
        return ZERO if waits else min(self.available - self.contested, self.worth)

    @property
    def attention(self) -> Money:
        """What is in front of a person."""
        return self.available - self.kept


def shares(amount: Money, payments: Iterable[Payment], here: Callable[[Payment], Money]) -> list[tuple[Payment, Money]]:
    """Take an amount from payments, each as far as `here` goes, in the order given: (payment, part)."""
    taken: list[tuple[Payment, Money]] = []
    for payment in payments:
        part = min(amount, here(payment))
        if part:
            taken.append((payment, part))
            amount -= part
    return taken
