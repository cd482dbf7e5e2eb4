"""Photos of a box: kept with its shipment while there is a box, each once, until the order is erased."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.common.testing import fresh_store
from services.logistics.api.events import BoxPhotographed
from services.logistics.api.photos import MOST_PHOTOS, AddPhotos
from services.logistics.api.shipments import Step
from services.logistics.domain import NewParcel
from services.logistics.handlers import shipments
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene
from services.orders.api.events import OrderErased

LINKS = [f"/v1/uploads/0b0e5b6c-5a52-4f0a-9d6f-0c2b7e0f6a{place:02}" for place in range(MOST_PHOTOS + 1)]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def added(scene: Scene, number: str, *links: str, version: int | None = None) -> list[str]:
    with scene.work(WAREHOUSE) as work:
        return shipments.show(work, shipments.add_photos(work, number, AddPhotos(links, version)))["photos"]


def refusal(scene: Scene, number: str, *links: str, version: int | None = None) -> str:
    with pytest.raises(ServiceError) as refused:
        added(scene, number, *links, version=version)
    return refused.value.code


def test_a_box_has_each_photo_once_while_there_is_a_box(scene: Scene) -> None:
    scene.pass_review()
    with scene.work(WAREHOUSE) as work:
        number = work.shipments.of_order(ORDER)[0].number
    assert refusal(scene, number, LINKS[0]) == "wrong_shipment_status"
    with scene.work(WAREHOUSE) as work:
        shipments.mark_sorted(work, number, Step())

    assert added(scene, number, LINKS[0], LINKS[0]) == LINKS[:1]
    assert refusal(scene, number, LINKS[1], version=2) == "version_moved"
    assert added(scene, number, *LINKS[:2]) == LINKS[:2]
    assert added(scene, number, LINKS[1]) == LINKS[:2], "it has it already"
    assert refusal(scene, number, *LINKS[2:]) == ("too_many_photos")

    told = [each.uploads for each in scene.events if isinstance(each, BoxPhotographed)]
    assert told == [(LINKS[0][-36:],), (LINKS[1][-36:],)]


def test_photos_can_come_late_and_are_erased_with_the_order(scene: Scene) -> None:
    scene.pass_review()
    number = scene.dispatch(NewParcel("fedex", "EZ4"))["number"]
    assert added(scene, number, LINKS[0]) == LINKS[:1]

    scene.hear(OrderErased, {"order_number": ORDER, "request_id": "PRV-0000-0000-0"}, seq=20)

    assert refusal(scene, number, LINKS[1]) == "wrong_shipment_status"
    with scene.work(WAREHOUSE) as work:
        assert shipments.show(work, work.shipments.get(number))["photos"] == []
