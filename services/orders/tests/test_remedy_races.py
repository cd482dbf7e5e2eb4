"""The customer answers, a parcel turns up and replicas look, all at the same moment: on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.basics.errors import Conflict
from services.common.testing import fresh_store, staff
from services.orders.api import AdjustStock
from services.orders.handlers import catalogue, remedies
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import ship
from services.orders.tests.test_races import at_once
from services.orders.tests.test_remedies import a_lost_order, answer, asked, by_hand, find, miss

pytestmark = pytest.mark.integration
ROUNDS = 5


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        scene = Scene(store).stocked("MUG")
        scene.do(catalogue.adjust_stock, "MUG", AdjustStock(90, "delivered"))
        yield scene


def test_of_three_answers_at_once_one_counts(scene: Scene) -> None:
    for _ in range(ROUNDS):
        number = a_lost_order(scene)
        digest = asked(scene, number)["digest"]

        outcomes = at_once(*(partial(answer, scene, number, each, digest) for each in ("resend", "refund", "wait")))

        refused = [item for item in outcomes if isinstance(item, Conflict)]
        assert [item.code for item in refused] == ["wrong_status"] * 2
        assert scene.journal(number).count("remedy_accepted") == 1
        scene.holds()


def test_the_same_answer_ten_times_at_once_pays_once(scene: Scene) -> None:
    number = a_lost_order(scene)
    digest = asked(scene, number)["digest"]

    at_once(*[partial(answer, scene, number, "refund", digest)] * 10)

    assert len(scene.order(number)["refunds"]) == 1
    assert scene.journal(number).count("order_cancelled") == 1
    scene.holds()


def test_an_answer_and_a_parcel_turned_up_at_once_lose_nothing(scene: Scene) -> None:
    """Either the question is withdrawn and nothing is done, or it is done and a person is told."""
    for _ in range(ROUNDS):
        number = a_lost_order(scene)
        digest = asked(scene, number)["digest"]

        at_once(partial(answer, scene, number, "resend", digest), partial(find, scene, number))

        told = scene.journal(number)
        decided = asked(scene, number)["status"] == "resent"
        assert decided == ("remedy_overtaken" in told) == ("remedy_accepted" in told)
        assert decided != ("remedy_closed" in told)
        scene.holds()


def test_an_answer_and_the_delivery_at_once_lose_nothing(scene: Scene) -> None:
    for _ in range(ROUNDS):
        number = a_lost_order(scene)
        digest = asked(scene, number)["digest"]

        at_once(partial(answer, scene, number, "refund", digest), partial(ship, scene, number, "delivered"))

        order = scene.order(number)
        assert (order["status"], len(order["refunds"])) in (("completed", 0), ("cancelled", 1))
        scene.holds()


def test_two_replicas_ask_again_once(scene: Scene) -> None:
    number = a_lost_order(scene)
    waiting = answer(scene, number, "wait")

    with clock.shifted(timedelta(days=30)):
        at_once(*[partial(scene.do, remedies.repeat_question, waiting["id"], number)] * 5)

    assert [item["status"] for item in scene.order(number)["remedies"]] == ["stale", "awaiting_customer"]
    scene.holds()


def test_a_fact_and_an_agent_at_once_ask_one_question(scene: Scene) -> None:
    for _ in range(ROUNDS):
        number = scene.paid(("MUG", 1))
        ship(scene, number, "created", "dispatched")

        at_once(
            partial(miss, scene, number),
            partial(scene.do, remedies.open_remedy, number, by_hand(number), caller=staff("agent")),
            partial(miss, scene, number, "returned"),
        )

        assert [item["status"] for item in scene.order(number)["remedies"]] == ["awaiting_customer"]
        scene.holds()


def test_of_two_customers_one_gets_the_last_piece(scene: Scene) -> None:
    scene.stocked("LAMP", 3)
    numbers = [a_lost_order(scene, ("LAMP", 1)) for _ in range(2)]

    outcomes = at_once(*(partial(answer, scene, number, "resend") for number in numbers))

    assert [getattr(item, "code", "") for item in outcomes].count("out_of_stock") == 1
    assert sorted(asked(scene, number)["status"] for number in numbers) == ["awaiting_customer", "resent"]
    scene.holds()


def test_goods_that_came_back_are_shelved_once_by_two(scene: Scene) -> None:
    from services.common.edge.schemas import load
    from services.orders.api.remedies import ReceiveGoods

    number = a_lost_order(scene, ("MUG", 1), reason="returned")
    goods = load(ReceiveGoods, {"lines": [{"sku": "MUG", "quantity": 1}], "note": "whole"})
    before = scene.count("MUG")[0]
    remedy_id = asked(scene, number)["id"]

    at_once(*[partial(scene.do, remedies.receive_goods, remedy_id, goods, caller=staff("warehouse"))] * 4)

    assert scene.count("MUG")[0] == before + 1
    scene.holds()
