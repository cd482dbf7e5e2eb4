"""Refunds for complaints: out of what the order was paid with, by two people above the limit, and in every account."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.money import ZERO, Money
from services.common.testing import customer, fresh_store
from services.orders.api import CancelOrder
from services.orders.domain import goodwill
from services.orders.handlers import cancellations
from services.orders.handlers.goodwill import ONE_PARCEL, on_goodwill_asked, on_resend_asked
from services.orders.tests.builders import EMAIL, NOW
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import ship
from services.orders.tests.test_races import at_once
from services.support.api.events import GoodwillAsked, ResendAsked

TICKET = "TIC-0000-0007-W"
ADA, BOB = "staff:ada@pledge.example", "staff:bob@pledge.example"
CENTS = st.integers(1, 100_000)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path) as store, clock.frozen(NOW):
        yield Scene(store).stocked("SOFA", 10, "400.00")


def ask(scene: Scene, number: str, cents: int, ask: int = 1, by: str = ADA, agreed_by: str | None = None) -> Any:
    """Have support ask. Return the last answer: its type and body."""
    event = GoodwillAsked(
        ticket_number=TICKET, order_number=number, ask=ask, amount=Money(cents), by=by, agreed_by=agreed_by
    )
    scene.hear(on_goodwill_asked, event)
    answers = [each for each in scene.events(number) if each["type"].startswith("goodwill_")]
    return answers[-1]["type"], answers[-1]["body"]


@pytest.mark.pure
@given(CENTS, CENTS, CENTS, st.sampled_from([None, ADA, BOB]))
def test_above_the_limit_two_people_agree(amount: int, given_before: int, alone: int, agreed: str | None) -> None:
    needed = goodwill.needs_second_person(Money(amount), Money(given_before), Money(alone), ADA, agreed)

    assert needed == (amount + given_before > alone and agreed != BOB)


def test_what_is_granted_is_paid_and_is_our_own_money(scene: Scene) -> None:
    number = scene.paid(("SOFA", 1))

    type_, body = ask(scene, number, 20_00)

    assert (type_, body["amount"]["amount"], body["ask"]) == ("goodwill_granted", "20.00", 1)
    order = scene.order(number)
    (refund,) = order["refunds"]
    assert (refund["cause"], refund["reference"], refund["amount"]["amount"]) == ("goodwill", f"{TICKET}/1", "20.00")
    assert (refund["id"], refund["due_at"]) == (body["refund_id"], body["due_at"])
    assert order["account"]["missing"]["amount"] == order["account"]["attention"]["amount"] == "0.00"
    assert order["account"]["kept"]["amount"] == "380.00"
    assert [each["kind"] for each in order["commitments"] if each["subject"] == refund["id"]] == ["refund"]
    scene.holds()


def test_small_amounts_add_up_to_one_that_needs_two_people(scene: Scene) -> None:
    number = scene.paid(("SOFA", 1))

    answers = [ask(scene, number, cents, turn)[0] for turn, cents in enumerate((150_00, 50_00), start=1)]
    assert answers == ["goodwill_granted"] * 2
    for turn, agreed in enumerate((None, ADA), start=3):
        type_, body = ask(scene, number, 1, turn, agreed_by=agreed)
        assert (type_, body["needs_second_person"]) == ("goodwill_refused", True)
    assert ask(scene, number, 1, 5, agreed_by=BOB)[0] == "goodwill_granted"
    askers = scene.do(lambda work: {each.reference: each.askers for each in work.payments.refunds_of(number)})
    assert (askers[f"{TICKET}/1"], askers[f"{TICKET}/5"]) == ({ADA}, {ADA, BOB})
    scene.holds()


@pytest.mark.parametrize("paid", ["in part", "cancelled", "too little"])
def test_what_is_not_here_is_not_paid_back(scene: Scene, paid: str) -> None:
    number = scene.place(("SOFA", 1), passes=paid != "cancelled")
    scene.pay(number, 100_00 if paid == "in part" else None)
    if paid == "cancelled":
        scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=customer(EMAIL))

    type_, body = ask(scene, number, 400_01 if paid == "too little" else 10_00, agreed_by=BOB)

    assert (type_, body["needs_second_person"]) == ("goodwill_refused", False)
    assert not [each for each in scene.order(number)["refunds"] if each["cause"] == "goodwill"]
    scene.holds()


def test_it_can_be_all_that_was_paid_and_then_nothing(scene: Scene) -> None:
    number = scene.paid(("SOFA", 1))

    assert ask(scene, number, 400_00, agreed_by=BOB)[0] == "goodwill_granted"
    assert ask(scene, number, 1, 2, agreed_by=BOB)[0] == "goodwill_refused"
    assert scene.do(lambda work: work.payments.borne(number)) == Money(400_00) != ZERO
    scene.holds()


def test_a_parcel_is_sent_again_as_its_customer_chooses(scene: Scene) -> None:
    number = scene.paid(("SOFA", 1))

    assert again(scene, number) == ("goodwill_refused", ONE_PARCEL)
    ship(scene, number, "created", "dispatched")
    type_, remedy_id = again(scene, number, 2)
    assert type_ == "resend_offered"
    assert again(scene, number, 3) == ("resend_offered", remedy_id)
    (question,) = scene.order(number)["remedies"]
    assert (question["id"], question["status"], question["reason"]) == (
        remedy_id, "awaiting_customer", "not_received",
    )  # fmt: skip
    assert "resend" in [each["option"] for each in question["options"]]
    scene.holds()


def again(scene: Scene, number: str, turn: int = 1) -> tuple[str, str]:
    """Have support ask for a new parcel. Return the type of the answer, and the question or why there is none."""
    scene.hear(on_resend_asked, ResendAsked(ticket_number=TICKET, order_number=number, ask=turn, by=ADA))
    answer = next(each for each in reversed(scene.events(number)) if each["body"].get("ask") == turn)
    return answer["type"], answer["body"].get("remedy_id") or answer["body"]["why"]


@pytest.mark.integration
def test_amounts_that_are_asked_at_once_add_up_too(tmp_path: Path) -> None:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        scene = Scene(store).stocked("SOFA", 10, "400.00")
        number = scene.paid(("SOFA", 1))

        at_once(*(partial(ask, scene, number, 120_00, turn) for turn in range(1, 5)))

        answers = [each["type"] for each in scene.events(number) if each["type"].startswith("goodwill_")]
        assert sorted(answers) == ["goodwill_granted", *["goodwill_refused"] * 3]
        scene.holds()
