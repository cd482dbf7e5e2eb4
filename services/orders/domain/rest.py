"""What is left of an order, in money, from the little that a list reads of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.common.basics.money import Money
from services.orders.api import Contact, OrderStatus, ReviewStatus


class LineInCents(NamedTuple):
    """What the money of a line hangs on: its price, what each unit cost, the units that left it, the tax of each."""

    price: int
    paid: Sequence[int]
    removed: Collection[int]
    tax: Sequence[int] | None


class Rest(NamedTuple):
    """What the units that are left cost, how much less that is than their price, and the tax in it."""

    paid: Money
    reduction: Money
    tax: Money

    @classmethod
    def of(cls, lines: Iterable[LineInCents], *, discounted: bool) -> Rest:
        """Reckon it. discounted: the order has a discount; without one nothing was taken off (`Order.bought_lines`)."""
        paid = reduction = tax = 0
        for line in lines:
            units = [unit for unit in range(len(line.paid)) if unit not in line.removed]
            cost = [line.paid[unit] for unit in units]
            if units:
                price = line.price if discounted else max(cost)
                paid, reduction = paid + sum(cost), reduction + price * len(units) - sum(cost)
                tax += sum(line.tax[unit] for unit in units) if line.tax else 0
        return cls(Money(paid), Money(reduction), Money(tax))


@dataclass(frozen=True)
class ListedOrder:
    """An order as a row of a list shows it."""

    order_number: str
    email: str
    contact: Contact
    placed_at: datetime
    version: int
    status: OrderStatus
    review: ReviewStatus
    review_due_at: datetime | None
    stage: str | None
    shipping: Money
    duties: Money
    total: Money
    rest: Rest
