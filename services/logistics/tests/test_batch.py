"""One step for many shipments, by their numbers or by a file: each by itself, once, by the rules of the step alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.common.basics import clock, ids
from services.common.basics.errors import Unavailable
from services.common.basics.shapes import Wrong
from services.common.store.idempotency import IdempotencyKeyReused
from services.common.testing import fresh_store
from services.logistics.adapters import hand_over_rows
from services.logistics.api.batch import (
    MOST_HAND_OVERS,
    BadHandOverCsv,
    BatchShipments,
    HandOverOutcome,
    StepOfMany,
)
from services.logistics.domain import NewParcel
from services.logistics.domain.batch import Became, boxes, told
from services.logistics.handlers import batch, orders, shipments
from services.logistics.repository import Work
from services.logistics.tests.builders import an_order_number
from services.logistics.tests.scene import DISPATCHED, WAREHOUSE, Scene, given

HEAD = "number,carrier,tracking_number\n"
UNKNOWN = ids.number(ids.SHIPMENT, 77)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def packed(scene: Scene, n: int) -> str:
    scene.pass_review(an_order_number(n))
    return scene.pack(an_order_number(n))


def stepped(scene: Scene, step: StepOfMany, *numbers: str, key: str | None = None) -> list[str]:
    """Take the step; what came of each: its status, or the code of the refusal."""
    caller = replace(WAREHOUSE, idempotency_key=key)
    found = batch.batch_shipments(partial(scene.store.work, Work, caller), BatchShipments(step, numbers))
    assert [each["number"] for each in found["items"]] == [*numbers]
    assert found["done"] == sum("shipment" in each for each in found["items"])
    return [each["shipment"]["status"] if "shipment" in each else each["code"] for each in found["items"]]


def uploaded(scene: Scene, csv_text: str, key: str | None = None) -> Any:
    caller = replace(WAREHOUSE, idempotency_key=key)
    return batch.upload_hand_overs(partial(scene.store.work, Work, caller), csv_text)


def previewed(scene: Scene, csv_text: str) -> Any:
    with scene.store.work(Work, WAREHOUSE, reading=True) as work:
        return batch.preview_hand_overs(work, csv_text)


def outcomes(found: Any) -> list[tuple[str, str | None]]:
    return [(str(row["outcome"]), row["code"]) for row in found["rows"]]


def status(scene: Scene, number: str) -> str:
    with scene.work(WAREHOUSE) as work:
        return work.shipments.get(number).status.value


@pytest.mark.pure
def test_rows_of_one_shipment_are_its_parcels() -> None:
    number, other = ids.number(ids.SHIPMENT, 1), ids.number(ids.SHIPMENT, 2)
    rows = [
        f"fedex;{number.lower()};1Z 1", f"FedEx;{number};1z-1", f"fedex;{number};1Z2", "fedex;SHP-1;1Z3",
        f"fedex;{other};", f"--;{other};1Z4", f"fedex;{UNKNOWN};{'9' * 65}", "",
    ]  # fmt: skip

    read = hand_over_rows.read("Carrier;Number;Tracking_Number;note\n" + "\n".join(rows))

    assert [each.problem for each in read] == [
        None, None, None, "number is none of a shipment", "tracking_number: A tracking number has letters or digits.",
        "carrier: A carrier's name has letters or digits.", "tracking_number is too long",
    ]  # fmt: skip
    found = {box.number: ([each.tracking_number for each in box.parcels], box.problem) for box in boxes(read)}
    assert found == {
        number: (["1z-1", "1Z2"], None),
        other: ([], "row 6 of this shipment cannot be read"),
        UNKNOWN: ([], "row 8 of this shipment cannot be read"),
    }
    many = HEAD + "".join(f"{number},fedex,1Z{n}\n" for n in range(51))
    assert boxes(hand_over_rows.read(many))[0].problem == "a shipment has at most 50 parcels"
    for bad in ("number,carrier\n", HEAD + "x,y,z\n" * (MOST_HAND_OVERS + 1), HEAD + '"open'):
        with pytest.raises(BadHandOverCsv):
            hand_over_rows.read(bad)
    with pytest.raises(Wrong):
        BatchShipments(StepOfMany.SORTED, (number, number))


@pytest.mark.pure
@pytest.mark.parametrize(
    ("carrier", "tracking_number", "problem"),
    [
        ("fedex", "7.94645E+11", "tracking_number: a spreadsheet has shortened it"),
        ("fedex", '"7,94645e+11"', "tracking_number: a spreadsheet has shortened it"),
        ("fedex", "8E+11", "tracking_number: a spreadsheet has shortened it"),
        ("fedex", "794645E11", None),
        ("fedex", "1Z\0001", "tracking_number has a character that is not seen"),
        ("fed\u202eex", "1Z1", "carrier has a character that is not seen"),
        ("Österreichische Post", "1Z1", None),
    ],
)
def test_what_no_label_says_is_refused(carrier: str, tracking_number: str, problem: str | None) -> None:
    (row,) = hand_over_rows.read(f"{HEAD}{UNKNOWN},{carrier},{tracking_number}")
    assert (row.problem, row.parcel is None) == (problem, problem is not None)


@pytest.mark.pure
def test_a_row_is_repeated_only_where_the_first_one_counts() -> None:
    left, refused = ids.number(ids.SHIPMENT, 1), ids.number(ids.SHIPMENT, 2)
    rows = [f"{left},fedex,1Z1", f"{left},FedEx,1z 1", f"{refused},fedex,1Z2", f"{refused},fedex,1Z2"]
    became = {
        left: Became(HandOverOutcome.DONE),
        refused: Became(HandOverOutcome.REFUSED, "shipment_on_hold", "It is."),
    }

    found = told(hand_over_rows.read(HEAD + "\n".join(rows)), became)

    assert [(row["outcome"], row["code"]) for row in found] == [
        ("done", None), ("repeated", None), ("refused", "shipment_on_hold"), ("refused", "shipment_on_hold"),
    ]  # fmt: skip


def test_a_step_is_taken_with_each_shipment_that_may(scene: Scene) -> None:
    for n in (1, 2):
        scene.pass_review(an_order_number(n))
    one, two, left = scene.number(an_order_number(1)), scene.number(an_order_number(2)), packed(scene, 3)

    assert stepped(scene, StepOfMany.SORTED, one, UNKNOWN, left, two, key="k1") == [
        "sorting", "shipment_not_found", "wrong_shipment_status", "sorting",
    ]  # fmt: skip
    assert stepped(scene, StepOfMany.PACKED, one) == ["packed"]
    again = stepped(scene, StepOfMany.SORTED, one, UNKNOWN, left, two, key="k1")

    assert again[::3] == ["sorting", "sorting"]  # the answers of then
    with pytest.raises(IdempotencyKeyReused):
        stepped(scene, StepOfMany.SORTED, one, two, key="k1")
    assert (status(scene, one), status(scene, two)) == ("packed", "sorting")
    assert stepped(scene, StepOfMany.DISPATCHED, one, two) == ["no_label", "wrong_shipment_status"]
    with scene.work() as work:
        assert [*work.session.execute(sa.text("SELECT type FROM journal")).scalars()].count("shipment_sorted") == 3
        assert list(work.journal.verify()) == []


def test_a_file_hands_over_what_may_leave(scene: Scene) -> None:
    one, two, held, gone = (packed(scene, n) for n in range(1, 5))
    scene.pass_review(an_order_number(5))
    early = scene.number(an_order_number(5))
    with scene.work() as work:
        orders.hold_order(work, an_order_number(3), "CHG-1", work.now)
    with scene.work(WAREHOUSE) as work:
        shipments.mark_dispatched(work, gone, given(NewParcel("fedex", "1Z9")))
    rows = [
        f"{one},FedEx,1Z1", f"{one},fedex,1z 1", f"{one},fedex,1Z2", f"{two},fedex,1Z1", f"{held},fedex,1Z3",
        f"{gone},fedex,1Z9", f"{gone},fedex,1Z8", f"{early},fedex,1Z4", f"{UNKNOWN},fedex,1Z5", "x,fedex,1Z6",
    ]  # fmt: skip
    expected = [
        ("done", None), ("repeated", None), ("done", None), ("refused", "tracking_number_taken"),
        ("refused", "shipment_on_hold"), ("refused", "wrong_shipment_status"), ("refused", "wrong_shipment_status"),
        ("refused", "wrong_shipment_status"), ("refused", "shipment_not_found"), ("refused", "bad_row"),
    ]  # fmt: skip

    foreseen = previewed(scene, HEAD + "\n".join(rows))
    assert outcomes(foreseen) == [("ready" if was == "done" else was, code) for was, code in expected]
    assert (foreseen["shipments"], foreseen["refused"], status(scene, one)) == (1, 7, "packed")

    found = uploaded(scene, HEAD + "\n".join(rows), key="k1")
    assert (outcomes(found), found["shipments"]) == (expected, 1)
    with scene.work() as work:
        assert [each.tracking_number for each in work.shipments.get(one).parcels] == ["1z 1", "1Z2"]
        assert list(work.journal.verify()) == []
    assert outcomes(uploaded(scene, HEAD + rows[0], key=None)) == [("known", None)]
    assert outcomes(previewed(scene, HEAD + rows[0])) == [("known", None)]
    again = uploaded(scene, HEAD + "\n".join(rows), key="k1")
    assert outcomes(again) == expected
    with pytest.raises(IdempotencyKeyReused):
        uploaded(scene, HEAD + rows[0], key="k1")


def test_an_outage_ends_the_whole_and_it_goes_on_by_its_key(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [packed(scene, n) for n in (1, 2, 3)]
    rows = HEAD + "".join(f"{number},fedex,1Z{at}\n" for at, number in enumerate(numbers))
    asked: list[str] = []
    step = shipments.mark_dispatched

    def away_for_the_second(work: Work, number: str, wanted: Any) -> Any:
        asked.append(number)
        if number == numbers[1]:
            raise Unavailable(code="service_unavailable")
        return step(work, number, wanted)

    for act in (lambda: uploaded(scene, rows, "k1"), lambda: stepped(scene, StepOfMany.DISPATCHED, *numbers, key="k2")):
        with monkeypatch.context() as patched:
            patched.setattr(shipments, "mark_dispatched", away_for_the_second)
            with pytest.raises(Unavailable):
                act()
    assert asked == [*numbers[:2], *numbers[:2]]

    assert outcomes(uploaded(scene, rows, "k1")) == [("done", None)] * 3
