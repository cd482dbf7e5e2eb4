"""A rest is left behind while something else happens to the order: on PostgreSQL, with real concurrency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.errors import Conflict
from services.common.testing import fresh_store
from services.logistics.tests.scene import DISPATCHED, ORDER, Scene
from services.logistics.tests.test_parts import FIRST, SECOND, held, leave, lines, pack, status_of
from services.logistics.tests.test_races import at_once
from services.orders.api.events import CancellationRequested, DispatchHeld

pytestmark = pytest.mark.integration
ROUNDS = range(4)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path, postgres=True) as store, clock.frozen(DISPATCHED):
        scene = Scene(store)
        scene.pass_review(lines=lines(3))
        pack(scene, FIRST)
        yield scene


def in_turn(place: int, *acts: Callable[[], Any]) -> list[Any]:
    """Start all at once, each time another one first."""
    turn = place % len(acts)
    return at_once(*acts[turn:], *acts[:turn])


@pytest.mark.parametrize("place", ROUNDS)
def test_two_stations_leave_one_rest(scene: Scene, place: int) -> None:
    acts = [partial(leave, scene, FIRST, f"1Z{n}", (1, n)) for n in (1, 2)]

    found = in_turn(place, *acts)

    assert sum(isinstance(each, Conflict) for each in found) == 1
    (first,), (rest,) = held(scene)[FIRST], held(scene)[SECOND]
    assert first[1] + rest[1] == 3
    assert len(held(scene)) == 2


@pytest.mark.parametrize("place", ROUNDS)
def test_a_cancellation_keeps_all_of_it_here_or_nothing(scene: Scene, place: int) -> None:
    in_turn(
        place,
        partial(leave, scene, FIRST, "1Z1", (1, 1)),
        partial(scene.hear, CancellationRequested, {"order_number": ORDER, "reason": "changed my mind"}),
    )

    if SECOND in held(scene):
        assert (status_of(scene, FIRST), status_of(scene, SECOND)) == ("dispatched", "queued")
        assert len(scene.told("recall_refused")) == 1
    else:
        assert (status_of(scene, FIRST), held(scene)) == ("recalled", {FIRST: [(1, 3)]})


@pytest.mark.parametrize("place", ROUNDS)
def test_a_change_takes_its_piece_out_once(scene: Scene, place: int) -> None:
    in_turn(place, partial(leave, scene, FIRST, "1Z1", (1, 1)), partial(scene.change, *lines(2), seq=9))

    assert sum(pieces for of in held(scene).values() for _, pieces in of) == 2


@pytest.mark.parametrize("place", ROUNDS)
def test_a_hold_reaches_the_rest_too(scene: Scene, place: int) -> None:
    body = {"order_number": ORDER, "hold_id": "H1", "reason": "fraud", "pauses": True}

    in_turn(place, partial(leave, scene, FIRST, "1Z1", (1, 1)), partial(scene.hear, DispatchHeld, body))

    with scene.work() as work:
        waiting = [each.number for each in work.shipments.of_order(ORDER) if each.dispatched_at is None]
        clocks = [work.commitments.find("dispatch", number) for number in waiting]
    assert all(each is not None and each.paused_at is not None for each in clocks)
    assert waiting
