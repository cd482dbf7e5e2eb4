"""A decision, a scan and the timer at the same moment: on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.testing import fresh_store
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import NewParcel
from services.logistics.handlers import tracking
from services.logistics.tests.builders import a_scan, an_order_number
from services.logistics.tests.scene import DISPATCHED, Scene
from services.logistics.tests.test_races import at_once, flaws, recorded

pytestmark = pytest.mark.integration
ROUNDS = 5


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path, postgres=True) as store, clock.frozen(DISPATCHED + timedelta(days=8)):
        yield Scene(store)


def lost(scene: Scene, n: int) -> tuple[str, str, str]:
    """Return (order, shipment, tracking number) of a parcel that the carrier cannot find."""
    order_number, number = an_order_number(n), f"1Z{n}"
    with clock.frozen(DISPATCHED):  # before the scans
        scene.pass_review(order_number)
        shipment = scene.dispatch(NewParcel("fedex", number), order_number=order_number)["number"]
    scene.scan(a_scan(ParcelStatus.LOST, 30, number=number))
    return order_number, shipment, number


def test_one_decision_told_often_at_once_makes_one_shipment(scene: Scene) -> None:
    order_number, shipment, _ = lost(scene, 1)

    at_once(*[partial(scene.decide, "resend", shipment, order_number=order_number)] * 5)

    with scene.work() as work:
        assert len(work.shipments.of_order(order_number)) == 2
    assert recorded(scene)["shipment_closed"] == 1
    assert flaws(scene) == []


def test_a_decision_and_a_delivery_at_once_tell_one_story(scene: Scene) -> None:
    """Delivered and so not closed, or closed and so never delivered; found in either case."""
    for n in range(ROUNDS):
        order_number, shipment, number = lost(scene, n)
        before = recorded(scene)

        at_once(
            partial(scene.decide, "refund", shipment, order_number=order_number),
            partial(scene.scan, a_scan(ParcelStatus.DELIVERED, 40, number=number)),
        )

        told = recorded(scene) - before
        assert told["shipment_closed"] + told["shipment_delivered"] == 1
        assert told["parcel_turned_up"] == 1
        assert flaws(scene) == []


def test_several_timers_at_once_tell_a_missing_parcel_once(scene: Scene) -> None:
    scene.pass_review()
    scene.dispatch(NewParcel("fedex", "1Z1"))

    def look() -> None:
        with scene.work() as work:
            tracking.raise_alerts(work)

    with clock.frozen(DISPATCHED + timedelta(days=60)):
        at_once(*[look] * 4)
        at_once(*[look] * 4)

    told = recorded(scene)
    assert told["parcel_not_arriving"] == 2  # never scanned, then late
    assert flaws(scene) == []
