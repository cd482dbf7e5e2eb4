"""The ceiling on what is paid back in a day: an alarm, a stop, and people who raise it or let single refunds go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.errors import Conflict, Forbidden
from services.common.basics.money import Money
from services.common.store import tables as kit
from services.common.store.restored import JournalRestored
from services.common.testing import customer, fresh_store, staff
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import (
    CancelOrder,
    ListAttention,
    RefundCause,
    SecondPersonRequired,
    SettleDecision,
    SettlePayment,
)
from services.orders.api.ceiling import (
    Ceiling,
    RaiseRefundCeiling,
    RefundCeilingReached,
    RefundCounted,
)
from services.orders.api.statuses import CeilingLevel
from services.orders.domain import Refund
from services.orders.domain.ceiling import Payouts
from services.orders.handlers import attention, cancellations, ceilings, submissions
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL, NOW, ceiling
from services.orders.tests.scene import Scene
from services.orders.tests.test_refunds import Bank, bank, claim_undelivered, drive, refund_of

__all__ = ["bank"]
ADA, BOB = (staff(ADMIN, email=f"{name}@pledge.example") for name in ("ada", "bob"))
PEOPLE = ("ada", "bob", "eve")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def cancelled(scene: Scene, count: int) -> list[str]:
    """Return that many orders of 12.50 USD that are to be paid back."""
    numbers = [scene.paid(("MUG", 1), passes=False) for _ in range(count)]
    for number in numbers:
        scene.do(cancellations.cancel_order, number, CancelOrder(""), caller=customer(EMAIL))
    return numbers


def statuses(scene: Scene, numbers: list[str]) -> list[str]:
    return sorted(refund_of(scene, number)["status"] for number in numbers)


def waiting(scene: Scene) -> list[Any]:
    listed = scene.do(attention.list_attention, ListAttention(limit=100), caller=staff(LEAD))["items"]
    return [case for case in listed if case["kind"] == "refund_ceiling"]


def ledger(scene: Scene) -> list[str]:
    """Return the types of what the journal has of today's payouts."""
    query = sa.select(kit.journal.c.type).where(kit.journal.c.subject.startswith("PAYOUTS-"))
    return list(scene.do(lambda work: work.session.scalars(query.order_by(kit.journal.c.position)).all()))


def sent_today(scene: Scene) -> list[Any]:
    """Return what the journal has of each refund that was sent."""
    query = sa.select(kit.journal.c.body).where(kit.journal.c.type == "refund_counted")
    bodies = scene.do(lambda work: work.session.scalars(query.order_by(kit.journal.c.position)).all())
    return [json.loads(body) for body in bodies]


def counted(scene: Scene) -> Money:
    """Sum what the journal says was sent today."""
    return Money.parse(scene.do(ceilings.get_ceiling, caller=staff(LEAD))["sent"]["amount"])


def test_a_day_is_counted_on_after_a_restore(scene: Scene, bank: Bank) -> None:
    cancelled(scene, 1)
    drive(scene, bank)
    gap = JournalRestored(
        chain=scene.do(ceilings.today),
        order_number=None,
        backup_of=NOW,
        lost_from=2,
        lost_to=3,
        lost=("refund_ceiling_reached",),
        known_by=("support",),
    )
    scene.do(lambda work: work.journal.go_on_after(gap))

    cancelled(scene, 1)
    drive(scene, bank)

    assert counted(scene) == Money(2500)
    assert ledger(scene) == ["refund_counted", "journal_restored", "refund_counted"]


