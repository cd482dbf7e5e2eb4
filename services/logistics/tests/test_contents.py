"""What is in each parcel of a shipment: said of all pieces at the hand-over, and known when one is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Wrong
from services.common.testing import fresh_store
from services.logistics.api.parts import Packed
from services.logistics.api.shipments import MarkDispatched, PackedGiven, ParcelGiven
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import NewParcel
from services.logistics.domain.contents import lines_in, require_all
from services.logistics.handlers import shipments
from services.logistics.tests.builders import a_line, a_scan, review_passed
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene

LINES = (a_line(1, "MUG-1", 3), a_line(2, "CUP-1", 1))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def box(number: str, *pieces: tuple[int, int]) -> ParcelGiven:
    return ParcelGiven("fedex", number, lines=tuple(PackedGiven(*each) for each in pieces) or None)


def new(*pieces: tuple[int, int]) -> NewParcel:
    return NewParcel("fedex", "1Z1", contents=tuple(Packed(*each) for each in pieces) or None)


def pieces_of(lines: Any) -> list[tuple[int, int]]:
    return [(each.line_id, each.quantity) for each in lines]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("parcels", "code", "details"),
    [
        ([new((1, 2)), new((1, 1), (2, 1))], None, []),
        ([new()], None, []),
        ([new((1, 3))], "part_of_shipment", [{"line_id": 2, "quantity": 1}]),
        ([new((1, 2)), new((1, 2))], "not_in_shipment", [{"line_id": 1, "quantity": 1}]),
        ([new((1, 3), (2, 1), (3, 1))], "not_in_shipment", [{"line_id": 3, "quantity": 1}]),
    ],
)
def test_what_is_in_the_parcels_is_all_of_it(parcels: list[NewParcel], code: str | None, details: list[Any]) -> None:
    if code is None:
        return require_all(LINES, parcels)
    with pytest.raises(Invalid) as refused:
        require_all(LINES, parcels)
    assert (refused.value.code, refused.value.details) == (code, {"lines": details})
    return None


@pytest.mark.pure
def test_some_parcels_hold_what_was_said_of_them() -> None:
    one, other, unsaid = new((1, 2)), new((1, 1), (2, 1)), new()

    assert pieces_of(lines_in(LINES, [one, other], [other])) == [(1, 1), (2, 1)]
    assert pieces_of(lines_in(LINES, [unsaid, unsaid], [unsaid])) == []
    assert lines_in(LINES, [unsaid], [unsaid]) == LINES
    for wrong in ((box("1", (1, 1)), box("2")), (box("1", (1, 1), (1, 2)),)):
        with pytest.raises(Wrong):
            MarkDispatched(wrong)


def test_a_lost_parcel_is_only_what_was_in_it(scene: Scene) -> None:
    (mug,) = review_passed(ORDER)["lines"]
    scene.pass_review(lines=[{**mug, "quantity": 3}, {**mug, "line_id": 2, "sku": "CUP-1", "title": "A cup"}])
    number = scene.pack()
    boxes = box("1Z1", (1, 2), (2, 2)), box("1Z2", (1, 1))

    with pytest.raises(Invalid, match="in none of the parcels"), scene.work(WAREHOUSE) as work:
        shipments.mark_dispatched(work, number, MarkDispatched(boxes[:1]))
    with scene.work(WAREHOUSE) as work:
        shown = shipments.show(work, shipments.mark_dispatched(work, number, MarkDispatched(boxes)))
    scene.scan(a_scan(ParcelStatus.LOST, 9, number="1Z1"))

    assert [[(each["title"], each["quantity"]) for each in parcel["lines"] or ()] for parcel in shown["parcels"]] == [
        [("A mug", 2), ("A cup", 2)], [("A mug", 1)],
    ]  # fmt: skip
    (dispatched,) = scene.told("shipment_dispatched")
    assert dispatched["parcels"][1]["lines"] == [{"line_id": 1, "sku": "MUG-1", "title": "A mug", "quantity": 1}]
    (lost,) = scene.told("parcel_not_arriving")
    assert [(each["line_id"], each["quantity"]) for each in lost["lines"]] == [(1, 2), (2, 2)]
    assert scene.tracking()["shipments"][0]["parcels"][1]["lines"] == shown["parcels"][1]["lines"]
