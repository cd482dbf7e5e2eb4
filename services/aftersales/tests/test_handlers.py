"""Commands and events in a real database: who may, what is recorded, which clocks run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.aftersales import tables
from services.aftersales.api.refusals import (
    NotDeliveredYet,
    ReturnNotFound,
    ReturnWindowClosed,
    SecondPersonRequired,
    UnitsNotReturnable,
)
from services.aftersales.api.statuses import ReturnStatus
from services.aftersales.tests import builders
from services.aftersales.tests.builders import NOW, ORDER_NUMBER
from services.aftersales.tests.scene import ALAN, EDSGER, EVE, GRACE, LEAD, Scene
from services.common.basics import clock
from services.common.basics.api import OrderNotFound
from services.common.basics.caller import Caller
from services.common.basics.errors import Forbidden, NotFound
from services.common.basics.shapes import Verdict
from services.common.basics.states import VersionMoved
from services.common.store.database import ConcurrentUpdate
from services.common.testing import fresh_store, holder
from services.logistics.api.events import DeliveryTakenBack, ShipmentDelivered
from services.orders.api.events import (
    OrderChanged,
    OrderPlaced,
    RefundFailed,
    RefundSettled,
    RefundSubmitted,
    RemedyAccepted,
)

S = ReturnStatus


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.deliver()
        yield scene


def test_each_step_from_request_to_refund_is_recorded(scene):
    number = scene.request(quantity=2).number
    scene.review(number)
    scene.answer(number, sent=True, carrier="ups", tracking_number="1Z")
    scene.receive(number, 2)
    scene.inspect(number, 2)
    scene.refund(RefundSubmitted, number, "39.98", 7)
    scene.refund(RefundSettled, number, "39.98", 8, settled_at=clock.rfc3339(NOW), credit_note=True)

    assert scene.get(number).status is S.CLOSED
    assert scene.recorded(number) == [
        "return_requested", "return_authorized", "return_sent", "return_received", "return_inspected", "refund_claimed",
        "return_refunded", "return_closed",
    ]  # fmt: skip
    with scene.work() as work:
        bodies = {each["type"]: each["body"] for each in work.journal.timeline(ORDER_NUMBER, public_only=True)}
    assert bodies["return_refunded"]["credit_note"] is True
    assert {scene.verdict(kind, number) for kind in ("return_review", "verification", "refund")} == {Verdict.KEPT}


def test_the_refund_clock_is_stopped_by_the_money_alone(scene):
    number = scene.request().number
    scene.review(number)
    scene.receive(number)
    scene.inspect(number)

    scene.refund(RefundSubmitted, number, "19.99", 3)
    scene.refund(RefundFailed, number, "19.99", 4)

    assert scene.verdict("refund", number) is Verdict.RUNNING
    assert scene.get(number).status is S.REFUND_DUE
    scene.now += timedelta(days=30)
    assert scene.verdict("refund", number) is Verdict.BREACHED


def test_each_refund_claim_of_a_return_has_a_clock_of_its_own(scene):
    number = scene.request(quantity=2).number
    scene.review(number)
    scene.receive(number)
    scene.inspect(number)
    scene.receive(number)
    scene.inspect(number)

    scene.refund(RefundSettled, number, "19.99", 9, refund_id="REF-2", settled_at=clock.rfc3339(NOW))

    with scene.work() as work:
        claims = work.returns.get(number).claims
        verdicts = [work.clock(number, claim.clock_id).verdict(work.now) for claim in claims if claim.clock_id]
    assert sorted(verdicts) == [Verdict.KEPT, Verdict.RUNNING]


def test_the_review_clock_pauses_while_the_customer_is_asked(scene):
    number = scene.request().number
    due = scene.get(number).due_at

    scene.review(number, decision="info", question="Is the plug in the box?")
    scene.now += timedelta(days=14)
    assert scene.verdict("return_review", number) is Verdict.PAUSED
    answered = scene.answer(number, answer="Yes.")

    assert answered.due_at > due + timedelta(days=13)
    assert scene.verdict("return_review", number) is Verdict.RUNNING


def test_a_rejection_takes_two_people_and_an_appeal_a_third(scene):
    number = scene.request().number

    scene.reject(number, GRACE)
    assert scene.get(number).status is S.REQUESTED
    with pytest.raises(SecondPersonRequired):
        scene.reject(number, GRACE)
    scene.reject(number, ALAN)
    scene.appeal(number)
    with pytest.raises(SecondPersonRequired):
        scene.review(number, ALAN)
    scene.review(number, EDSGER)

    assert scene.get(number).status is S.AUTHORIZED
    assert scene.recorded(number) == [
        "return_requested", "return_rejection_proposed", "return_rejected", "return_appealed", "return_authorized",
    ]  # fmt: skip


def test_the_database_itself_refuses_a_rejection_by_one_person(scene):
    number = scene.request().number

    alone = {"status": "rejected", "ground": "incomplete", "explanation": "x", "proposed_by": "grace"}

    with pytest.raises(ConcurrentUpdate), scene.work() as work:
        work.session.execute(sa.update(tables.returns).values(alone | {"confirmed_by": "grace"}))

    assert scene.get(number).status is S.REQUESTED


def test_pieces_in_a_return_cannot_be_requested_again(scene):
    number = scene.request(quantity=3).number
    with pytest.raises(UnitsNotReturnable) as refused:
        scene.request()
    assert refused.value.details["lines"][0]["why"] == "already_in_a_return"

    scene.withdraw(number)

    assert scene.request(quantity=3).status is S.REQUESTED


def test_refunded_pieces_are_never_refunded_again(scene):
    number = scene.request(quantity=3).number
    scene.review(number)
    scene.receive(number, 3)
    scene.inspect(number, 3)
    scene.refund(RefundSettled, number, "59.96", 5, settled_at=clock.rfc3339(NOW))

    with pytest.raises(UnitsNotReturnable):
        scene.request()


def test_unsent_returns_lapse_and_late_sending_reopens_them(scene):
    number = scene.request().number
    sending = scene.review(number).send_by
    assert sending is not None

    scene.now = sending
    scene.lapse()
    assert scene.get(number).status is S.AUTHORIZED
    scene.now = sending + timedelta(seconds=1)
    scene.lapse()
    assert scene.get(number).status is S.LAPSED

    scene.answer(number, sent=True)

    assert scene.get(number).status is S.IN_TRANSIT


def test_a_lapsed_return_reopens_only_in_time_with_its_pieces(scene):
    number = scene.request(quantity=3).number
    scene.review(number)
    scene.now += timedelta(days=40)
    scene.lapse()
    scene.request()

    with pytest.raises(UnitsNotReturnable):
        scene.answer(number, sent=True)
    with pytest.raises(UnitsNotReturnable):
        scene.receive(number, 3)
    scene.now += timedelta(days=40)
    with pytest.raises(ReturnWindowClosed):
        scene.answer(number, sent=True)


@pytest.mark.parametrize("caller", [EVE, Caller("guest"), holder("order:ORD-0000-0000-0"), holder("ticket:TIC-1")])
def test_a_stranger_learns_nothing_of_an_order_or_a_return(scene, caller):
    number = scene.request().number

    with pytest.raises(OrderNotFound):
        scene.request(caller)
    for step in (lambda: scene.answer(number, caller, answer="?"), lambda: scene.withdraw(number, caller)):
        with pytest.raises(ReturnNotFound):
            step()
    assert scene.page(caller)["items"] == []


def test_a_link_holder_may_do_what_the_customer_may(scene):
    link = holder(f"order:{ORDER_NUMBER}")

    number = scene.request(link).number
    scene.withdraw(number, link)

    assert scene.get(number).status is S.WITHDRAWN


def test_staff_cannot_withdraw(scene):
    number = scene.request().number

    with pytest.raises(Forbidden):
        scene.withdraw(number, LEAD)


def test_a_step_on_an_old_version_is_refused(scene):
    item = scene.request()
    scene.review(item.number, decision="info", question="?")

    with pytest.raises(VersionMoved):
        scene.review(item.number, version=1)


def test_events_wait_for_the_order_they_speak_of(tmp_path):
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)

        with pytest.raises(NotFound):
            scene.hear(ShipmentDelivered, builders.shipment_delivered())
        scene.hear(OrderPlaced, builders.order_placed())
        scene.hear(OrderPlaced, builders.order_placed())

        with pytest.raises(NotDeliveredYet):
            scene.request()


@pytest.mark.parametrize("arrival", list(itertools.permutations(["false", "back", "true"])))
def test_the_window_runs_from_the_true_delivery(tmp_path, arrival):
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.hear(OrderPlaced, builders.order_placed())
        news = {
            "false": (ShipmentDelivered, builders.shipment_delivered(at="2026-01-02T12:00:00Z"), 5),
            "back": (DeliveryTakenBack, {"order_number": ORDER_NUMBER, "shipment_number": "SHP-1"}, 6),
            "true": (ShipmentDelivered, builders.shipment_delivered(), 9),
        }

        for name in arrival:
            scene.hear(*news[name])

        with scene.work() as work:
            assert work.orders.get(ORDER_NUMBER).last_day == date(2026, 5, 1)


def test_a_delivery_that_is_taken_back_closes_no_window(scene):
    scene.hear(ShipmentDelivered, {**builders.shipment_delivered(), "shipment_number": "SHP-2"}, 3)

    scene.hear(DeliveryTakenBack, {"order_number": ORDER_NUMBER, "shipment_number": "SHP-1"}, 9)
    with scene.work() as work:
        one_is_delivered = work.orders.get(ORDER_NUMBER).last_day
    scene.hear(DeliveryTakenBack, {"order_number": ORDER_NUMBER, "shipment_number": "SHP-2"}, 9)

    assert one_is_delivered == date(2026, 5, 1)
    with pytest.raises(NotDeliveredYet):
        scene.request()


def test_removed_pieces_are_not_returned_and_added_lines_are(scene):
    added = {"line_id": 2, "sku": "SHADE-1", "title": "Shade", "quantity": 1,
             "paid": [{"amount": "5.00", "currency": "USD"}]}  # fmt: skip
    removed = [{"line_id": 1, "sku": "LAMP-1", "quantity": 2, "units": [0, 1]}]
    change = {"order_number": ORDER_NUMBER, "change_id": "CHG-1", "lines": [added], "removed": removed}

    scene.hear(OrderChanged, change)

    with pytest.raises(UnitsNotReturnable):
        scene.request(quantity=2)
    assert [unit.key for unit in scene.request(quantity=1).units] == [(1, 2)]
    line = {"sku": "SHADE-1", "quantity": 1, "reason": "defective"}
    assert [unit.paid.cents for unit in scene.request(lines=[line]).units] == [500]


@pytest.mark.parametrize(("option", "left"), [("refund", 1), ("resend", 3), ("wait", 3)])
def test_what_never_arrived_and_was_paid_back_is_not_returned(scene, option, left):
    pieces = [{"line_id": 1, "sku": "LAMP-1", "quantity": 2, "units": [0, 1]}]

    scene.hear(RemedyAccepted, {"order_number": ORDER_NUMBER, "option": option, "lines": pieces})

    assert len(scene.request(quantity=left).units) == left
    with pytest.raises(UnitsNotReturnable):
        scene.request(quantity=1)


def test_the_queue_pages_through_all_longest_waiting_first(scene):
    first = scene.request().number
    scene.now += timedelta(days=5)
    second = scene.request().number
    scene.now += timedelta(days=5)
    third = scene.request().number
    scene.review(third)

    page = scene.page(GRACE, limit=2)
    rest = scene.page(GRACE, cursor=page["next_cursor"], limit=2)
    waiting = scene.page(GRACE, status=S.REQUESTED)

    assert [item.number for item in page["items"] + rest["items"]] == [first, second, third]
    assert [item.number for item in waiting["items"]] == [first, second]


def test_a_day_late_is_late_in_the_zone_of_the_delivery(scene):
    scene.now = datetime.fromisoformat("2026-05-01T23:59:59.999999+02:00")
    scene.request()

    scene.now = datetime.fromisoformat("2026-05-02T00:00:00+02:00")

    with pytest.raises(ReturnWindowClosed):
        scene.request()