@ceiling("20.00", "30.00")
def test_beyond_the_stop_refunds_wait_and_their_clocks_run(scene: Scene, bank: Bank) -> None:
    numbers = cancelled(scene, 4)

    drive(scene, bank)
    drive(scene, bank)

    assert statuses(scene, numbers) == ["due", "due", "pending", "pending"]
    assert len(bank.paid) == 2
    assert ledger(scene) == ["refund_counted", "refund_counted", "refund_ceiling_reached", "refund_ceiling_reached"]
    stopped = [number for number in numbers if refund_of(scene, number)["status"] == "due"]
    assert sorted(case["order_number"] for case in waiting(scene)) == sorted(stopped)
    assert {tuple(case["decisions"]) for case in waiting(scene)} == {("release",)}
    for number in stopped:
        running = {each["kind"]: each["status"] for each in scene.order(number)["commitments"]}
        assert (running["refund"], running["payment_attention"]) == ("running", "running")
        assert "refund_submitted" not in scene.journal(number)
    shown = scene.do(ceilings.get_ceiling, caller=staff(LEAD))
    assert (shown["sent"]["amount"], shown["room"]["amount"], shown["waiting"]) == ("25.00", "5.00", 2)
    scene.holds()


@ceiling("20.00", "30.00")
def test_a_raised_ceiling_lets_go_what_fits_today(scene: Scene, bank: Bank) -> None:
    numbers = cancelled(scene, 4)
    drive(scene, bank)

    shown = scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(1000), "it is the sale"), caller=ADA)
    drive(scene, bank)

    assert (shown["raised"]["amount"], shown["room"]["amount"]) == ("10.00", "15.00")
    assert statuses(scene, numbers) == ["due", "pending", "pending", "pending"]
    assert len(waiting(scene)) == 1
    assert "refund_ceiling_raised" in ledger(scene)
    scene.holds()


@ceiling("20.00", "30.00")
def test_one_refund_is_released_without_the_others(scene: Scene, bank: Bank) -> None:
    numbers = cancelled(scene, 4)
    drive(scene, bank)
    case = waiting(scene)[0]
    release = SettlePayment(SettleDecision.RELEASE, "the customer called", case["version"])

    with pytest.raises(Forbidden):
        scene.do(attention.settle_payment, case["payment_id"], release, caller=staff(LEAD))
    scene.do(attention.settle_payment, case["payment_id"], release, caller=ADA)
    drive(scene, bank)

    assert refund_of(scene, case["order_number"])["status"] == "pending"
    assert [entry["released"] for entry in sent_today(scene)] == [False, False, True]
    assert statuses(scene, numbers) == ["due", "pending", "pending", "pending"]
    assert [other["order_number"] for other in waiting(scene)] != [case["order_number"]]
    assert counted(scene) == Money(3750)


@ceiling("5.00", "10.00")
def test_who_asked_for_money_does_not_let_it_go(scene: Scene, bank: Bank) -> None:
    number = scene.paid(("MUG", 1))
    scene.deliver(number)
    claim_by(scene, number, ADA.actor)
    drive(scene, bank)
    (case,) = waiting(scene)
    release = SettlePayment(SettleDecision.RELEASE, "it is mine")

    with pytest.raises(SecondPersonRequired):
        scene.do(attention.settle_payment, case["payment_id"], release, caller=ADA)
    scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(10000), "for me"), caller=ADA)
    drive(scene, bank)
    alone = refund_of(scene, number)["status"]
    scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(10000), "looked at it"), caller=BOB)
    drive(scene, bank)

    assert (alone, refund_of(scene, number)["status"]) == ("due", "pending")
    assert waiting(scene) == []


@ceiling("5.00", "10.00")
def test_what_is_settled_meanwhile_is_not_released_and_paid(scene: Scene, bank: Bank) -> None:
    (number,) = cancelled(scene, 1)
    drive(scene, bank)
    (case,) = waiting(scene)
    scene.report(PaymentFact("evt_1", FactKind.DISPUTED, case["payment_id"], reference="dp"))
    lost, release = SettlePayment(SettleDecision.LOST, "lost"), SettlePayment(SettleDecision.RELEASE, "late")
    scene.do(attention.settle_payment, case["payment_id"], lost, caller=staff(LEAD))

    with pytest.raises(Conflict):
        scene.do(attention.settle_payment, case["payment_id"], release, caller=ADA)
    scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(10000), "more"), caller=ADA)
    drive(scene, bank)
    ceilings.put_in_front(partial(scene.store.work, Work))

    assert (bank.paid, refund_of(scene, number)["status"], waiting(scene)) == ({}, "settled", [])


