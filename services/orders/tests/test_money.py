"""Money that does not match: kept for the order, on its way back, or in front of a person with a clock."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.aftersales.api.events import RefundClaimed
from services.common.basics import clock, ids
from services.common.basics.caller import LEAD
from services.common.basics.errors import NotFound
from services.common.basics.states import VersionMoved
from services.common.store.tables import journal
from services.common.testing import customer, event_like, staff
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.adapters.payments.sandbox import Sandbox
from services.orders.api import (
    CancelOrder,
    DecisionNotOffered,
    ListAttention,
    ListRefunds,
    OrderExpired,
    PayoutHeld,
    RecordPaidRefund,
    RetryRefund,
    SecondPersonRequired,
    SettleDecision,
    SettlePayment,
    WrongStatus,
)
from services.orders.domain import Payment
from services.orders.handlers import (
    accounts,
    attention,
    cancellations,
    claims,
    placing,
    refund_queue,
    submissions,
)
from services.orders.tests.builders import EMAIL, captured, refund_fact
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import ship
from services.orders.tests.test_refunds import RETURN, claim

GRACE = staff(LEAD)
LINUS = replace(staff(LEAD), actor="staff:linus@pledge.example", email="linus@pledge.example")
PROOF = RecordPaidRefund("transfer 4711 to the card's account")


def again(payment: Payment, cents: int | None = None, currency: str = "USD", reference: str = "b") -> PaymentFact:
    """Build the fact that the provider took money a second time under one payment."""
    return replace(captured(payment, cents, currency), reference=reference)


def disputed(payment: Payment) -> PaymentFact:
    return PaymentFact(ids.new_id(), FactKind.DISPUTED, payment.payment_id, reason="unrecognized", reference="dp.1")


def bank_refund(payment: Payment, cents: int, currency: str = "USD", reference: str = "own.1") -> PaymentFact:
    return PaymentFact(
        ids.new_id(), FactKind.REFUND_SETTLED, "", "", cents, currency, reference, "", f"pay.{payment.payment_id}"
    )


def cases(scene: Scene) -> list[Any]:
    return list(scene.do(attention.list_attention, ListAttention(limit=100), caller=GRACE)["items"])


def kinds(scene: Scene) -> list[str]:
    return [case["kind"] for case in cases(scene)]


def settle(scene: Scene, payment: Payment, decision: str, **more: Any) -> Any:
    settling = SettlePayment(SettleDecision(decision), "looked at it", **more)
    return scene.do(attention.settle_payment, payment.payment_id, settling, caller=GRACE)


def cancel(scene: Scene, number: str) -> Any:
    return scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=customer(EMAIL))


def account(scene: Scene, number: str) -> dict[str, str]:
    """Return the account of the order. Check each time that it adds up."""
    shown = {name: money["amount"] for name, money in scene.order(number)["account"].items()}
    cents = {name: int(amount.replace(".", "")) for name, amount in shown.items()}
    assert cents["captured"] == cents["kept"] + cents["refunded"] + cents["attention"]
    scene.holds()
    return shown


def went_back(scene: Scene, number: str) -> list[tuple[str, str]]:
    return [(refund["cause"], refund["amount"]["amount"]) for refund in scene.order(number)["refunds"]]


def clocks(scene: Scene, number: str, kind: str) -> list[str]:
    return [clock["status"] for clock in scene.order(number)["commitments"] if clock["kind"] == kind]


def refused_for_good(scene: Scene, number: str) -> str:
    """Make the bank refuse the order's refund until a person has to act. Return its number."""
    for turn in range(1, 4):
        with clock.shifted(timedelta(hours=turn)):
            scene.do(submissions.claim_due)
            refund = scene.order(number)["refunds"][-1]
            scene.report(refund_fact(refund, FactKind.REFUND_FAILED, f"ref.{turn}"))
    assert scene.order(number)["refunds"][-1]["status"] == "manual"
    return str(refund["id"])


