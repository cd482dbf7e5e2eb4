"""A return that a consumer of the EU, the EEA or the UK declares within 14 days: no review, repaid as the law says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.aftersales.api.statuses import ReturnStatus
from services.aftersales.tests import builders
from services.aftersales.tests.scene import AGENT, ALAN, EDSGER, Scene
from services.common.basics import clock
from services.common.basics.shapes import Verdict
from services.common.basics.states import WrongStatus
from services.common.commitments import Clock
from services.common.testing import fresh_store
from services.logistics.api.events import ShipmentDelivered
from services.orders.api.events import OrderPlaced, RefundSettled

S = ReturnStatus
BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return clock.parse_rfc3339(text)


@pytest.fixture
def delivered(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """Return a function that makes a scene whose order was delivered at that time and place."""
    with fresh_store("aftersales", tmp_path) as store:

        def make(country: str = "DE", on: str = "2026-11-20T12:00:00Z", now: str = "2026-12-01T10:00:00Z") -> Scene:
            scene = Scene(store)
            scene.hear(OrderPlaced, builders.order_placed())
            scene.hear(ShipmentDelivered, builders.shipment_delivered(at=on, country=country))
            scene.now = at(now)
            return scene

        yield make


def clocks(scene: Scene, kind: str, number: str) -> list[Clock]:
    with scene.work() as work:
        return [each for each in work.commitments.of_subjects([number]) if each.kind == kind]


def settle(scene: Scene, number: str, amount: str = "19.99") -> None:
    scene.refund(RefundSettled, number, amount, 9, settled_at=clock.rfc3339(scene.now))


@pytest.mark.parametrize("country", ["DE", "NO", "GB"])
def test_a_declaration_in_time_needs_no_review(delivered, country):
    scene = delivered(country)

    item = scene.request()

    assert (item.status, item.reviews) == (S.AUTHORIZED, [])
    assert item.instructions
    assert scene.recorded(item.number) == ["return_requested", "return_authorized"]
    assert scene.verdict("return_review", item.number) is Verdict.KEPT
    with pytest.raises(WrongStatus):
        scene.reject(item.number, ALAN)


@pytest.mark.parametrize("country", ["US", "CH", "CN"])
def test_elsewhere_a_return_is_reviewed(delivered, country):
    item = delivered(country).request()

    assert (item.status, item.law) == (S.REQUESTED, None)


def test_the_window_of_the_law_ends_with_the_customers_day(delivered):
    scene = delivered(now="2026-12-04T22:59:59Z")
    assert scene.request().status is S.AUTHORIZED

    scene.now = at("2026-12-04T23:00:00Z")

    assert scene.request().status is S.REQUESTED


def test_staff_do_not_declare_it_for_the_customer(delivered):
    scene = delivered(on="2026-09-25T10:00:00Z", now="2026-09-25T10:00:00Z")
    item = scene.request(AGENT)
    scene.review(item.number)
    scene.receive(item.number)
    scene.inspect(item.number, caller=ALAN)

    (refund,) = clocks(scene, "refund", item.number)
    assert item.status is S.REQUESTED
    assert refund.due_at <= at("2026-10-09T21:59:59.999999Z")  # the law runs, also when staff wrote it down


def test_an_order_placed_tells_the_country_too(delivered):
    scene = delivered(country="US")
    with scene.work() as work:
        work.orders.get(builders.ORDER_NUMBER).country = "FR"

    assert scene.request().status is S.AUTHORIZED


CASES = [
    # declared, goods received, last moment by the law
    ("2026-12-01T10:00:00Z", "2026-12-10T10:00:00Z", "2026-12-15T22:59:59.999999Z"),
    ("2026-02-01T10:00:00Z", "2026-02-12T10:00:00Z", "2026-02-15T22:59:59.999999Z"),  # Spring Festival
    ("2026-09-25T10:00:00Z", "2026-09-29T10:00:00Z", "2026-10-09T21:59:59.999999Z"),  # Golden Week
    ("2026-03-20T10:00:00Z", "2026-04-20T10:00:00Z", "2026-04-20T21:59:59.999999Z"),  # the goods come later
]


@pytest.mark.parametrize(("declared", "received", "law"), CASES)
def test_the_refund_is_due_when_the_law_says(delivered, declared, received, law):
    scene = delivered(on=declared, now=declared)
    number = scene.request().number
    scene.now = at(received)
    scene.receive(number)
    scene.inspect(number)

    (refund,) = clocks(scene, "refund", number)
    assert refund.due_at == at(law)

    scene.now = at(law) + timedelta(seconds=1)
    settle(scene, number)
    assert scene.verdict("refund", number) is Verdict.BREACHED


@pytest.mark.parametrize(("declared", "received", "law"), CASES)
def test_no_clock_is_kept_that_the_law_calls_late(delivered, declared, received, law):
    """Verification is bound as well: not looking does not put the law off."""
    scene = delivered(on=declared, now=declared)
    number = scene.request().number
    scene.now = at(received)
    scene.receive(number)

    scene.now = at(law) + timedelta(seconds=1)
    scene.inspect(number)
    settle(scene, number)

    assert scene.verdict("verification", number) is Verdict.BREACHED
    assert scene.verdict("refund", number) is Verdict.BREACHED


def test_a_proof_of_sending_starts_the_clock_of_the_refund(delivered):
    scene = delivered()
    number = scene.request().number
    assert clocks(scene, "refund", number) == []

    scene.answer(number, sent=True, carrier="dhl", tracking_number="123")

    (refund,) = clocks(scene, "refund", number)
    assert refund.due_at == at("2026-12-15T22:59:59.999999Z")
    scene.now = at("2026-12-10T10:00:00Z")
    scene.receive(number)
    scene.inspect(number)
    settle(scene, number)
    assert [each.verdict(scene.now) for each in clocks(scene, "refund", number)] == [Verdict.KEPT]


def test_the_rest_of_a_proved_parcel_has_a_clock_too(delivered):
    scene = delivered()
    number = scene.request(quantity=2).number
    scene.answer(number, sent=True, carrier="dhl", tracking_number="123")
    scene.receive(number)
    scene.inspect(number)
    settle(scene, number)

    verdicts = sorted(each.verdict(scene.now) for each in clocks(scene, "refund", number))
    assert verdicts == [Verdict.KEPT, Verdict.RUNNING]
    scene.receive(number)
    scene.inspect(number)
    scene.refund(RefundSettled, number, "19.99", 10, refund_id="REF-2", settled_at=clock.rfc3339(scene.now))
    assert {each.verdict(scene.now) for each in clocks(scene, "refund", number)} == {Verdict.KEPT}


def test_word_without_a_tracking_number_is_no_proof(delivered):
    scene = delivered()
    number = scene.request().number

    scene.answer(number, sent=True)

    assert clocks(scene, "refund", number) == []


def test_an_appeal_that_is_granted_late_is_late(delivered):
    scene = delivered()
    number = scene.request().number
    scene.answer(number, sent=True, carrier="dhl", tracking_number="123")
    scene.now = at("2026-12-10T10:00:00Z")
    scene.receive(number)
    scene.inspect(number, outcome="disputed")
    scene.look(number)
    assert {each.verdict(scene.now) for each in clocks(scene, "refund", number)} == {Verdict.PAUSED}

    scene.now = at("2027-01-05T10:00:00Z")
    scene.appeal(number)
    scene.look(number, outcome="accepted", caller=EDSGER)
    settle(scene, number)

    assert scene.get(number).status is S.CLOSED
    assert [each.verdict(scene.now) for each in clocks(scene, "refund", number)] == [Verdict.BREACHED]


def test_the_claim_tells_orders_when_the_law_wants_it_paid(delivered):
    scene = delivered()
    number = scene.request().number
    scene.receive(number)
    scene.inspect(number)

    with scene.work() as work:
        told = [entry["body"] for entry in work.journal.timeline(builders.ORDER_NUMBER, public_only=False)]
    claimed = next(body for body in told if "claim" in body)
    assert (claimed["due_at"], claimed["law"]) == ("2026-12-15T22:59:59.999999Z", "2011/83/EU (2014-06-13)")
