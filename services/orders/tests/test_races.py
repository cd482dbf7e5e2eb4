"""Many at once, on PostgreSQL: real transactions in real processes' time, each greenthread with its own connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import pytest

from services.common.basics import ids
from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, ServiceError
from services.common.basics.money import Money
from services.common.edge.fields import load
from services.common.testing import customer, fresh_store, holder
from services.orders import schemas
from services.orders.domain import RefundCause
from services.orders.handlers import cancelling, catalogue, paying, placing, refunding, reviewing, shortage, submitting
from services.orders.payments import FactKind
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL, SETTINGS, Shop, captured, order_form, refund_fact
from services.orders.tests.test_changes import changes, correct

pytestmark = pytest.mark.integration


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        yield Shop(store).stocked("MUG")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave or refused, when all start together."""
    gate = eventlet.Event()

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except ServiceError as refusal:
            return refusal

    threads = [eventlet.spawn(run, act) for act in acts]
    eventlet.sleep(0)
    gate.send()
    return [thread.wait() for thread in threads]


def test_of_fifty_buyers_of_the_last_unit_one_wins_and_no_loser_is_charged(shop: Shop) -> None:
    shop.stocked("LAMP", 1)

    def buy(n: int) -> Callable[[], str]:
        return lambda: shop.place(("LAMP", 1), email=f"buyer{n}@example.com")

    outcomes = at_once(*map(buy, range(50)))

    winners = [item for item in outcomes if isinstance(item, str)]
    losers = [item for item in outcomes if not isinstance(item, str)]
    assert len(winners) == 1
    assert {(loser.code, loser.details["sku"]) for loser in losers} == {("out_of_stock", "LAMP")}
    assert shop.count("LAMP") == (1, 1)
    assert [item["number"] for item in shop.do(placing.list_orders, {"limit": 100})["items"]] == winners
    shop.holds()


def test_orders_of_several_products_in_any_order_never_wait_in_a_circle(shop: Shop) -> None:
    shop.stocked("LAMP", 100).stocked("TEA", 100)
    shop.do(catalogue.adjust_stock, "MUG", 90, "more")

    baskets = [("MUG", "LAMP", "TEA"), ("TEA", "MUG", "LAMP")] * 15
    outcomes = at_once(*(partial(shop.place, *((sku, 1) for sku in skus)) for skus in baskets))

    assert all(isinstance(item, str) for item in outcomes)
    assert [shop.count(sku)[1] for sku in ("MUG", "LAMP", "TEA")] == [30, 30, 30]
    shop.holds()


def test_the_same_order_twenty_times_at_once_is_one_order(shop: Shop) -> None:
    form = order_form()
    buyer = customer(EMAIL, key="the-key")

    def place() -> str:
        wanted = load(schemas.PlaceOrder, form)
        with shop.store.work(Work, buyer) as work:
            return str(work.once("place_order", form, lambda: placing.place_order(work, SETTINGS, wanted))["number"])

    outcomes = at_once(*[place] * 20)

    assert len(set(outcomes)) == 1
    assert shop.count("MUG") == (10, 2)
    shop.holds()


def test_the_same_webhook_ten_times_at_once_counts_once(shop: Shop) -> None:
    number = shop.place()
    fact = captured(shop.start(number), event="evt_1")

    outcomes = at_once(*[lambda: shop.report(fact)] * 10)

    assert sorted(outcome["duplicate"] for outcome in outcomes) == [False] + [True] * 9
    assert shop.journal(number).count("payment_captured") == 1
    shop.holds()


def test_a_capture_told_in_two_reports_at_once_counts_once(shop: Shop) -> None:
    number = shop.place()
    payment = shop.start(number)

    at_once(*(partial(shop.report, captured(payment, event=f"evt_{n}")) for n in range(5)))

    assert shop.journal(number).count("payment_captured") == 1
    shop.holds()


def test_of_two_refunds_of_60_on_100_at_once_one_is_refused(shop: Shop) -> None:
    shop.stocked("JUG", 1, "100.00")
    number = shop.place(("JUG", 1))
    shop.pay(number)

    def owe(work: Work, reference: str) -> str:
        payment = work.payments.of_order(number)[0]
        return refunding.owe(work, payment, Money(6000), RefundCause.RETURN, reference).refund_id

    outcomes = at_once(*(partial(shop.do, owe, name) for name in ("one", "two")))

    assert sorted(getattr(item, "code", "written") for item in outcomes) == ["refund_exceeds_captured", "written"]
    shop.holds()


def test_one_unit_claimed_by_two_returns_at_once_is_paid_back_once(shop: Shop) -> None:
    number = shop.paid(("MUG", 2))
    event = {
        "order_number": number, "return_number": "", "amount": {"amount": "12.50", "currency": "USD"},
        "units": [{"line_id": 1, "unit": 0}],
    }  # fmt: skip
    claims = [load(schemas.RefundClaimed, {**event, "return_number": name}) for name in ("RET-1", "RET-2")]

    outcomes = at_once(*(partial(shop.do, refunding.claim_return, claim) for claim in claims))

    assert sorted(getattr(item, "code", "written") for item in outcomes) == ["unit_already_refunded", "written"]
    shop.holds()