def test_a_second_capture_goes_back_by_itself(scene: Scene) -> None:
    number = scene.place()
    payment = scene.pay(number)

    scene.report(again(payment))
    scene.report(again(payment))

    assert went_back(scene, number) == [("payment", "25.00")]
    assert account(scene, number) == {
        "captured": "50.00", "kept": "25.00", "refunded": "25.00", "attention": "0.00", "missing": "0.00",
    }  # fmt: skip
    assert scene.body(number, "payment_captured")["use"] == "surplus"
    assert clocks(scene, number, "refund") == ["running"]


def test_a_second_capture_is_repaid_where_it_came_from(scene: Scene) -> None:
    number = scene.place()
    payment = scene.pay(number)

    scene.report(again(payment, reference="another charge"))

    (refund,) = scene.do(lambda work: work.payments.refunds_of(number))
    assert refund.payment_reference == "another charge"


def test_a_surplus_goes_back_at_once(scene: Scene) -> None:
    number = scene.place()

    scene.pay(number, 99900)

    assert went_back(scene, number) == [("payment", "974.00")]
    assert account(scene, number)["kept"] == "25.00"
    told = scene.body(number, "payment_captured")
    assert told["surplus"]["amount"] == "974.00"
    assert (told["review_tells"], scene.body(number, "review_passed")["paid"]) == (False, None)  # two mails


def test_a_cancelled_order_keeps_nothing_of_a_surplus(scene: Scene) -> None:
    number = scene.place(passes=False)
    scene.pay(number, 99900)

    cancel(scene, number)

    assert sorted(went_back(scene, number)) == [("cancellation", "25.00"), ("payment", "974.00")]
    assert account(scene, number)["refunded"] == "999.00"


def test_too_little_leaves_the_order_payable(scene: Scene) -> None:
    number = scene.place()
    first = scene.pay(number, 2000)

    rest = scene.start(number)

    assert (rest.amount.cents, rest.payment_id != first.payment_id) == (500, True)
    assert kinds(scene) == ["shortfall"]
    assert scene.order(number)["status"] == "awaiting_payment"
    assert account(scene, number)["attention"] == "20.00"


def test_the_rest_of_a_payment_confirms_the_order(scene: Scene) -> None:
    number = scene.place()
    scene.pay(number, 2000)

    scene.pay(number)

    order = scene.order(number)
    assert (order["status"], order["review"]["status"]) == ("confirmed", "passed")
    assert account(scene, number)["kept"] == "25.00"
    assert cases(scene) == []
    assert clocks(scene, number, "payment_attention") == ["kept"]


def test_a_return_of_what_was_paid_in_two_parts_is_told_as_one(scene: Scene) -> None:
    number = scene.place()
    scene.pay(number, 2000)
    scene.pay(number)

    claim(scene, number, [(1, 0), (1, 1)], "25.00")
    scene.do(submissions.claim_due)
    for refund in scene.order(number)["refunds"]:
        scene.report(refund_fact(refund, FactKind.REFUND_SETTLED, f"ref.{refund['id']}"))

    assert sorted(went_back(scene, number)) == [("return", "20.00"), ("return", "5.00")]
    told = [entry["body"] for entry in scene.events(number) if entry["type"] == "refund_settled"]
    assert [(body["amount"]["amount"], body["reference"]) for body in told] == [("25.00", RETURN)]
    assert scene.journal(number).count("refund_submitted") == 1
    assert account(scene, number)["refunded"] == "25.00"


def test_a_part_payment_goes_back_when_the_order_ends(scene: Scene) -> None:
    number = scene.place()
    scene.pay(number, 2000)

    cancel(scene, number)

    assert went_back(scene, number) == [("cancellation", "20.00")]
    assert cases(scene) == []
    assert account(scene, number)["refunded"] == "20.00"


def test_a_part_payment_goes_back_when_the_order_expires(scene: Scene) -> None:
    number = scene.place()
    scene.pay(number, 2000)

    with clock.shifted(timedelta(hours=25)):
        assert scene.do(lambda work: work.orders.unpaid_since(work.now)) == [number]
        scene.do(placing.expire_unpaid, number)
        scene.hear(accounts.on_order_expired, OrderExpired(order_number=number))

    assert went_back(scene, number) == [("payment", "20.00")]
    assert cases(scene) == []
    assert account(scene, number)["refunded"] == "20.00"


