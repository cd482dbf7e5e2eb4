"""What an order's units cost: the catalogue's prices, less a discount. Pure.

    price_units(quoted, discount)      # for each line what each of its units costs; their sum is what is paid

A discount is shared among the units that it is for in proportion to their prices, to the cent. That share stays with
the unit: what is paid back for it later is what it cost. Each unit costs one cent at least, so none is given away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.common.basics.clock import rfc3339
from services.common.basics.folding import code_key
from services.common.basics.money import ZERO, Money, split
from services.common.basics.shapes import money_view
from services.orders.api.discounts import (
    DiscountNotForThese,
    DiscountOver,
    DiscountSaved,
    SaveDiscount,
    UnknownDiscount,
)
from services.orders.api.moments import begin_of, end_of
from services.orders.api.parts import AppliedDiscount
from services.orders.domain.catalogue import Product

LEAST = 1  # cents that a unit costs


class Quoted(NamedTuple):
    """One line as it was asked for, with the product that names its price."""

    product: Product
    quantity: int


@dataclass(eq=False)
class Discount:
    """A code with its terms: a percentage, or an amount once an order, off the goods that it is for.

    skus         what it is for; empty: everything
    minimum      what these goods must cost at least, before the discount
    valid_until  the first moment at which it is over
    uses         how many orders may have it; `used` counts those that are paid or can still be paid
    """

    code: str
    percent: int | None = None
    amount: Money | None = None
    skus: tuple[str, ...] = ()
    minimum: Money | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    uses: int | None = None
    note: str = ""
    active: bool = True
    used: int = 0
    version: int = 0

    def revise(self, to: SaveDiscount, skus: tuple[str, ...]) -> DiscountSaved:
        """Take these terms over. skus: as the catalogue spells them."""
        self.percent, self.amount, self.minimum, self.uses = to.percent, to.amount, to.minimum, to.uses
        self.skus, self.note, self.active = skus, to.note, to.active
        self.valid_from, self.valid_until = begin_of(to.valid_from), end_of(to.valid_until)
        self.version += 1
        return DiscountSaved(
            discount_code=self.code,
            percent=self.percent,
            amount=self.amount,
            skus=self.skus,
            minimum=self.minimum,
            valid_from=rfc3339(self.valid_from) if self.valid_from else None,
            valid_until=rfc3339(self.valid_until) if self.valid_until else None,
            uses=self.uses,
            active=self.active,
            discount_version=self.version,
        )

    def must_be_usable(self, now: datetime) -> None:
        """Raise UnknownDiscount before it begins, DiscountOver once its time or its uses are over."""
        if not self.active or (self.valid_from is not None and now < self.valid_from):
            raise UnknownDiscount
        if self.valid_until is not None and now >= self.valid_until:
            raise DiscountOver(details={"why": "ended"})
        if self.uses is not None and self.used >= self.uses:
            raise DiscountOver(details={"why": "used_up"})

    def applied(self, amount: Money) -> AppliedDiscount:
        return AppliedDiscount(self.code, self.percent, amount)

    def take_off(self, prices: Sequence[tuple[str, Money]]) -> list[Money]:
        """Return what each unit costs less. prices: SKU and price of each. Raise DiscountNotForThese for nothing."""
        keys = {code_key(sku) for sku in self.skus}
        meant = [price.cents if not keys or code_key(sku) in keys else 0 for sku, price in prices]
        most = [max(cents - LEAST, 0) for cents in meant]
        if self.minimum is None or sum(meant) >= self.minimum.cents:
            less = min(self._wanted(sum(meant)), sum(most))
            if less:
                return split(Money(less), most)
        minimum = None if self.minimum is None else money_view(self.minimum)
        raise DiscountNotForThese(details={"minimum": minimum, "skus": list(self.skus)})

    def _wanted(self, cents: int) -> int:
        """Return the cents to take off goods of so many cents; half a cent is the customer's."""
        return self.amount.cents if self.amount is not None else (cents * (self.percent or 0) + 50) // 100


def price_units(quoted: Sequence[Quoted], discount: Discount | None) -> list[tuple[Money, ...]]:
    """Return what each unit of each line costs."""
    prices = [(product.sku, product.price) for product, quantity in quoted for _ in range(quantity)]
    less = discount.take_off(prices) if discount else [ZERO] * len(prices)
    units = iter([price - off for (_, price), off in zip(prices, less, strict=True)])
    return [tuple(next(units) for _ in range(quantity)) for _, quantity in quoted]
