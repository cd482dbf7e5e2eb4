"""Several stock places: what is promised from where, moved, counted, and sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.basics.errors import Conflict, Invalid
from services.common.edge.schemas import load
from services.common.testing import fresh_store
from services.orders.api import AdjustStock, OutOfStock, StockTooLow
from services.orders.api.places import (
    MoveStock,
    NotEnoughToMove,
    SaveStockPlace,
    StockPlaceNotEmpty,
    StockPlaceNotFound,
)
from services.orders.domain.places import PlaceLevel, complete, give_up
from services.orders.handlers import catalogue, holds, imports, places
from services.orders.tests.builders import berlin
from services.orders.tests.scene import Scene

COUNTS = st.integers(0, 4)
SKUS, PLACES = ("CUP", "MUG"), ("main", "a", "b")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path) as store:
        scene = Scene(store).stocked("MUG", 2).stocked("CUP", 2)
        scene.do(places.put_stock_place, "berlin", berlin())
        yield scene


def book(scene: Scene, sku: str, delta: int, place: str = "berlin") -> None:
    scene.do(catalogue.adjust_stock, sku, AdjustStock(delta, "delivery", place=place))


def move(scene: Scene, sku: str, count: int, source: str = "main", to: str = "berlin") -> Any:
    return scene.do(places.move_stock, MoveStock(sku, count, source, to, "transport"))


def levels(counts: dict[str, dict[str, int]]) -> dict[str, list[PlaceLevel]]:
    return {sku: [PlaceLevel(place, counts[sku][place], 0) for place in PLACES] for sku in counts}


THERE = st.fixed_dictionaries({sku: st.fixed_dictionaries(dict.fromkeys(PLACES, COUNTS)) for sku in SKUS})


@given(THERE, COUNTS, COUNTS)
def test_pieces_are_promised_once_from_where_they_are(there: dict[str, dict[str, int]], cups: int, mugs: int) -> None:
    wanted = {sku: min(count, sum(there[sku].values())) for sku, count in (("CUP", cups), ("MUG", mugs))}

    chosen = complete(wanted, levels(there))

    for sku, count in wanted.items():
        assert sum(given.get(sku, 0) for given in chosen.values()) == count
        assert all(given.get(sku, 0) <= there[sku][place] for place, given in chosen.items())
    whole = [place for place in PLACES if all(there[sku][place] >= count for sku, count in wanted.items())]
    if whole and any(wanted.values()):
        assert [*chosen] == whole[:1]


def test_an_order_is_split_over_as_few_places_as_possible() -> None:
    there = levels({"CUP": {"main": 1, "a": 0, "b": 0}, "MUG": {"main": 0, "a": 1, "b": 3}})

    assert complete({"CUP": 1, "MUG": 3}, there) == {"b": {"MUG": 3}, "main": {"CUP": 1}}


def test_pieces_are_given_up_where_they_lack_most() -> None:
    there = [PlaceLevel("main", 0, 2), PlaceLevel("a", 3, 3), PlaceLevel("b", 1, 4)]

    assert give_up(3, {"main": 1, "a": 1, "b": 2}, there) == {"b": 2, "main": 1}
    assert give_up(1, {"main": 1, "a": 1}, there[1:]) == {"a": 1}


def test_an_order_is_promised_from_where_all_of_it_is(scene: Scene) -> None:
    book(scene, "MUG", 3)
    book(scene, "CUP", 3)

    small, large = scene.place(("MUG", 2), ("CUP", 1)), scene.place(("MUG", 1), ("CUP", 3))

    assert scene.do(lambda work: work.stock.promised(small, ["MUG"])) == {"MUG": {"main": 2}}
    assert scene.do(lambda work: work.stock.promised(large, SKUS)) == {"CUP": {"berlin": 3}, "MUG": {"berlin": 1}}
    assert scene.there("MUG") == {"main": (2, 2), "berlin": (3, 1)}
    scene.holds()


def test_what_no_place_has_whole_is_sold_and_never_oversold(scene: Scene) -> None:
    book(scene, "MUG", 1)

    number = scene.place(("MUG", 3))

    assert scene.do(lambda work: work.stock.promised(number, ["MUG"])) == {"MUG": {"main": 2, "berlin": 1}}
    with pytest.raises(OutOfStock):
        scene.place(("MUG", 1))
    scene.holds()


def test_an_order_that_ends_gives_each_place_its_pieces(scene: Scene) -> None:
    book(scene, "MUG", 1)
    number = scene.place(("MUG", 3))

    scene.do(lambda work: holds.let_go(work, work.orders.get(number, lock=True)))

    assert scene.there("MUG") == {"main": (2, 0), "berlin": (1, 0)}
    scene.holds()


def test_an_order_that_leaves_takes_from_its_place(scene: Scene) -> None:
    book(scene, "MUG", 3)
    number = scene.place(("MUG", 3))

    scene.do(lambda work: work.stock.dispatch({"MUG": 3}, number))

    assert scene.there("MUG") == {"main": (2, 0), "berlin": (0, 0)}
    scene.holds()


def test_what_leaves_another_place_is_taken_from_there(scene: Scene) -> None:
    """The warehouse knows where it took it; the books follow, and what was promised elsewhere is free."""
    book(scene, "MUG", 3)
    number = scene.place(("MUG", 3))

    scene.do(lambda work: work.stock.dispatch({"MUG": 3}, number, "main"))

    assert scene.there("MUG") == {"main": (0, 0), "berlin": (3, 0)}
    assert scene.count("MUG") == (3, 0)
    scene.holds()


def test_moving_changes_where_pieces_are_and_not_how_many(scene: Scene) -> None:
    scene.place(("MUG", 1))

    shown = move(scene, "mug", 1)

    assert [(each["place"], each["on_hand"], each["available"]) for each in shown["places"]] == [
        ("main", 1, 0),
        ("berlin", 1, 1),
    ]
    with pytest.raises(NotEnoughToMove) as refused:
        move(scene, "MUG", 1)
    assert refused.value.details == {"sku": "MUG", "place": "main", "free": 0}
    assert scene.count("MUG") == (2, 1)
    scene.holds()


def test_each_place_is_counted_by_itself(scene: Scene) -> None:
    book(scene, "MUG", 1)

    with pytest.raises(StockTooLow):
        book(scene, "MUG", -2)
    with pytest.raises(StockTooLow):
        book(scene, "MUG", -3, "main")
    with pytest.raises(StockPlaceNotFound):
        book(scene, "MUG", 1, "paris")
    assert scene.there("MUG") == {"main": (2, 0), "berlin": (1, 0)}


def test_a_file_says_what_was_counted_at_each_place(scene: Scene) -> None:
    text = "sku,title,price,stock,stock:berlin\nMUG,,,5,4\nPAN,A pan,1.00,,2\n"

    preview = scene.do(imports.preview_import, text)
    scene.do(imports.import_products, text)

    assert [field["field"] for field in preview["changes"][0]["fields"]] == ["stock:berlin", "stock"]
    assert scene.there("MUG") == {"main": (5, 0), "berlin": (4, 0)}
    assert scene.there("PAN") == {"main": (0, 0), "berlin": (2, 0)}
    assert scene.do(imports.import_products, text)["unchanged"] == 2
    with pytest.raises(StockPlaceNotFound):
        scene.do(imports.import_products, "sku,stock:paris\nMUG,1\n")
    scene.holds()


def test_a_place_with_pieces_stays_open(scene: Scene) -> None:
    move(scene, "MUG", 1)

    for code in ("berlin", "main"):
        with pytest.raises(StockPlaceNotEmpty):
            scene.do(places.put_stock_place, code, berlin(active=False))
    move(scene, "MUG", 1, "berlin", "main")
    scene.do(places.put_stock_place, "berlin", berlin(active=False))
    with pytest.raises(StockPlaceNotFound):
        move(scene, "MUG", 1)


def test_a_place_other_than_the_default_has_an_address(scene: Scene) -> None:
    with pytest.raises(Invalid):
        scene.do(places.put_stock_place, "paris", SaveStockPlace("Paris"))
    with pytest.raises(Invalid):
        scene.do(places.put_stock_place, "-", berlin())
    with pytest.raises(Invalid):
        load(SaveStockPlace, {"name": "Paris", "city": "Paris"})
    scene.do(places.put_stock_place, "main", SaveStockPlace("Shenzhen", version=1))
    with pytest.raises(Conflict):
        scene.do(places.put_stock_place, "main", SaveStockPlace("Shenzhen", version=1))

    listed = scene.do(places.list_stock_places)["items"]

    assert [(each["code"], each["name"], each["is_default"]) for each in listed] == [
        ("main", "Shenzhen", True),
        ("berlin", "Berlin", False),
    ]


STEPS = st.one_of(
    st.tuples(st.just("place"), st.integers(1, 4)),
    st.tuples(st.just("book"), st.integers(-3, 3).filter(bool), st.sampled_from(["main", "berlin", "paris"])),
    st.tuples(st.just("move"), st.integers(1, 3), st.permutations(["main", "berlin", "paris"])),
    st.tuples(st.just("end"), st.integers(0, 5)),
    st.tuples(st.just("leave"), st.integers(0, 5), st.sampled_from(["main", "berlin", "paris"])),
)


class Model:
    """One count of a product, as there was before there were places: what all places together are to be."""

    def __init__(self, scene: Scene, sku: str):
        self.scene, self.sku = scene.stocked(sku, 3), sku
        self.on_hand, self.reserved = 3, 0
        self.orders: list[tuple[str, int]] = []

    def place(self, count: int) -> None:
        try:
            self.orders.append((self.scene.place((self.sku, count)), count))
        except OutOfStock:
            assert self.on_hand - self.reserved < count
        else:
            self.reserved += count

    def book(self, delta: int, place: str) -> None:
        book(self.scene, self.sku, delta, place)
        self.on_hand += delta

    def move(self, count: int, among: list[str]) -> None:
        move(self.scene, self.sku, count, *among[:2])

    def end(self, which: int) -> None:
        number, count = self.orders.pop(which % len(self.orders))
        self.scene.do(lambda work: holds.let_go(work, work.orders.get(number, lock=True)))
        self.reserved -= count

    def leave(self, which: int, place: str) -> None:
        number, count = self.orders.pop(which % len(self.orders))
        there = self.scene.there(self.sku).get(place, (0, 0))[0]
        self.scene.do(lambda work: work.stock.dispatch({self.sku: count}, number, place))
        self.on_hand += max(count - there, 0) - count
        self.reserved -= count


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_all_places_together_are_what_one_place_would_be(scene: Scene, steps: list[Any]) -> None:
    """Selling, counting, ending and sending do the same to the sums as to the one count of before."""
    scene.do(places.put_stock_place, "paris", berlin(name="Paris", rank=2))
    model = Model(scene, f"P-{uuid.uuid4().hex[:8].upper()}")
    for name, *values in steps:
        with suppress(StockTooLow, NotEnoughToMove, ZeroDivisionError):  # none is left to end
            getattr(model, name)(*values)

        assert scene.count(model.sku) == (model.on_hand, model.reserved)
        scene.holds()
