"""The tax that prices include: found once, a part of what each unit cost, and never on top of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.money import Money
from services.common.runtime.config import ConfigError
from services.orders.adapters.taxes import RATES, TaxTable
from services.orders.domain.options import address_option, substitute_option
from services.orders.domain.tax import TaxRate, include
from services.orders.domain.values import line_from
from services.orders.settings import OrdersSettings
from services.orders.tests.builders import DELIVERY, NOW, a_change, a_consent, a_product, an_order
from services.orders.tests.scene import Scene
from services.orders.tests.test_refunds import claim

NUMBERS = {"PLEDGE_TAX_NUMBERS": "DE DE123456789, GB  GB123456789"}


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@pytest.mark.pure
@given(paid=st.lists(st.integers(1, 10**6), min_size=1, max_size=20), points=st.integers(1, 3000))
def test_the_tax_of_a_line_is_that_of_its_units(paid: list[int], points: int) -> None:
    rate = TaxRate("DE", Decimal(points) / 100, "DE1")

    tax = include(rate, [Money(cents) for cents in paid])

    assert tax is not None
    included = Money.total(tax.amounts).cents
    assert abs(included * (10_000 + points) - sum(paid) * points) * 2 <= 10_000 + points  # to half a cent
    assert all(0 <= part.cents <= cents for part, cents in zip(tax.amounts, paid, strict=True))


@pytest.mark.pure
@pytest.mark.parametrize(
    ("country", "on", "percent"),
    [
        ("DE", date(2020, 12, 31), "16"), ("DE", date(2021, 1, 1), "19"), ("EE", date(2025, 6, 30), "22"),
        ("EE", date(2025, 7, 1), "24"), ("FI", date(2026, 3, 2), "25.5"), ("GB", date(2019, 1, 1), None),
        ("US", date(2026, 3, 2), None), ("FR", date(2026, 3, 2), None),
    ],
)  # fmt: skip
def test_a_rate_is_that_of_the_day_where_the_shop_is_known(country: str, on: date, percent: str | None) -> None:
    table = TaxTable({"DE": "DE1", "EE": "EE1", "FI": "FI1", "GB": "GB1"})

    found = table.rate(replace(DELIVERY, country=country), None, on)

    assert found == (None if percent is None else TaxRate(country, Decimal(percent), f"{country}1"))
    assert all([*rates] == sorted(rates) for rates in RATES.values())


@pytest.mark.pure
@pytest.mark.parametrize("numbers", ["DE", "de DE123456789", "US US123456789", "DE DE1; GB GB1"])
def test_numbers_that_say_nothing_are_refused(numbers: str) -> None:
    with pytest.raises(ConfigError):
        OrdersSettings.load({"PLEDGE_TAX_NUMBERS": numbers})


def test_tax_is_a_part_of_what_is_paid_and_goes_with_the_unit(scene: Scene) -> None:
    scene.store.settings = OrdersSettings.load(NUMBERS)
    scene.stocked("TEA", 5, "24.90").discounts()
    number = scene.place(("MUG", 2), ("TEA", 1), discount_code="SPRING", passes=False)
    placed = scene.order(number)
    scene.pay(number)
    scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])
    claim(scene, number, [(2, 0)], "22.41")
    left = scene.order(number)

    assert placed["totals"]["total"] == usd("44.91")  # as without a tax
    assert placed["lines"][0]["tax"] == {
        "jurisdiction": "GB", "rate": "20.00", "number": "GB123456789", "amounts": [usd("1.88"), usd("1.87")],
    }  # fmt: skip
    assert placed["totals"]["tax"] == usd("7.49")
    assert left["lines"][0]["tax"]["amounts"] == [usd("1.88")]
    assert left["totals"]["tax"] == usd("5.62")
    assert scene.body(number, "order_placed")["totals"]["tax"] == usd("7.49")
    assert (
        scene.order(scene.place(("MUG", 1), country="US", region="NY", postal_code="10001"))["lines"][0]["tax"] is None
    )
    scene.holds()


def test_a_substitute_has_the_tax_of_what_it_stands_for(scene: Scene) -> None:
    scene.store.settings = OrdersSettings.load(NUMBERS)
    number = scene.place(("MUG", 2))
    order = scene.do(lambda work: work.orders.get(number))

    option = substitute_option(order, {1: (1,)}, a_product("CUP", "6.00"))
    line = line_from(number, option["added"][0])

    assert line.tax is not None
    assert (line.tax.rate, line.tax.amounts, line.paid) == ("20.00", (Money(100),), (Money(600),))


@pytest.mark.pure
@pytest.mark.parametrize(
    ("country", "tax"), [("GB", ("GB", "20.00")), ("DE", ("DE", "19.00")), ("US", None)], ids=["same", "other", "none"]
)
def test_another_country_has_a_tax_of_its_own(country: str, tax: tuple[str, str] | None) -> None:
    order, taxes = an_order(("MUG", 2, "12.50"), confirmed=True), OrdersSettings.load(NUMBERS).taxes
    order.lines[0].tax = include(taxes.rate(order.delivery, None, NOW.date()), order.lines[0].paid)
    change = a_change(order, (address_option(order, replace(order.delivery, country=country, city="Elsewhere")),))
    change.accept(a_consent(change), NOW)

    changed = order.amend(change, taxes)

    found = order.lines[0].tax
    assert (found and (found.jurisdiction, found.rate)) == tax
    assert changed.lines[0].tax == found
    assert order.delivery.city == "Elsewhere"
    assert order.paid_for_rest == order.total
