"""An order of several stock places: a part from each, and what changes, arrives late or is lost of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock, ids
from services.common.basics.caller import AGENT
from services.common.edge.schemas import load
from services.common.testing import customer, fresh_store, staff
from services.orders.api import AdjustStock, CancelOrder, PlaceOrder
from services.orders.domain import Fulfillment, Order
from services.orders.domain.parting import keep_part
from services.orders.domain.spreading import follow, parts_of_places
from services.orders.handlers import cancellations, catalogue, places, placing, shortages
from services.orders.tests.backorders import order, sell
from services.orders.tests.builders import EMAIL, an_order, berlin, order_form
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import changes_of, correct, shipment_of
from services.orders.tests.test_parts import report, second_of, units
from services.orders.tests.test_places import book
from services.orders.tests.test_remedies import answer, close, miss

COUNTS = st.dictionaries(st.sampled_from(["main", "berlin", "paris"]), st.integers(0, 3), min_size=1)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path) as store:
        scene = Scene(store).stocked("MUG", 2).stocked("CUP", 2)
        scene.do(places.put_stock_place, "berlin", berlin())
        book(scene, "MUG", 3)
        yield scene


def sent(scene: Scene, number: str) -> dict[str, Counter[str]]:
    """Return by place what the order's shipments are to bring."""
    found = scene.do(lambda work: work.fulfillments.of_order(number))
    return {each.place: Counter({line["sku"]: line["quantity"] for line in each.lines}) for each in found}


def promised(scene: Scene, number: str) -> dict[str, Counter[str]]:
    """Return by place what the order is promised from there."""
    by_sku = scene.do(lambda work: work.stock.promised(number, ["MUG", "CUP", "POT", "JUG"]))
    found: dict[str, Counter[str]] = {}
    for sku, there in by_sku.items():
        for place, count in there.items():
            found.setdefault(place, Counter())[sku] = count
    return found


def leave(scene: Scene, number: str, shipment: str) -> None:
    report(scene, number, shipment, "dispatched", 4)


def test_an_order_of_two_places_is_two_parts(scene: Scene) -> None:
    number = scene.paid(("MUG", 4), ("CUP", 1))

    told = scene.body(number, "review_passed")["parts"]

    assert [(each["shipment_number"], each["place"]) for each in told] == [
        (shipment_of(number), "main"), (second_of(number), "berlin"),
    ]  # fmt: skip
    assert sent(scene, number) == promised(scene, number) == {"main": {"MUG": 2, "CUP": 1}, "berlin": {"MUG": 2}}
    assert scene.body(number, "order_divided")["parts"] == told
    assert {unit for of in units(scene, number).values() for unit in of} == {(1, 0), (1, 1), (1, 2), (1, 3), (2, 0)}


def test_an_order_of_one_other_place_leaves_from_there(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))

    assert sent(scene, number) == {"berlin": {"MUG": 3}}
    leave(scene, number, shipment_of(number))
    assert scene.there("MUG") == {"main": (2, 0), "berlin": (0, 0)}
    report(scene, number, shipment_of(number), "delivered", 9)
    assert scene.order(number)["status"] == "completed"
    scene.holds()


def test_an_order_of_the_default_place_has_no_parts(scene: Scene) -> None:
    number = scene.paid(("MUG", 1), ("CUP", 2))

    assert scene.body(number, "review_passed")["parts"] == []
    assert "order_divided" not in scene.journal(number)
    assert sent(scene, number) == {"main": {"MUG": 1, "CUP": 2}}


def test_the_last_place_completes_the_order(scene: Scene) -> None:
    number = scene.paid(("MUG", 4), ("CUP", 1))

    for shipment in (second_of(number), shipment_of(number)):
        assert scene.order(number)["status"] == "confirmed"
        leave(scene, number, shipment)
        report(scene, number, shipment, "delivered", 9)

    assert scene.order(number)["status"] == "completed"
    assert (scene.there("MUG"), scene.count("CUP")) == ({"main": (0, 0), "berlin": (1, 0)}, (1, 0))
    scene.holds()


def test_the_lost_part_of_a_place_is_paid_back(scene: Scene) -> None:
    number = scene.paid(("MUG", 4), ("CUP", 1))
    for shipment in (shipment_of(number), second_of(number)):
        leave(scene, number, shipment)
    report(scene, number, shipment_of(number), "delivered", 9)

    miss(scene, number, shipment=second_of(number), lines=[{"line_id": 1, "sku": "MUG", "quantity": 2}])
    answer(scene, number, "refund")
    close(scene, number, shipment=second_of(number))

    shown = scene.order(number)
    assert (shown["status"], [each["amount"]["amount"] for each in shown["refunds"]]) == ("completed", ["25.00"])
    scene.holds()


def test_what_is_sent_again_leaves_from_where_it_is(scene: Scene) -> None:
    number = scene.paid(("CUP", 2))
    book(scene, "CUP", 5)
    leave(scene, number, shipment_of(number))
    miss(scene, number, lines=[{"line_id": 1, "sku": "CUP", "quantity": 2}])

    answer(scene, number, "resend")

    told = scene.body(number, "remedy_accepted")
    assert told["place"] == "berlin"
    assert promised(scene, number) == {"berlin": {"CUP": 2}}
    leave(scene, number, told["replacement"])
    assert scene.there("CUP") == {"main": (0, 0), "berlin": (3, 0)}
    scene.holds()


