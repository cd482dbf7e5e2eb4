"""The tax that is included in what a line costs. Pure.

Prices are what customers pay, so a tax changes no total: it is a part of what each unit cost, found once when the order
is placed, and it goes back with the unit. Which rate holds where is not known here: ask `Taxes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from services.common.basics.money import Money, split
from services.orders.api import Address
from services.orders.api.parts import LineTax


@dataclass(frozen=True)
class TaxRate:
    """The tax of a jurisdiction, in percent, and the number under which the shop pays it there."""

    jurisdiction: str
    percent: Decimal
    number: str


class Taxes(Protocol):
    """Knows which tax is included in goods that go somewhere. A tax engine would be another one of these."""

    def rate(self, to: Address, hs_code: str | None, on: date) -> TaxRate | None:
        """Return the rate of a day; None where the shop pays no tax."""


def include(rate: TaxRate | None, paid: Sequence[Money]) -> LineTax | None:
    """Return the tax that is included in what the units of a line cost; each unit has its share, to the cent."""
    if rate is None:
        return None
    cents, points = sum(amount.cents for amount in paid), int(rate.percent * 100)
    whole = 10_000 + points
    included = Money((2 * cents * points + whole) // (2 * whole))  # rounded half up
    amounts = split(included, [amount.cents for amount in paid])
    return LineTax(rate.jurisdiction, f"{rate.percent:.2f}", rate.number, tuple(amounts))


def rate_of(tax: LineTax | None) -> TaxRate | None:
    """Return the rate that a line was placed with."""
    return None if tax is None else TaxRate(tax.jurisdiction, Decimal(tax.rate), tax.number)