def claim_by(scene: Scene, number: str, actor: str) -> None:
    from services.aftersales.api.events import RefundClaimed
    from services.common.testing import event_like
    from services.orders.handlers import claims

    event = {
        "order_number": number, "return_number": "RET-7K3M-9Q2X-C", "amount": {"amount": "12.50", "currency": "USD"},
        "units": [{"line_id": 1, "unit": 0}],
    }  # fmt: skip
    scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, event), actor=actor)


@ceiling("5.00", "10.00")
def test_a_process_that_ends_before_the_case_loses_nothing(scene: Scene, bank: Bank) -> None:
    (number,) = cancelled(scene, 1)

    scene.do(submissions.claim_due)
    before = waiting(scene)
    ceilings.put_in_front(partial(scene.store.work, Work))
    ceilings.put_in_front(partial(scene.store.work, Work))

    assert before == []
    assert [case["order_number"] for case in waiting(scene)] == [number]


@ceiling("5.00", "10.00")
def test_a_raise_before_the_case_is_opened_lets_it_go(scene: Scene, bank: Bank) -> None:
    (number,) = cancelled(scene, 1)
    scene.do(submissions.claim_due)

    scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(10000), "more"), caller=ADA)
    ceilings.put_in_front(partial(scene.store.work, Work))
    drive(scene, bank)

    assert (refund_of(scene, number)["status"], waiting(scene)) == ("pending", [])


@ceiling("5.00", "30.00")
def test_a_refund_counts_once_a_day_however_often_it_is_sent(scene: Scene, bank: Bank) -> None:
    cancelled(scene, 1)
    bank.unwilling = True
    drive(scene, bank)
    with clock.frozen(NOW + timedelta(minutes=5)):
        drive(scene, bank)
        today = counted(scene)
    with clock.frozen(NOW + timedelta(days=1)):
        drive(scene, bank)
        tomorrow = counted(scene)

    assert (today, tomorrow, len(bank.calls)) == (Money(1250), Money(1250), 3)
    assert ledger(scene).count("refund_counted") == 2


# claims that our own facts do not bear out


def refused(scene: Scene, number: str) -> list[Any]:
    return [case for case in scene.do(lambda work: work.cases.open_of_order(number)) if case.kind == "claim_refused"]


def test_goods_that_were_never_delivered_are_not_paid_back(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))

    claim_undelivered(scene, number, [(1, 0)], "12.50")

    assert scene.order(number)["refunds"] == []
    (case,) = refused(scene, number)
    assert "0 were delivered" in case.reason
    assert "refund_due" not in scene.journal(number)


