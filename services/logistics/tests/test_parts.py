"""An order that leaves in several shipments: what is left behind keeps its promise, and what each holds is its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock, ids
from services.common.basics.errors import Conflict, Invalid, ServiceError
from services.common.basics.money import Money
from services.common.basics.shapes import Verdict, Wrong
from services.common.testing import fresh_store
from services.logistics.api.parts import Packed
from services.logistics.api.shipments import MarkDispatched, PackedGiven, ParcelGiven, Step
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain import NewParcel
from services.logistics.domain.contents import divide
from services.logistics.domain.parting import share_out
from services.logistics.handlers import costs, shipments
from services.logistics.tests.builders import a_line, a_shipment, review_passed
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene
from services.orders.api.events import CancellationRequested, DispatchHeld, DispatchReleased, EditRequested

FIRST, SECOND, THIRD = (ids.shipment_of(ORDER, part) for part in (1, 2, 3))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def lines(*quantities: int) -> list[dict[str, Any]]:
    """Return lines of an order, each of so many pieces at 12.50 USD."""
    (mug,) = review_passed(ORDER)["lines"]
    price = {"amount": "12.50", "currency": "USD"}
    return [
        {**mug, "line_id": line_id, "sku": f"SKU-{line_id}", "quantity": n, "units": [*range(n)], "paid": [price] * n}
        for line_id, n in enumerate(quantities, 1)
    ]


def part(number: str, *units: tuple[int, list[int]]) -> dict[str, Any]:
    return {
        "shipment_number": number,
        "lines": [{"line_id": line, "sku": f"SKU-{line}", "quantity": len(of), "units": of} for line, of in units],
    }


def leave(scene: Scene, number: str, tracking: str, *pieces: tuple[int, int], rest: bool | None = True) -> Any:
    box = ParcelGiven("fedex", tracking, lines=tuple(PackedGiven(*each) for each in pieces) or None)
    with scene.work(WAREHOUSE) as work:
        return shipments.show(work, shipments.mark_dispatched(work, number, MarkDispatched((box,), rest_follows=rest)))


def pack(scene: Scene, number: str) -> None:
    for step in (shipments.mark_sorted, shipments.mark_packed):
        with scene.work(WAREHOUSE) as work:
            step(work, number, Step())


def held(scene: Scene) -> dict[str, list[tuple[int, int]]]:
    """Return what each shipment holds, by line."""
    with scene.work() as work:
        found = work.shipments.of_order(ORDER)
        return {each.number: [(line.line_id, line.quantity) for line in each.lines] for each in found}


def status_of(scene: Scene, number: str) -> ShipmentStatus:
    with scene.work() as work:
        return work.shipments.get(number).status


def clock_of(scene: Scene, number: str) -> Any:
    with scene.work() as work:
        return work.commitments.find("dispatch", number)


def test_what_is_left_behind_is_the_next_shipment(scene: Scene) -> None:
    scene.pass_review(lines=lines(3, 1))
    pack(scene, FIRST)

    shown = leave(scene, FIRST, "1Z1", (1, 2))

    assert held(scene) == {FIRST: [(1, 2)], SECOND: [(1, 1), (2, 1)]}
    assert (shown["status"], status_of(scene, SECOND)) == ("dispatched", "queued")
    (told,) = scene.told("shipment_dispatched")
    assert told["rest"]["shipment_number"] == SECOND
    assert [(each["line_id"], each["quantity"]) for each in told["rest"]["lines"]] == [(1, 1), (2, 1)]
    assert [each["shipment_number"] for each in scene.told("shipment_created")] == [FIRST, SECOND]
    pack(scene, SECOND)
    leave(scene, SECOND, "1Z2", (1, 1), (2, 1), rest=None)
    tracked = {each["number"]: each["parcels"][0]["tracking_number"] for each in scene.tracking()["shipments"]}
    assert tracked == {FIRST: "1Z1", SECOND: "1Z2"}


def test_splitting_moves_no_promise(scene: Scene) -> None:
    scene.pass_review(lines=lines(3))
    before = clock_of(scene, FIRST)
    pack(scene, FIRST)

    leave(scene, FIRST, "1Z1", (1, 1))

    after, rest = clock_of(scene, FIRST), clock_of(scene, SECOND)
    assert (after.due_at, after.stopped_at) == (before.due_at, DISPATCHED)
    assert (rest.started_at, rest.due_at, rest.stopped_at) == (before.started_at, before.due_at, None)
    (told,) = scene.told("shipment_dispatched")
    with scene.work() as work:
        assert work.shipments.get(SECOND).dispatch_due_at == rest.due_at
    assert told["rest"]["due_at"].startswith(rest.due_at.strftime("%Y-%m-%dT%H:%M:%S"))
    assert rest.verdict(rest.due_at + timedelta(seconds=1)) is Verdict.BREACHED


def test_a_part_can_be_divided_again(scene: Scene) -> None:
    scene.pass_review(lines=lines(3))
    third = ids.shipment_of(ORDER, 3)
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 1))
    due = clock_of(scene, SECOND).due_at
    pack(scene, SECOND)

    leave(scene, SECOND, "1Z2", (1, 1))

    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 1)], third: [(1, 1)]}
    assert clock_of(scene, third).due_at == due


@pytest.mark.parametrize(
    ("pieces", "rest", "code"),
    [
        (((1, 2),), None, "part_of_shipment"),
        (((1, 3),), True, "nothing_follows"),
        (((1, 4),), True, "not_in_shipment"),
    ],
)
def test_what_does_not_fit_leaves_nothing(scene: Scene, pieces: Any, rest: bool | None, code: str) -> None:
    scene.pass_review(lines=lines(3))
    pack(scene, FIRST)

    with pytest.raises(Invalid) as refused:
        leave(scene, FIRST, "1Z1", *pieces, rest=rest)

    assert refused.value.code == code
    assert held(scene) == {FIRST: [(1, 3)]}
    assert (status_of(scene, FIRST), scene.told("shipment_dispatched")) == ("packed", [])


def test_a_rest_needs_to_know_what_is_in_the_parcels(scene: Scene) -> None:
    with pytest.raises(Wrong):
        MarkDispatched((ParcelGiven("fedex", "1Z1"),), rest_follows=True)
    with pytest.raises(Wrong):
        MarkDispatched(rest_follows=True)


def test_dispatching_twice_leaves_one_rest(scene: Scene) -> None:
    scene.pass_review(lines=lines(3))
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 1))

    with pytest.raises(Conflict) as refused:
        leave(scene, FIRST, "1Z1", (1, 1))

    assert refused.value.code == "wrong_shipment_status"
    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 2)]}


def test_what_is_sent_again_leaves_whole(scene: Scene) -> None:
    scene.pass_review(lines=lines(2))
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 2), rest=None)
    again = scene.decide("resend", FIRST, lines=[{"line_id": 1, "sku": "SKU-1", "quantity": 2}])
    pack(scene, again)

    with pytest.raises(ServiceError) as refused:
        leave(scene, again, "1Z2", (1, 1))

    assert refused.value.code == "leaves_whole"


def test_a_hold_keeps_the_rest_here_and_stops_its_clock(scene: Scene) -> None:
    scene.pass_review(lines=lines(2))
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 1))
    pack(scene, SECOND)
    names = {"order_number": ORDER, "hold_id": "H1", "reason": "fraud", "pauses": True}

    scene.hear(DispatchHeld, names)

    with pytest.raises(Conflict, match="until then nothing leaves"):
        leave(scene, SECOND, "1Z2", (1, 1), rest=None)
    assert clock_of(scene, SECOND).paused_at is not None
    scene.hear(DispatchReleased, names)
    leave(scene, SECOND, "1Z2", (1, 1), rest=None)
    assert status_of(scene, SECOND) is ShipmentStatus.DISPATCHED


def test_a_refused_cancellation_recalls_no_part(scene: Scene) -> None:
    """The customer asked in the moment in which a part left: the order goes on, and with it what follows."""
    scene.pass_review(lines=lines(2))
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 1))

    scene.hear(CancellationRequested, {"order_number": ORDER, "reason": "changed my mind"})

    assert len(scene.told("recall_refused")) == 1
    assert (scene.told("shipment_recalled"), status_of(scene, SECOND)) == ([], "queued")


def test_a_review_leads_to_several_shipments(scene: Scene) -> None:
    parts = [part(FIRST, (1, [0, 2])), part(SECOND, (1, [1]), (2, [0]))]
    for _ in range(2):
        scene.pass_review(lines=lines(3, 1), parts=parts)

    assert held(scene) == {FIRST: [(1, 2)], SECOND: [(1, 1), (2, 1)]}
    assert clock_of(scene, FIRST).due_at == clock_of(scene, SECOND).due_at
    with scene.work() as work:
        worth = [line.worth for each in work.shipments.of_order(ORDER) for line in each.lines]
    assert Money.total(worth) == Money(5000)


def test_a_change_is_done_to_the_parts_that_it_names(scene: Scene) -> None:
    parts = [part(FIRST, (1, [0, 1])), part(SECOND, (1, [2]), (2, [0]))]
    scene.pass_review(lines=lines(3, 1), parts=parts)

    scene.change(*lines(3), seq=9, parts=[part(FIRST, (1, [0, 1])), part(SECOND, (1, [2]))])

    assert held(scene) == {FIRST: [(1, 2)], SECOND: [(1, 1)]}
    scene.change(*lines(2), seq=10, parts=[part(FIRST, (1, [0, 1])), part(SECOND)])
    assert (status_of(scene, FIRST), status_of(scene, SECOND)) == ("queued", "recalled")


def test_a_change_of_parts_waits_for_the_parts(scene: Scene) -> None:
    with pytest.raises(ServiceError) as refused:
        scene.change(*lines(1), seq=9, parts=[part(FIRST, (1, [0]))])

    assert refused.value.code == "shipment_not_found"


def test_a_change_of_before_the_division_takes_no_pieces_twice(scene: Scene) -> None:
    """Orders agreed to it before it heard that a part had left."""
    scene.pass_review(lines=lines(3))
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 1))

    scene.change(*lines(2), seq=9)

    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 1)]}


@pytest.mark.parametrize(("wanted", "third"), [(3, [(1, 1)]), (2, [])])
def test_a_change_of_before_another_division_too(scene: Scene, wanted: int, third: list[tuple[int, int]]) -> None:
    """Orders knew of the first part that left, and not yet of the second."""
    scene.pass_review(lines=lines(4))
    for number, tracking in ((FIRST, "1Z1"), (SECOND, "1Z2")):
        pack(scene, number)
        leave(scene, number, tracking, (1, 1))

    scene.change(*lines(wanted), seq=9, parts=[part(SECOND, (1, [1, 2][: wanted - 1]))])

    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 1)], THIRD: third}
    assert status_of(scene, THIRD) == ("queued" if third else "recalled")
    assert scene.told("recall_refused") == []


def test_a_change_of_a_part_that_left_is_refused_once(scene: Scene) -> None:
    scene.pass_review(lines=lines(3))
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 1))
    pack(scene, SECOND)
    leave(scene, SECOND, "1Z2", (1, 2), rest=None)

    scene.change(*lines(2), seq=9, parts=[part(SECOND, (1, [1]))])

    assert [each["shipment_number"] for each in scene.told("recall_refused")] == [SECOND]


def test_a_killed_hand_over_divides_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.pass_review(lines=lines(2))
    pack(scene, FIRST)

    def fall(*_: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(costs, "accrue", fall)
        with pytest.raises(RuntimeError):
            leave(scene, FIRST, "1Z1", (1, 1))

    assert (held(scene), status_of(scene, FIRST)) == ({FIRST: [(1, 2)]}, "packed")
    assert clock_of(scene, FIRST).stopped_at is None
    leave(scene, FIRST, "1Z1", (1, 1))
    assert held(scene) == {FIRST: [(1, 1)], SECOND: [(1, 1)]}


@pytest.mark.pure
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9999)), min_size=1, max_size=4))
def test_dividing_loses_no_piece_and_no_cent(rows: list[tuple[int, int, int]]) -> None:
    every = [
        a_line(line_id, f"SKU-{line_id}", quantity).__class__(
            line_id, f"SKU-{line_id}", "", quantity, value=Money(cents)
        )
        for line_id, (quantity, _, cents) in enumerate(rows, 1)
    ]
    packed = tuple(
        Packed(line_id, n) for line_id, (quantity, leaves, _) in enumerate(rows, 1) if (n := min(leaves, quantity))
    )

    given_, kept = divide(every, [NewParcel("fedex", "1", contents=packed)])

    for line in every:
        halves = [each for each in (*given_, *kept) if each.line_id == line.line_id]
        assert sum(each.quantity for each in halves) == line.quantity
        assert Money.total(each.worth for each in halves) == line.worth


@pytest.mark.pure
@given(st.integers(1, 6), st.integers(0, 6), st.integers(0, 9))
def test_parts_share_what_is_left_once(first: int, second: int, left: int) -> None:
    parts = [a_shipment(lines=[a_line(quantity=first)]), a_shipment(lines=[a_line(quantity=second)])]
    for place, each in enumerate(parts, 1):
        each.number, each.part = ids.shipment_of(each.order_number, place), place

    shared = share_out(parts, [a_line(quantity=left)])

    assert sum(line.quantity for of in shared.values() for line in of) == left
    assert all(each.number in shared for each in parts)


def test_orders_beyond_a_part_are_not_touched(scene: Scene) -> None:
    assert share_out([a_shipment()], [a_line()]) == {}


@pytest.mark.parametrize("about", [(), (SECOND,)])
def test_an_edit_of_the_rest_is_cleared_if_it_says_so(scene: Scene, about: tuple[str, ...]) -> None:
    """One that does not name the part was made before the customer's page knew that another had left."""
    scene.pass_review(lines=lines(2))
    pack(scene, FIRST)
    leave(scene, FIRST, "1Z1", (1, 1))

    scene.hear(EditRequested, {
        "order_number": ORDER, "change_id": "CHG-1", "asks_warehouse": True, "shipments": [*about],
    })  # fmt: skip

    assert (len(scene.told("edit_cleared")), len(scene.told("edit_refused"))) == ((1, 0) if about else (0, 1))
