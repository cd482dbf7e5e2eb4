"""Goods ordered before they are in stock: promised by a day, given out in turn, told of when the day moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import pytest
import sqlalchemy as sa

from services.aftersales.api.events import ReturnDisposed
from services.common.basics import clock
from services.common.basics.errors import Invalid, ServiceError
from services.common.edge.schemas import load
from services.common.store.tables import journal
from services.common.testing import customer, event_like, holder
from services.common.testing.statements import noting_statements
from services.orders.api import AdjustStock, CancelOrder, LineNotFound, OutOfStock, PlaceOrder, StockAdjusted
from services.orders.api.changes import ChangeView
from services.orders.api.discounts import QuoteOrder
from services.orders.domain.backorder import Backorder, News, news_of
from services.orders.handlers import (
    backorder_news,
    cancellations,
    catalogue,
    discounts,
    imports,
    placing,
    returns,
    shortages,
)
from services.orders.repository import Work
from services.orders.tests.backorders import arrive, goes_in_turn, order, sell
from services.orders.tests.builders import EMAIL, order_form
from services.orders.tests.scene import MANAGER, Scene
from services.orders.tests.test_changes import ship

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST, LATER, LAST = "2026-12-10", "2026-12-20", "2026-12-24"


@contextmanager
def on(day: int) -> Iterator[None]:
    with clock.frozen(AT + timedelta(days=day - 1)):
        yield


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with on(1):
        yield


def tell(scene: Scene) -> None:
    backorder_news.tell_of_moves(partial(scene.store.work, Work))


def waits(scene: Scene, number: str) -> list[tuple[int, str, str | None]]:
    """Return what the order still waits for: how many pieces, until when, and what was told last."""
    rows = scene.order(number)["backorders"]
    return [(each["quantity"], each["until"], each["told"]) for each in rows if each["here_at"] is None]


def asked(scene: Scene, number: str) -> list[ChangeView]:
    return [each for each in scene.order(number)["changes"] if each["status"] == "awaiting_customer"]


def test_the_oldest_order_gets_what_arrives(scene: Scene) -> None:
    sell(scene.stocked("JUG", 1), FIRST, 6)
    with pytest.raises(OutOfStock) as refused:
        order(scene, 2, None)
    assert refused.value.details["backorder"] == {"until": FIRST, "left": 6}
    with pytest.raises(OutOfStock):
        order(scene, 2, told="2026-12-09")  # they were shown another day
    with pytest.raises(OutOfStock):
        order(scene, 8, FIRST)
    wish = {"lines": [{"sku": "JUG", "quantity": 2}]}
    quote = scene.do(discounts.quote_order, load(QuoteOrder, wish))
    assert quote["backorders"] == [{"sku": "JUG", "quantity": 1, "until": FIRST}]

    first, second, third = (order(scene, count, FIRST) for count in (2, 3, 1))

    assert waits(scene, first) == [(1, FIRST, FIRST)]
    assert scene.do(catalogue.get_product, "JUG")["backorder"] == {"until": FIRST, "left": 1}
    assert scene.body(first, "review_passed")["goods_by"] == FIRST
    assert scene.journal(second).count("dispatch_held") == 1
    assert "stock_short" not in scene.journal(second)

    arrive(scene, 3)
    assert [bool(waits(scene, each)) for each in (first, second, third)] == [False, True, True]
    assert scene.journal(first)[-2:] == ["dispatch_released", "goods_arrived"]
    assert scene.do(catalogue.get_product, "JUG")["available"] == 0, "what is too little for the next is kept for it"
    with noting_statements(scene.store) as told:
        scene.do(shortages.check_stock, "JUG")
    assert not [each for each in told if "FROM orders" in each], "no order is locked to give it nothing"

    scene.do(cancellations.cancel_order, second, CancelOrder(), caller=holder(f"order:{second}"))
    ship(scene, second, "created", "recalled")
    assert scene.order(second)["totals"]["refunded"]["amount"] == "37.50"
    scene.do(shortages.check_stock, "JUG")
    assert waits(scene, third) == []
    assert (scene.count("JUG"), scene.do(catalogue.get_product, "JUG")["available"]) == ((4, 3), 1)
    scene.holds()


def test_a_day_that_moves_three_times_is_told_and_agreed_to(scene: Scene) -> None:
    sell(scene.stocked("JUG", 0), FIRST)
    number, unpaid = order(scene, 2, FIRST), order(scene, 1, FIRST, pays=False)

    for until in (LATER, LAST, "2026-12-22"):
        sell(scene, until)
        tell(scene)
        tell(scene)
    (question,) = asked(scene, number)
    assert all(day in question["summary"] for day in (FIRST, "2026-12-22"))
    assert waits(scene, number) == [(2, FIRST, "2026-12-22")], "promised is what was agreed to"
    assert asked(scene, unpaid) == []
    assert [each["option"] for each in question["options"]] == ["wait", "cancel"]
    assert question["options"][1]["refund"]["amount"] == "25.00"
    closed = [each["status"] for each in scene.order(number)["changes"]]
    assert sorted(closed) == ["awaiting_customer", "withdrawn", "withdrawn"]

    scene.answer(question, "accept", "wait")
    assert waits(scene, number) == [(2, "2026-12-22", "2026-12-22")]
    sell(scene, LATER)  # sooner than was agreed to: no question
    tell(scene)
    assert asked(scene, number) == []
    assert waits(scene, number) == [(2, "2026-12-22", LATER)]
    promises = {each["status"] for each in scene.order(number)["commitments"] if each["kind"] == "backorder"}
    assert promises == {"recalled", "running"}

    with on(23):
        tell(scene)  # it passed, and no other day is known
        tell(scene)
        (question,) = asked(scene, number)
        assert "we do not know yet" in question["summary"]
        arrive(scene, 3)
        assert asked(scene, number) == []
        assert scene.journal(number)[-1] == "goods_arrived"
    scene.holds()


def test_who_does_not_wait_gets_all_back_while_goods_arrive(scene: Scene) -> None:
    sell(scene.stocked("JUG", 1).stocked("MUG"), FIRST)
    leaves, stays, gone = (order(scene, count, FIRST) for count in (3, 1, 1))
    sell(scene, LATER)
    tell(scene)
    scene.do(cancellations.cancel_order, gone, CancelOrder(), caller=holder(f"order:{gone}"))
    ship(scene, gone, "created", "recalled")
    scene.do(shortages.check_stock, "JUG")
    assert len(asked(scene, stays)) == 1, "nothing has come"
    (question,) = asked(scene, leaves)
    assert [each["option"] for each in question["options"]] == ["wait", "ship_rest", "cancel"]
    assert question["options"][1]["label"].startswith("Go on without"), "it may wait for other goods"

    scene.do(catalogue.adjust_stock, "JUG", AdjustStock(1, "delivery"))  # and before that is looked at:
    scene.answer(question, "accept", "ship_rest")
    scene.do(shortages.check_stock, "JUG")

    assert scene.order(leaves)["totals"]["refunded"]["amount"] == "25.00"
    assert waits(scene, leaves) == []
    assert waits(scene, stays) == []
    assert asked(scene, stays) == []
    assert (scene.count("JUG"), scene.do(catalogue.get_product, "JUG")["available"]) == ((2, 2), 0)
    ship(scene, leaves, "created", "dispatched")
    scene.holds()


def test_a_lost_piece_is_asked_of_who_was_promised_it_from_stock(scene: Scene) -> None:
    sell(scene.stocked("JUG", 2), FIRST)
    has, lacks = order(scene, 2, FIRST), order(scene, 1, FIRST)

    arrive(scene, -1)

    assert [len(asked(scene, each)) for each in (has, lacks)] == [1, 0]
    arrive(scene, 1)
    assert [len(asked(scene, each)) for each in (has, lacks)] == [0, 0]
    assert len(waits(scene, lacks)) == 1
    ship(scene, lacks, "created", "dispatched")  # the warehouse found one
    assert waits(scene, lacks) == []
    scene.holds()


def test_who_agreed_to_wait_is_asked_about_what_is_lost(scene: Scene) -> None:
    sell(scene.stocked("JUG", 2), FIRST)
    number = order(scene, 3, FIRST)
    sell(scene, LATER)
    tell(scene)
    scene.answer(asked(scene, number)[0], "accept", "wait")

    arrive(scene, -1)
    (question,) = asked(scene, number)
    assert question["summary"].startswith("1 ×")
    scene.answer(question, "accept", "ship_rest")

    assert waits(scene, number) == [(1, LATER, LATER)], "what was lost is not what they wait for"
    goes_in_turn(scene)
    scene.holds()


def test_a_review_asks_about_no_piece_that_is_waited_for(scene: Scene) -> None:
    sell(scene.stocked("JUG", 3), FIRST)
    order(scene, 1, FIRST, pays=False)
    number, waiting = order(scene, 3, FIRST, pays=False), order(scene, 1, FIRST)
    arrive(scene, -3)

    scene.pay(number)

    (question,) = asked(scene, number)
    assert question["summary"].startswith("2 ×")
    with pytest.raises(LineNotFound, match="waits"):
        scene.propose(waiting, MANAGER, kind="stock_short", sku="JUG", quantity=1, reason="none came")


def test_the_day_of_what_is_here_is_promised_no_longer(scene: Scene) -> None:
    sell(scene.stocked("JUG", 0).stocked("CUP", 0), FIRST)
    sell(scene, LAST, sku="CUP")
    wanted = load(PlaceOrder, {**order_form(("JUG", 1), ("CUP", 1)), "goods_by": LAST})
    number = scene.do(placing.add_order, wanted, caller=customer(EMAIL))["number"]
    scene.pay(number)

    arrive(scene, 1, "CUP")

    clocks = [each for each in scene.order(number)["commitments"] if each["kind"] == "backorder"]
    assert {each["status"]: each["due_at"][:10] for each in clocks}["running"] <= "2026-12-11"
    arrive(scene, 1)
    assert {each["status"] for each in scene.order(number)["commitments"] if each["kind"] == "backorder"} == {
        "kept", "recalled"
    }  # fmt: skip


def test_an_unpaid_order_waits_in_its_turn_and_lets_go(scene: Scene) -> None:
    sell(scene.stocked("JUG", 0), FIRST)
    unpaid, paid = order(scene, 1, FIRST, pays=False), order(scene, 1, FIRST)
    arrive(scene, 1)
    assert [bool(waits(scene, each)) for each in (unpaid, paid)] == [False, True]

    with on(2):
        scene.do(placing.expire_unpaid, unpaid)
        scene.do(shortages.check_stock, "JUG")
        assert not waits(scene, paid)
    scene.holds()


def test_no_one_is_promised_nonsense(scene: Scene) -> None:
    past = [("2026-11-30", 5), ("2026-12-01", 5), ("9999-12-31", 5)]
    wrong: list[tuple[str, int | None]] = [("2026-02-30", 5), ("soon", 5), (FIRST, -1), (FIRST, 0), (FIRST, None)]
    for until, at_most in [*past, *wrong]:
        with pytest.raises(Invalid):
            sell(scene, until, at_most)

    sell(scene, FIRST)
    for read in (imports.preview_import, imports.import_products):
        for sku in ("JUG", "NEW"):
            with pytest.raises(Invalid) as refusal:
                scene.do(read, f"sku,title,price,backorder_until,backorder_at_most\n{sku},T,1.00,2026-11-30,5\n")
            assert refusal.value.details["errors"][0]["field"] == "2.backorder_until"
        with pytest.raises(Invalid) as refusal:
            scene.do(read, "sku,title,price\nJUG/stock,T,1.00\n")
        assert refusal.value.details["errors"] == [{"field": "2.sku", "message": "Not a SKU."}]
    with on(11):
        with pytest.raises(OutOfStock) as refused:
            order(scene, 1, FIRST)
        assert "backorder" not in refused.value.details
        sell(scene, FIRST, 3)  # what was kept may stay, and promises nothing any more


def test_the_books_balance_over_any_life(scene: Scene) -> None:
    """Customers order, give up and answer, goods come and are lost, days move: in any order, all fits in the end."""
    chance, days = Random(7), [FIRST, LATER, LAST]
    sell(scene.stocked("JUG", 3), FIRST, 9)
    known: list[str] = []

    def buy() -> None:
        known.append(order(scene, chance.randint(1, 4), LAST, pays=chance.random() < 0.7))

    def give_up() -> None:
        number = chance.choice(known)
        scene.do(cancellations.cancel_order, number, CancelOrder(), caller=holder(f"order:{number}"))
        ship(scene, number, "created", "recalled")

    def answer() -> None:
        question = chance.choice([each for number in known for each in asked(scene, number)])
        scene.answer(question, "accept", chance.choice([each["option"] for each in question["options"]]))

    acts: list[Callable[[], None]] = [
        buy, buy, give_up, answer, lambda: arrive(scene, chance.randint(1, 5)), lambda: arrive(scene, -1),
        lambda: scene.do(placing.expire_unpaid, chance.choice(known)), lambda: sell(scene, chance.choice(days), 9),
        lambda: tell(scene),
    ]  # fmt: skip
    for step in range(36):
        with on(1 + step // 2), suppress(ServiceError, IndexError):
            chance.choice(acts)()
            scene.do(shortages.check_stock, "JUG")

    goes_in_turn(scene)
    scene.holds()
    on_hand, reserved = scene.count("JUG")
    held = [each for each in map(scene.order, known) if each["status"] in {"awaiting_payment", "confirmed"}]
    assert reserved == sum(line["quantity"] for each in held for line in each["lines"])
    assert len(known) > 4
    assert on_hand >= 0


def test_leads_are_told_once_that_little_is_left(scene: Scene) -> None:
    sell(scene.stocked("JUG", 6), None, low=3)
    low = sa.select(sa.func.count()).where(journal.c.type == "stock_low", journal.c.subject == "JUG")

    def told() -> int:
        return int(scene.do(lambda work: work.session.scalar(low)))

    order(scene, 2, None, pays=False)
    assert told() == 0

    number = order(scene, 2, None, pays=False)
    with on(2):
        scene.do(placing.expire_unpaid, number)
        order(scene, 2, None)
    assert told() == 1, "not at each sale, and not when somebody gave up between"

    scene.hear(shortages.on_stock_adjusted, StockAdjusted(sku="JUG", delta=1, on_hand=7, reserved=4, reason="-"))
    scene.do(catalogue.adjust_stock, "JUG", AdjustStock(5, "delivery"))
    scene.hear(shortages.on_stock_adjusted, StockAdjusted(sku="JUG", delta=5, on_hand=12, reserved=4, reason="-"))
    sell(scene, None, low=100)
    assert told() == 2
    assert scene.do(lambda work: work.stock.is_low("JUG"))

    sell(scene, None)
    assert not scene.do(lambda work: work.stock.is_low("JUG"))
    scene.do(imports.import_products, "sku,low_stock\nJUG,100\n")
    assert told() == 3


@pytest.mark.parametrize("threshold", [1, 3])
def test_a_piece_that_came_back_is_no_news(scene: Scene, threshold: int) -> None:
    """Each return of one piece would bring another mail at the next sale."""
    sell(scene.stocked("JUG", threshold + 1), None, low=threshold)
    order(scene, 1, None)
    low = sa.select(sa.func.count()).where(journal.c.type == "stock_low", journal.c.subject == "JUG")

    def comes_back(count: int) -> int:
        units = [{"sku": "JUG", "quantity": count, "disposition": "restock"}]
        body = {"order_number": "ORD-1", "number": f"RET-{count}", "units": units}
        scene.hear(returns.on_return_disposed, event_like(ReturnDisposed, body))
        told = StockAdjusted(sku="JUG", delta=count, on_hand=0, reserved=0, reason="-", came_back=True)
        scene.hear(shortages.on_stock_adjusted, told)
        order(scene, count, None)
        return int(scene.do(lambda work: work.session.scalar(low)))

    assert comes_back(1) == 1
    assert comes_back(threshold + 3) == 2, "so many that there was plenty for a while"


@pytest.mark.pure
def test_news_is_what_was_not_told_yet() -> None:
    def said(until: str, told: str | None, expected: str | None, today: str) -> News | None:
        return news_of(Backorder("ORD-1", "JUG", 1, until, told, AT), expected, today)

    assert said(FIRST, FIRST, FIRST, "2026-12-01") is None
    assert said(FIRST, FIRST, LATER, "2026-12-01") == News(LATER, asks=True)
    assert said(FIRST, LATER, LATER, "2026-12-01") is None
    assert said(LATER, LATER, FIRST, "2026-12-01") == News(FIRST, asks=False)
    assert said(FIRST, FIRST, None, "2026-12-01") is None
    assert said(FIRST, FIRST, FIRST, "2026-12-11") == News(None, asks=True)
    assert said(FIRST, None, None, "2026-12-12") is None
    assert said(FIRST, LATER, None, "2026-12-12") is None
    assert said(FIRST, None, LATER, "2026-12-12") == News(LATER, asks=True)