def test_of_accepting_and_declining_at_once_one_counts(shop: Shop) -> None:
    shop.stocked("TEA", 5, "24.90")
    for _ in range(5):
        number = shop.paid(("MUG", 10), ("TEA", 1))
        correct(shop, "MUG", -2)
        change = changes(shop, number)[0]

        outcomes = at_once(
            partial(shop.answer, change, "accept", "remove_line"),
            partial(shop.answer, change, "decline"),
            partial(shop.answer, change, "accept", "wait"),
        )

        refusals = [item for item in outcomes if isinstance(item, Conflict)]
        assert {refusal.code for refusal in refusals} == {"wrong_status"}
        assert len(refusals) == 2
        decided = [entry for entry in shop.journal(number) if entry in ("change_accepted", "change_declined")]
        assert len(decided) == 1
        shop.holds()
        if shop.order(number)["lines"][0]["sku"] == "MUG":
            _send_back(shop, number)
        correct(shop, "MUG", 2)


def _send_back(shop: Shop, number: str) -> None:
    """Make room for the next round: the customer cancels and the shipment is recalled."""
    from services.orders.tests.test_changes import ship

    shop.do(cancelling.cancel_order, number, "", caller=customer(EMAIL))
    ship(shop, number, "created", "recalled")


def test_two_looks_for_the_same_shortage_at_once_ask_only_as_many_as_needed(shop: Shop) -> None:
    numbers = [shop.paid(("MUG", 2)) for _ in range(5)]
    shop.do(catalogue.adjust_stock, "MUG", -4, "counted")

    at_once(*[lambda: shop.do(shortage.look, SETTINGS, "MUG")] * 4)

    asked = [len(changes(shop, number)) for number in numbers]
    assert asked == [0, 0, 0, 1, 1]
    shop.holds()


def test_reviews_that_find_the_same_shortage_at_once_ask_only_as_many_as_needed(shop: Shop) -> None:
    numbers = [shop.paid(("MUG", 2), review=False) for _ in range(5)]
    shop.do(catalogue.adjust_stock, "MUG", -1, "counted")

    at_once(*(partial(shop.do, reviewing.start_review, SETTINGS, number) for number in numbers))

    assert sorted(len(changes(shop, number)) for number in numbers) == [0, 0, 0, 0, 1]
    assert sorted(shop.order(number)["review"]["status"] for number in numbers) == ["needs_contact"] + ["passed"] * 4
    shop.holds()


def test_a_payment_and_a_cancellation_at_once_end_in_a_full_refund_or_a_paid_order(shop: Shop) -> None:
    for _ in range(5):
        number = shop.place(("MUG", 1))
        payment = shop.start(number)
        owner = holder(f"order:{number}")

        at_once(
            partial(shop.report, captured(payment)),
            partial(shop.do, cancelling.cancel_order, number, "", caller=owner),
        )

        order = shop.order(number)
        assert order["status"] == "cancelled"
        assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["12.50"]
        shop.holds()


def test_a_payment_and_the_expiry_at_once_never_lose_the_money(shop: Shop) -> None:
    from datetime import timedelta

    from services.common.basics import clock

    for _ in range(5):
        number = shop.place(("MUG", 1))
        payment = shop.do(lambda work, number=number: work.payments.of_order(number)[0])

        with clock.shifted(timedelta(hours=25)):
            at_once(
                partial(shop.report, captured(payment)),
                partial(shop.do, placing.expire_unpaid, number),
            )

        assert shop.order(number)["status"] == "confirmed"
        shop.holds()


def test_a_refund_is_taken_up_by_one_of_several_replicas(shop: Shop) -> None:
    number = shop.paid()
    event = {
        "order_number": number, "return_number": "RET-1", "amount": {"amount": "12.50", "currency": "USD"},
        "units": [{"line_id": 1, "unit": 0}],
    }  # fmt: skip
    shop.do(refunding.claim_return, load(schemas.RefundClaimed, event))

    outcomes = at_once(*[lambda: len(shop.do(submitting.claim_due))] * 5)

    assert sorted(outcomes) == [0, 0, 0, 0, 1]
    settled = refund_fact(shop.order(number)["refunds"][0], FactKind.REFUND_SETTLED, event="evt_1")
    again = refund_fact(shop.order(number)["refunds"][0], FactKind.REFUND_SETTLED, event="evt_2")
    at_once(lambda: shop.report(settled), lambda: shop.report(again))
    assert shop.journal(number).count("refund_settled") == 1
    shop.holds()


def test_two_admins_who_edit_the_same_version_do_not_overwrite_each_other(shop: Shop) -> None:
    facts = load(schemas.Product, {"title": "A mug", "price": {"amount": "13.00", "currency": "USD"}, "version": 1})

    outcomes = at_once(*[lambda: shop.do(catalogue.put_product, "MUG", facts)] * 2)

    assert sorted(getattr(item, "code", "saved") for item in outcomes) == ["saved", "version_moved"]


def test_starting_to_pay_at_once_is_one_attempt(shop: Shop) -> None:
    number = shop.place()
    owner: Caller = holder(f"order:{number}")

    outcomes = at_once(*[lambda: shop.do(paying.start_payment, SETTINGS, number, None, caller=owner).payment_id] * 5)

    assert len(set(outcomes)) == 1
    assert ids.is_number(outcomes[0], ids.PAYMENT)
    assert shop.journal(number).count("payment_started") == 1
