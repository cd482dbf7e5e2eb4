"""Orders of several stock places with many at once, on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from services.common.basics.caller import AGENT
from services.common.testing import fresh_store, staff
from services.orders.api import AdjustStock
from services.orders.handlers import catalogue, places, shortages
from services.orders.tests.backorders import order, sell
from services.orders.tests.builders import berlin
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import shipment_of
from services.orders.tests.test_parts import report, second_of
from services.orders.tests.test_place_parts import arrive, in_days, promised, sent
from services.orders.tests.test_races import at_once

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        scene = Scene(store).stocked("MUG", 2)
        scene.do(places.put_stock_place, "berlin", berlin())
        scene.do(catalogue.adjust_stock, "MUG", AdjustStock(3, "delivery", place="berlin"))
        yield scene


def test_parts_that_leave_at_once_complete_one_order(scene: Scene) -> None:
    number = scene.paid(("MUG", 5))
    parts = shipment_of(number), second_of(number)

    for step in ("dispatched", "delivered"):
        at_once(*[partial(report, scene, number, part, step, 4) for part in parts for _ in range(2)])

    assert scene.order(number)["status"] == "completed"
    assert scene.there("MUG") == {"main": (0, 0), "berlin": (0, 0)}
    assert scene.journal(number).count("order_completed") == 1
    scene.holds()


def test_a_change_and_a_hand_over_at_once_lose_no_piece(scene: Scene) -> None:
    """Whichever is first: what left has left, and the rest is still promised from the place of its part."""
    number = scene.paid(("MUG", 5))
    wanted = [{"sku": "MUG", "quantity": 4}]
    question = scene.propose(number, staff(AGENT), kind="lines", reason="r", lines=wanted)

    at_once(
        partial(scene.answer, question, "accept", "remove_line"),
        partial(report, scene, number, second_of(number), "dispatched", 4),
    )

    held, kept = sent(scene, number), promised(scene, number)
    assert kept.get("main", Counter()) == held["main"]
    assert kept.get("berlin", Counter()) == Counter()
    scene.holds()


def test_goods_that_come_in_at_both_places_at_once_are_sent_once(scene: Scene) -> None:
    sell(scene, in_days(20))
    numbers = [order(scene, 2, in_days(20)) for _ in range(2)]

    at_once(partial(arrive, scene, 2, "berlin"), partial(arrive, scene, 2, "main"))
    scene.do(shortages.check_stock, "JUG")

    for number in numbers:
        assert sent(scene, number) == promised(scene, number)
    assert scene.count("JUG") == (4, 4)
    assert all(on_hand >= promised_ for on_hand, promised_ in scene.there("JUG").values())
    scene.holds()