def test_a_lead_sends_a_part_payment_back(scene: Scene) -> None:
    number = scene.place()
    payment = scene.pay(number, 2000)

    settle(scene, payment, "send_back")

    assert went_back(scene, number) == [("payment", "20.00")]
    assert scene.start(number).amount.cents == 2500


def test_nothing_captured_is_no_payment(scene: Scene) -> None:
    number = scene.place()

    scene.pay(number, 0)

    assert scene.order(number)["payment"]["status"] == "failed"
    assert scene.start(number).amount.cents == 2500


@pytest.mark.parametrize(
    ("cents", "currency", "amount"),
    [(1500, "JPY", "1500"), (1500, "EUR", "15.00"), (1500, "KWD", "1.500"), (5, "EUR", "0.05"), (0, "JPY", None)],
)
def test_money_is_written_as_its_currency_writes_it(
    scene: Scene, cents: int, currency: str, amount: str | None
) -> None:
    number = scene.place()

    scene.pay(number, cents, currency)

    order = scene.order(number)
    assert order["payment"]["received"] == (None if amount is None else {"amount": amount, "currency": currency})
    if amount is not None:
        assert [(case["kind"], case["amount"]) for case in cases(scene)] == [
            ("other_currency", {"amount": amount, "currency": currency})
        ]
        assert scene.body(number, "payment_captured")["amount"]["amount"] == amount
        assert f"{amount} {currency}" in scene.body(number, "payment_needs_attention")["reason"]


def test_another_currency_leaves_the_order_payable(scene: Scene) -> None:
    number = scene.place()
    foreign = scene.pay(number, 1500, "JPY")

    scene.pay(number)
    settle(scene, foreign, "returned")

    assert scene.order(number)["status"] == "confirmed"
    assert cases(scene) == []


def test_a_refund_of_another_currency_at_the_bank_ends_the_case(scene: Scene) -> None:
    number = scene.place()
    foreign = scene.pay(number, 1500, "JPY")

    scene.report(bank_refund(foreign, 1500, "JPY"))

    assert cases(scene) == []
    assert clocks(scene, number, "payment_attention") == ["kept"]


def test_another_amount_of_one_capture_is_for_a_person(scene: Scene) -> None:
    number = scene.place()
    payment = scene.pay(number)

    scene.report(captured(payment, 9900))

    assert kinds(scene) == ["amount_differs"]
    assert account(scene, number)["captured"] == "25.00"


def test_money_for_no_payment_of_ours_is_for_a_person(scene: Scene) -> None:
    unknown = PaymentFact("evt_9", FactKind.CAPTURED, "PAY-0000-0000-0", "", 990, "USD", "x")

    scene.report(unknown)

    (case,) = cases(scene)
    assert (case["kind"], case["order_number"], case["amount"]["amount"]) == ("unknown_payment", None, "9.90")
    settling = SettlePayment(SettleDecision.RETURNED, "sent back")
    scene.do(attention.settle_payment, case["payment_id"], settling, caller=GRACE)
    (settled,) = scene.do(attention.list_attention, ListAttention(settled=True), caller=GRACE)["items"]

    assert cases(scene) == []
    assert (settled["settled_by"], settled["note"]) == (GRACE.actor, "sent back")
    recorded = sa.select(journal.c.type).where(journal.c.subject == case["payment_id"]).order_by(journal.c.position)
    assert scene.do(lambda work: list(work.session.scalars(recorded))) == [
        "unknown_payment_found",
        "unknown_payment_settled",
    ]


