"""Discounts: who gives them, what each unit costs then, and what goes back of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.errors import Invalid, ServiceError
from services.common.basics.money import Money
from services.common.edge.schemas import load
from services.common.testing import guest
from services.orders import tables
from services.orders.adapters.payments.stripe import Stripe
from services.orders.api import ListOrders, PlaceOrder, PriceChanged
from services.orders.api.discounts import (
    DiscountMoved,
    DiscountNotForThese,
    DiscountOver,
    ListDiscounts,
    QuoteOrder,
    SaveDiscount,
    UnknownDiscount,
)
from services.orders.domain import Discount, Quoted
from services.orders.domain.discount import price_units
from services.orders.domain.ledger import balances_of, movements_of
from services.orders.domain.options import substitute_option
from services.orders.handlers import discounts, placing
from services.orders.tests.builders import a_product, captured, order_form
from services.orders.tests.scene import Scene
from services.orders.tests.test_refunds import claim

BASKETS = st.lists(st.tuples(st.integers(1, 30_000), st.integers(1, 9)), min_size=1, max_size=6)
TERMS = st.one_of(
    st.integers(1, 99).map(lambda percent: {"percent": percent}),
    st.integers(1, 50_000).map(lambda cents: {"amount": Money(cents)}),
)


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@pytest.mark.pure
@given(basket=BASKETS, terms=TERMS, of_first=st.booleans())
def test_each_unit_has_its_share_and_no_cent_is_lost(
    basket: list[tuple[int, int]], terms: dict[str, Any], of_first: bool
) -> None:
    quoted = [Quoted(a_product(f"P{at}", str(Money(cents))), count) for at, (cents, count) in enumerate(basket)]
    meant = quoted[:1] if of_first else quoted
    goods = sum(product.price.cents * count for product, count in meant)
    most = goods - sum(count for _, count in meant)

    try:
        paid = price_units(quoted, Discount("X", skus=("p0",) if of_first else (), **terms))
    except DiscountNotForThese:
        assert not min(most, (goods * terms.get("percent", 100) + 50) // 100)
        return

    less = sum(product.price.cents * count for product, count in quoted) - Money.total(sum(paid, ())).cents
    wanted = terms["amount"].cents if "amount" in terms else (goods * terms["percent"] + 50) // 100
    assert less == min(wanted, most)
    for (product, count), units in zip(quoted, paid, strict=True):
        cents = [cost.cents for cost in units]
        assert len(cents) == count
        assert 1 <= min(cents) <= max(cents) <= product.price.cents
        assert max(cents) - min(cents) <= 1
        assert not of_first or product.sku == "P0" or cents == [product.price.cents] * count


@pytest.mark.pure
@pytest.mark.parametrize(
    ("price", "terms", "paid"),
    [
        ("0.80", {"percent": 90}, ["0.25", "0.25"]),  # capped, for Stripe takes nothing below 0.50
        ("0.30", {"amount": Money(100)}, ["0.25", "0.25"]),
        ("12.50", {"percent": 10}, ["11.25", "11.25"]),
        ("0.25", {"percent": 10}, None),
        ("0.10", {"percent": 10}, None),  # too little as it is
    ],
)
def test_a_discount_leaves_what_can_be_paid(price: str, terms: dict[str, Any], paid: list[str] | None) -> None:
    quoted = [Quoted(a_product("MUG", price), 2)]

    if paid is None:
        with pytest.raises(DiscountNotForThese):
            price_units(quoted, Discount("X", **terms), Stripe.least)
    else:
        assert [list(map(str, units)) for units in price_units(quoted, Discount("X", **terms), Stripe.least)] == [paid]


def test_a_dearer_substitute_is_no_larger_discount(scene: Scene) -> None:
    scene.discounts()
    numbers = scene.place(discount_code="SPRING"), scene.place()
    orders = scene.do(lambda work: [work.orders.get(number) for number in numbers])

    taken = [substitute_option(order, {1: (1,)}, a_product("CUP", "20.00"))["added"][0] for order in orders]

    assert [line["paid"] for line in taken] == [[usd("11.25")], [usd("12.50")]]
    assert [line["discount"] for line in taken] == [usd("1.25"), usd("0.00")]


def test_an_old_dearer_substitute_is_shown_at_what_it_cost(scene: Scene) -> None:
    placed, reduced = scene.place(("MUG", 2)), scene.discounts().place(discount_code="SPRING")
    dearer = tables.order_lines.update().where(tables.order_lines.c.order_number == placed)
    scene.do(lambda work: work.session.execute(dearer.values(unit_price=Money(2000))))  # as it was kept before

    shown, other = scene.order(placed), scene.order(reduced)

    assert (shown["lines"][0]["unit_price"], shown["lines"][0]["discount"]) == (usd("12.50"), usd("0.00"))
    assert (shown["totals"]["discount"], shown["totals"]["total"]) == (usd("0.00"), usd("25.00"))
    assert (other["lines"][0]["unit_price"], other["totals"]["discount"]) == (usd("12.50"), usd("2.50"))
    listed = {row["number"]: row["totals"] for row in scene.do(placing.list_orders, ListOrders())["items"]}
    for order in (shown, other):
        assert listed[order["number"]] == {name: sum_ for name, sum_ in order["totals"].items() if name != "refunded"}


def test_what_goes_back_is_what_each_unit_cost(scene: Scene) -> None:
    scene.stocked("TEA", 5, "24.90").discounts(amount="10.00")
    placed = scene.place(("MUG", 3), ("TEA", 1), discount_code=" spring ", passes=False)
    shown = scene.order(placed)
    scene.pay(placed)
    _, edited = scene.edit(placed, lines=[{"sku": "MUG", "quantity": 2}])
    claim(scene, placed, [(2, 0)], scene.order(placed)["lines"][1]["paid"][0]["amount"])
    left = scene.order(placed)

    assert shown["discount"] == {"code": "SPRING", "percent": None, "amount": usd("10.00")}
    assert (shown["totals"]["total"], shown["totals"]["discount"]) == (usd("52.40"), usd("10.00"))
    assert shown["payment"]["amount"] == usd("52.40")
    assert [each["amount"] for each in shown["lines"][0]["paid"]] == ["10.49", "10.50", "10.50"]
    assert shown["lines"][1]["paid"] == [usd("20.91")]
    assert shown["lines"][1]["discount"] == usd("3.99")
    assert edited["options"][0]["refund"] == usd("10.50")
    assert [each["amount"]["amount"] for each in left["refunds"]] == ["10.50", "20.91"]
    assert (left["totals"]["total"], left["totals"]["discount"]) == (usd("41.90"), usd("8.00"))
    assert left["account"]["kept"] == usd("20.99")
    _adds_up(scene, placed)
    scene.holds()


def _adds_up(scene: Scene, number: str) -> None:
    movements = scene.do(lambda work: movements_of(work.ledger.of_orders([number])[number]))
    assert movements
    assert not sum(balances_of(movements).values())


def test_a_quote_is_what_an_order_then_costs(scene: Scene) -> None:
    scene.stocked("TEA", 5, "24.90").discounts(skus=["tea"])
    lines = [{"sku": "MUG", "quantity": 2}, {"sku": "TEA", "quantity": 1}]

    quote = scene.do(discounts.quote_order, load(QuoteOrder, {"lines": lines, "discount_code": "SPRING"}))
    form = {**order_form(("MUG", 2), ("TEA", 1)), "expected_total": quote["totals"]["total"]}
    with pytest.raises(PriceChanged) as moved:
        scene.do(placing.add_order, load(PlaceOrder, form), caller=guest())
    placed = scene.do(placing.add_order, load(PlaceOrder, {**form, "discount_code": "Spring"}), caller=guest())

    assert quote["totals"] == {
        "goods": usd("47.41"), "discount": usd("2.49"), "shipping": usd("0.00"), "duties": usd("0.00"),
        "total": usd("47.41"),
    }  # fmt: skip
    assert [line["discount"] for line in quote["lines"]] == [usd("0.00"), usd("2.49")]
    assert moved.value.details["total"] == usd("49.90")
    assert placed["totals"]["total"] == quote["totals"]["total"]


@pytest.mark.parametrize(
    ("terms", "refusal", "details"),
    [
        ({"active": False}, UnknownDiscount, {}),
        ({"valid_from": "2126-01-01"}, UnknownDiscount, {}),
        ({"valid_until": "2026-03-01"}, DiscountOver, {"why": "ended"}),
        ({"minimum": "25.01"}, DiscountNotForThese, {"minimum": usd("25.01"), "skus": []}),
        ({"skus": ["TEA"]}, DiscountNotForThese, {"minimum": None, "skus": ["TEA"]}),
    ],
    ids=["inactive", "not yet", "over", "too little", "other goods"],
)
def test_a_code_is_refused_when_its_terms_say_so(
    scene: Scene, terms: dict[str, Any], refusal: type[ServiceError], details: dict[str, Any]
) -> None:
    scene.stocked("TEA", 5, "24.90").discounts("SPRING", **terms)

    with pytest.raises(refusal) as refused:
        scene.place(discount_code="SPRING")
    with pytest.raises(UnknownDiscount) as unknown:
        scene.place(discount_code="SPRING-2")

    assert details.items() <= refused.value.details.items()
    assert refusal is not UnknownDiscount or refused.value.details == unknown.value.details  # guessing tells nothing
    assert scene.count("MUG") == (10, 0)


def test_a_use_is_given_back_by_an_order_that_is_not_paid(scene: Scene) -> None:
    scene.discounts(uses=1)

    def used() -> int:
        return scene.do(discounts.get_discount, "spring")["used"]

    first = scene.place(("MUG", 1), discount_code="SPRING")
    payment = scene.start(first)
    with pytest.raises(DiscountOver):
        scene.place(("MUG", 1), discount_code="SPRING")
    with clock.shifted(timedelta(hours=25)):
        scene.do(placing.expire_unpaid, first)
        freed = used()
        second = scene.paid(("MUG", 1), discount_code="SPRING")
        scene.report(captured(payment))  # late: the price was agreed, whatever others took meanwhile

    assert (freed, used()) == (0, 2)
    assert {scene.order(number)["status"] for number in (first, second)} == {"confirmed"}
    assert scene.order(first)["account"]["kept"] == usd("11.25")
    scene.holds()


def test_a_guest_who_does_not_pay_takes_one_use(scene: Scene) -> None:
    scene.discounts(uses=3).discounts("ENDLESS").stocked("TEA", 9, "24.90")

    def place(sku: str, code: str = "SPRING", email: str = "ada@example.com", line1: str = "1 Spring Street") -> str:
        return scene.place((sku, 1), discount_code=code, caller=guest(), email=email, line1=line1)

    first = place("MUG")
    for other in ({}, {"email": "another@example.com"}, {"line1": "1 Other Street"}):
        with pytest.raises(DiscountOver) as refused:
            place("TEA", **other)
    stranger = place("TEA", email="another@example.com", line1="1 Other Street")
    endless = [place("TEA", "ENDLESS") for _ in range(2)]
    used = scene.do(discounts.get_discount, "SPRING")["used"]
    scene.pay(first)
    second = place("TEA")

    assert refused.value.details["why"] == "order_waits"
    assert used == 2
    assert len({first, stranger, second, *endless}) == 5
    scene.holds()


def test_an_order_keeps_its_discount_when_the_terms_change(scene: Scene) -> None:
    number = scene.discounts(note="letter").place(discount_code="SPRING")
    terms = SaveDiscount(percent=50, version=1)

    saved = scene.do(discounts.put_discount, "spring", terms)
    with pytest.raises(DiscountMoved) as missed:
        scene.do(discounts.put_discount, "spring", terms)

    assert (saved["version"], saved["used"], saved["note"]) == (2, 1, "")
    assert missed.value.details["current"] == saved
    assert scene.order(number)["totals"]["total"] == usd("22.50")
    assert scene.do(discounts.list_discounts, ListDiscounts())["items"] == [saved]


@pytest.mark.pure
@pytest.mark.parametrize(
    "terms",
    [
        {}, {"percent": 10, "amount": usd("1.00")}, {"percent": 100}, {"percent": 0}, {"amount": usd("0.00")},
        {"percent": 10, "valid_from": "tomorrow"}, {"percent": 10, "uses": 0},
        {"percent": 10, "valid_from": "2026-02-02", "valid_until": "2026-02-01"},
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        load(SaveDiscount, terms)