def test_a_delivery_reported_later_pays_the_claim(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    claim_undelivered(scene, number, [(1, 0)], "12.50")

    scene.deliver(number)

    assert refused(scene, number) == []
    assert [each["amount"]["amount"] for each in scene.order(number)["refunds"]] == ["12.50"]
    scene.holds()


def test_a_person_pays_or_refuses_a_claim_that_does_not_fit(scene: Scene) -> None:
    paid, not_paid = scene.paid(("MUG", 2)), scene.paid(("MUG", 2))
    for number in (paid, not_paid):
        claim_undelivered(scene, number, [(1, 0)], "12.50")

    for number, decision in ((paid, SettleDecision.PAY), (not_paid, SettleDecision.REFUSE)):
        (case,) = refused(scene, number)
        settling = SettlePayment(decision, "looked at the goods")
        scene.do(attention.settle_payment, case.payment_id, settling, caller=staff(LEAD))
    scene.deliver(not_paid)

    assert [each["amount"]["amount"] for each in scene.order(paid)["refunds"]] == ["12.50"]
    assert scene.order(not_paid)["refunds"] == []
    scene.holds()


def test_postage_is_not_paid_beyond_what_was_captured(scene: Scene) -> None:
    number = scene.paid(("MUG", 1))
    scene.deliver(number)

    from services.orders.tests.test_money import postage

    postage(scene, number, "1000.00")

    assert scene.order(number)["refunds"] == []
    assert len(refused(scene, number)) == 1


def test_much_postage_is_paid_by_a_lead_alone(scene: Scene) -> None:
    """We know no price of it: who has broken into after-sales could claim all that an order has cost."""
    from services.orders.tests.test_money import postage

    number = scene.stocked("LENS", 5, "100.00").paid(("LENS", 3))
    scene.deliver(number)
    for count, amount in enumerate(("150.00", "50.00", "50.00"), 1):
        postage(scene, number, amount, count)

    assert sorted(each["amount"]["amount"] for each in scene.order(number)["refunds"]) == ["150.00", "50.00"]
    (case,) = refused(scene, number)
    assert "0.00 USD are paid without a lead" in case.reason
    settling = SettlePayment(SettleDecision.PAY, "the receipt is here")
    scene.do(attention.settle_payment, case.payment_id, settling, caller=staff(LEAD))
    paid = [each["amount"]["amount"] for each in scene.order(number)["refunds"]]
    assert sorted(paid) == ["150.00", "50.00", "50.00"]
    scene.holds()


# the rule itself


def a_refund(cents: int, asked_by: str, released: bool) -> Refund:
    return Refund(
        "REF-1", "PAY-1", "ORD-1", "sandbox", Money(cents), RefundCause.RETURN, "RET-1", NOW, NOW, NOW,
        asked_by=asked_by, released_by="bob" if released else "",
    )  # fmt: skip


STEPS = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 60_00), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("raise"), st.integers(1, 50_00), st.sampled_from(PEOPLE), st.just(False)),
)


@pytest.mark.pure
@given(st.lists(STEPS, max_size=40), st.integers(1, 80_00), st.integers(0, 80_00))
def test_no_day_pays_more_than_its_ceiling_unasked(steps: list[Any], alarm: int, more: int) -> None:
    day, limit = Payouts("PAYOUTS-2026-03-02-USD"), Ceiling(Money(alarm), Money(alarm + more))
    told: list[Any] = []
    for what, cents, person, released in steps:
        if what == "raise":
            told += day.add(Money(cents), person, "why")
            continue
        before, refund = day.total, a_refund(cents, person, released)
        events = day.count(refund, limit)
        raised_by_others = Money.total(each.amount for each in day.raised if each.by != person)
        fits = before + refund.amount <= limit.stop + raised_by_others
        assert (events is not None) == (released or fits)
        told += day.stop(limit) if events is None else events
        assert day.count(refund, limit) == [] if events is not None else True

    sent = [event for event in told if isinstance(event, RefundCounted)]
    assert day.total == Money.total(event.amount for event in sent)
    assert [event.total for event in sent] == [
        Money.total(event.amount for event in sent[: place + 1]) for place in range(len(sent))
    ]
    reached = [event.level for event in told if isinstance(event, RefundCeilingReached)]
    assert reached.count(CeilingLevel.ALARM) <= 1
    assert reached or day.total < limit.alarm


def test_the_count_is_the_journals_and_not_a_rows(tmp_path: Path) -> None:
    with fresh_store("orders", tmp_path, postgres=False) as store, ceiling("20.00", "30.00"):
        scene = Scene(store).stocked("MUG")
        cancelled(scene, 3)
        scene.do(submissions.claim_due)
        scene.do(lambda work: work.session.execute(sa.text("UPDATE refunds SET counted_on = '', waits_since = NULL")))

        assert counted(scene) == Money(2500)
