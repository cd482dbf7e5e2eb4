"""An order that arrives in several shipments: the time for a return runs from the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.aftersales.api.refusals import ReturnWindowClosed, UnitsNotReturnable
from services.aftersales.tests import builders
from services.aftersales.tests.builders import ORDER_NUMBER
from services.aftersales.tests.scene import Scene
from services.common.testing import fresh_store
from services.orders.api.events import OrderChanged, OrderDivided, OrderPlaced, RemedyAccepted

LATER = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("aftersales", tmp_path) as store:
        scene = Scene(store)
        scene.hear(OrderPlaced, builders.order_placed())
        yield scene


def lines(*units: int) -> list[dict[str, Any]]:
    return [{"line_id": 1, "sku": "LAMP-1", "quantity": len(units), "units": [*units]}] if units else []


def divide(scene: Scene, **parts: tuple[int, ...]) -> None:
    told = [{"shipment_number": name, "lines": lines(*units)} for name, units in parts.items()]
    scene.hear(OrderDivided, {"order_number": ORDER_NUMBER, "parts": told})


def at(scene: Scene, when: datetime) -> Scene:
    scene.now = when
    return scene


def test_the_window_runs_from_the_last_part(scene: Scene) -> None:
    divide(scene, first=(0, 1), second=(2,))
    scene.brought("first", at="2026-03-02T12:00:00Z")

    assert at(scene, LATER).request().number, "a piece that is here may come back while another is to come"
    scene.brought("second", at="2026-06-01T10:00:00Z")
    assert at(scene, LATER + timedelta(days=60)).request().number
    with pytest.raises(ReturnWindowClosed):
        at(scene, LATER + timedelta(days=61)).request()


@pytest.mark.parametrize("divided_first", [True, False])
def test_what_has_not_arrived_cannot_come_back(scene: Scene, *, divided_first: bool) -> None:
    steps = [lambda: divide(scene, first=(0, 1), second=(2,)), lambda: scene.brought("first")]
    for step in steps if divided_first else reversed(steps):
        step()

    with pytest.raises(UnitsNotReturnable) as refused:
        scene.request(lines=[{"sku": "LAMP-1", "quantity": 3, "reason": "changed_mind"}])

    (line,) = refused.value.details["lines"]
    assert (line["returnable"], line["why"]) == (2, "not_delivered")
    assert {unit.key for unit in scene.request(
        lines=[{"sku": "LAMP-1", "quantity": 2, "reason": "changed_mind"}]).units} == {(1, 0), (1, 1)}  # fmt: skip


def test_a_part_that_is_given_up_keeps_no_window_open(scene: Scene) -> None:
    divide(scene, first=(0, 1), second=(2,))
    scene.brought("first", at="2026-03-02T12:00:00Z")
    placed = builders.order_placed()["lines"][0]

    scene.hear(OrderChanged, {
        "order_number": ORDER_NUMBER, "lines": [{**placed, "quantity": 2, "units": [0, 1], "paid": placed["paid"][:2]}],
        "removed": lines(2),
    })  # fmt: skip

    with pytest.raises(ReturnWindowClosed):
        at(scene, LATER).request()


@pytest.mark.parametrize("told", [("divided", "decided"), ("decided", "divided"), ("divided", "decided", "divided")])
def test_what_is_sent_again_for_a_part_is_awaited(scene: Scene, told: tuple[str, ...]) -> None:
    decided = {
        "order_number": ORDER_NUMBER, "shipment_number": "second", "option": "resend", "replacement": "third",
        "lines": lines(2),
    }  # fmt: skip
    for each in told:
        if each == "divided":
            divide(scene, first=(0, 1), second=(2,))
        else:
            scene.hear(RemedyAccepted, decided)
    scene.brought("first", at="2026-03-02T12:00:00Z")
    assert at(scene, LATER).request().number

    scene.brought("third", at="2026-06-01T10:00:00Z")

    assert at(scene, LATER + timedelta(days=60)).request().number


def test_what_joins_a_part_is_awaited_with_it(scene: Scene) -> None:
    divide(scene, first=(0, 1), second=(2,))
    scene.brought("first", at="2026-03-02T12:00:00Z")
    placed = builders.order_placed()["lines"][0]
    other = {**placed, "line_id": 9, "sku": "LAMP-9", "quantity": 1, "units": [0], "paid": placed["paid"][:1]}
    joins = {"line_id": 9, "sku": "LAMP-9", "quantity": 1, "units": [0]}
    stays = {**placed, "quantity": 2, "units": [0, 1], "paid": placed["paid"][:2]}
    parts = [{"shipment_number": "second", "lines": [joins]}]
    changed = {"order_number": ORDER_NUMBER, "lines": [stays, other], "removed": lines(2), "parts": parts}

    for _ in range(2):
        scene.hear(OrderChanged, changed)

    asked = [{"sku": "LAMP-9", "quantity": 1, "reason": "changed_mind"}]
    with pytest.raises(UnitsNotReturnable) as refused:
        at(scene, LATER).request(lines=asked)
    assert refused.value.details["lines"][0]["why"] == "not_delivered"
    scene.brought("second", at="2026-06-01T08:00:00Z")
    assert scene.request(lines=asked).number
