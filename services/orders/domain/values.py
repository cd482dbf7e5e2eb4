"""The lines of an order, and how values are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import money_view
from services.orders.api import Address, AddressView, BoughtLine, OrderLineView
from services.orders.api.parts import LineTax, LineTaxView
from services.orders.domain.rest import LineInCents


@dataclass(eq=False)
class OrderLine:
    """One product of an order.

    paid     what each unit cost the customer, split once when the order was placed (standard, section 4: in full)
    tax      what of `paid` is tax, unit by unit
    removed  the units that an accepted change took out; `paid` keeps its length, so that unit numbers never move
    """

    order_number: str
    line_id: int
    sku: str
    title: str
    unit_price: Money
    paid: tuple[Money, ...]
    weight_g: int
    hs_code: str | None
    origin_country: str
    removed: tuple[int, ...] = ()
    tax: LineTax | None = None

    @property
    def units(self) -> tuple[int, ...]:
        """The units that are still part of the order."""
        return tuple(unit for unit in range(len(self.paid)) if unit not in self.removed)

    @property
    def quantity(self) -> int:
        return len(self.units)

    def paid_for(self, units: Iterable[int]) -> Money:
        return Money.total(self.paid[unit] for unit in units)

    def reduction(self, units: Iterable[int]) -> Money:
        """Return what these units cost less than the price of the product."""
        return Money.total(self.unit_price - self.paid[unit] for unit in units)

    def tax_of(self, units: Iterable[int]) -> Money:
        """Return the tax that is included in what these units cost."""
        return ZERO if self.tax is None else Money.total(self.tax.amounts[unit] for unit in units)

    def in_cents(self) -> LineInCents:
        """Return what its money hangs on."""
        tax = [amount.cents for amount in self.tax.amounts] if self.tax else None
        return LineInCents(self.unit_price.cents, [each.cents for each in self.paid], self.removed, tax)

    def bought(self) -> BoughtLine:
        """Return what is left of the line, as events hold it."""
        return BoughtLine(
            line_id=self.line_id,
            sku=self.sku,
            title=self.title,
            quantity=self.quantity,
            unit_price=self.unit_price,
            units=self.units,
            paid=tuple(self.paid[unit] for unit in self.units),
            weight_g=self.weight_g,
            hs_code=self.hs_code,
            origin_country=self.origin_country,
            tax=self.tax and replace(self.tax, amounts=tuple(self.tax.amounts[unit] for unit in self.units)),
        )


def line_view(line: BoughtLine) -> OrderLineView:
    """Return the line as JSON, as replies show it and options of a change store it."""
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": money_view(line.unit_price),
        "units": list(line.units),
        "paid": [money_view(paid) for paid in line.paid],
        "weight_g": line.weight_g,
        "hs_code": line.hs_code,
        "origin_country": line.origin_country,
        "discount": money_view(line.reduction),
        "tax": line_tax_view(line.tax),
    }


def line_tax_view(tax: LineTax | None) -> LineTaxView | None:
    if tax is None:
        return None
    amounts = [money_view(amount) for amount in tax.amounts]
    return {"jurisdiction": tax.jurisdiction, "rate": tax.rate, "number": tax.number, "amounts": amounts}


def line_tax_from(shown: LineTaxView | None) -> LineTax | None:
    """Build the tax that `line_tax_view` showed."""
    if shown is None:
        return None
    amounts = tuple(Money.parse(amount["amount"]) for amount in shown["amounts"])
    return LineTax(shown["jurisdiction"], shown["rate"], shown["number"], amounts)


def line_from(number: str, shown: OrderLineView) -> OrderLine:
    """Build the line that `line_view` showed."""
    return OrderLine(
        order_number=number,
        line_id=shown["line_id"],
        sku=shown["sku"],
        title=shown["title"],
        unit_price=Money.parse(shown["unit_price"]["amount"]),
        paid=tuple(Money.parse(paid["amount"]) for paid in shown["paid"]),
        weight_g=shown["weight_g"],
        hs_code=shown["hs_code"],
        origin_country=shown["origin_country"],
        tax=line_tax_from(shown.get("tax")),
    )


def address_view(address: Address) -> AddressView:
    return {
        "name": address.name,
        "line1": address.line1,
        "city": address.city,
        "postal_code": address.postal_code,
        "country": address.country,
        "line2": address.line2,
        "region": address.region,
        "company": address.company,
    }
