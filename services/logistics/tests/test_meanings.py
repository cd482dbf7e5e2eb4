"""What carriers write and what it means: where a delivery is one, and what a body may leave out or write otherwise."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common.basics.shapes import Wrong
from services.logistics.adapters.carriers import simulator
from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.shipments import CorrectParcel, MarkDispatched, ParcelGiven
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import TrackingEvent, fold

pytestmark = pytest.mark.pure

S = ParcelStatus
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
SCAN = {"status": "in_transit", "message": "Left", "datetime": "2026-03-04T09:00:00Z"}


def body(**changes: Any) -> bytes:
    """Build EasyPost's webhook of one scan. None leaves a part out."""
    scan = {**SCAN, **changes.pop("scan", {})}
    tracker = {"object": "Tracker", "tracking_code": "1Z1", "carrier": "UPS", "tracking_details": [scan]}
    event = {"id": "evt_1", "description": "tracker.updated", "result": {**tracker, **changes.pop("result", {})}}
    return json.dumps({name: part for name, part in {**event, **changes}.items() if part is not None}).encode()


def read(raw: bytes) -> TrackingEvent:
    (event,) = EasyPost("secret").parse(raw, NOW).events
    return event


@pytest.mark.parametrize(
    ("message", "detail", "status"),
    [
        ("Delivered, Front Door/Porch", "", S.DELIVERED),
        ("Delivered, To Neighbor as Requested", "", S.DELIVERED),
        ("Delivered, Parcel Locker", "", S.DELIVERED),
        ("Delivered, Individual Picked Up at Post Office", "", S.DELIVERED),
        ("Delivered to UPS Access Point. Picked up by the customer", "", S.DELIVERED),
        ("Collected by the recipient at the ParcelShop", "", S.DELIVERED),
        ("Delivered to UPS Access Point", "", S.AVAILABLE_FOR_PICKUP),
        ("Delivered to a pick-up point", "", S.AVAILABLE_FOR_PICKUP),
        ("Awaiting collection", "", S.AVAILABLE_FOR_PICKUP),
        ("Delivered and ready for pickup", "", S.AVAILABLE_FOR_PICKUP),
        ("Disponible en point relais", "", S.AVAILABLE_FOR_PICKUP),
        ("Zugestellt an Paketshop", "", S.AVAILABLE_FOR_PICKUP),
        ("Delivered", "arrived_at_pickup_location", S.AVAILABLE_FOR_PICKUP),
        ("Delivered, To Agent for Final Delivery", "", S.IN_TRANSIT),
        ("Delivered to local delivery partner", "", S.IN_TRANSIT),
        ("Delivered, To Original Sender", "", S.RETURNED),
        ("Delivered", "return", S.RETURNED),
    ],
)
def test_only_what_reached_the_customer_is_delivered(message: str, detail: str, status: ParcelStatus) -> None:
    event = read(body(scan={"status": "delivered", "status_detail": detail, "message": message}))

    assert (event.status, fold([event]).delivered_at is not None) == (status, status is S.DELIVERED)


@pytest.mark.parametrize("spelled", ["OUT_FOR_DELIVERY", "Out For Delivery", "out-for-delivery", " out_for_delivery "])
def test_a_status_is_one_however_it_is_spelled(spelled: str) -> None:
    assert read(body(scan={"status": spelled})).status is S.OUT_FOR_DELIVERY


@pytest.mark.parametrize("change", [{"id": None}, {"id": 7}, {"id": "x" * 200}, {"description": None}, {"id": []}])
def test_an_event_without_a_name_counts_all_the_same(change: dict[str, Any]) -> None:
    raw = body(**change)

    webhook = EasyPost("secret").parse(raw, NOW)

    assert len(webhook.events) == 1
    assert 0 < len(webhook.key) <= 80
    assert webhook.key == EasyPost("secret").parse(raw, NOW + timedelta(days=1)).key


def test_two_long_names_are_two_events() -> None:
    keys = {EasyPost("secret").parse(body(id="x" * 100 + end), NOW).key for end in "ab"}

    assert len(keys) == 2


def test_what_is_no_tracker_is_no_scan() -> None:
    assert EasyPost("secret").parse(body(description="batch.updated"), NOW).events == ()
    assert EasyPost("secret").parse(body(description=None, result={"object": "Batch"}), NOW).events == ()


def test_a_number_without_quotes_is_a_number() -> None:
    assert read(body(result={"tracking_code": 794644790138})).tracking_number == "794644790138"


@pytest.mark.parametrize("change", [{"sequence": None}, {"message": None}, {"location": None}, {"reason": 5}])
def test_what_a_simulated_scan_leaves_out_costs_nothing(change: dict[str, Any]) -> None:
    usual = {"tracking_number": "SIM1", "code": "in_transit", "occurred_at": "2026-03-03T12:00:00+08:00"}

    webhook = Simulator("secret").parse(simulator.write("1", [{**usual, **change}]), NOW)

    assert (len(webhook.events), webhook.skipped) == (1, 0)


@pytest.mark.parametrize("nothing", ["---", "\u65e5\u672c", "\u2014", "#"])
def test_a_number_without_letters_or_digits_is_refused(nothing: str) -> None:
    with pytest.raises(Wrong):
        MarkDispatched((ParcelGiven("fedex", nothing),))
    with pytest.raises(Wrong):
        CorrectParcel("two digits were swapped", tracking_number=nothing)
