"""Money needs two people: one who asked for a refund, now or before, does not let it go."""

from __future__ import annotations

import importlib
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.clock import rfc3339
from services.common.basics.errors import ServiceError
from services.common.basics.money import Money
from services.common.testing import staff
from services.orders import tables
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import RefundCause, RetryRefund, SecondPersonRequired, SettleDecision, SettlePayment
from services.orders.api.ceiling import Ceiling, RaiseRefundCeiling
from services.orders.domain import Refund
from services.orders.domain.ceiling import Payouts
from services.orders.handlers import attention, ceilings, refund_queue
from services.orders.repository import Work
from services.orders.tests.builders import NOW, ceiling
from services.orders.tests.scene import Scene
from services.orders.tests.test_ceiling import at_noon, cancelled, claim_by, waiting
from services.orders.tests.test_refunds import Bank, bank, claim_undelivered, drive, refund_of

__all__ = ["at_noon", "bank"]
ADA, BOB, EVE = (staff(ADMIN, email=f"{name}@pledge.example") for name in ("ada", "bob", "eve"))
PEOPLE = st.sampled_from(["ada", "bob", "eve"])
ACTS = st.sampled_from(["send", "fail", "retry", "raise", "release", "paid", "not_paid"])
DAYS = st.integers(0, 1)


@pytest.mark.pure
@given(st.lists(st.tuples(ACTS, PEOPLE, DAYS), max_size=40), PEOPLE)
def test_each_payout_had_a_second_person(steps: list[tuple[str, str, int]], first: str) -> None:
    """Of each sending beyond the stop, and of each payment by hand, the one who agreed is not the one who asked."""
    refund = Refund(
        "REF-1", "PAY-1", "ORD-1", "sandbox", Money(1000), RefundCause.RETURN, "RET-1", NOW, NOW, NOW, asked_by=first
    )  # fmt: skip
    days, limit, asked = [Payouts("PAYOUTS-1"), Payouts("PAYOUTS-2")], Ceiling(Money(100), Money(500)), {first}
    for at, (act, by, which) in enumerate(steps):
        day = days[which]
        try:
            if act == "send" and refund.is_to_be_sent and refund.next_attempt_at is not None:
                releaser, raised_by = refund.released_by, {each.by for each in day.raised}
                if day.count(refund, limit) is None:
                    refund.wait(NOW)
                else:
                    counted_before = not releaser and not (raised_by - asked)
                    assert releaser not in asked
                    assert not counted_before or day.total <= Money(1000)
                    refund.submit(NOW)
            elif act == "fail":
                refund.fail("closed", f"r{at}", NOW)
            elif act == "retry":
                refund.retry(NOW, by)
                asked.add(by)
            elif act == "raise":
                day.add(Money(5000), by, "more")
            elif act == "release":
                refund.release(by, NOW)
                assert by not in asked
            elif act == "paid":
                noted = refund.paid_by_hand
                if refund.record_payment(by, "slip", rfc3339(NOW)) is None:
                    assert noted is not None
                    assert noted.by != by
                    refund.settle(NOW)
            else:
                refund.deny_payment(by, "slip")
        except ServiceError:
            pass
        assert (refund.asked_by, refund.askers) == (first, frozenset(asked))


@ceiling("5.00", "10.00")
def test_trying_again_does_not_hide_who_asked_first(scene: Scene, bank: Bank) -> None:
    number = scene.paid(("MUG", 1))
    scene.deliver(number)
    claim_by(scene, number, ADA.actor)
    refund_id = refund_of(scene, number)["id"]
    scene.do(lambda work: setattr(work.payments.find_refund(refund_id), "status", "manual"))
    scene.do(refund_queue.retry_refund, refund_id, RetryRefund(), caller=BOB)
    drive(scene, bank)
    (case,) = waiting(scene)

    release = SettlePayment(SettleDecision.RELEASE, "mine")
    for person in (ADA, BOB):
        with pytest.raises(SecondPersonRequired):
            scene.do(attention.settle_payment, case["payment_id"], release, caller=person)
        scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(10000), "for me"), caller=person)
        drive(scene, bank)
        assert refund_of(scene, number)["status"] == "due"
    scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(10000), "looked at it"), caller=EVE)
    drive(scene, bank)

    assert refund_of(scene, number)["status"] == "pending"
    assert scene.do(lambda work: work.payments.find_refund(refund_id).asked_by) == ADA.actor


@ceiling("5.00", "10.00")
def test_a_raise_before_it_is_looked_at_is_not_lost(scene: Scene, bank: Bank) -> None:
    """The raise came while the refund was being stopped: its row does not say yet that it is to be tried at once."""
    (number,) = cancelled(scene, 1)
    drive(scene, bank)
    scene.do(ceilings.raise_ceiling, RaiseRefundCeiling(Money(10000), "more"), caller=ADA)
    later = sa.update(tables.refunds).values(next_attempt_at=NOW + timedelta(minutes=1))
    scene.do(lambda work: work.session.execute(later))

    with clock.frozen(NOW + timedelta(seconds=15)):
        put_in_front(scene)
        drive(scene, bank)

    assert refund_of(scene, number)["status"] == "pending"


def put_in_front(scene: Scene) -> None:
    ceilings.put_in_front(partial(scene.store.work, Work))


@pytest.mark.parametrize("decision", [SettleDecision.LOST, SettleDecision.WON])
def test_a_dispute_from_before_the_upgrade_settles_right(scene: Scene, bank: Bank, decision: SettleDecision) -> None:
    """Its case has what was not set aside for a refund; the bank asked for the whole payment."""
    number = scene.paid(("MUG", 2))
    scene.deliver(number)
    payment_id = scene.order(number)["payment"]["id"]
    claim_undelivered(scene, number, [(1, 0)], "12.50")
    scene.report(PaymentFact("evt_1", FactKind.DISPUTED, payment_id, reference="dp"))
    scene.do(lambda work: work.session.execute(sa.update(tables.attention).values(cents=1250, reference="")))

    migration: Any = importlib.import_module("services.orders.migrations.versions.0011_who_asked")
    for _ in range(2):
        scene.do(lambda work: work.session.execute(sa.text(migration.WIDEN)))
    drive(scene, bank)
    held = len(bank.paid)
    scene.do(attention.settle_payment, payment_id, SettlePayment(decision, "the bank says so"), caller=staff(LEAD))
    drive(scene, bank)

    account = scene.order(number)["account"]
    assert held == 0
    assert account["refunded"]["amount"] == ("25.00" if decision is SettleDecision.LOST else "12.50")
    assert len(bank.paid) == (0 if decision is SettleDecision.LOST else 1)
    scene.holds()
