"""Many at once, on PostgreSQL: real transactions in real processes' time, each greenthread with its own connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.aftersales.api.events import RefundClaimed
from services.common.basics import ids
from services.common.basics.caller import ADMIN, AGENT, LEAD, Caller
from services.common.basics.errors import Conflict, ServiceError
from services.common.basics.money import Money
from services.common.edge.schemas import load
from services.common.store import tables
from services.common.testing import customer, event_like, fresh_store, holder, staff
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import (
    AdjustStock,
    CancelOrder,
    ListOrders,
    PlaceOrder,
    RefundCause,
    SaveProduct,
    SettleDecision,
    SettlePayment,
    StartPayment,
)
from services.orders.api.ceiling import RaiseRefundCeiling
from services.orders.api.discounts import DiscountOver
from services.orders.api.edits import EditOrder
from services.orders.handlers import (
    attention,
    cancellations,
    catalogue,
    ceilings,
    claims,
    discounts,
    edits,
    holds,
    payments,
    placing,
    refunds,
    shortages,
    submissions,
)
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL, captured, ceiling, order_form, refund_fact
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import changes_of, correct, warehouse_says

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        yield Scene(store).stocked("MUG")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts together. Return what each one returned or the refusal it raised."""
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


def test_of_fifty_buyers_of_the_last_unit_one_wins(scene: Scene) -> None:
    scene.stocked("LAMP", 1)

    def buy(n: int) -> Callable[[], str]:
        return lambda: scene.place(("LAMP", 1), email=f"buyer{n}@example.com")

    outcomes = at_once(*map(buy, range(50)))

    winners = [item for item in outcomes if isinstance(item, str)]
    losers = [item for item in outcomes if not isinstance(item, str)]
    assert len(winners) == 1
    assert {(loser.code, loser.details["sku"]) for loser in losers} == {("out_of_stock", "LAMP")}
    assert scene.count("LAMP") == (1, 1)
    assert [item["number"] for item in scene.do(placing.list_orders, ListOrders(limit=100))["items"]] == winners
    scene.holds()


def test_orders_of_several_products_never_deadlock(scene: Scene) -> None:
    scene.stocked("LAMP", 100).stocked("TEA", 100)
    scene.do(catalogue.adjust_stock, "MUG", AdjustStock(90, "more"))

    baskets = [("MUG", "LAMP", "TEA"), ("TEA", "MUG", "LAMP")] * 15
    outcomes = at_once(*(partial(scene.place, *((sku, 1) for sku in skus)) for skus in baskets))

    assert all(isinstance(item, str) for item in outcomes)
    assert [scene.count(sku)[1] for sku in ("MUG", "LAMP", "TEA")] == [30, 30, 30]
    scene.holds()


def test_a_code_for_three_orders_is_used_by_three_at_once(scene: Scene) -> None:
    scene.stocked("LAMP", 100).discounts(uses=3)
    expiring = scene.place(("LAMP", 1), discount_code="SPRING", email="early@example.com")

    def buy(n: int) -> Callable[[], str]:
        return lambda: scene.place(("LAMP", 1), discount_code="SPRING", email=f"buyer{n}@example.com")

    def expire() -> None:
        scene.do(lambda work: holds.let_go(work, work.orders.get(expiring, lock=True)))

    outcomes = at_once(*map(buy, range(12)), expire, expire)

    placed = [item for item in outcomes if isinstance(item, str)]
    assert {getattr(item, "code", "placed") for item in outcomes[:12]} == {"placed", "discount_over"}
    assert sorted(getattr(item, "code", "expired") for item in outcomes[12:]) == ["expired", "wrong_status"]
    assert scene.do(discounts.get_discount, "SPRING")["used"] == len(placed)
    assert len(placed) in (2, 3)  # the third use comes back in time, or not
    assert scene.count("LAMP") == (100, len(placed))
    scene.holds()


def test_one_customer_pays_with_a_code_so_often_and_no_oftener(scene: Scene) -> None:
    """An unpaid order is no use: it hinders no customer who comes back, or whose address a stranger typed."""
    scene.stocked("LAMP", 100).discounts(uses_per_customer=2)
    spellings = ["ada@example.com", "ADA@example.com", "ada+2@example.com"]

    def buy(n: int) -> Callable[[], str]:
        return lambda: scene.place(("LAMP", 1), discount_code="SPRING", email=spellings[n % 3], passes=True)

    left = [buy(n)() for n in range(4)]
    for number in left[:2]:
        scene.pay(number)
    scene.do(cancellations.cancel_order, left[0], CancelOrder(), caller=holder(f"order:{left[0]}"))
    outcomes = at_once(*map(buy, range(9)))
    scene.place(("LAMP", 1), discount_code="SPRING", email="eve@example.com")
    scene.pay(left[2])

    refused = [item.details["why"] for item in outcomes if isinstance(item, DiscountOver)]
    assert refused == ["customer_used_up"] * 9
    assert scene.order(left[2])["totals"]["discount"]["amount"] != "0.00", "it keeps the price it was placed at"
    assert scene.do(discounts.get_discount, "SPRING")["used"] == 5
    scene.holds()


