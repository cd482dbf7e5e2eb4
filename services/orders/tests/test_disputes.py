"""One dispute of one payment is one case, and what waits for its decision sleeps until there is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.common.basics import clock
from services.common.basics.caller import SYSTEM
from services.common.testing.statements import noting_statements
from services.orders.adapters.payments import PaymentFact
from services.orders.domain import Payment
from services.orders.handlers import submissions
from services.orders.repository import Work
from services.orders.tests.scene import Scene
from services.orders.tests.test_money import account, bank_refund, cancel, cases, disputed, partly, settle

SECOND = timedelta(seconds=1)


def writes(scene: Scene) -> list[str]:
    """Return what one round of the timer writes or locks."""
    with noting_statements(scene.store) as asked:
        scene.do(submissions.claim_due, caller=SYSTEM)
    return [each for each in asked if not each.startswith(("SELECT", "SAVEPOINT", "RELEASE")) or "FOR UPDATE" in each]


@pytest.mark.parametrize("report", ["dispute", "part", "bank_refund"])
def test_what_waits_for_a_decision_costs_no_writing(scene: Scene, report: str) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    facts = {"dispute": disputed(payment), "part": partly(payment, 1000), "bank_refund": bank_refund(payment, 100)}
    scene.report(facts[report])

    sent = scene.do(submissions.claim_due)
    with clock.shifted(SECOND):
        later = writes(scene)
    settle(scene, payment, "noted" if report == "bank_refund" else "won")
    after = scene.do(submissions.claim_due)

    assert [each for each in later if "FOR UPDATE" not in each] == []
    assert not any("journal_heads" in each for each in later)
    assert sum(each.amount.cents for each in (*sent, *after)) == 2500
    assert after


def test_a_smaller_dispute_lets_a_refund_go(scene: Scene) -> None:
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    scene.report(disputed(payment))
    assert scene.do(submissions.claim_due) == []

    scene.report(partly(payment, 1000))

    assert [each.amount.cents for each in scene.do(submissions.claim_due)] == [1500]


def test_what_sleeps_is_looked_at_now_and_then(scene: Scene) -> None:
    """Code of another release may decide without looking at what sleeps."""
    number = scene.place(passes=False)
    payment = scene.pay(number)
    cancel(scene, number)
    scene.report(disputed(payment))
    scene.do(submissions.claim_due)

    def close(work: Work) -> None:
        for case in work.cases.open_of_payment(payment.payment_id):
            work.journal.record(*case.close(work.now, "staff:x@pledge.example", None, ""))

    scene.do(close)
    assert scene.do(submissions.claim_due) == []
    with clock.shifted(timedelta(minutes=31)):
        assert [each.amount.cents for each in scene.do(submissions.claim_due)] == [2500]


Reports = tuple[tuple[int, str], ...]


@pytest.mark.parametrize(
    ("reports", "held"),
    [
        (((0, "dp.1"), (0, "dp.2")), {"dp.1": "25.00"}),
        (((0, ""), (0, "dp.1"), (0, "")), {"dp.1": "25.00"}),
        (((0, "dp.1"), (0, "")), {"dp.1": "25.00"}),
        (((2500, "dp.1"), (0, "dp.2"), (2500, "dp.3")), {"dp.1": "25.00"}),
        (((1000, "dp.1"), (0, "dp.2")), {"dp.1": "25.00"}),
        (((0, "dp.1"), (1000, "dp.2")), {"dp.1": "25.00"}),
        (((1000, ""), (1000, "dp.1")), {"dp.1": "10.00"}),
        (((1500, "dp.1"), (1500, "dp.2")), {"dp.1": "15.00"}),
        (((1500, "dp.1"), (2000, "dp.2")), {"dp.1": "20.00"}),
        (((1000, "dp.1"), (300, "dp.2")), {"dp.1": "10.00", "dp.2": "3.00"}),
        (((1000, "dp.1"), (300, "dp.2"), (300, "")), {"dp.1": "10.00", "dp.2": "3.00"}),
    ],
)  # fmt: skip
def test_one_dispute_is_one_case_by_whatever_name(scene: Scene, reports: Reports, held: dict[str, str]) -> None:
    number = scene.paid()
    (payment,) = scene.do(lambda work: work.payments.of_order(number))

    scene.report(*(named(payment, *each) for each in reports))

    assert {case["reference"]: case["amount"]["amount"] for case in cases(scene)} == held
    for reference in held:
        settle(scene, payment, "won", reference=reference)
    assert (account(scene, number)["kept"], cases(scene)) == ("25.00", [])


def named(payment: Payment, cents: int, name: str) -> PaymentFact:
    return replace(disputed(payment), cents=cents, currency="USD" if cents else "", dispute=name)
