"""What is usual on a lane is counted from our own deliveries, and judged by where they are enough."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.testing import fresh_store
from services.logistics.api.shipments import CorrectParcel, ListShipments
from services.logistics.api.statuses import Health, ParcelStatus
from services.logistics.domain import NewParcel, TrackingEvent
from services.logistics.domain.usual import ENOUGH, LATEST, ParcelLane, Usual, usual_of
from services.logistics.handlers import shipments
from services.logistics.handlers.parcels import correct_parcel
from services.logistics.settings import LogisticsSettings
from services.logistics.tests.builders import DISPATCHED_AT, a_scan, an_order_number
from services.logistics.tests.scene import DISPATCHED, WAREHOUSE, Scene

DAY = timedelta(days=1)
CUSTOMER = Caller("customer:link", grants=frozenset({f"order:{an_order_number(51)}"}))
S = ParcelStatus


def scan_of(place: int, status: ParcelStatus, after: timedelta) -> TrackingEvent:
    """Build a scan of the parcel that was sent as this one, so long after the first were."""
    hours = (DISPATCHED + after - DISPATCHED_AT) / timedelta(hours=1)
    return a_scan(status, hours, number=f"1Z{place:05}")


def sent(scene: Scene, place: int, carrier: str = "fedex") -> Any:
    """Send one more, and return it as the warehouse sees it."""
    order = an_order_number(place)
    scene.pass_review(order, seq=1)
    scene.dispatch(NewParcel(carrier, f"1Z{place:05}"), order_number=order)
    return seen(scene, order)


def seen(scene: Scene, order: str) -> Any:
    with scene.work(WAREHOUSE) as work:
        (found,) = shipments.list_shipments(work, ListShipments(order_number=order))["items"]
    return found


def test_what_is_usual_is_kept_with_what_leaves(tmp_path: Path) -> None:
    with fresh_store("logistics", tmp_path) as store:
        scene = Scene(store)
        with clock.frozen(DISPATCHED):
            (first,) = sent(scene, 90)["parcels"]
            sent(scene, 91)
            sent(scene, 94, carrier="ups")
        with clock.frozen(DISPATCHED + 20 * DAY):
            scene.scan(scan_of(90, S.DELIVERED, 5.5 * DAY))
            scene.scan(scan_of(91, S.DELIVERED, 8.9 * DAY))
            (later,) = sent(scene, 92)["parcels"]
            other = sent(scene, 93, carrier="dhl")
            with scene.work(WAREHOUSE) as work:
                correct_parcel(work, other["number"], other["parcels"][0]["id"], CorrectParcel("it is theirs", "fedex"))
            (corrected,) = seen(scene, an_order_number(93))["parcels"]

            assert first["usual"] is None
            assert later["usual"] == {"days_half": 5, "days_most": 8, "deliveries": 2, "counts": False}
            assert (other["parcels"][0]["usual"], corrected["usual"]) == (None, later["usual"])
        with clock.frozen(DISPATCHED + 400 * DAY), scene.work() as work:
            assert work.lanes.days_taken(ParcelLane("CN", "US", "fedex"), work.now) == []  # longer ago than a year


def test_a_corrected_parcel_stays_on_its_lane(tmp_path: Path) -> None:
    """The shop has moved since it left; what was usual then is not counted again for a new number."""
    with fresh_store("logistics", tmp_path) as store:
        scene = Scene(store)
        with clock.frozen(DISPATCHED):
            sent(scene, 90)
            shipment = sent(scene, 91)
        parcel = shipment["parcels"][0]["id"]
        with clock.frozen(DISPATCHED + 20 * DAY):
            scene.scan(scan_of(90, S.DELIVERED, 5.5 * DAY))
            store.settings = LogisticsSettings(origin_calendar="DE")
            right = CorrectParcel("a slip", tracking_number="1Z00099")
            with scene.work(WAREHOUSE) as work:
                correct_parcel(work, shipment["number"], parcel, right)
            renumbered = lane_of(scene, shipment["number"], parcel)
            with scene.work(WAREHOUSE) as work:
                correct_parcel(work, shipment["number"], parcel, CorrectParcel("it is theirs", "dhl"))

            assert renumbered == ("CN", None)
            assert lane_of(scene, shipment["number"], parcel) == ("CN", None)


def lane_of(scene: Scene, number: str, parcel_id: str) -> tuple[str | None, Usual | None]:
    with scene.work(WAREHOUSE) as work:
        parcel = work.shipments.get(number).parcel(parcel_id)
        return parcel.origin, parcel.usual


def test_longer_than_usual_is_at_risk_for_staff_alone(tmp_path: Path) -> None:
    """A customer is told of what is promised, and of no guess."""
    with fresh_store("logistics", tmp_path) as store:
        scene = Scene(store)
        with clock.frozen(DISPATCHED):
            for place in range(1, ENOUGH + 1):
                sent(scene, place)
        with clock.frozen(DISPATCHED + 3 * DAY):
            for place in range(1, ENOUGH):
                scene.scan(scan_of(place, S.DELIVERED, 1.5 * DAY))
            sent(scene, 50)  # one delivery too few to judge it by
            scene.scan(scan_of(ENOUGH, S.DELIVERED, 1.6 * DAY))
            sent(scene, 51)
            scene.scan(scan_of(50, S.IN_TRANSIT, 3.2 * DAY), scan_of(51, S.IN_TRANSIT, 3.2 * DAY))
        with clock.frozen(DISPATCHED + 5 * DAY - timedelta(seconds=1)):
            in_time = seen(scene, an_order_number(51))
        with clock.frozen(DISPATCHED + 5 * DAY):
            judged, few = seen(scene, an_order_number(51)), seen(scene, an_order_number(50))
            (shown,) = scene.tracking(CUSTOMER, an_order_number(51))["shipments"]
            with scene.work(WAREHOUSE) as work:
                listed = shipments.list_shipments(work, ListShipments(health=Health.AT_RISK))["items"]

    assert judged["parcels"][0]["usual"] == {"days_half": 1, "days_most": 1, "deliveries": ENOUGH, "counts": True}
    assert (in_time["health"], judged["health"], few["health"]) == (Health.ON_TIME, Health.AT_RISK, Health.ON_TIME)
    assert judged["parcels"][0]["health"] is Health.AT_RISK
    assert [each["order_number"] for each in listed] == [an_order_number(51)]
    assert (shown["health"], shown["parcels"][0]["health"]) == (Health.ON_TIME, Health.ON_TIME)
    assert "usual" not in shown["parcels"][0]


def test_the_latest_deliveries_of_a_lane_come_first(tmp_path: Path) -> None:
    with fresh_store("logistics", tmp_path) as store:
        scene = Scene(store)
        with clock.frozen(DISPATCHED):
            old, new = sent(scene, 1), sent(scene, 2)
        with clock.frozen(DISPATCHED + 20 * DAY):
            scene.scan(scan_of(1, S.DELIVERED, 9.5 * DAY), scan_of(2, S.DELIVERED, 3.5 * DAY))
            with scene.work() as work:
                days = work.lanes.days_taken(ParcelLane("CN", "US", "fedex"), work.now)

    assert (old["parcels"][0]["usual"], new["parcels"][0]["usual"]) == (None, None)
    assert days == [9, 3]


@pytest.mark.pure
def test_enough_is_enough_to_name_nine_of_ten() -> None:
    assert usual_of([]) is None
    assert usual_of([*range(ENOUGH)]) == Usual(14, 26, ENOUGH)
    assert (Usual(1, 2, ENOUGH - 1).counts, Usual(1, 2, ENOUGH).counts) == (False, True)
    assert LATEST >= ENOUGH