def test_the_same_order_twenty_times_at_once_is_one_order(scene: Scene) -> None:
    scene.discounts(uses=2)
    form = order_form(discount_code="SPRING")
    buyer = customer(EMAIL, key="the-key")

    def place() -> str:
        return placing.place_order(partial(scene.store.work, Work, buyer), load(PlaceOrder, form))["number"]

    outcomes = at_once(*[place] * 20)

    assert len(set(outcomes)) == 1
    assert scene.count("MUG") == (10, 2)
    assert scene.do(discounts.get_discount, "SPRING")["used"] == 1
    scene.holds()


def test_the_same_webhook_ten_times_at_once_counts_once(scene: Scene) -> None:
    number = scene.place()
    fact = captured(scene.start(number), event="evt_1")

    outcomes = at_once(*[lambda: scene.report(fact)] * 10)

    assert sorted(outcome["duplicate"] for outcome in outcomes) == [False] + [True] * 9
    assert scene.journal(number).count("payment_captured") == 1
    scene.holds()


def test_a_capture_told_in_two_reports_at_once_counts_once(scene: Scene) -> None:
    number = scene.place()
    payment = scene.start(number)

    at_once(*(partial(scene.report, captured(payment, event=f"evt_{n}")) for n in range(5)))

    assert scene.journal(number).count("payment_captured") == 1
    scene.holds()


def test_a_second_capture_told_by_five_at_once_goes_back_once(scene: Scene) -> None:
    number = scene.place(("MUG", 1))
    payment = scene.pay(number)
    told = [replace(captured(payment, event=f"evt_{n}"), reference="b") for n in range(5)]

    at_once(*(partial(scene.report, fact) for fact in told))

    assert [refund["amount"]["amount"] for refund in scene.order(number)["refunds"]] == ["12.50"]
    scene.holds()


def test_a_dispute_and_a_cancellation_at_once_pay_nothing_out(scene: Scene) -> None:
    for turn in range(5):
        number = scene.place(("MUG", 1), passes=False)
        payment = scene.pay(number)
        dispute = PaymentFact(f"evt_d{turn}", FactKind.DISPUTED, payment.payment_id, reason="unrecognized")

        at_once(
            partial(scene.report, dispute),
            partial(scene.do, cancellations.cancel_order, number, CancelOrder(""), caller=customer(EMAIL)),
        )

        assert scene.do(submissions.claim_due) == []
        scene.holds()


def test_two_leads_decide_about_one_case_once(scene: Scene) -> None:
    number = scene.place(("MUG", 1))
    payment = scene.pay(number, 1000)
    settling = SettlePayment(SettleDecision.SEND_BACK, "x")

    outcomes = at_once(
        *(partial(scene.do, attention.settle_payment, payment.payment_id, settling, caller=staff(LEAD)),) * 2
    )

    assert sorted(getattr(each, "code", "done") for each in outcomes) == ["done", "wrong_status"]
    assert [refund["amount"]["amount"] for refund in scene.order(number)["refunds"]] == ["10.00"]
    scene.holds()


def test_of_two_refunds_of_60_on_100_at_once_one_is_refused(scene: Scene) -> None:
    scene.stocked("JUG", 1, "100.00")
    number = scene.place(("JUG", 1))
    scene.pay(number)

    def owe(work: Work, reference: str) -> str:
        payment = work.payments.of_order(number)[0]
        return refunds.owe_refund(work, payment, Money(6000), RefundCause.RETURN, reference).refund_id

    outcomes = at_once(*(partial(scene.do, owe, name) for name in ("one", "two")))

    assert sorted(getattr(item, "code", "written") for item in outcomes) == ["refund_exceeds_captured", "written"]
    scene.holds()