def test_a_dispute_holds_a_refund_until_it_is_won(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    scene.report(disputed(payment))

    said = cancel(scene, number)
    held = scene.do(submissions.claim_due)
    settle(scene, payment, "won")
    sent = scene.do(submissions.claim_due)

    assert "colleague looks into" in said["next"]
    assert (held, [refund.amount.cents for refund in sent]) == ([], [2500])
    assert scene.body(number, "order_cancelled")["held"]
    assert account(scene, number)["refunded"] == "25.00"


def test_a_dispute_keeps_a_refund_that_is_owed_from_being_sent(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)

    scene.report(disputed(payment))

    assert scene.do(submissions.claim_due) == []
    (refund,) = scene.do(refund_queue.list_refunds, ListRefunds(), caller=GRACE)["items"]
    assert refund["held"]


def test_a_dispute_is_shown_and_the_lead_is_told(scene: Scene) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))

    scene.report(disputed(payment), disputed(payment))

    assert scene.order(number)["payment"]["disputed_at"]
    assert account(scene, number)["attention"] == "25.00"
    assert scene.journal(number)[-3:] == ["payment_disputed", "payment_needs_attention", "dispatch_held"]
    assert scene.body(number, "payment_needs_attention")["kind"] == "dispute"
    assert clocks(scene, number, "payment_attention") == ["running"]


def partly(payment: Payment, cents: int, name: str = "", currency: str = "USD") -> PaymentFact:
    return replace(disputed(payment), cents=cents, currency=currency, dispute=name)


def test_a_dispute_of_a_part_is_about_that_part(scene: Scene) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))

    scene.report(partly(payment, 1000, "dp.1"), partly(payment, 1000, "dp.1"), partly(payment, 300, "dp.2"))
    open_cases, shown = cases(scene), account(scene, number)
    gone = SettlePayment(SettleDecision.LOST, "gone", reference="dp.2")
    scene.do(attention.settle_payment, payment.payment_id, gone, caller=GRACE)
    lost = account(scene, number)
    settle(scene, payment, "won")

    asked = [(case["amount"]["amount"], case["reference"]) for case in open_cases]
    assert sorted(asked) == [("10.00", "dp.1"), ("3.00", "dp.2")]
    assert (shown["kept"], shown["attention"]) == ("12.00", "13.00")
    assert (lost["kept"], lost["refunded"], lost["attention"], lost["missing"]) == ("12.00", "3.00", "10.00", "3.00")
    assert (account(scene, number)["kept"], kinds(scene)) == ("22.00", ["unpaid"])
    assert scene.order(number)["payment"]["disputed_at"] is None


def test_what_is_not_disputed_goes_back_at_once(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    scene.report(partly(payment, 1000))

    cancel(scene, number)
    sent = scene.do(submissions.claim_due)
    told, listed = (
        scene.body(number, "order_cancelled"),
        scene.do(refund_queue.list_refunds, ListRefunds(), caller=GRACE),
    )
    settle(scene, payment, "won")
    after = scene.do(submissions.claim_due)

    assert [refund.amount.cents for refund in sent] == [1500]
    assert (told["held"], told["refund"]["amount"], told["waits"]["amount"]) == (True, "25.00", "10.00")
    shown = [(each["amount"]["amount"], each["held"]) for each in listed["items"]]
    assert sorted(shown) == [("10.00", True), ("15.00", False)]
    assert [refund.amount.cents for refund in after] == [1000]


@pytest.mark.parametrize(("decision", "paid"), [("won", 1000), ("lost", 0)])
def test_a_refund_that_waits_is_split_by_a_dispute(scene: Scene, decision: str, paid: int) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)

    scene.report(partly(payment, 1000))
    sent = scene.do(submissions.claim_due)
    settle(scene, payment, decision)
    later = scene.do(submissions.claim_due)
    for refund in scene.order(number)["refunds"]:
        if refund["status"] != "settled":
            scene.report(refund_fact(refund, FactKind.REFUND_SETTLED))

    assert [refund.amount.cents for refund in sent] == [1500]
    assert sum(refund.amount.cents for refund in later) == paid
    assert account(scene, number)["refunded"] == "25.00"
    told = [entry["body"]["amount"]["amount"] for entry in scene.events(number) if entry["type"] == "refund_settled"]
    assert told == ["25.00"]  # once, of all of it


def test_both_parts_of_a_split_refund_have_the_same_asker(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    (whole,) = scene.do(lambda work: work.payments.refunds_of(number))

    scene.report(partly(payment, 1000))

    parts = scene.do(lambda work: work.payments.refunds_of(number))
    assert whole.asked_by
    assert [part.asked_by for part in parts] == [whole.asked_by] * 2


@pytest.mark.parametrize(
    ("cents", "currency"), [(0, "USD"), (2500, "USD"), (99_999_999, "USD"), (10, "JPY"), (10**12, "USD")]
)
def test_a_dispute_of_no_smaller_amount_is_about_all(scene: Scene, cents: int, currency: str) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))

    scene.report(partly(payment, cents, currency=currency))

    assert (account(scene, number)["attention"], cases(scene)[0]["amount"]["amount"]) == ("25.00", "25.00")


