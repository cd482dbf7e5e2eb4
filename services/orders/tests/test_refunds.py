"""Refunds: written before the bank is asked, sent once, owed until they are settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest
import sqlalchemy as sa

from services.aftersales.api.events import RefundClaimed
from services.common.basics import clock
from services.common.basics.errors import Conflict, Unavailable
from services.common.basics.guard import forbid_in_transaction
from services.common.basics.money import Money
from services.common.store.database import ConcurrentUpdate
from services.common.testing import customer, event_like
from services.orders.adapters.payments import FactKind, PaymentFact, PaymentProvider, StartedSession
from services.orders.api import CancelOrder, RefundCause, StartPayment
from services.orders.domain import Refund, RefundTooLarge
from services.orders.handlers import cancellations, claims, payments, refunds, submissions
from services.orders.repository import Work
from services.orders.settings import OrdersSettings
from services.orders.tests.builders import EMAIL, captured, declined, refund_fact
from services.orders.tests.scene import Scene

RETURN = "RET-7K3M-9Q2X-C"


@dataclass
class Bank:
    """A bank that pays each key once, and can be told to be silent, late or unwilling."""

    name: str = "sandbox"
    is_set_up: bool = True
    least: Money = field(default_factory=lambda: Money(1))
    starts_locally: bool = True
    keeps_keys: timedelta | None = None
    silent: bool = False
    unwilling: bool = False
    calls: list[str] = field(default_factory=list)
    paid: dict[str, str] = field(default_factory=dict)
    known: list[PaymentFact] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def start(self, payment_id: str, order_number: str, amount: Money, session: str | None = None) -> StartedSession:
        return StartedSession("", {})

    def refund(self, refund: Refund) -> str:
        forbid_in_transaction("a refund")
        self.calls.append(refund.key)
        if self.unwilling:
            raise Conflict("account closed", code="provider_refused")
        reference = self.paid.setdefault(refund.key, f"ref.{refund.key}")
        if self.silent:
            raise Unavailable("no answer")
        return reference

    def fetch(self, refund: Refund) -> list[PaymentFact]:
        forbid_in_transaction("a look")
        self.meanwhile()
        return self.known

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        return False

    def parse(self, raw: bytes) -> list[PaymentFact]:
        return []


class AtOnce:
    """Makes each call at once, as far as one thread can."""

    def run(self, call: Callable[[], None]) -> None:
        call()

    def wait(self) -> bool:
        return False


@pytest.fixture
def bank() -> Bank:
    return Bank()


def drive(scene: Scene, bank: Bank) -> None:
    """Send and follow the refunds, as the timer does."""

    class Settings(OrdersSettings):
        @property
        def providers(self) -> Mapping[str, PaymentProvider]:
            return {"sandbox": cast(PaymentProvider, bank)}

    scene.store.settings = Settings.load({})
    submissions.drive_refunds(partial(scene.store.work, Work), AtOnce())


def later(seconds: float) -> Any:
    return clock.shifted(timedelta(seconds=seconds))


def claim(scene: Scene, number: str, units: list[tuple[int, int]], amount: str, name: str = RETURN, **law: str) -> None:
    """Claim units of an order that was delivered, as after-sales does."""
    scene.deliver(number)
    claim_undelivered(scene, number, units, amount, name, **law)


def claim_undelivered(
    scene: Scene, number: str, units: list[tuple[int, int]], amount: str, name: str = RETURN, **law: str
) -> None:
    event = {
        "order_number": number,
        "return_number": name,
        "amount": {"amount": amount, "currency": "USD"},
        "units": [{"line_id": line_id, "unit": unit} for line_id, unit in units],
        **law,
    }
    scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, event))


def refund_of(scene: Scene, number: str) -> Any:
    return scene.order(number)["refunds"][-1]


def test_accepted_units_pay_back_exactly_what_they_cost(scene: Scene, bank: Bank) -> None:
    number = scene.paid(("MUG", 3))

    claim(scene, number, [(1, 0), (1, 2)], "25.00")
    with later(11):
        drive(scene, bank)
    scene.report(refund_fact(refund_of(scene, number), FactKind.REFUND_SETTLED))

    refund = refund_of(scene, number)
    assert (refund["status"], refund["amount"]["amount"], refund["reference"]) == ("settled", "25.00", RETURN)
    assert scene.journal(number)[-4:-1] == ["refund_due", "refund_submitted", "refund_settled"]
    assert scene.body(number, "refund_settled")["cause"] == "return"
    scene.holds()


@pytest.mark.parametrize(
    ("units", "amount"),
    [([(1, 0)], "25.00"), ([(1, 0)], "12.49"), ([(1, 9)], "12.50"), ([(7, 0)], "12.50"), ([(1, 0), (1, 0)], "25.00")],
)
def test_a_claim_that_does_not_fit_what_was_paid_is_refused(
    scene: Scene, units: list[tuple[int, int]], amount: str
) -> None:
    number = scene.paid(("MUG", 3))

    claim(scene, number, units, amount)

    assert scene.order(number)["refunds"] == []
    assert [case.kind for case in scene.do(lambda work: work.cases.open_of_order(number))] == ["claim_refused"]


def test_a_unit_is_refunded_once_over_all_its_returns(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))
    claim(scene, number, [(1, 0)], "12.50")

    claim(scene, number, [(1, 1), (1, 0)], "25.00", "RET-0000-0000-0")

    assert len(scene.order(number)["refunds"]) == 1
    scene.holds()


def test_a_refund_owed_again_after_a_restore_keeps_its_number(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))

    def owed_and_lost(work: Work) -> tuple[str, str]:
        payment = work.payments.of_order(number)[0]
        with work.session.begin_nested() as lost:
            first = refunds.owe_refund(work, payment, Money(1250), RefundCause.RETURN, "RET-1").refund_id
            lost.rollback()
        payment = work.payments.of_order(number)[0]
        again = refunds.owe_refund(work, payment, Money(1250), RefundCause.RETURN, "RET-1").refund_id
        another = refunds.owe_refund(work, payment, Money(1250), RefundCause.RETURN, "RET-1").refund_id
        assert another != again
        return first, again

    first, again = scene.do(owed_and_lost)

    assert first == again


def test_no_more_is_refunded_than_was_captured(scene: Scene) -> None:
    number = scene.place(("MUG", 8))
    scene.pay(number)

    def owe(work: Work) -> None:
        payment = work.payments.of_order(number)[0]
        refunds.owe_refund(work, payment, Money(6000), RefundCause.RETURN, "one of several")

    scene.do(owe)
    with pytest.raises(RefundTooLarge):
        scene.do(owe)

    scene.holds()


def test_a_silent_bank_is_asked_again_with_the_same_key(scene: Scene, bank: Bank) -> None:
    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")
    bank.silent = True

    for seconds in (11, 30, 60):
        with later(seconds):
            drive(scene, bank)
    silent = refund_of(scene, number)["status"]
    bank.silent = False
    with later(200):
        drive(scene, bank)

    assert len(bank.calls) == 4
    assert len(bank.paid) == len(set(bank.calls)) == 1
    assert (silent, refund_of(scene, number)["status"]) == ("submitted", "pending")
    assert scene.journal(number).count("refund_submitted") == 1


def test_a_report_before_the_answer_counts_and_stays(scene: Scene, bank: Bank) -> None:
    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")
    bank.silent = True
    with later(11):
        drive(scene, bank)

    scene.report(refund_fact(refund_of(scene, number), FactKind.REFUND_SETTLED))
    with later(5000):
        drive(scene, bank)

    assert refund_of(scene, number)["status"] == "settled"
    assert len(bank.calls) == 1


def test_a_failed_refund_is_sent_again_under_a_new_key(scene: Scene, bank: Bank) -> None:
    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")
    with later(11):
        drive(scene, bank)
    failure = refund_fact(refund_of(scene, number), FactKind.REFUND_FAILED, f"ref.{bank.calls[0]}", "evt_1")

    scene.report(failure)
    scene.report(failure)
    failed = refund_of(scene, number)["status"]
    with later(100):
        drive(scene, bank)

    assert failed == "failed"
    assert scene.journal(number)[-3:] == ["refund_submitted", "refund_failed", "refund_submitted"]
    assert len(set(bank.calls)) == 2
    assert refund_of(scene, number)["status"] == "pending"
    scene.holds()


def test_an_unwilling_bank_leaves_it_to_a_person_in_the_end(scene: Scene, bank: Bank) -> None:
    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")
    bank.unwilling = True

    for seconds in (11, 3600, 7200, 10800):
        with later(seconds):
            drive(scene, bank)

    assert len(bank.calls) == 3
    assert refund_of(scene, number)["status"] == "manual"
    failures = [entry["body"]["manual"] for entry in scene.events(number) if entry["type"] == "refund_failed"]
    assert failures == [False, False, True]
    scene.holds()


def test_a_lost_report_is_fetched(scene: Scene, bank: Bank) -> None:
    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")
    with later(11):
        drive(scene, bank)
    bank.known = [refund_fact(refund_of(scene, number), FactKind.REFUND_SETTLED)]

    with later(200):
        drive(scene, bank)

    assert refund_of(scene, number)["status"] == "settled"


def test_a_conflict_of_our_own_is_no_refusal_of_the_bank(scene: Scene, bank: Bank) -> None:
    def conflict(*_: object) -> None:
        raise ConcurrentUpdate

    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")
    with later(11):
        drive(scene, bank)
    before = refund_of(scene, number)
    bank.known = [refund_fact(before, FactKind.REFUND_SETTLED)]
    bank.meanwhile = lambda: sa.event.listen(scene.store.engine, "before_cursor_execute", conflict, once=True)

    with later(200), pytest.raises(ConcurrentUpdate):
        drive(scene, bank)
    unsettled = refund_of(scene, number)
    bank.meanwhile = lambda: None
    with later(5000):
        drive(scene, bank)

    assert (before["status"], unsettled["status"], refund_of(scene, number)["status"]) == (*["pending"] * 2, "settled")
    assert len(bank.calls) == 1
    assert "refund_failed" not in scene.journal(number)
    scene.holds()


def test_a_settlement_of_another_amount_settles_nothing(scene: Scene, bank: Bank) -> None:
    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")
    with later(11):
        drive(scene, bank)
    refund = refund_of(scene, number)

    scene.report(PaymentFact("evt_2", FactKind.REFUND_SETTLED, "", refund["id"], 1249, "USD", "ref.1"))

    assert refund_of(scene, number)["status"] == "manual"


def test_two_replicas_do_not_take_up_the_same_refund(scene: Scene, bank: Bank) -> None:
    number = scene.paid()
    claim(scene, number, [(1, 0)], "12.50")

    first, second = (scene.do(submissions.claim_due) for _ in range(2))

    assert (len(first), second) == (1, [])


def test_an_underpaid_order_pays_back_what_arrived_and_no_more(scene: Scene) -> None:
    from services.common.testing import customer
    from services.orders.tests.builders import EMAIL

    number = scene.place()
    scene.report(captured(scene.start(number), cents=2000))

    scene.do(cancellations.cancel_order, number, CancelOrder(""), caller=customer(EMAIL))

    assert refund_of(scene, number)["amount"]["amount"] == "20.00"
    scene.holds()


def test_a_capture_after_a_decline_keeps_the_counting_payment(scene: Scene) -> None:
    number = scene.place(("MUG", 2))
    first = scene.start(number)
    scene.report(declined(first))
    with later(1):
        second = scene.pay(number)
    with later(2):
        scene.report(captured(first))

    with later(3):
        claim(scene, number, [(1, 0)], "12.50")

    order = scene.order(number)
    assert (order["payment"]["id"], order["review"]["status"]) == (second.payment_id, "passed")
    assert [(refund["cause"], refund["amount"]["amount"]) for refund in order["refunds"]] == [
        ("payment", "25.00"),
        ("return", "12.50"),
    ]
    scene.holds()


def test_the_journal_names_the_provider_that_told_of_the_money(scene: Scene) -> None:
    number = scene.paid()

    actors = {event["type"]: event["actor"] for event in scene.events(number)}

    assert actors["payment_captured"] == "provider:sandbox"


def test_a_cancellation_refunds_the_payment_and_the_surplus(scene: Scene) -> None:
    number = scene.place(("MUG", 2), passes=False)
    first = scene.start(number)
    scene.report(declined(first))
    with later(1):
        scene.pay(number)
    with later(2):
        scene.report(captured(first))

    scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=_owner(number))

    refunds = scene.order(number)["refunds"]
    assert sorted((refund["cause"], refund["amount"]["amount"]) for refund in refunds) == [
        ("cancellation", "25.00"),
        ("payment", "25.00"),
    ]
    scene.holds()


def test_paying_once_more_after_a_capture_is_not_possible(scene: Scene) -> None:
    number = scene.paid()

    with pytest.raises(Conflict):
        scene.do(payments.attempt_payment, number, StartPayment(), caller=_owner(number))


def _owner(number: str) -> Any:
    from services.common.testing import holder

    return holder(f"order:{number}")


LAW = "2011/83/EU (2014-06-13)"


def test_the_law_binds_the_refund_of_a_return(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))

    claim(scene, number, [(1, 0)], "12.50", due_at="2026-12-05T22:59:59Z", law=LAW)

    assert refund_of(scene, number)["due_at"] <= "2026-12-05T22:59:59Z"


def test_one_clock_promises_the_refund_of_a_return(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))

    claim(scene, number, [(1, 0)], "12.50")

    assert [each for each in scene.order(number)["commitments"] if each["kind"] == "refund"] == []
    assert refund_of(scene, number)["due_at"]


@pytest.mark.parametrize(("country", "bound"), [("DE", True), ("US", False)])
def test_the_law_binds_the_refund_of_a_cancellation(scene: Scene, country: str, bound: bool) -> None:
    at_new_year = datetime(2027, 2, 4, 2, tzinfo=UTC)  # ten working days of the team end after its long holidays
    with clock.frozen(at_new_year):
        where = {"country": country, "city": "Berlin", "region": "NY" if country == "US" else ""}
        number = scene.paid(("MUG", 1), passes=False, **where)
        scene.do(cancellations.cancel_order, number, CancelOrder("no"), caller=customer(EMAIL))
        order = scene.order(number)

    (running,) = [each for each in order["commitments"] if each["kind"] == "refund"]
    last_day = "2027-02-18T23"
    assert (running["due_at"] < last_day, LAW in running["terms_version"]) == (bound, bound)
    assert order["refunds"][0]["due_at"] == running["due_at"]
