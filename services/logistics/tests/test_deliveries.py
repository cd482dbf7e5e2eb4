"""Only a delivery to the customer is a delivery; parcel, shipment, clock and events tell one story."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.commitments import Verdict
from services.common.testing import fresh_store
from services.logistics.adapters.carriers.easypost import read_tracker
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import NewParcel, TrackingEvent, fold
from services.logistics.tests.builders import a_scan, an_order_number
from services.logistics.tests.scene import DISPATCHED, ORDER, Scene

S = ParcelStatus


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def shown(scene: Scene) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the shipment and its first parcel, as they are shown."""
    shipment: Any = scene.tracking()["shipments"][0]
    return shipment, shipment["parcels"][0]


def test_a_delivery_that_is_taken_back_lets_the_clock_run_again(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"))
    with clock.frozen(DISPATCHED + timedelta(days=60)):
        scene.scan(a_scan(S.DELIVERED, 48, message="Left at the wrong house"))
        assert scene.verdict("delivery") is Verdict.KEPT

        scene.scan(a_scan(S.IN_TRANSIT, 72, message="Collected"))
        shipment, parcel = shown(scene)
        assert scene.verdict("delivery") is Verdict.BREACHED
        assert (shipment["delivered_at"], parcel["delivered_at"], parcel["status"]) == (None, None, "in_transit")
        assert parcel["reopened_at"] is not None

        scene.scan(a_scan(S.DELIVERED, 24 * 57, message="Front door"))
        shipment, parcel = shown(scene)

    assert shipment["delivered_at"] == parcel["delivered_at"] == "2026-04-29T02:00:00Z"
    assert (shipment["health"], scene.verdict("delivery")) == ("late", Verdict.BREACHED)
    (back,) = scene.told("delivery_taken_back")
    assert (back["delivered_at"], back["why"]) == ("2026-03-05T02:00:00Z", "the carrier reports: Collected")
    assert [body["delivered_at"] for body in scene.told("shipment_delivered")] == [
        "2026-03-05T02:00:00Z",
        "2026-04-29T02:00:00Z",
    ]


def test_a_correction_takes_a_delivery_back_too(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"))
    with clock.frozen(DISPATCHED + timedelta(days=3)):
        scene.scan(a_scan(S.DELIVERED, 48, code="X1", message="Left at front door"))
    with clock.frozen(DISPATCHED + timedelta(days=4)):
        scene.scan(a_scan(None, 48, code="X1", message="Left at front door", heard_after=96))

    shipment, parcel = shown(scene)
    assert (shipment["delivered_at"], parcel["status"], len(parcel["events"])) == (None, "label_created", 1)
    assert scene.told("delivery_taken_back")[0]["why"] == "what was reported of it was corrected"
    assert scene.verdict("delivery") is Verdict.RUNNING


def test_a_corrected_scan_counts_as_corrected(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"))

    for status in (None, S.DELIVERED):
        heard = 48 if status is None else 49
        scene.scan(a_scan(status, 48, code="X1", message="Left at front door", heard_after=heard), key=f"e{heard}")

    _, parcel = shown(scene)
    assert (parcel["status"], len(parcel["events"])) == ("delivered", 1)


def test_what_comes_back_to_us_is_no_delivery_and_needs_a_person(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"))
    with clock.frozen(DISPATCHED + timedelta(days=9)):
        scene.scan(a_scan(S.RETURNING, 90), a_scan(S.IN_TRANSIT, 100), a_scan(S.DELIVERED, 120))

    shipment, parcel = shown(scene)
    assert (shipment["delivered_at"], parcel["status"]) == (None, "returned")
    assert scene.told("shipment_delivered") == scene.told("parcel_delivered") == []
    assert [body["reason"] for body in scene.told("parcel_exception")] == ["returned"]
    assert {event["status"] for event in parcel["events"]} == {"returning", "in_transit", "returned"}


def test_a_delivery_before_the_hand_over_is_shown_to_a_person(scene: Scene) -> None:
    scene.pass_review()

    scene.scan(a_scan(S.DELIVERED, -20 * 24))
    scene.dispatch(NewParcel("fedex", "1Z1"))
    scene.scan(a_scan(S.IN_TRANSIT, 6))

    shipment, parcel = shown(scene)
    assert (shipment["delivered_at"], parcel["status"]) == (None, "in_transit")
    assert [event["status"] for event in parcel["events"]] == [None, "in_transit"]
    assert scene.told("shipment_delivered") == []
    assert [body["reason"] for body in scene.told("parcel_exception")] == ["delivered_before_hand_over"]


def test_a_delivery_in_the_future_counts_from_its_receipt(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"))
    received = datetime(2026, 3, 5, 9, tzinfo=UTC)
    tracker = {
        "tracking_code": "1Z1",
        "carrier": "FedEx",
        "tracking_details": [{"status": "delivered", "message": "Delivered", "datetime": "2026-03-06T08:00:00Z"}],
    }

    with clock.frozen(received):
        scene.scan(*read_tracker("evt", tracker, received).events)

    shipment, parcel = shown(scene)
    assert shipment["delivered_at"] == parcel["delivered_at"] == parcel["events"][0]["occurred_at"]
    assert shipment["delivered_at"] == "2026-03-05T09:00:00Z"


def test_a_parcel_that_was_lost_and_is_found_is_told(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"))
    with clock.frozen(DISPATCHED + timedelta(days=9)):
        for hours, status in ((24, S.LOST), (48, S.IN_TRANSIT), (72, S.LOST), (96, S.DELIVERED)):
            scene.scan(a_scan(status, hours))

    assert [body["status"] for body in scene.told("parcel_turned_up")] == ["in_transit", "delivered"]
    assert [body["reason"] for body in scene.told("parcel_exception")] == ["lost", "lost"]


# the parcel of a scan, in any spelling


@pytest.mark.parametrize(
    ("dispatched", "scanned"),
    [
        ("1Z 999 885B", "1Z999885B"),
        ("9400 1000 1234 5678", "9400100012345678"),
        ("AB-123456789-CN", "AB123456789CN"),
        ("ab123456789cn", "AB123456789CN"),
        ("\uff11\uff12\uff13-4", "1234"),
        ("123", "1 2-3"),
    ],
)
def test_a_number_is_one_number_however_it_is_spelled(scene: Scene, dispatched: str, scanned: str) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("ups", dispatched))

    received = scene.scan(a_scan(S.IN_TRANSIT, 7, number=scanned, carrier="ups"))

    assert received.unmatched == 0
    assert shown(scene)[1]["status"] == "in_transit"
    assert shown(scene)[1]["tracking_number"] == dispatched


@pytest.mark.parametrize(
    ("dispatched", "scanned"),
    [
        ("ups", "upsdap"),
        ("dhl", "dhlexpress"),
        ("fedex", "fedexdefault"),
        ("fedex", "fedexsmartpost"),
        ("usps", "fedexsmartpost"),
        ("usps", "upsmailinnovations"),
        ("usps", "uspsreturns"),
        ("upsdap", "upsmailinnovations"),
        ("localpost", "somebodyelse"),
    ],
)
def test_a_carrier_is_found_by_its_other_names(scene: Scene, dispatched: str, scanned: str) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel(dispatched, "77"))

    scene.scan(a_scan(S.IN_TRANSIT, 7, number="77", carrier=scanned))

    assert shown(scene)[1]["status"] == "in_transit"


def test_an_ambiguous_number_is_not_guessed_for_a_carrier(scene: Scene) -> None:
    for n, carrier in ((1, "fedex"), (2, "usps")):
        scene.pass_review(an_order_number(n))
        scene.dispatch(NewParcel(carrier, "77"), order_number=an_order_number(n))

    received = scene.scan(a_scan(S.IN_TRANSIT, 7, number="77", carrier="dhl"))

    assert received.unmatched == 1
    for n in (1, 2):
        assert scene.tracking(order_number=an_order_number(n))["shipments"][0]["parcels"][0]["events"] == []


def test_one_number_cannot_be_dispatched_in_two_spellings(scene: Scene) -> None:
    scene.pass_review(ORDER)
    scene.pass_review(an_order_number(2))
    scene.dispatch(NewParcel("ups", "1Z 999"))

    with pytest.raises(Exception, match="tracking number"):
        scene.dispatch(NewParcel("ups", "1z-999"), order_number=an_order_number(2))


# the same facts in any order, any number of times, however they are split


def detail(status: str, message: str, at: str, code: str, **more: str) -> dict[str, Any]:
    return {"status": status, "message": message, "datetime": f"2026-03-{at}:00Z", "carrier_code": code, **more}


HISTORY = [
    detail("pre_transit", "Shipment information sent to FedEx", "03T08:10", "OC"),
    detail("in_transit", "Picked up", "03T11:40", "PU"),
    detail("in_transit", "Departed", "04T02:00", "DP"),
    detail("in_transit", "Customs clearance", "05T02:00", "CC"),
    detail("in_transit", "Clearance delay", "05T02:00", "CD", status_detail="held"),
    detail("in_transit", "Arrived", "07T12:00", "AR"),
    detail("out_for_delivery", "On vehicle", "07T12:00", "OD"),
    detail("in_transit", "At local facility", "07T12:00", "AF"),
    detail("delivered", "Delivered", "08T15:00", "DL"),
    detail("delivered", "Left at door", "08T15:00", "DL"),
]


@settings(max_examples=60)
@given(st.data())
def test_a_history_tells_one_story_however_it_arrives(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, len(HISTORY)))
    history = HISTORY[:length]
    whole = fold(read(history))
    order = data.draw(st.permutations([*history, *history[: data.draw(st.integers(0, length))]]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=4)))
    bodies = [order[a:b] for a, b in pairwise([0, *cuts, len(order)])]

    heard = fold(scan for body in bodies for scan in read(body))

    assert heard == whole


def read(details: list[dict[str, Any]]) -> tuple[TrackingEvent, ...]:
    tracker = {"tracking_code": "1Z1", "carrier": "FedEx", "tracking_details": details}
    return read_tracker("e", tracker, datetime(2026, 3, 20, tzinfo=UTC)).events