def test_a_dispute_may_become_larger(scene: Scene) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))

    scene.report(partly(payment, 500, "dp.1"), partly(payment, 700, "dp.1"))

    (case,) = cases(scene)
    assert (case["amount"]["amount"], case["version"]) == ("7.00", 2)
    assert account(scene, number)["attention"] == "7.00"


def test_the_largest_amounts_add_up(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.start(number)

    scene.report(*(again(payment, 10**12, reference=reference) for reference in "abc"))
    cancel(scene, number)

    shown = account(scene, number)
    assert (shown["captured"], shown["refunded"], shown["kept"]) == ("30000000000.00", "30000000000.00", "0.00")


def test_a_second_payment_is_not_held_by_a_dispute(scene: Scene) -> None:
    """The customer paid twice, and disputes one of the two: the other one keeps the order."""
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))
    scene.report(disputed(payment))

    scene.report(again(payment))
    shown = account(scene, number)
    settle(scene, payment, "lost")

    assert (shown["captured"], shown["kept"], shown["attention"]) == ("50.00", "25.00", "25.00")
    assert (account(scene, number)["kept"], kinds(scene)) == ("25.00", [])


def test_a_won_dispute_lets_the_parcel_leave(scene: Scene) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))
    scene.report(disputed(payment))
    held = scene.body(number, "dispatch_held")["hold_id"]

    settle(scene, payment, "won")

    assert scene.body(number, "dispatch_released")["hold_id"] == held
    assert account(scene, number)["kept"] == "25.00"
    assert clocks(scene, number, "payment_attention") == ["kept"]


def test_a_lost_dispute_is_not_paid_a_second_time(scene: Scene) -> None:
    number = scene.place()
    payment = scene.pay(number)
    scene.report(disputed(payment))
    cancel(scene, number)

    settle(scene, payment, "lost")

    assert [refund["status"] for refund in scene.order(number)["refunds"]] == ["settled"]
    assert scene.do(submissions.claim_due) == []
    assert account(scene, number)["refunded"] == "25.00"


def test_a_lost_dispute_keeps_the_parcel_until_it_is_paid_again(scene: Scene) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))
    scene.report(disputed(payment))
    settle(scene, payment, "lost")
    open_cases, hold = kinds(scene), scene.body(number, "dispatch_held")["hold_id"]

    with clock.shifted(timedelta(seconds=5)):
        scene.pay(number)

    assert (open_cases, kinds(scene)) == (["unpaid"], [])
    assert scene.body(number, "payment_captured")["use"] == "again"
    assert scene.body(number, "dispatch_released")["hold_id"] == hold
    assert account(scene, number)["kept"] == "25.00"


def test_a_loss_after_the_dispatch_holds_nothing(scene: Scene) -> None:
    number = scene.paid()
    ship(scene, number, "created", "dispatched", "delivered")
    (payment,) = scene.do(lambda work: work.payments.of_order(number))
    scene.report(disputed(payment))

    settle(scene, payment, "lost")

    assert cases(scene) == []
    assert account(scene, number)["refunded"] == "25.00"


def test_a_claim_for_money_that_is_gone_is_for_a_person(scene: Scene) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))
    scene.report(disputed(payment))
    settle(scene, payment, "lost")
    settle(scene, payment, "accept")

    claim(scene, number, [(1, 0)], "12.50")
    asked = kinds(scene)
    settle(scene, payment, "covered")

    assert asked == ["claim_uncovered"]
    told = scene.body(number, "refund_settled")
    assert (told["cause"], told["reference"], told["amount"]["amount"]) == ("return", RETURN, "12.50")
    assert told["credit_note"] is False
    assert account(scene, number)["refunded"] == "25.00"


