"""What is sent in exchange for a return is a shipment of its own; it stays here if its customer prefers the money."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.basics.shapes import Verdict
from services.common.testing import fresh_store
from services.logistics.api.refusals import ShipmentNotFound
from services.logistics.api.shipments import Step
from services.logistics.api.statuses import ParcelStatus, ShipmentStatus
from services.logistics.api.terms import DISPATCH
from services.logistics.domain import NewParcel
from services.logistics.handlers import shipments
from services.logistics.tests.builders import a_scan
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene
from services.logistics.tests.scene import given as handed_over
from services.logistics.tests.test_remedies import sent, verdict


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def delivered(scene: Scene) -> str:
    number = sent(scene)
    scene.scan(a_scan(ParcelStatus.DELIVERED, 30))
    return number


def test_an_exchange_is_a_shipment_with_a_clock_of_its_own(scene: Scene) -> None:
    delivered(scene)

    number = scene.exchange()
    scene.exchange(seq=22)

    with scene.work() as work:
        first, second = work.shipments.of_order(ORDER)
        assert (second.number, second.status, second.part) == (number, ShipmentStatus.QUEUED, 2)
        assert second.destination == first.destination
        assert [(line.sku, line.quantity, line.weight_g) for line in second.lines] == [("MUG-1", 1, 350)]
        assert (first.status, first.closed_at) == (ShipmentStatus.DISPATCHED, None)
    assert verdict(scene, DISPATCH, number) is Verdict.RUNNING


def test_an_exchange_stays_here_if_the_money_is_preferred(scene: Scene) -> None:
    first = delivered(scene)
    with pytest.raises(ShipmentNotFound):
        scene.stop_exchange("SHP-0000-0000-0")
    number = scene.exchange()

    scene.stop_exchange(number)
    scene.stop_exchange(number, seq=23)

    assert [told["shipment_number"] for told in scene.told("shipment_recalled")] == [number]
    assert verdict(scene, DISPATCH, number) is Verdict.RECALLED
    with scene.work() as work:
        assert work.shipments.get(first).recalled_at is None


def test_an_exchange_that_has_left_is_not_recalled(scene: Scene) -> None:
    delivered(scene)
    number = scene.exchange()
    for step in (shipments.mark_sorted, shipments.mark_packed):
        with scene.work(WAREHOUSE) as work:
            step(work, number, Step())
    with scene.work(WAREHOUSE) as work:
        shipments.mark_dispatched(work, number, handed_over(NewParcel("fedex", "1Z9")))

    scene.stop_exchange(number)

    (refused,) = scene.told("recall_refused")
    assert (refused["shipment_number"], refused["cause"]) == (number, "exchange")
