"""The hand-over as the warehouse states it, held against what carriers scan, and the clocks that count from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.commitments import Clock, Verdict
from services.common.testing import fresh_store
from services.logistics.api.refusals import ImpossibleTime, WrongShipmentStatus
from services.logistics.api.shipments import CorrectHandOver, ListShipments, MarkDispatched, ParcelGiven
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import TrackingEvent
from services.logistics.domain.hand_over import HandOver, judge
from services.logistics.handlers import parcels, shipments
from services.logistics.tests.builders import ORIGIN, PASSED_AT, a_scan
from services.logistics.tests.scene import WAREHOUSE, Scene

S = ParcelStatus
FRIDAY = datetime(2026, 3, 6, 10, tzinfo=UTC)  # six in the evening in Shenzhen
MONDAY = FRIDAY + timedelta(days=3)
PASSED = "2026-03-04T02:00:00Z"  # a Wednesday: the goods must leave by Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(FRIDAY):
        yield Scene(store)


def handed_over(scene: Scene, recorded: datetime, *numbers: str, stated: datetime | None = None) -> str:
    """Make a shipment of these parcels, with the hand-over as it was recorded then."""
    scene.pass_review(passed_at=PASSED)
    number = scene.pack()
    boxes = tuple(ParcelGiven("fedex", each) for each in numbers or ("1Z1",))
    with clock.frozen(recorded), scene.work(WAREHOUSE) as work:
        shipments.mark_dispatched(work, number, MarkDispatched(boxes, handed_over_at=stated))
    return number


def at(moment: datetime, status: ParcelStatus = S.IN_TRANSIT, number: str = "1Z1", message: str = "") -> TrackingEvent:
    """Build a scan made then."""
    return a_scan(status, (moment - PASSED_AT - DAY) / HOUR, number=number, message=message)


def shown(scene: Scene, number: str) -> Any:
    with scene.work(WAREHOUSE) as work:
        return shipments.show(work, shipments.get_shipment(work, number))


def clock_of(scene: Scene, kind: str) -> Clock:
    number = scene.number()
    with scene.work() as work:
        found = work.commitments.find(kind, number)
    assert found is not None
    return found


def correct(scene: Scene, number: str, moment: datetime) -> None:
    with scene.work(WAREHOUSE) as work:
        parcels.correct_hand_over(work, number, CorrectHandOver(moment, "the driver's list says so"))


@pytest.mark.pure
@pytest.mark.parametrize(
    ("firsts", "expected"),
    [
        ([None], HandOver(MONDAY)),
        ([MONDAY + HOUR], HandOver(MONDAY)),
        ([MONDAY - HOUR / 2], HandOver(MONDAY)),
        ([FRIDAY], HandOver(FRIDAY)),
        ([FRIDAY, None], HandOver(MONDAY)),
        ([FRIDAY, FRIDAY + DAY], HandOver(FRIDAY + DAY)),
        ([FRIDAY, MONDAY], HandOver(MONDAY)),
        ([PASSED_AT - DAY], HandOver(MONDAY, doubted=True)),
        ([MONDAY + 2 * DAY], HandOver(MONDAY)),
        ([MONDAY + 4 * DAY], HandOver(MONDAY, doubted=True)),
        ([MONDAY, MONDAY + 4 * DAY], HandOver(MONDAY, doubted=True)),
    ],
)
def test_only_what_all_parcels_prove_moves_the_hand_over(firsts: list[datetime | None], expected: HandOver) -> None:
    assert judge(MONDAY, firsts, PASSED_AT, ORIGIN) == expected


def test_a_van_that_left_on_friday_is_not_late_on_tuesday(scene: Scene) -> None:
    tuesday = MONDAY + DAY
    number = handed_over(scene, tuesday)
    assert clock_of(scene, "dispatch").verdict(tuesday) is Verdict.BREACHED
    promised = shown(scene, number)["promise"]["due_at"]

    with clock.frozen(tuesday + HOUR):
        scene.scan(at(FRIDAY))

    assert clock_of(scene, "dispatch").verdict(tuesday) is Verdict.KEPT
    after, delivery = shown(scene, number), clock_of(scene, "delivery")
    assert (after["dispatched_at"], after["stated_at"]) == ("2026-03-06T10:00:00Z", "2026-03-10T10:00:00Z")
    assert after["promise"]["due_at"] < promised
    assert delivery.view(tuesday)["due_at"] == after["promise"]["due_at"]
    assert delivery.started_at == FRIDAY
    (told,) = scene.told("hand_over_corrected")
    assert (told["handed_over_at"], told["previous_at"]) == ("2026-03-06T10:00:00Z", "2026-03-10T10:00:00Z")
    assert after["warnings"] == []


def test_a_button_pressed_too_early_does_not_keep_the_promise(scene: Scene) -> None:
    number = handed_over(scene, FRIDAY)
    promised = shown(scene, number)["promise"]
    with clock.frozen(MONDAY + 4 * DAY):
        scene.scan(at(MONDAY + 3 * DAY))
        with scene.work(WAREHOUSE) as work:
            doubted = shipments.list_shipments(work, ListShipments(doubted=True))["items"]
        assert [item["number"] for item in doubted] == [number]

        correct(scene, number, MONDAY + 2 * DAY)

    assert clock_of(scene, "dispatch").verdict(MONDAY + 4 * DAY) is Verdict.BREACHED
    after = shown(scene, number)
    assert (after["promise"], after["warnings"]) == (promised, [])
    assert scene.told("hand_over_corrected")[0]["reason"] == "the driver's list says so"


def test_a_hand_over_is_not_corrected_beyond_what_is_known(scene: Scene) -> None:
    number = handed_over(scene, FRIDAY)
    with clock.frozen(MONDAY + DAY):
        scene.scan(at(MONDAY))
        for wrong in (FRIDAY - 9 * DAY, MONDAY + 2 * DAY):
            with pytest.raises(ImpossibleTime):
                correct(scene, number, wrong)
        correct(scene, number, MONDAY + DAY)
    after = shown(scene, number)
    assert (after["dispatched_at"], after["stated_at"]) == ("2026-03-09T10:00:00Z", "2026-03-10T10:00:00Z")


def test_what_is_in_the_warehouse_has_no_hand_over(scene: Scene) -> None:
    scene.pass_review(passed_at=PASSED)

    with pytest.raises(WrongShipmentStatus):
        correct(scene, scene.number(), FRIDAY)


def test_a_proven_hand_over_lets_what_came_early_count(scene: Scene) -> None:
    number = handed_over(scene, MONDAY + DAY, "1Z1", "1Z2")
    with clock.frozen(MONDAY + 2 * DAY):
        scene.scan(at(FRIDAY), at(MONDAY, S.DELIVERED))
        assert shown(scene, number)["parcels"][0]["status"] == "in_transit"

        scene.scan(at(FRIDAY + HOUR, number="1Z2"))

    assert [parcel["status"] for parcel in shown(scene, number)["parcels"]] == ["delivered", "in_transit"]


def test_what_came_too_early_counts_once_the_hand_over_is_right(scene: Scene) -> None:
    number = handed_over(scene, MONDAY + DAY)
    with clock.frozen(MONDAY + 2 * DAY):
        scene.scan(at(MONDAY, S.DELIVERED))
        assert shown(scene, number)["parcels"][0]["status"] == "label_created"

        correct(scene, number, FRIDAY)

    after = shown(scene, number)
    assert (after["delivered_at"], after["dispatched_at"]) == ("2026-03-09T10:00:00Z", "2026-03-06T10:00:00Z")
    assert clock_of(scene, "delivery").verdict(MONDAY + 2 * DAY) is Verdict.KEPT


SCANS = (
    at(FRIDAY, message="Picked up"),
    at(FRIDAY + HOUR, number="1Z2", message="Picked up"),
    at(MONDAY, S.DELIVERED, message="Front door"),
    at(MONDAY, S.OUT_FOR_DELIVERY, message="On vehicle"),
    at(MONDAY, S.OUT_FOR_DELIVERY, number="1Z2", message="On vehicle"),
    at(MONDAY + HOUR, S.DELIVERED, number="1Z2", message="Front door"),
)


def state_after(folder: Path, order: list[TrackingEvent]) -> Any:
    with fresh_store("logistics", folder, postgres=False) as store, clock.frozen(FRIDAY):
        scene = Scene(store)
        number = handed_over(scene, MONDAY + DAY, "1Z1", "1Z2")
        with clock.frozen(MONDAY + 2 * DAY):
            for place, scan in enumerate(order):
                scene.scan(scan, key=str(place))
            after = {**shown(scene, number), "version": 0}
            return after, clock_of(scene, "delivery").to_record()["due_at"], clock_of(scene, "dispatch").stopped_at


@pytest.mark.pure
@settings(max_examples=8)
@given(order=st.permutations([*SCANS, *SCANS[:3]]))
def test_hand_over_and_clocks_do_not_hang_on_the_order(
    tmp_path_factory: pytest.TempPathFactory, order: list[TrackingEvent]
) -> None:
    straight = sorted(order, key=lambda scan: scan.place)

    assert state_after(tmp_path_factory.mktemp("any"), order) == state_after(tmp_path_factory.mktemp("own"), straight)