def test_a_refund_made_at_the_bank_is_not_paid_again(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)

    scene.report(bank_refund(payment, 1000), bank_refund(payment, 1000))
    before = account(scene, number)
    cancel(scene, number)
    settle(scene, payment, "noted")

    assert (before["refunded"], before["attention"]) == ("10.00", "15.00")
    assert sorted(went_back(scene, number)) == [("bank", "10.00"), ("cancellation", "15.00")]
    assert account(scene, number)["refunded"] == "25.00"


def test_a_refund_made_at_the_bank_can_be_what_was_owed(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    scene.report(bank_refund(payment, 2500))
    held = scene.do(submissions.claim_due)

    settle(scene, payment, "covers_owed")

    assert held == []
    assert [(refund["cause"], refund["status"]) for refund in scene.order(number)["refunds"]] == [
        ("cancellation", "settled")
    ]
    assert account(scene, number)["refunded"] == "25.00"


def test_a_refund_at_the_bank_that_covers_a_part_leaves_the_rest(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))
    (payment,) = scene.do(lambda work: work.payments.of_order(number))
    claim(scene, number, [(1, 0)], "12.50")
    scene.report(bank_refund(payment, 1500))

    settle(scene, payment, "covers_owed")

    refunds = {refund["cause"]: refund for refund in scene.order(number)["refunds"]}
    assert (refunds["return"]["status"], refunds["bank"]["amount"]["amount"]) == ("settled", "2.50")
    assert account(scene, number)["refunded"] == "15.00"


def test_a_refund_paid_twice_by_the_bank_is_for_a_person(scene: Scene) -> None:
    number = scene.place(passes=False)
    scene.pay(number)
    cancel(scene, number)
    scene.do(submissions.claim_due)
    (refund,) = scene.order(number)["refunds"]
    scene.report(refund_fact(refund, FactKind.REFUND_SETTLED, "ref.1"))

    scene.report(refund_fact(refund, FactKind.REFUND_SETTLED, "ref.2"))

    assert kinds(scene) == ["bank_refund"]
    assert "more than was here" in cases(scene)[0]["reason"]


def test_every_cause_of_a_refund_has_the_refund_clock(scene: Scene) -> None:
    number = scene.place(passes=False)
    scene.pay(number)
    cancel(scene, number)
    scene.do(submissions.claim_due)
    running = clocks(scene, number, "refund")

    (refund,) = scene.order(number)["refunds"]
    scene.report(refund_fact(refund, FactKind.REFUND_SETTLED))

    assert (running, clocks(scene, number, "refund")) == (["running"], ["kept"])
    (due,) = [each for each in scene.order(number)["commitments"] if each["kind"] == "refund"]
    assert (due["subject"], due["due_at"]) == (refund["id"], refund["due_at"])


def test_a_refund_that_fails_after_it_settled_is_owed_again(scene: Scene) -> None:
    number = scene.place(passes=False)
    scene.pay(number)
    cancel(scene, number)
    scene.do(submissions.claim_due)
    (refund,) = scene.order(number)["refunds"]
    scene.report(refund_fact(refund, FactKind.REFUND_SETTLED))

    scene.report(refund_fact(refund, FactKind.REFUND_FAILED))
    with clock.shifted(timedelta(minutes=1)):
        (sent,) = scene.do(submissions.claim_due)

    assert scene.body(number, "refund_failed")["after_settled"]
    assert clocks(scene, number, "refund") == ["running"]
    assert sent.key == f"{refund['id']}.2"
    assert account(scene, number)["refunded"] == "25.00"


def test_a_refused_refund_waits_in_the_queue_and_is_tried_again(scene: Scene) -> None:
    number = scene.place(passes=False)
    scene.pay(number)
    cancel(scene, number)
    refund_id = refused_for_good(scene, number)
    waiting = [item["id"] for item in scene.do(refund_queue.list_refunds, ListRefunds(), caller=GRACE)["items"]]
    asked = kinds(scene)

    shown = scene.do(refund_queue.retry_refund, refund_id, RetryRefund(), caller=GRACE)
    (sent,) = scene.do(submissions.claim_due)
    scene.report(refund_fact(scene.order(number)["refunds"][0], FactKind.REFUND_SETTLED, "ref.9"))

    assert (waiting, asked, kinds(scene)) == ([refund_id], ["refund_refused"], [])
    assert (shown["status"], sent.key) == ("due", f"{refund_id}.4")
    assert scene.order(number)["refunds"][0]["status"] == "settled"


