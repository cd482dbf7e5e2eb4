"""Refunds: written before the bank hears of them, sent once, owed until they are settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.errors import Conflict, Unavailable
from services.common.basics.guard import forbid_in_transaction
from services.common.basics.money import Money
from services.common.edge.fields import load
from services.orders import schemas
from services.orders.domain import Refund, RefundCause, RefundTooLarge, UnitRefunded
from services.orders.handlers import cancelling, paying, refunding, reviewing, submitting
from services.orders.handlers.refunding import WrongRefund
from services.orders.payments import FactKind, PaymentFact, PaymentProvider
from services.orders.repository import Work
from services.orders.settings import OrdersSettings
from services.orders.tests.builders import SETTINGS, Shop, captured, declined, refund_fact

RETURN = "RET-7K3M-9Q2X-C"


@dataclass
class Bank:
    """A bank that pays each key once, and can be told to be silent, late or unwilling."""

    name: str = "sandbox"
    silent: bool = False
    unwilling: bool = False
    calls: list[str] = field(default_factory=list)
    paid: dict[str, str] = field(default_factory=dict)
    known: list[PaymentFact] = field(default_factory=list)

    def start(self, payment_id: str, order_number: str, amount: Money) -> dict[str, Any]:
        return {}

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
        return self.known

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        return False

    def parse(self, raw: bytes) -> list[PaymentFact]:
        return []


@pytest.fixture
def bank() -> Bank:
    return Bank()


def drive(shop: Shop, bank: Bank) -> None:
    """What the timer does."""

    class Settings(OrdersSettings):
        @property
        def providers(self) -> Mapping[str, PaymentProvider]:
            return {"sandbox": bank}

    with shop.store.work(Work) as work:
        claimed = submitting.claim_due(work)
    submitting.drive(lambda: shop.store.work(Work), Settings.load({}), claimed)


def later(seconds: float) -> Any:
    return clock.shifted(timedelta(seconds=seconds))


def claim(shop: Shop, number: str, units: list[tuple[int, int]], amount: str, name: str = RETURN) -> None:
    event = {
        "order_number": number,
        "return_number": name,
        "amount": {"amount": amount, "currency": "USD"},
        "units": [{"line_id": line_id, "unit": unit, "amount": None} for line_id, unit in units],
    }
    shop.do(refunding.claim_return, load(schemas.RefundClaimed, event))


def refund_of(shop: Shop, number: str) -> dict[str, Any]:
    refunds: list[dict[str, Any]] = shop.order(number)["refunds"]
    return refunds[-1]


def test_accepted_units_pay_back_exactly_what_they_cost(shop: Shop, bank: Bank) -> None:
    number = shop.paid(("MUG", 3))

    claim(shop, number, [(1, 0), (1, 2)], "25.00")
    with later(11):
        drive(shop, bank)
    shop.report(refund_fact(refund_of(shop, number), FactKind.REFUND_SETTLED))

    refund = refund_of(shop, number)
    assert (refund["status"], refund["amount"]["amount"], refund["reference"]) == ("settled", "25.00", RETURN)
    assert shop.journal(number)[-3:] == ["refund_due", "refund_submitted", "refund_settled"]
    assert shop.body(number, "refund_settled")["cause"] == "return"
    shop.holds()


@pytest.mark.parametrize(
    ("units", "amount"),
    [([(1, 0)], "25.00"), ([(1, 0)], "12.49"), ([(1, 9)], "12.50"), ([(7, 0)], "12.50"), ([(1, 0), (1, 0)], "25.00")],
)
def test_a_claim_that_does_not_fit_what_was_paid_is_refused(
    shop: Shop, units: list[tuple[int, int]], amount: str
) -> None:
    number = shop.paid(("MUG", 3))

    with pytest.raises(WrongRefund):
        claim(shop, number, units, amount)

    assert shop.order(number)["refunds"] == []


def test_a_unit_has_its_money_back_once_whatever_the_number_of_returns(shop: Shop) -> None:
    number = shop.paid(("MUG", 3))
    claim(shop, number, [(1, 0)], "12.50")

    with pytest.raises(UnitRefunded):
        claim(shop, number, [(1, 1), (1, 0)], "25.00", "RET-0000-0000-0")

    assert len(shop.order(number)["refunds"]) == 1
    shop.holds()


def test_a_refund_that_is_owed_again_after_a_restore_has_the_number_by_which_the_bank_knows_it(shop: Shop) -> None:
    number = shop.paid(("MUG", 3))

    def owed_and_lost(work: Work) -> tuple[str, str]:
        payment = work.payments.of_order(number)[0]
        with work.session.begin_nested() as lost:
            first = refunding.owe(work, payment, Money(1250), RefundCause.RETURN, "RET-1").refund_id
            lost.rollback()
        payment = work.payments.of_order(number)[0]
        again = refunding.owe(work, payment, Money(1250), RefundCause.RETURN, "RET-1").refund_id
        another = refunding.owe(work, payment, Money(1250), RefundCause.RETURN, "RET-1").refund_id
        assert another != again
        return first, again

    first, again = shop.do(owed_and_lost)

    assert first == again


def test_no_more_is_refunded_than_was_captured(shop: Shop) -> None:
    number = shop.place(("MUG", 8))
    shop.pay(number)

    def owe(work: Work) -> None:
        payment = work.payments.of_order(number)[0]
        refunding.owe(work, payment, Money(6000), RefundCause.RETURN, "one of several")

    shop.do(owe)
    with pytest.raises(RefundTooLarge):
        shop.do(owe)

    shop.holds()


def test_a_bank_that_does_not_answer_is_asked_again_with_the_same_key_and_pays_once(shop: Shop, bank: Bank) -> None:
    number = shop.paid()
    claim(shop, number, [(1, 0)], "12.50")
    bank.silent = True

    for seconds in (11, 30, 60):
        with later(seconds):
            drive(shop, bank)
    silent = refund_of(shop, number)["status"]
    bank.silent = False
    with later(200):
        drive(shop, bank)

    assert len(bank.calls) == 4
    assert len(bank.paid) == len(set(bank.calls)) == 1
    assert (silent, refund_of(shop, number)["status"]) == ("submitted", "pending")
    assert shop.journal(number).count("refund_submitted") == 1


def test_a_report_faster_than_the_answer_counts_and_is_not_undone(shop: Shop, bank: Bank) -> None:
    number = shop.paid()
    claim(shop, number, [(1, 0)], "12.50")
    bank.silent = True
    with later(11):
        drive(shop, bank)

    shop.report(refund_fact(refund_of(shop, number), FactKind.REFUND_SETTLED))
    with later(5000):
        drive(shop, bank)

    assert refund_of(shop, number)["status"] == "settled"
    assert len(bank.calls) == 1


def test_a_refund_that_fails_is_still_owed_and_sent_under_a_new_key(shop: Shop, bank: Bank) -> None:
    number = shop.paid()
    claim(shop, number, [(1, 0)], "12.50")
    with later(11):
        drive(shop, bank)
    failure = refund_fact(refund_of(shop, number), FactKind.REFUND_FAILED, f"ref.{bank.calls[0]}", "evt_1")

    shop.report(failure)
    shop.report(failure)
    failed = refund_of(shop, number)["status"]
    with later(100):
        drive(shop, bank)

    assert failed == "failed"
    assert shop.journal(number)[-3:] == ["refund_submitted", "refund_failed", "refund_submitted"]
    assert len(set(bank.calls)) == 2
    assert refund_of(shop, number)["status"] == "pending"
    shop.holds()


def test_an_unwilling_bank_leaves_it_to_a_person_in_the_end(shop: Shop, bank: Bank) -> None:
    number = shop.paid()
    claim(shop, number, [(1, 0)], "12.50")
    bank.unwilling = True

    for seconds in (11, 3600, 7200, 10800):
        with later(seconds):
            drive(shop, bank)

    assert len(bank.calls) == 3
    assert refund_of(shop, number)["status"] == "manual"
    failures = [entry["body"]["manual"] for entry in shop.events(number) if entry["type"] == "refund_failed"]
    assert failures == [False, False, True]
    shop.holds()


def test_a_lost_report_is_fetched(shop: Shop, bank: Bank) -> None:
    number = shop.paid()
    claim(shop, number, [(1, 0)], "12.50")
    with later(11):
        drive(shop, bank)
    bank.known = [refund_fact(refund_of(shop, number), FactKind.REFUND_SETTLED)]

    with later(200):
        drive(shop, bank)

    assert refund_of(shop, number)["status"] == "settled"


def test_a_settlement_of_another_amount_settles_nothing(shop: Shop, bank: Bank) -> None:
    number = shop.paid()
    claim(shop, number, [(1, 0)], "12.50")
    with later(11):
        drive(shop, bank)
    refund = refund_of(shop, number)

    shop.report(PaymentFact("evt_2", FactKind.REFUND_SETTLED, "", refund["id"], 1249, "USD", "ref.1"))

    assert refund_of(shop, number)["status"] == "pending"


def test_two_replicas_do_not_take_up_the_same_refund(shop: Shop, bank: Bank) -> None:
    number = shop.paid()
    claim(shop, number, [(1, 0)], "12.50")

    first, second = (shop.do(submitting.claim_due) for _ in range(2))

    assert (len(first), second) == (1, [])


def test_an_underpaid_order_pays_back_what_arrived_and_no_more(shop: Shop) -> None:
    from services.common.testing import customer
    from services.orders.handlers import cancelling
    from services.orders.tests.builders import EMAIL

    number = shop.place()
    shop.report(captured(shop.start(number), cents=2000))

    shop.do(cancelling.cancel_order, number, "", caller=customer(EMAIL))

    assert refund_of(shop, number)["amount"]["amount"] == "20.00"
    shop.holds()


def test_a_decline_that_is_captured_after_all_takes_nothing_from_the_payment_that_counts(shop: Shop) -> None:
    number = shop.place(("MUG", 2))
    first = shop.start(number)
    shop.report(declined(first))
    with later(1):
        second = shop.pay(number)
    with later(2):
        shop.report(captured(first))
        shop.do(reviewing.start_review, SETTINGS, number)

    with later(3):
        claim(shop, number, [(1, 0)], "12.50")

    order = shop.order(number)
    assert (order["payment"]["id"], order["review"]["status"]) == (second.payment_id, "passed")
    assert [(refund["cause"], refund["amount"]["amount"]) for refund in order["refunds"]] == [
        ("payment", "25.00"),
        ("return", "12.50"),
    ]
    shop.holds()


def test_the_journal_names_the_provider_that_told_of_the_money(shop: Shop) -> None:
    number = shop.paid()

    actors = {event["type"]: event["actor"] for event in shop.events(number)}

    assert actors["payment_captured"] == "provider:sandbox"


def test_a_cancellation_pays_back_what_confirmed_the_order_besides_a_surplus(shop: Shop) -> None:
    number = shop.place(("MUG", 2))
    first = shop.start(number)
    shop.report(declined(first))
    with later(1):
        shop.pay(number)
    with later(2):
        shop.report(captured(first))

    shop.do(cancelling.cancel_order, number, "changed my mind", caller=_owner(number))

    refunds = shop.order(number)["refunds"]
    assert sorted((refund["cause"], refund["amount"]["amount"]) for refund in refunds) == [
        ("cancellation", "25.00"),
        ("payment", "25.00"),
    ]
    shop.holds()


def test_paying_once_more_after_a_capture_is_not_possible(shop: Shop) -> None:
    number = shop.paid()

    with pytest.raises(Conflict):
        shop.do(paying.start_payment, SETTINGS, number, None, caller=_owner(number))


def _owner(number: str) -> Any:
    from services.common.testing import holder

    return holder(f"order:{number}")