def test_a_unit_claimed_by_two_returns_is_refunded_once(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    event = {
        "order_number": number, "return_number": "", "amount": {"amount": "12.50", "currency": "USD"},
        "units": [{"line_id": 1, "unit": 0}],
    }  # fmt: skip
    told = [event_like(RefundClaimed, {**event, "return_number": name}) for name in ("RET-1", "RET-2")]

    scene.deliver(number)

    at_once(*(partial(scene.hear, claims.on_refund_claimed, claim) for claim in told))

    assert len(scene.order(number)["refunds"]) == 1
    assert [case.kind for case in scene.do(lambda work: work.cases.open_of_order(number))] == ["claim_refused"]
    scene.holds()


def test_of_accepting_and_declining_at_once_one_counts(scene: Scene) -> None:
    scene.stocked("TEA", 5, "24.90")
    for _ in range(5):
        number = scene.paid(("MUG", 10), ("TEA", 1))
        correct(scene, "MUG", -2)
        change = changes_of(scene, number)[0]

        outcomes = at_once(
            partial(scene.answer, change, "accept", "remove_line"),
            partial(scene.answer, change, "decline"),
            partial(scene.answer, change, "accept", "wait"),
        )

        refusals = [item for item in outcomes if isinstance(item, Conflict)]
        assert {refusal.code for refusal in refusals} == {"wrong_status"}
        assert len(refusals) == 2
        decided = [entry for entry in scene.journal(number) if entry in ("change_accepted", "change_declined")]
        assert len(decided) == 1
        scene.holds()
        if scene.order(number)["lines"][0]["sku"] == "MUG":
            _send_back(scene, number)
        correct(scene, "MUG", 2)


def test_of_edits_proposals_and_cancelling_at_once_one_counts(scene: Scene) -> None:
    for _ in range(5):
        number = scene.paid(("MUG", 3))
        shown = scene.preview(number, lines=[{"sku": "MUG", "quantity": 1}])
        given = load(EditOrder, {"kind": "lines", "lines": [{"sku": "MUG", "quantity": 1}], "digest": shown["digest"]})
        ours = {"kind": "cancel", "reason": "we are sorry"}

        outcomes = at_once(
            *[partial(scene.do, edits.edit_order, number, given, caller=holder(f"order:{number}"))] * 2,
            partial(scene.propose, number, staff(AGENT), **ours),
            partial(scene.do, cancellations.cancel_order, number, CancelOrder(), caller=holder(f"order:{number}")),
        )

        refusals = [item.code for item in outcomes if isinstance(item, Conflict)]
        assert set(refusals) <= {"change_open", "wrong_status", "digest_mismatch"}
        assert scene.journal(number).count("edit_requested") + scene.journal(number).count("change_requested") <= 1
        for change in changes_of(scene, number):
            at_once(*[partial(warehouse_says, scene, change)] * 2)
        assert (scene.order(number)["cancellation"]["requested"], scene.order(number)["refunds"]) == (True, [])
        scene.holds()
        _send_back(scene, number)


def test_an_edit_cleared_by_two_replicas_at_once_is_done_once(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))
    _, change = scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])

    at_once(*[partial(warehouse_says, scene, change)] * 5, partial(warehouse_says, scene, change, "packed"))

    order = scene.order(number)
    done = order["changes"][0]["status"] == "applied"
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == (["25.00"] if done else [])
    assert scene.count("MUG") == (10, 1 if done else 3)
    scene.holds()


def _send_back(scene: Scene, number: str) -> None:
    """Make room for the next round: the customer cancels and the shipment is recalled."""
    from services.orders.tests.test_changes import ship

    scene.do(cancellations.cancel_order, number, CancelOrder(""), caller=customer(EMAIL))
    ship(scene, number, "created", "recalled")


def test_two_looks_at_one_shortage_ask_only_enough_customers(scene: Scene) -> None:
    numbers = [scene.paid(("MUG", 2)) for _ in range(5)]
    scene.do(catalogue.adjust_stock, "MUG", AdjustStock(-4, "counted"))

    at_once(*[lambda: scene.do(shortages.check_stock, "MUG")] * 4)

    asked = [len(changes_of(scene, number)) for number in numbers]
    assert asked == [0, 0, 0, 1, 1]
    scene.holds()


def test_two_reviews_of_one_shortage_ask_only_enough_customers(scene: Scene) -> None:
    numbers = [scene.place(("MUG", 2)) for _ in range(5)]
    facts = [captured(scene.start(number)) for number in numbers]
    scene.do(catalogue.adjust_stock, "MUG", AdjustStock(-1, "counted"))

    at_once(*(partial(scene.report, fact) for fact in facts))

    assert sorted(len(changes_of(scene, number)) for number in numbers) == [0, 0, 0, 0, 1]
    assert sorted(scene.order(number)["review"]["status"] for number in numbers) == ["needs_contact"] + ["passed"] * 4
    scene.holds()


def test_a_payment_and_a_cancellation_at_once_lose_no_money(scene: Scene) -> None:
    for _ in range(5):
        number = scene.place(("MUG", 1), passes=False)
        payment = scene.start(number)
        owner = holder(f"order:{number}")

        at_once(
            partial(scene.report, captured(payment)),
            partial(scene.do, cancellations.cancel_order, number, CancelOrder(""), caller=owner),
        )

        order = scene.order(number)
        assert order["status"] == "cancelled"
        assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["12.50"]
        scene.holds()