def test_a_payment_by_hand_needs_a_second_person(scene: Scene) -> None:
    number = scene.place(passes=False)
    scene.pay(number)
    cancel(scene, number)
    refund_id = refused_for_good(scene, number)

    first = scene.do(refund_queue.record_paid_refund, refund_id, PROOF, caller=GRACE)
    with pytest.raises(SecondPersonRequired):
        scene.do(refund_queue.record_paid_refund, refund_id, PROOF, caller=GRACE)
    with pytest.raises(WrongStatus):
        scene.do(refund_queue.retry_refund, refund_id, RetryRefund(), caller=LINUS)
    second = scene.do(refund_queue.record_paid_refund, refund_id, PROOF, caller=LINUS)

    assert (first["status"], first["paid_by_hand"] is None) == ("manual", False)
    assert second["status"] == "settled"
    assert scene.journal(number)[-4:-1] == ["hand_payment_recorded", "refund_settled", "payment_settled"]
    assert clocks(scene, number, "refund") == ["kept"]
    assert cases(scene) == []


def test_a_payment_by_hand_can_be_taken_back(scene: Scene) -> None:
    number = scene.place(passes=False)
    scene.pay(number)
    cancel(scene, number)
    refund_id = refused_for_good(scene, number)
    scene.do(refund_queue.record_paid_refund, refund_id, PROOF, caller=GRACE)

    denied = replace(PROOF, decision="not_paid")
    shown = scene.do(refund_queue.record_paid_refund, refund_id, denied, caller=LINUS)

    assert (shown["status"], shown["paid_by_hand"]) == ("manual", None)
    assert scene.do(refund_queue.retry_refund, refund_id, RetryRefund(), caller=GRACE)["status"] == "due"


def test_nothing_is_paid_by_hand_during_a_dispute(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    refund_id = refused_for_good(scene, number)
    scene.report(disputed(payment))

    with pytest.raises(PayoutHeld):
        scene.do(refund_queue.record_paid_refund, refund_id, PROOF, caller=GRACE)


def test_a_decision_that_fits_nothing_is_refused(scene: Scene) -> None:
    number = scene.place()
    payment = scene.pay(number, 2000)

    with pytest.raises(DecisionNotOffered) as refused:
        settle(scene, payment, "won")
    with pytest.raises(VersionMoved):
        settle(scene, payment, "send_back", version=7)
    settle(scene, payment, "send_back", version=1)
    with pytest.raises(WrongStatus):
        settle(scene, payment, "send_back")
    with pytest.raises(NotFound):
        scene.do(attention.settle_payment, "PAY-0", SettlePayment(SettleDecision.WON, "x"), caller=GRACE)

    assert refused.value.details == {"decisions": ["send_back"]}


def test_a_disputed_order_is_not_passed_by_the_automatic_review(scene: Scene) -> None:
    number = scene.place()
    part = scene.pay(number, 1000)
    scene.report(disputed(part))

    scene.pay(number)

    failed = scene.body(number, "review_needs_contact")["failed"]
    assert [(check["check"], check["evidence"]) for check in failed] == [("payment", "the payment is disputed")]


def test_customers_do_not_see_the_clocks_of_leads(scene: Scene) -> None:
    number = scene.place()
    scene.pay(number, 2000)

    shown = scene.do(placing.get_order, number, caller=customer(EMAIL))

    assert [each["kind"] for each in shown["commitments"]] == []
    assert clocks(scene, number, "payment_attention") == ["running"]


def test_a_dispute_says_what_is_on_its_way_back_already(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    scene.do(submissions.claim_due)

    scene.report(disputed(payment))

    (case,) = cases(scene)
    assert (case["kind"], case["amount"]["amount"]) == ("dispute", "0.00")
    assert "25.00 USD of it are on their way back already" in case["reason"]


@pytest.mark.parametrize("kind", [FactKind.CAPTURED, FactKind.DISPUTED, FactKind.REFUND_SETTLED])
def test_what_is_told_of_no_payment_of_ours_is_for_a_person_once(scene: Scene, kind: FactKind) -> None:
    for _ in range(2):
        scene.report(PaymentFact(ids.new_id(), kind, "PAY-0000-0000-0", "REF-0", 990, "USD", "x", "", "y"))

    assert kinds(scene) == ["unknown_payment"]


def test_a_part_that_cannot_be_sent_is_told_under_one_number(scene: Scene) -> None:
    number = scene.place()
    scene.pay(number, 2000)
    scene.pay(number)
    claim(scene, number, [(1, 0), (1, 1)], "25.00")
    scene.do(submissions.claim_due)
    first, second = scene.order(number)["refunds"]

    scene.report(refund_fact(first, FactKind.REFUND_SETTLED, "ref.1"))
    scene.report(refund_fact(second, FactKind.REFUND_FAILED, "ref.2"))

    submitted, failed = (scene.body(number, type_)["refund_id"] for type_ in ("refund_submitted", "refund_failed"))
    assert submitted == failed
    assert "refund_settled" not in scene.journal(number)


def postage(scene: Scene, number: str, amount: str, count: int = 1) -> None:
    claimed = {
        "order_number": number, "return_number": RETURN, "amount": {"amount": amount, "currency": "USD"},
        "units": [], "claim": count, "cause": "postage",
    }  # fmt: skip
    scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, claimed))


