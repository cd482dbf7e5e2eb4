"""Several stock places with many at once, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from services.common.testing import fresh_store
from services.orders.api import AdjustStock
from services.orders.api.places import MoveStock
from services.orders.handlers import catalogue, holds, places
from services.orders.tests.builders import berlin
from services.orders.tests.scene import Scene
from services.orders.tests.test_races import at_once

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        scene = Scene(store).stocked("MUG", 1).stocked("CUP", 9)
        scene.do(places.put_stock_place, "berlin", berlin())
        scene.do(catalogue.adjust_stock, "MUG", AdjustStock(1, "delivery", place="berlin"))
        yield scene


@pytest.mark.parametrize("each", [1, 2])
def test_the_last_units_of_two_places_are_sold_once(scene: Scene, each: int) -> None:
    outcomes = at_once(*[partial(scene.place, ("MUG", each))] * 4)

    assert sum(isinstance(outcome, str) for outcome in outcomes) == 2 // each
    assert scene.there("MUG") == {"main": (1, 1), "berlin": (1, 1)}
    scene.holds()


def test_moves_and_orders_at_once_lose_and_invent_nothing(scene: Scene) -> None:
    carry = partial(scene.do, places.move_stock)

    for _ in range(5):
        outcomes = at_once(
            partial(carry, MoveStock("MUG", 1, "main", "berlin", "x")),
            partial(carry, MoveStock("MUG", 1, "berlin", "main", "x")),
            partial(scene.place, ("MUG", 1), ("CUP", 1)),
            partial(scene.place, ("CUP", 1), ("MUG", 1)),
            partial(scene.place, ("MUG", 2)),
        )
        placed = [outcome for outcome in outcomes if isinstance(outcome, str)]
        assert scene.count("MUG") == (2, 2), placed
        scene.holds()
        for number in placed:
            scene.do(lambda work, number=number: holds.let_go(work, work.orders.get(number, lock=True)))
    assert scene.count("MUG") == (2, 0)


def test_a_place_is_closed_or_takes_goods_in(scene: Scene) -> None:
    scene.do(places.put_stock_place, "paris", berlin(name="Paris"))

    for turn in range(4):
        at_once(
            partial(scene.do, places.put_stock_place, "paris", berlin(name="Paris", active=False)),
            partial(scene.do, catalogue.adjust_stock, "CUP", AdjustStock(1, "delivery", place="paris")),
        )
        paris = scene.do(places.list_stock_places)["items"][-1]
        assert paris["code"] == "paris"
        assert paris["active"] is (scene.there("CUP").get("paris", (0, 0))[0] > 0), turn