def test_a_payment_and_the_expiry_at_once_never_lose_the_money(scene: Scene) -> None:
    from datetime import timedelta

    from services.common.basics import clock

    for _ in range(5):
        number = scene.place(("MUG", 1))
        payment = scene.do(lambda work, number=number: work.payments.of_order(number)[0])

        with clock.shifted(timedelta(hours=25)):
            at_once(
                partial(scene.report, captured(payment)),
                partial(scene.do, placing.expire_unpaid, number),
            )

        assert scene.order(number)["status"] == "confirmed"
        scene.holds()


def test_a_refund_is_taken_up_by_one_of_several_replicas(scene: Scene) -> None:
    number = scene.paid()
    event = {
        "order_number": number, "return_number": "RET-1", "amount": {"amount": "12.50", "currency": "USD"},
        "units": [{"line_id": 1, "unit": 0}],
    }  # fmt: skip
    scene.deliver(number)
    scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, event))

    outcomes = at_once(*[lambda: len(scene.do(submissions.claim_due))] * 5)

    assert sorted(outcomes) == [0, 0, 0, 0, 1]
    settled = refund_fact(scene.order(number)["refunds"][0], FactKind.REFUND_SETTLED, event="evt_1")
    again = refund_fact(scene.order(number)["refunds"][0], FactKind.REFUND_SETTLED, event="evt_2")
    at_once(lambda: scene.report(settled), lambda: scene.report(again))
    assert scene.journal(number).count("refund_settled") == 1
    scene.holds()


def test_two_edits_of_one_version_do_not_overwrite_each_other(scene: Scene) -> None:
    seen = scene.do(catalogue.get_product, "MUG")["version"]
    product = SaveProduct("A mug", Money(1300), version=seen)

    outcomes = at_once(*[lambda: scene.do(catalogue.put_product, "MUG", product)] * 2)

    assert sorted(getattr(item, "code", "saved") for item in outcomes) == ["saved", "version_moved"]


def test_starting_to_pay_at_once_is_one_attempt(scene: Scene) -> None:
    number = scene.place()
    owner: Caller = holder(f"order:{number}")

    def start() -> str:
        return scene.do(payments.attempt_payment, number, StartPayment(), caller=owner).payment_id

    outcomes = at_once(*[start] * 5)

    assert len(set(outcomes)) == 1
    assert ids.is_number(outcomes[0], ids.PAYMENT)
    assert scene.journal(number).count("payment_started") == 1


def _cancelled(scene: Scene, count: int) -> None:
    """Have that many orders of 12.50 USD paid back."""
    for number in [scene.paid(("MUG", 1), passes=False) for _ in range(count)]:
        scene.do(cancellations.cancel_order, number, CancelOrder(""), caller=customer(EMAIL))


def _payouts(scene: Scene) -> tuple[str, list[str]]:
    """Return what was sent today, and the types of what the journal has of it."""
    sent = scene.do(ceilings.get_ceiling, caller=staff(LEAD))["sent"]["amount"]
    query = sa.select(tables.journal.c.type).where(tables.journal.c.subject.startswith("PAYOUTS-"))
    return sent, sorted(scene.do(lambda work: work.session.scalars(query).all()))


@ceiling("20.00", "30.00")
def test_replicas_at_once_do_not_pass_the_ceiling_together(scene: Scene) -> None:
    for _ in range(3):
        _cancelled(scene, 6)

        at_once(*[partial(scene.do, _one_by_one)] * 6)

        assert _payouts(scene)[0] == "25.00"
    told = ["refund_ceiling_reached"] * 2 + ["refund_counted"] * 2
    assert _payouts(scene)[1] == told
    scene.holds()


def _one_by_one(work: Work) -> int:
    """Take up one refund, as a replica that is as slow as the others would."""
    gate = ceilings.Gate(work)
    going = [refund for refund in work.payments.refunds_to_drive(limit=1) if gate.lets(refund)]
    for refund in going:
        refunds.record(work, refund, refund.submit(work.now))
    return len(going)


@ceiling("20.00", "30.00")
def test_two_raises_at_once_of_one_version_are_one(scene: Scene) -> None:
    wish = RaiseRefundCeiling(Money(500), "twice clicked", version=1)

    outcomes = at_once(*[partial(scene.do, ceilings.raise_ceiling, wish, caller=staff(ADMIN))] * 2)

    assert sorted(getattr(each, "code", "raised") for each in outcomes) == ["raised", "version_moved"]
