"""What an order's units cost: the catalogue's prices, less a discount. Pure.

    price_units(quoted, discount)      # for each line what each of its units costs; their sum is what is paid

A discount is shared among the lines that it is for in proportion to what they cost, and then among their units, to the
cent. That share stays with the unit: what is paid back for it later is what it cost. Each unit costs one cent at least,
so none is given away, and all of it what can be paid at least.
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
    uses_per_customer    how many paid ones one mailbox may have before it gets no other
    """

    code: str
    percent: int | None = None
    amount: Money | None = None
    skus: tuple[str, ...] = ()
    minimum: Money | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    uses: int | None = None
    uses_per_customer: int | None = None
    note: str = ""
    active: bool = True
    used: int = 0
    version: int = 0

    def revise(self, to: SaveDiscount, skus: tuple[str, ...]) -> DiscountSaved:
        """Take these terms over. skus: as the catalogue spells them."""
        self.percent, self.amount, self.minimum, self.uses = to.percent, to.amount, to.minimum, to.uses
        self.skus, self.note, self.active = skus, to.note, to.active
        self.uses_per_customer = to.uses_per_customer
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
            uses_per_customer=self.uses_per_customer,
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
            raise DiscountOver.used_up()

    def applied(self, amount: Money) -> AppliedDiscount:
        return AppliedDiscount(self.code, self.percent, amount)

    def take_off(self, quoted: Sequence[Quoted], least: Money) -> list[Money]:
        """Return what each line costs less; at least so much is left of all. Raise DiscountNotForThese for nothing."""
        keys = {code_key(sku) for sku in self.skus}
        count = [quantity if not keys or code_key(product.sku) in keys else 0 for product, quantity in quoted]
        goods = sum(each.product.price.cents * pieces for each, pieces in zip(quoted, count, strict=True))
        most = [max(each.product.price.cents - LEAST, 0) * pieces for each, pieces in zip(quoted, count, strict=True)]
        if self.minimum is None or goods >= self.minimum.cents:
            payable = sum(product.price.cents * quantity for product, quantity in quoted) - least.cents
            less = min(self._wanted(goods), sum(most), payable)
            if less > 0:
                return split(Money(less), most)
        minimum = None if self.minimum is None else money_view(self.minimum)
        raise DiscountNotForThese(details={"minimum": minimum, "skus": list(self.skus)})

    def _wanted(self, cents: int) -> int:
        """Return the cents to take off goods of so many cents; half a cent is the customer's."""
        return self.amount.cents if self.amount is not None else (cents * (self.percent or 0) + 50) // 100


def price_units(quoted: Sequence[Quoted], discount: Discount | None, least: Money = ZERO) -> list[tuple[Money, ...]]:
    """Return what each unit of each line costs. least: what a discount leaves of all."""
    if discount is None:
        return [(product.price,) * quantity for product, quantity in quoted]
    return [_units(each, less) for each, less in zip(quoted, discount.take_off(quoted, least), strict=True)]


def _units(quoted: Quoted, less: Money) -> tuple[Money, ...]:
    """Return what the units of a line cost that costs so much less; a cent that is left over goes off the first."""
    share, over = divmod(less.cents, quoted.quantity)
    price = quoted.product.price.cents - share
    return (Money(price - 1),) * over + (Money(price),) * (quoted.quantity - over)
