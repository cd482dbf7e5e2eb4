"""Parcels that do not arrive: when that is told, when it is taken back, and what is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.shapes import Verdict
from services.common.commitments import Clock
from services.common.testing import fresh_store
from services.logistics.api.shipments import Step
from services.logistics.api.statuses import Missing, ParcelStatus, ShipmentStatus
from services.logistics.api.terms import DELIVERY, DISPATCH, REMEDY
from services.logistics.domain import NewParcel, Shipment, fold
from services.logistics.handlers import orders, shipments, tracking
from services.logistics.tests.builders import ORIGIN, a_dispatched_shipment, a_scan, an_order_number
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene
from services.logistics.tests.scene import given as handed_over

S = ParcelStatus
LONG_AFTER = DISPATCHED + timedelta(days=60)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def sent(scene: Scene, *numbers: str) -> str:
    scene.pass_review()
    return scene.dispatch(*(NewParcel("fedex", each) for each in numbers or ("1Z1",)))["number"]


def look(scene: Scene, at: datetime) -> None:
    with clock.frozen(at), scene.work() as work:
        tracking.raise_alerts(work)


def scanned(*statuses: ParcelStatus, reason: str | None = None) -> list[str]:
    """Return the reasons that are announced for a parcel with these scans, in order."""
    shipment, told, scans = a_dispatched_shipment(), [], []
    for hours, status in enumerate(statuses, 1):
        scans.append(a_scan(status, hours, reason=reason))
        told += shipment.track(shipment.parcels[0], fold(scans), scans[-1].received_at, ORIGIN)
    return [event.body()["reason"] for event in told if event.type == "parcel_not_arriving"]


@pytest.mark.parametrize(
    ("statuses", "reason", "told"),
    [
        ((S.LOST,), None, ["lost"]),
        ((S.RETURNING,), None, ["returning"]),
        ((S.RETURNING, S.RETURNED), None, ["returning", "returned"]),
        ((S.CANCELLED,), None, ["cancelled"]),
        ((S.EXCEPTION,), "refused", ["refused"]),
        ((S.EXCEPTION,), "damaged", []),
        ((S.IN_TRANSIT, S.LOST, S.LOST), None, ["lost"]),
        ((S.LOST, S.IN_TRANSIT, S.LOST), None, ["lost", "lost"]),
        ((S.IN_TRANSIT, S.CUSTOMS_HOLD, S.ATTEMPT_FAILED), None, []),
        ((S.DELIVERED,), None, []),
    ],
)
def test_a_carriers_facts_say_that_it_will_not_arrive(
    statuses: tuple[ParcelStatus, ...], reason: str | None, told: list[str]
) -> None:
    assert scanned(*statuses, reason=reason) == told


def test_a_parcel_without_any_scan_is_told_after_its_window(scene: Scene) -> None:
    sent(scene)

    look(scene, LONG_AFTER)

    (told,) = scene.told("parcel_not_arriving")
    assert told["reason"] == "never_scanned"
    assert [line["sku"] for line in told["lines"]] == ["MUG-1"]


def test_a_late_parcel_is_told_five_days_past_the_promise(scene: Scene) -> None:
    sent(scene)
    scene.scan(a_scan(S.IN_TRANSIT, 30))
    due = promised(scene)

    look(scene, due + timedelta(seconds=1))
    look(scene, due + timedelta(days=6))
    before = scene.told("parcel_not_arriving")
    look(scene, due + timedelta(days=7))
    look(scene, due + timedelta(days=8))

    assert before == []
    assert [told["reason"] for told in scene.told("parcel_not_arriving")] == ["late"]


def test_the_question_goes_out_before_its_clock_is_over(scene: Scene) -> None:
    number = sent(scene)
    look(scene, promised(scene) + timedelta(seconds=1))
    with scene.work() as work:
        ask_at = work.shipments.get(number).ask_at
    assert ask_at is not None

    look(scene, ask_at)

    assert verdict(scene, REMEDY, number) is Verdict.KEPT


def test_a_delivery_after_the_promise_stops_the_waiting(scene: Scene) -> None:
    number = sent(scene)
    due = promised(scene)
    scene.scan(a_scan(S.IN_TRANSIT, 30))
    look(scene, due + timedelta(seconds=1))

    with clock.frozen(due + timedelta(days=1)):
        hours = (due + timedelta(hours=20) - a_scan(hours=0).occurred_at) / timedelta(hours=1)
        scene.scan(a_scan(S.DELIVERED, hours))

    assert verdict(scene, REMEDY, number) is Verdict.KEPT
    look(scene, LONG_AFTER)
    assert scene.told("parcel_not_arriving") == []


def test_a_lost_parcel_that_turns_up_is_told_once(scene: Scene) -> None:
    sent(scene)
    for hours, status in ((30, S.LOST), (40, S.IN_TRANSIT), (41, S.OUT_FOR_DELIVERY), (42, S.DELIVERED)):
        scene.scan(a_scan(status, hours))

    (found,) = scene.told("parcel_turned_up")

    assert (found["reason"], found["status"]) == ("lost", "in_transit")
    assert len(scene.told("shipment_delivered")) == 1


def test_a_late_parcel_is_not_found_before_it_is_delivered(scene: Scene) -> None:
    sent(scene)
    scene.scan(a_scan(S.IN_TRANSIT, 30))
    look(scene, promised(scene) + timedelta(seconds=1))
    look(scene, LONG_AFTER)

    with clock.frozen(LONG_AFTER + timedelta(days=1)):
        scene.scan(a_scan(S.OUT_FOR_DELIVERY, 24 * 60))
        moving = scene.told("parcel_turned_up")
        scene.scan(a_scan(S.DELIVERED, 24 * 60 + 1))

    assert moving == []
    assert [told["status"] for told in scene.told("parcel_turned_up")] == ["delivered"]


def test_a_late_delivery_that_is_taken_back_is_asked_about(scene: Scene) -> None:
    number = sent(scene)
    look(scene, promised(scene) + timedelta(seconds=1))
    with clock.frozen(LONG_AFTER):
        scene.scan(a_scan(S.DELIVERED, 24 * 30, message="Left at the wrong house"))
        stopped = clock_of(scene, REMEDY, number).stopped_at
        scene.scan(a_scan(S.IN_TRANSIT, 24 * 31, message="Collected"))
        assert clock_of(scene, REMEDY, number).stopped_at is None
    look(scene, LONG_AFTER + timedelta(minutes=1))

    assert stopped is not None
    assert scene.told("parcel_not_arriving")[-1]["reason"] == "late"
    assert clock_of(scene, REMEDY, number).stopped_at is not None


def test_of_a_closed_parcel_nothing_but_its_turning_up_is_told(scene: Scene) -> None:
    number = sent(scene)
    scene.scan(a_scan(S.LOST, 30))
    scene.decide("refund", number)
    before = [len(scene.told(kind)) for kind in ("tracking_updated", "parcel_exception")]

    with clock.frozen(LONG_AFTER):
        for hours, status in ((40, S.IN_TRANSIT), (50, S.EXCEPTION), (60, S.DELIVERED), (70, S.IN_TRANSIT)):
            scene.scan(a_scan(status, hours, message=f"{hours}"))
    look(scene, LONG_AFTER)

    assert [len(scene.told(kind)) for kind in ("tracking_updated", "parcel_exception")] == before
    assert [told["status"] for told in scene.told("parcel_turned_up")] == ["in_transit", "delivered"]
    assert [scene.told(kind) for kind in ("parcel_delivered", "delivery_taken_back", "parcel_stuck")] == [[], [], []]


def test_of_two_parcels_a_person_says_what_is_in_the_lost_one(scene: Scene) -> None:
    sent(scene, "1Z1", "1Z2")

    scene.scan(a_scan(S.LOST, 30, number="1Z1"))
    scene.scan(a_scan(S.LOST, 31, number="1Z2"))

    one, both = scene.told("parcel_not_arriving")
    assert (len(one["parcels"]), one["lines"]) == (1, [])
    assert (len(both["parcels"]), len(both["lines"])) == (2, 1)


def test_finding_one_of_two_lost_parcels_asks_about_the_other(scene: Scene) -> None:
    sent(scene, "1Z1", "1Z2")
    scene.scan(a_scan(S.LOST, 30, number="1Z1"))
    scene.scan(a_scan(S.LOST, 31, number="1Z2"))

    scene.scan(a_scan(S.IN_TRANSIT, 40, number="1Z1"))

    assert scene.told("parcel_not_arriving")[-1]["lines"] == []
    assert [each[-2:] for each in scene.told("parcel_not_arriving")[-1]["parcels"]] == ["02"]


# what the customer decided


def test_what_is_sent_again_is_a_shipment_with_clocks_of_its_own(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))

    new = scene.decide("resend", lost)
    scene.decide("resend", lost, seq=13)

    with scene.work() as work:
        first, second = work.shipments.of_order(ORDER)
        assert (second.number, second.status, second.part) == (new, ShipmentStatus.QUEUED, 2)
        assert second.destination == first.destination
        assert [(line.sku, line.quantity, line.weight_g) for line in second.lines] == [("MUG-1", 2, 350)]
        assert first.closed_at is not None
    assert verdict(scene, DISPATCH, new) is Verdict.RUNNING
    assert verdict(scene, DELIVERY, lost) is Verdict.RECALLED
    assert len(scene.told("shipment_closed")) == 1


def test_what_was_sent_again_gets_its_own_delivery_promise(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))
    new = scene.decide("resend", lost)

    for step in (shipments.mark_sorted, shipments.mark_packed):
        with scene.work(WAREHOUSE) as work:
            step(work, new, Step())
    with scene.work(WAREHOUSE) as work:
        shipments.mark_dispatched(work, new, handed_over(NewParcel("fedex", "1Z9")))
    with clock.frozen(DISPATCHED + timedelta(days=8)):
        scene.scan(a_scan(S.DELIVERED, 180, number="1Z9"))

    assert verdict(scene, DELIVERY, new) is Verdict.KEPT
    assert [told["shipment_number"] for told in scene.told("shipment_delivered")] == [new]


def test_a_change_reaches_what_is_sent_again_only(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))
    scene.decide("resend", lost)

    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=20)

    with scene.work() as work:
        assert [each.lines[0].quantity for each in work.shipments.of_order(ORDER)] == [2, 1]
    assert scene.told("recall_refused") == []


def test_a_cancellation_recalls_what_is_sent_again(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))
    new = scene.decide("resend", lost)

    with scene.work() as work:
        orders.recall_order(work, ORDER)

    assert [told["shipment_number"] for told in scene.told("shipment_recalled")] == [new]
    assert scene.told("recall_refused") == []


def test_waiting_closes_nothing(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))

    scene.decide("wait", lost)

    with scene.work() as work:
        assert [each.closed_at for each in work.shipments.of_order(ORDER)] == [None]
    assert verdict(scene, DELIVERY, lost) is Verdict.RUNNING


def test_a_closed_parcel_delivered_after_all_ends_nothing(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))
    scene.decide("refund", lost)

    scene.scan(a_scan(S.IN_TRANSIT, 40))
    scene.scan(a_scan(S.DELIVERED, 41))

    assert [told["status"] for told in scene.told("parcel_turned_up")] == ["in_transit", "delivered"]
    assert scene.told("shipment_delivered") == scene.told("parcel_delivered") == []
    assert [told["status"] for told in scene.told("tracking_updated")] == ["lost"]  # no "arrives today", no "delivered"
    assert [scan["status"] for scan in scene.tracking()["shipments"][0]["parcels"][0]["events"]][-1] == S.DELIVERED


def test_a_parcel_delivered_before_the_decision_stays_so(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))
    scene.scan(a_scan(S.DELIVERED, 41))

    scene.decide("refund", lost)

    assert len(scene.told("shipment_delivered")) == 1
    assert scene.told("shipment_closed") == []


def test_closing_one_of_two_parcels_leaves_the_other_to_deliver(scene: Scene) -> None:
    number = sent(scene, "1Z1", "1Z2")
    scene.scan(a_scan(S.LOST, 30, number="1Z1"))
    scene.decide("refund", number, parcels=[f"{number}-01"])
    waiting = scene.told("shipment_delivered")

    scene.scan(a_scan(S.DELIVERED, 50, number="1Z2"))

    assert waiting == []
    assert len(scene.told("shipment_delivered")) == 1
    assert verdict(scene, DELIVERY, number) is Verdict.KEPT


def test_closing_the_last_parcel_delivers_what_arrived(scene: Scene) -> None:
    number = sent(scene, "1Z1", "1Z2")
    scene.scan(a_scan(S.DELIVERED, 50, number="1Z2"))
    scene.scan(a_scan(S.LOST, 60, number="1Z1"))

    scene.decide("refund", number, parcels=[f"{number}-01"])

    assert len(scene.told("shipment_delivered")) == 1
    assert scene.told("shipment_closed") == []


def test_an_order_ended_by_a_refund_recalls_nothing(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))

    with scene.work() as work:  # the cancellation arrives before the decision that led to it
        orders.cancel_order(work, ORDER, left_too=False)
    scene.decide("refund", lost)

    assert scene.told("recall_refused") == []


def test_a_decision_about_an_unknown_shipment_waits_for_it(scene: Scene) -> None:
    with pytest.raises(Exception, match="no such shipment"):
        scene.decide("resend", "SHP-0000-0000-0", order_number=an_order_number(9))


def test_the_customer_sees_what_is_missing_and_what_is_closed(scene: Scene) -> None:
    lost = sent(scene)
    scene.scan(a_scan(S.LOST, 30))
    (shown,) = scene.tracking()["shipments"]
    scene.decide("resend", lost)

    closed, new = scene.tracking()["shipments"]

    assert (shown["parcels"][0]["missing"], shown["closed_at"]) == (Missing.LOST, None)
    assert closed["closed_at"] is not None
    assert (closed["health"], new["status"]) == (None, ShipmentStatus.QUEUED)


@given(st.lists(st.sampled_from([S.IN_TRANSIT, S.LOST, S.RETURNING, S.OUT_FOR_DELIVERY, S.DELIVERED]), max_size=12))
def test_missing_and_found_are_told_in_turn(statuses: list[ParcelStatus]) -> None:
    """Whatever the carrier says: never found without having been missing, and what is told last is true."""
    shipment: Shipment = a_dispatched_shipment()
    (parcel,) = shipment.parcels
    told, scans = [], []
    for hours, status in enumerate(statuses, 1):
        scans.append(a_scan(status, hours))
        told += shipment.track(parcel, fold(scans), scans[-1].received_at, ORIGIN)

    types = [event.type for event in told if event.type in ("parcel_not_arriving", "parcel_turned_up")]

    assert not types or types[0] == "parcel_not_arriving"
    assert all(one != other for one, other in pairwise(types) if "parcel_turned_up" in (one, other))
    assert (parcel.missing is not None) == bool(types and types[-1] == "parcel_not_arriving")


def promised(scene: Scene) -> datetime:
    with scene.work() as work:
        promise = work.shipments.of_order(ORDER)[0].promise
    assert promise is not None
    return promise.due_at


def clock_of(scene: Scene, kind: str, number: str) -> Clock:
    with scene.work() as work:
        found = work.commitments.find(kind, number)
    assert found is not None
    return found


def verdict(scene: Scene, kind: str, number: str) -> Verdict:
    return clock_of(scene, kind, number).verdict(clock.now())
