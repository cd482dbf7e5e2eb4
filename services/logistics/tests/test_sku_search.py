"""The warehouse finds shipments by the products in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.testing import fresh_store
from services.logistics.api.shipments import ListShipments
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain import NewParcel
from services.logistics.handlers import shipments
from services.logistics.tests.builders import an_order_number
from services.logistics.tests.scene import DISPATCHED, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def found(scene: Scene, **wanted: object) -> list[str]:
    with scene.work() as work:
        page = shipments.list_shipments(work, ListShipments(**wanted))  # type: ignore[arg-type]
        return [each["order_number"] for each in page["items"]]


def test_shipments_are_found_by_sku_wherever_they_are(scene: Scene) -> None:
    left, here = an_order_number(1), an_order_number(2)
    scene.pass_review(left)
    scene.pass_review(here)
    scene.dispatch(NewParcel("fedex", "1Z1"), order_number=left)

    assert sorted(found(scene, sku="mug-1")) == sorted([left, here])
    assert sorted(found(scene, q="MUG-1")) == sorted([left, here])
    assert found(scene, sku="MUG-1", status=ShipmentStatus.DISPATCHED) == [left]
    assert found(scene, sku="MUG-1", carrier="FedEx") == [left]
    assert found(scene, sku="MUG") == []


def test_a_changed_shipment_is_found_by_what_is_in_it_now(scene: Scene) -> None:
    scene.pass_review()
    with scene.work() as work:
        (shipment,) = work.shipments.of_order(an_order_number(), lock=True)
        kept = shipment.lines[0]
        shipment.lines = (type(kept)(**{**vars(kept), "sku": "CUP-9"}),)

    assert found(scene, sku="MUG-1") == []
    assert found(scene, sku="CUP-9") == [an_order_number()]
