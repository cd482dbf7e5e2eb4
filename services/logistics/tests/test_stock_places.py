"""Stock places: each sends its part of an order, with its own working days, papers, lane and queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.common.testing import fresh_store
from services.logistics.api.papers import PapersOf, PickListOf
from services.logistics.api.shipments import ListShipments
from services.logistics.handlers import papers, shipments
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene
from services.logistics.tests.test_parts import FIRST, SECOND, clock_of, held, leave, lines, pack, part, status_of
from services.orders.api.events import (
    CancellationRequested,
    DispatchHeld,
    OrderDivided,
    StockPlaceSaved,
)

BERLIN = {
    "place": "berlin", "name": "Berlin", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115",
    "country": "DE", "active": True, "place_version": 1, "order_number": ORDER,
}  # fmt: skip
HOLD = f"backorder:{ORDER}"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        scene = Scene(store)
        scene.hear(StockPlaceSaved, BERLIN)
        yield scene


def at(place: str, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "place": place}


def two_places(scene: Scene, seq: int = 3) -> None:
    """Let an order pass its review of which one piece is at the default place, and three are in Berlin."""
    parts = [at("main", part(FIRST, (1, [0]))), at("berlin", part(SECOND, (1, [1, 2]), (2, [0])))]
    scene.pass_review(lines=lines(3, 1), parts=parts, seq=seq)


def waiting(scene: Scene) -> None:
    """Let an order pass its review as a whole, that waits for goods."""
    scene.pass_review(lines=lines(3, 1))
    scene.hear(DispatchHeld, {"order_number": ORDER, "hold_id": HOLD, "reason": "goods", "pauses": True})


def divide(scene: Scene, *parts: dict[str, Any], seq: int = 7, **more: Any) -> None:
    body = {"order_number": ORDER, "parts": [*parts], "arrived": HOLD, "lines": lines(3, 1), "delivery": None, **more}
    scene.hear(OrderDivided, body, seq)


def place_of(scene: Scene, number: str) -> str:
    with scene.work() as work:
        return work.shipments.get(number).place


def listed(scene: Scene, **wanted: Any) -> list[str]:
    with scene.work(WAREHOUSE) as work:
        return [each["number"] for each in shipments.list_shipments(work, ListShipments(**wanted))["items"]]


def test_each_place_gets_its_shipment(scene: Scene) -> None:
    for _ in range(2):
        two_places(scene)

    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 2), (2, 1)]}
    assert (place_of(scene, FIRST), place_of(scene, SECOND)) == ("main", "berlin")
    with scene.work(WAREHOUSE) as work:
        assert shipments.show(work, work.shipments.get(SECOND))["place"] == "berlin"


def test_the_working_days_of_its_place_count(scene: Scene) -> None:
    two_places(scene)

    clocks = clock_of(scene, FIRST), clock_of(scene, SECOND)

    assert [each.calendar for each in clocks] == ["CN", "DE-BE"]
    assert clocks[0].due_at != clocks[1].due_at
    with scene.work() as work:
        assert work.shipments.get(SECOND).dispatch_due_at == clocks[1].due_at


def test_a_place_that_is_told_of_late_is_waited_for(scene: Scene) -> None:
    with pytest.raises(ServiceError) as refused:
        scene.pass_review(lines=lines(1), parts=[at("paris", part(FIRST, (1, [0])))])

    assert (refused.value.code, refused.value.details) == ("stock_place_unknown", {"place": "paris"})
    assert held(scene) == {}
    scene.hear(StockPlaceSaved, {**BERLIN, "place": "paris", "name": "Paris", "country": "FR"})
    scene.pass_review(lines=lines(1), parts=[at("paris", part(FIRST, (1, [0])))])
    assert place_of(scene, FIRST) == "paris"


def test_an_older_word_about_a_place_changes_nothing(scene: Scene) -> None:
    scene.hear(StockPlaceSaved, {**BERLIN, "city": "Potsdam", "place_version": 3})
    scene.hear(StockPlaceSaved, {**BERLIN, "place_version": 2})

    two_places(scene)
    with scene.work(WAREHOUSE) as work:
        assert papers.get_papers(work, SECOND, PapersOf())["sender"]["city"] == "Potsdam"


def test_papers_name_the_place_that_sends(scene: Scene) -> None:
    two_places(scene)

    with scene.work(WAREHOUSE) as work:
        main, berlin = (papers.get_papers(work, number, PapersOf()) for number in (FIRST, SECOND))

    assert (main["sender"]["country"], main["time_zone"]) == ("CN", "Asia/Shanghai")
    assert berlin["sender"] == {
        "name": main["sender"]["name"], "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115",
        "country": "DE",
    }  # fmt: skip
    assert (berlin["time_zone"], [line["quantity"] for line in berlin["lines"]]) == ("Europe/Berlin", [2, 1])


def test_no_customs_within_the_union_of_its_place(scene: Scene) -> None:
    parts = [at("main", part(FIRST, (1, [0]))), at("berlin", part(SECOND, (1, [1])))]
    delivery = {"name": "Ada", "line1": "Rue 1", "city": "Paris", "postal_code": "75001", "country": "FR"}
    scene.pass_review(lines=lines(2), parts=parts, delivery=delivery)

    with scene.work(WAREHOUSE) as work:
        abroad = [papers.get_papers(work, number, PapersOf())["abroad"] for number in (FIRST, SECOND)]

    assert abroad == [True, False]


def test_an_address_of_the_default_place_is_on_its_papers(scene: Scene) -> None:
    scene.hear(StockPlaceSaved, {**BERLIN, "place": "main", "city": "Hamburg"})
    scene.pass_review(lines=lines(1))

    with scene.work(WAREHOUSE) as work:
        assert papers.get_papers(work, FIRST, PapersOf())["sender"]["city"] == "Hamburg"


def test_the_lane_begins_where_it_left(scene: Scene) -> None:
    two_places(scene)
    for number, tracking in ((FIRST, "1Z1"), (SECOND, "1Z2")):
        pack(scene, number)
        leave(scene, number, tracking, rest=None)

    with scene.work() as work:
        origins = [parcel.origin for each in work.shipments.of_order(ORDER) for parcel in each.parcels]
    assert origins == ["CN", "DE-BE"]


def test_what_is_left_behind_stays_at_its_place(scene: Scene) -> None:
    two_places(scene)
    pack(scene, SECOND)

    leave(scene, SECOND, "1Z2", (1, 1))

    assert sorted(place for place in _places(scene)) == ["berlin", "berlin", "main"]


def _places(scene: Scene) -> list[str]:
    with scene.work() as work:
        return [each.place for each in work.shipments.of_order(ORDER)]


def test_the_queue_and_the_pick_list_are_of_a_place(scene: Scene) -> None:
    two_places(scene)

    assert (listed(scene, place="berlin"), listed(scene, place="main")) == ([SECOND], [FIRST])
    assert sorted(listed(scene)) == sorted([FIRST, SECOND])
    with scene.work(WAREHOUSE) as work:
        picked = papers.get_pick_list(work, PickListOf(place="berlin"))
    assert (picked["shipments"], picked["pieces"], picked["time_zone"]) == ([SECOND], 3, "Europe/Berlin")
    pack(scene, SECOND)
    leave(scene, SECOND, "1Z2", rest=None)
    assert listed(scene, place="berlin") == []
    assert listed(scene, place="berlin", order_number=ORDER) == [SECOND]


def test_goods_that_came_in_elsewhere_are_sent_from_there(scene: Scene) -> None:
    waiting(scene)
    before = clock_of(scene, FIRST)

    for _ in range(2):
        divide(scene, at("main", part(FIRST, (1, [0]))), at("berlin", part(SECOND, (1, [1, 2]), (2, [0]))))

    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 2), (2, 1)]}
    assert (place_of(scene, FIRST), place_of(scene, SECOND)) == ("main", "berlin")
    for number in (FIRST, SECOND):
        assert (clock_of(scene, number).paused_at, clock_of(scene, number).started_at) == (None, before.started_at)
        pack(scene, number)
        leave(scene, number, f"1Z{number[-1]}", rest=None)
    with scene.work() as work:
        assert not work.orders.held([ORDER])


def test_a_whole_order_moves_to_where_its_goods_are(scene: Scene) -> None:
    waiting(scene)

    divide(scene, at("berlin", part(FIRST, (1, [0, 1, 2]), (2, [0]))))

    assert (held(scene), place_of(scene, FIRST)) == ({FIRST: [(1, 3), (2, 1)]}, "berlin")
    assert scene.told("shipment_adjusted") == []


def test_a_division_that_comes_first_waits_for_the_order(scene: Scene) -> None:
    with pytest.raises(ServiceError) as refused:
        divide(scene, at("berlin", part(FIRST, (1, [0]))))

    assert refused.value.code == "shipment_not_found"


def test_a_change_of_a_part_that_is_on_its_way_waits(scene: Scene) -> None:
    """The customer took a piece out after the goods had come in: the two are told of in any order."""
    waiting(scene)
    parts = [at("main", part(FIRST, (1, [0]))), at("berlin", part(SECOND, (1, [1]), (2, [0])))]
    with pytest.raises(ServiceError) as refused:
        scene.change(*lines(2, 1), seq=9, parts=parts)
    divide(scene, at("main", part(FIRST, (1, [0]))), at("berlin", part(SECOND, (1, [1, 2]), (2, [0]))))

    scene.change(*lines(2, 1), seq=9, parts=parts)

    assert refused.value.code == "shipment_not_found"
    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 1), (2, 1)]}


def test_a_later_change_holds_against_a_late_division(scene: Scene) -> None:
    waiting(scene)
    scene.change(*lines(2, 1), seq=9, parts=[at("berlin", part(FIRST, (1, [0, 1]), (2, [0])))])

    divide(scene, at("berlin", part(FIRST, (1, [0, 1, 2]), (2, [0]))))

    assert (held(scene), place_of(scene, FIRST)) == ({FIRST: [(1, 2), (2, 1)]}, "berlin")


def test_an_order_cancelled_meanwhile_leaves_from_nowhere(scene: Scene) -> None:
    waiting(scene)
    scene.hear(CancellationRequested, {"order_number": ORDER, "reason": "changed my mind"})

    divide(scene, at("main", part(FIRST, (1, [0]))), at("berlin", part(SECOND, (1, [1, 2]), (2, [0]))))

    assert {status_of(scene, FIRST), status_of(scene, SECOND)} == {"recalled"}
    assert len(scene.told("shipment_recalled")) == 2


def test_what_is_sent_again_leaves_its_place(scene: Scene) -> None:
    two_places(scene)
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", rest=None)

    again = scene.decide("resend", FIRST, place="berlin")

    assert (place_of(scene, again), clock_of(scene, again).calendar) == ("berlin", "DE-BE")