def test_postage_goes_back_from_what_is_left(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    claim(scene, number, [(1, 0)], "12.50")

    postage(scene, number, "3.10")

    order = scene.order(number)
    assert [(each["cause"], each["amount"]["amount"]) for each in order["refunds"]] == [
        ("return", "12.50"), ("postage", "3.10"),
    ]  # fmt: skip
    assert account(scene, number) == {
        "captured": "25.00", "kept": "9.40", "refunded": "15.60", "attention": "0.00", "missing": "0.00",
    }  # fmt: skip
    assert order["totals"]["refunded"]["amount"] == "12.50"
    assert cases(scene) == []


def test_postage_that_is_not_here_any_more_is_a_persons(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    claim(scene, number, [(1, 0), (1, 1)], "25.00")

    for count in (1, 2):
        postage(scene, number, "3.10", count)

    assert [(case["kind"], case["amount"]["amount"]) for case in cases(scene)] == [("claim_uncovered", "3.10")] * 2
    assert account(scene, number)["refunded"] == "25.00"
    payment = scene.do(lambda work: work.payments.of_order(number)[0])
    settle(scene, payment, "covered")
    settled = [event["body"] for event in scene.events(number) if event["type"] == "refund_settled"]
    assert [(each["cause"], each["reference"]) for each in settled] == [("postage", f"{RETURN}/1")]


def test_goods_that_come_back_after_postage_are_paid_in_full(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    postage(scene, number, "3.10")

    claim(scene, number, [(1, 0), (1, 1)], "25.00")

    assert account(scene, number) == {
        "captured": "25.00", "kept": "0.00", "refunded": "25.00", "attention": "0.00", "missing": "0.00",
    }  # fmt: skip
    assert [(case["kind"], case["amount"]["amount"]) for case in cases(scene)] == [("claim_uncovered", "3.10")]


def test_a_dispute_says_what_was_paid_back_before(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    scene.do(submissions.claim_due)
    (refund,) = scene.order(number)["refunds"]
    scene.report(refund_fact(refund, FactKind.REFUND_SETTLED))

    scene.report(disputed(payment))

    assert "25.00 USD of it were paid back before" in cases(scene)[0]["reason"]


def test_a_webhook_may_leave_empty_what_the_bank_does_not_know() -> None:
    data = {"payment_id": None, "refund_id": "", "reason": None, "amount_cents": 7, "currency": "JPY", "reference": "r"}
    raw = json.dumps({"id": "evt", "type": "payment.captured", "data": data}).encode()

    (fact,) = Sandbox(sandbox_url="", sandbox_secret="secret").parse(raw)

    assert (fact.payment_id, fact.cents, fact.currency) == ("", 7, "JPY")
