"""What the papers say follows the order: its changes, its holds, its end, and what the catalogue corrects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.common.testing import fresh_store
from services.logistics.api.papers import PapersOf, PapersView, PickListOf, PickListView, WeighShipment
from services.logistics.domain import NewParcel
from services.logistics.handlers import orders, papers
from services.logistics.tests.builders import an_order_number, review_passed
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene
from services.orders.api.events import OrderErased, ProductSaved

PRICE = {"amount": "12.50", "currency": "USD"}
PAID = [{"amount": amount, "currency": "USD"} for amount in ("10.01", "10.00")]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        scene = Scene(store)
        (line,) = review_passed(ORDER)["lines"]
        scene.pass_review(lines=[{**line, "units": [0, 1], "paid": PAID}])
        yield scene


def printed(scene: Scene, carrier: str | None = "usps") -> PapersView:
    number = scene.number()
    with scene.work(WAREHOUSE) as work:
        return papers.get_papers(work, number, PapersOf(carrier))


def refusal(scene: Scene) -> str:
    with pytest.raises(ServiceError) as refused:
        printed(scene)
    return refused.value.code


def weigh(scene: Scene, grams: int) -> None:
    number = scene.number()
    with scene.work(WAREHOUSE) as work:
        papers.weigh_shipment(work, number, WeighShipment(grams))


def picked(scene: Scene) -> PickListView:
    with scene.work(WAREHOUSE) as work:
        return papers.get_pick_list(work, PickListOf())


def test_a_change_takes_the_weight_back_and_lowers_the_value(scene: Scene) -> None:
    scene.pack()
    weigh(scene, 900)
    before = printed(scene)["declared"]
    line = {"line_id": 1, "sku": "MUG-1", "quantity": 1, "units": [0], "paid": PAID[:1]}
    scene.change(line, seq=9)

    after = printed(scene)
    assert after["missing"] == [{"sku": None, "fact": "gross_weight_g"}]
    weigh(scene, 400)
    declared = printed(scene)["declared"]

    assert before is not None
    assert declared is not None
    assert (before["value"]["amount"], declared["value"]["amount"]) == ("20.01", "10.01")
    assert (before["net_weight_g"], declared["net_weight_g"]) == (700, 350)


def test_what_was_handed_over_is_declared_as_it_left(scene: Scene) -> None:
    scene.dispatch(NewParcel("fedex", "EZ1", 800), NewParcel("fedex", "EZ2", 300))

    found = printed(scene, None)

    assert (found["forms"], found["parcels"]) == (["commercial-invoice"], ["EZ1", "EZ2"])
    assert found["declared"] is not None
    assert found["declared"]["gross_weight_g"] == 1100


def test_nothing_is_printed_of_what_may_not_leave(scene: Scene) -> None:
    assert [row["boxes"] for row in picked(scene)["rows"]] == [[{"shipment_number": scene.number(), "pieces": 2}]]
    with scene.work() as work:
        orders.hold_order(work, ORDER, "CHG-1", work.now)
    assert refusal(scene) == "shipment_on_hold"
    assert (picked(scene)["rows"], picked(scene)["on_hold"]) == ([], 1)

    with scene.work() as work:
        orders.release_order(work, ORDER, "CHG-1", work.now)
    with scene.work() as work:
        orders.cancel_order(work, ORDER)
    assert refusal(scene) == "wrong_shipment_status"


def test_what_is_on_hold_takes_no_place_of_the_pick_list(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "MOST_TO_PICK", 1)
    held, free = (ORDER, an_order_number(2)), [an_order_number(n) for n in (3, 4)]
    for day, number in enumerate((held[1], *free), start=3):  # ORDER, of the fixture, is the first that is due
        scene.pass_review(number, passed_at=f"2026-03-0{day}T02:00:00Z")
    for number in (*held, free[0]):
        with scene.work() as work:
            orders.hold_order(work, number, f"CHG-{number}", work.now)
    with scene.work() as work:
        orders.release_order(work, free[0], f"CHG-{free[0]}", work.now)

    found = picked(scene)
    assert (found["shipments"], found["pieces"]) == ([scene.number(free[0])], 2)
    assert (found["on_hold"], found["more"]) == (2, True)

    with scene.work() as work:
        orders.cancel_order(work, free[1])
    assert (picked(scene)["on_hold"], picked(scene)["more"]) == (2, False)


def test_the_address_of_an_erased_order_is_not_printed(scene: Scene) -> None:
    scene.dispatch(NewParcel("fedex", "EZ1"))
    scene.hear(OrderErased, {"order_number": ORDER, "request_id": "PRV-0000-0000-0"}, seq=20)

    assert refusal(scene) == "wrong_shipment_status"


def test_the_newest_that_the_catalogue_told_counts(scene: Scene) -> None:
    corrected = {"weight_g": 400, "hs_code": "691110", "origin_country": "PT"}
    older, untold = {**corrected, "weight_g": 1}, {**dict.fromkeys(corrected), "hs_code": "1"}  # by a release of before
    for version, facts in ((3, corrected), (2, older), (4, untold)):
        body = {"order_number": None, "sku": "mug-1", "price": PRICE, "product_version": version}
        scene.hear(ProductSaved, {**body, **facts})

    (line,) = printed(scene)["lines"]
    assert (line["weight_g"], line["hs_code"], line["origin_country"]) == (400, "691110", "PT")