def test_pieces_are_given_up_at_the_place_that_lacks_them(scene: Scene) -> None:
    """Berlin was counted again and lacks one: its part brings one less, whichever piece was taken out."""
    number = scene.paid(("MUG", 4), ("CUP", 1))
    book(scene, "MUG", -2)
    question = scene.propose(number, staff(AGENT), kind="lines", reason="r", lines=[
        {"sku": "MUG", "quantity": 3}])  # fmt: skip

    scene.answer(question, "accept", "remove_line")

    assert sent(scene, number) == promised(scene, number) == {"main": {"MUG": 2, "CUP": 1}, "berlin": {"MUG": 1}}
    assert scene.there("MUG") == {"main": (2, 2), "berlin": (1, 1)}
    told = scene.body(number, "order_changed")["parts"]
    assert [(each["place"], sum(line["quantity"] for line in each["lines"])) for each in told] == [
        ("main", 3), ("berlin", 1),
    ]  # fmt: skip
    scene.holds()


def test_what_comes_instead_is_brought_to_a_part(scene: Scene) -> None:
    """The match is in Berlin only, and all of the order is at the default place: one shipment, and a piece to bring."""
    scene.stocked("POT", 0).stocked("CUP", 0, matches=("POT",))
    book(scene, "POT", 4)
    number = scene.paid(("CUP", 2))
    correct(scene, "CUP", -2)
    (asked,) = changes_of(scene, number)

    scene.answer(asked, "accept", "substitute")

    assert promised(scene, number) == {"main": {"POT": 2}}
    assert scene.there("POT") == {"main": (0, 2), "berlin": (4, 0)}
    assert scene.body(number, "order_changed")["parts"] == []
    scene.holds()


def test_a_cancelled_order_frees_each_place(scene: Scene) -> None:
    number = scene.paid(("MUG", 4), ("CUP", 1))
    scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=customer(EMAIL))

    for shipment in (second_of(number), shipment_of(number)):
        assert scene.order(number)["status"] == "confirmed"
        report(scene, number, shipment, "recalled", 5)

    assert scene.order(number)["status"] == "cancelled"
    assert scene.there("MUG") == {"main": (2, 0), "berlin": (3, 0)}
    scene.holds()


def arrive(scene: Scene, count: int, place: str) -> None:
    """Book goods in that are waited for, and do what follows from that."""
    scene.do(catalogue.adjust_stock, "JUG", AdjustStock(count, "delivery", place=place))
    scene.do(shortages.check_stock, "JUG")


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


@pytest.fixture
def waiting(scene: Scene) -> str:
    """Return an order of a cup, which is here, and two jugs, which are waited for."""
    sell(scene, in_days(20))
    form = {**order_form(("CUP", 1), ("JUG", 2)), "goods_by": in_days(20)}
    number: str = scene.do(placing.add_order, load(PlaceOrder, form), caller=customer(EMAIL))["number"]
    scene.pay(number)
    return number


def test_goods_that_come_in_elsewhere_leave_from_there(scene: Scene, waiting: str) -> None:
    assert scene.body(waiting, "review_passed")["parts"] == []

    arrive(scene, 2, "berlin")

    told = scene.body(waiting, "order_divided")
    assert sent(scene, waiting) == promised(scene, waiting) == {"main": {"CUP": 1}, "berlin": {"JUG": 2}}
    assert [(each["shipment_number"], each["place"]) for each in told["parts"]] == [
        (shipment_of(waiting), "main"), (second_of(waiting), "berlin"),
    ]  # fmt: skip
    assert told["arrived"] == scene.body(waiting, "dispatch_held")["hold_id"]
    assert "dispatch_released" not in scene.journal(waiting), "the hold ends with what the warehouses are told"
    for shipment in (shipment_of(waiting), second_of(waiting)):
        leave(scene, waiting, shipment)
        report(scene, waiting, shipment, "delivered", 9)
    assert scene.order(waiting)["status"] == "completed"
    scene.holds()


def test_goods_that_come_in_where_they_were_promised_divide_nothing(scene: Scene, waiting: str) -> None:
    arrive(scene, 2, "main")

    assert "order_divided" not in scene.journal(waiting)
    assert "dispatch_released" in scene.journal(waiting)


def test_an_order_that_all_comes_in_elsewhere_stays_one(scene: Scene) -> None:
    sell(scene, in_days(20))
    number = order(scene, 2, in_days(20))

    arrive(scene, 2, "berlin")

    assert sent(scene, number) == {"berlin": {"JUG": 2}}
    (told,) = scene.body(number, "order_divided")["parts"]
    assert (told["shipment_number"], told["place"]) == (shipment_of(number), "berlin")


@pytest.mark.pure
@given(COUNTS, COUNTS)
def test_parts_follow_promises_and_lose_no_piece(before: dict[str, int], after: dict[str, int]) -> None:
    """Each piece is in one part, of the place that it is promised from as far as one is."""
    item = an_order(("MUG", 9, "12.50"))
    every = {(line.line_id, unit) for line in item.lines for unit in line.units}
    (line,) = item.lines
    made = parts_of_places(item, {line.sku: before}) or [whole(item)]

    every_part = [*made, *follow(item, made, {line.sku: after})]

    found = [unit for each in every_part for unit in each.units or ()]
    assert sorted(found) == sorted(every)
    assert len({each.shipment_number for each in every_part}) == len(every_part)
    at: Counter[str] = Counter()
    for each in every_part:
        at[each.place] += len(each.units or ())
    assert all(at[place] >= min(count, 9) or sum(after.values()) > 9 for place, count in after.items())


def whole(item: Order) -> Fulfillment:
    made = Fulfillment(ids.shipment_of(item.order_number, 1), item.order_number, ())
    keep_part(made, item, {(line.line_id, unit) for line in item.lines for unit in line.units})
    return made
