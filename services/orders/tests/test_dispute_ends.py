"""How disputes end: the bank's decision counts once, in whatever order its reports come."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from services.common.basics import ids
from services.common.basics.caller import LEAD
from services.common.basics.money import Money
from services.common.testing import staff
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api.disputes import AnswerDispute, ListDisputes
from services.orders.domain import Payment
from services.orders.handlers import disputes, ledgers, submissions
from services.orders.tests.scene import Scene
from services.orders.tests.test_money import account, cancel, cases, partly, settle, went_back

K = FactKind


def ended(payment: Payment, kind: FactKind, cents: int = 2500, name: str = "dp.1") -> PaymentFact:
    return PaymentFact(
        ids.new_id(),
        kind,
        payment.payment_id,
        "",
        cents,
        "USD",
        f"pay.{payment.payment_id}",
        "fraudulent",
        dispute=name,
    )


def shown(scene: Scene, *, ended: bool) -> Any:
    return scene.do(disputes.list_disputes, ListDisputes(ended=ended), caller=staff(LEAD))["items"]


def cents_of(amount: str) -> int:
    return Money.parse(amount).cents


def provider(scene: Scene, number: str) -> int:
    """Return what the ledger says is at the provider."""
    shown = scene.do(ledgers.get_payments, number, caller=staff(LEAD))
    return sum(cents_of(each["amount"]["amount"]) for each in shown["balances"] if each["account"] == "provider")


def paid(scene: Scene, *, passes: bool = True) -> tuple[str, Payment]:
    """Have an order paid. passes: its review, so that the warehouse has it."""
    number = scene.paid(("MUG", 2), passes=passes)
    return number, scene.do(lambda work: work.payments.of_order(number))[0]


@pytest.mark.parametrize("reports", list(permutations([K.DISPUTED, K.DISPUTE_ANSWERED, K.DISPUTE_WON])))
def test_won_is_won_in_any_order(scene: Scene, reports: tuple[FactKind, ...]) -> None:
    number, payment = paid(scene)

    for kind in (*reports, *reports):
        scene.report(ended(payment, kind))

    assert (account(scene, number)["kept"], cases(scene), went_back(scene, number)) == ("25.00", [], [])
    assert [each["status"] for each in shown(scene, ended=True)] == ["won"]
    assert scene.order(number)["payment"]["disputed_at"] is None


@pytest.mark.parametrize("reports", list(permutations([K.DISPUTED, K.DISPUTE_ANSWERED, K.DISPUTE_LOST])))
def test_lost_is_lost_in_any_order(scene: Scene, reports: tuple[FactKind, ...]) -> None:
    number, payment = paid(scene)

    for kind in (*reports, *reports):
        scene.report(ended(payment, kind))

    assert account(scene, number)["refunded"] == "25.00"
    assert went_back(scene, number) == [("chargeback", "25.00")]
    assert [case["kind"] for case in cases(scene)] == ["unpaid"]


def test_won_lets_go_what_had_waited(scene: Scene) -> None:
    number, payment = paid(scene, passes=False)
    scene.report(ended(payment, K.DISPUTED))
    cancel(scene, number)
    held = scene.do(submissions.claim_due)

    scene.report(ended(payment, K.DISPUTE_WON))

    assert (held, [each.amount.cents for each in scene.do(submissions.claim_due)]) == ([], [2500])


@pytest.mark.parametrize("owed", [True, False])
def test_what_the_bank_gives_back_is_in_the_books_again(scene: Scene, owed: bool) -> None:
    number, payment = paid(scene, passes=False)
    scene.report(ended(payment, K.DISPUTED))
    if owed:
        cancel(scene, number)
    scene.report(ended(payment, K.DISPUTE_LOST))
    lost = account(scene, number)

    scene.report(ended(payment, K.DISPUTE_WON), ended(payment, K.DISPUTE_WON))

    again = account(scene, number)
    assert (lost["refunded"], again["refunded"]) == ("25.00", "25.00" if owed else "0.00")
    assert (again["kept"], cases(scene)) == ("0.00" if owed else "25.00", [])
    assert [each["status"] for each in scene.order(number)["refunds"]] == (["failed"] if owed else [])


@pytest.mark.parametrize("currency", ["JPY", "USD"])  # one that tells of another currency is about all of it
def test_money_in_another_currency_comes_back_whole(scene: Scene, currency: str) -> None:
    payment = scene.pay(scene.place(), 1500, "JPY")
    told = replace(ended(payment, K.DISPUTE_LOST, 1500), currency=currency)
    scene.report(replace(told, event_id="disputed", kind=K.DISPUTED), told)
    lost = cases(scene)

    scene.report(replace(told, event_id="won", kind=K.DISPUTE_WON))

    yen = {"amount": "1500", "currency": "JPY"}
    assert (lost, [(case["kind"], case["amount"]) for case in cases(scene)]) == ([], [("other_currency", yen)])


def test_a_person_may_say_it_before_the_bank(scene: Scene) -> None:
    number, payment = paid(scene)
    scene.report(ended(payment, K.DISPUTED))
    settle(scene, payment, "lost")

    scene.report(ended(payment, K.DISPUTE_LOST))
    told = account(scene, number)["refunded"]
    scene.report(ended(payment, K.DISPUTE_WON))

    assert (told, account(scene, number)["kept"]) == ("25.00", "25.00")


def test_of_two_disputes_each_has_its_end(scene: Scene) -> None:
    number, payment = paid(scene)
    scene.report(partly(payment, 1000, "dp.1"), partly(payment, 300, "dp.2"))

    scene.report(ended(payment, K.DISPUTE_LOST, 300, "dp.2"))
    between = account(scene, number)
    scene.report(ended(payment, K.DISPUTE_WON, 1000, "dp.1"))

    assert (between["refunded"], between["attention"]) == ("3.00", "10.00")
    assert (account(scene, number)["kept"], went_back(scene, number)) == ("22.00", [("chargeback", "3.00")])


@pytest.mark.parametrize(("first", "second"), [(2000, 1500), (2500, 2500), (1000, 0)])
def test_what_comes_back_of_two_lost_is_recorded_or_asked(scene: Scene, first: int, second: int) -> None:
    number, payment = paid(scene)
    both = [("dp.1", first), ("dp.2", second)]
    scene.report(*(partly(payment, cents, name) for name, cents in both))
    scene.report(*(ended(payment, K.DISPUTE_LOST, cents, name) for name, cents in both))
    gone = cents_of(account(scene, number)["refunded"])

    scene.report(ended(payment, K.DISPUTE_WON, second, "dp.2"))

    back = gone - cents_of(account(scene, number)["refunded"])
    (asked,) = [each for each in cases(scene) if each["kind"] == "amount_differs"]
    assert (back + cents_of(asked["amount"]["amount"]), asked["reference"]) == (second or gone, "dp.2")
    assert provider(scene, number) == 2500 - gone + back
    scene.report(ended(payment, K.DISPUTE_WON, first, "dp.1"))
    assert (account(scene, number)["kept"], cases(scene), provider(scene, number)) == ("25.00", [], 2500)


def test_what_turns_before_the_case_ends_counts_once(scene: Scene) -> None:
    number, payment = paid(scene)
    scene.report(partly(payment, 1500, "dp.1"), partly(payment, 1200, "dp.2"))

    scene.report(*(ended(payment, kind, 1500) for kind in (K.DISPUTE_WON, K.DISPUTE_LOST)))
    between = went_back(scene, number)
    scene.report(ended(payment, K.DISPUTE_WON, 1200, "dp.2"))

    assert (between, went_back(scene, number)) == ([], [("chargeback", "15.00")])


@pytest.mark.parametrize(("cents", "kept", "asked"), [(2500, "25.00", []), (700, "0.00", ["7.00"])])
def test_what_was_lost_without_a_name_is_found_again(scene: Scene, cents: int, kept: str, asked: list[str]) -> None:
    number, payment = paid(scene)
    scene.report(ended(payment, K.DISPUTED, name=""))
    settle(scene, payment, "lost")  # as in a release that kept no disputes

    scene.report(ended(payment, K.DISPUTE_WON, cents, "dp.9"), ended(payment, K.DISPUTE_WON, cents, "dp.9"))

    told = [each["amount"]["amount"] for each in cases(scene) if each["kind"] == "amount_differs"]
    assert (account(scene, number)["kept"], told) == (kept, asked)


def test_decisions_without_names_are_not_mixed_up(scene: Scene) -> None:
    orders = [paid(scene) for _ in range(2)]

    scene.report(*(ended(payment, K.DISPUTE_LOST, name="") for _, payment in orders))
    lost = [account(scene, number)["refunded"] for number, _ in orders]
    scene.report(*(ended(payment, K.DISPUTE_WON, name="") for _, payment in orders))

    assert (lost, [account(scene, number)["kept"] for number, _ in orders]) == (["25.00"] * 2, ["25.00"] * 2)


def test_what_is_lost_and_won_again_is_owed_again(scene: Scene) -> None:
    number, payment = paid(scene, passes=False)
    scene.report(ended(payment, K.DISPUTED))
    cancel(scene, number)

    scene.report(*(ended(payment, kind) for kind in (K.DISPUTE_LOST, K.DISPUTE_WON)))
    scene.report(*(ended(payment, kind) for kind in (K.DISPUTE_LOST, K.DISPUTE_WON)))

    assert [each["status"] for each in scene.order(number)["refunds"]] == ["failed"]


def test_a_person_decides_only_what_the_bank_has_not(scene: Scene) -> None:
    _, payment = paid(scene)
    scene.report(ended(payment, K.DISPUTED, name="dp.1"), ended(payment, K.DISPUTED, name="dp.2"))
    scene.report(ended(payment, K.DISPUTE_WON, name="dp.1"))

    settle(scene, payment, "lost")

    assert {each["reference"]: each["status"] for each in shown(scene, ended=True)} == {"dp.1": "won", "dp.2": "lost"}


def test_who_has_to_send_the_evidence_has_a_clock(scene: Scene) -> None:
    number, payment = paid(scene)
    scene.report(ended(payment, K.DISPUTED))
    (found,) = shown(scene, ended=False)
    lead = staff(LEAD)

    sent = scene.do(disputes.answer_dispute, found["id"], AnswerDispute("by the bank's page"), caller=lead)

    clocks = {each["kind"]: each["status"] for each in scene.order(number)["commitments"]}
    assert (clocks["dispute_evidence"], clocks["payment_attention"]) == ("kept", "kept")
    assert (found["status"], sent["status"], sent["answered_by"]) == ("open", "answered", lead.actor)
    assert [case["kind"] for case in cases(scene)] == ["dispute"]  # the money waits until the bank decides


def test_a_decision_about_no_payment_of_ours_is_asked_about(scene: Scene) -> None:
    _, payment = paid(scene)
    foreign = replace(ended(payment, K.DISPUTE_LOST), payment_id="PAY-0000-0000-0")

    scene.report(foreign, replace(foreign, event_id="again"), replace(foreign, event_id="won", kind=K.DISPUTE_WON))

    assert [case["kind"] for case in cases(scene)] == ["unknown_payment"]
