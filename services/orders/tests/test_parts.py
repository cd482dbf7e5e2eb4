"""An order that leaves in several shipments: each unit is in one of them, and each is paid, sent and ended once."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.basics import ids
from services.common.basics.caller import AGENT
from services.common.testing import event_like, staff
from services.logistics.api.events import (
    EditCleared,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentRecalled,
)
from services.orders.api import LinesNotFewer
from services.orders.api.edits import NothingLeft
from services.orders.handlers import edits, shipments
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import changes_of, correct, shipment_of
from services.orders.tests.test_remedies import answer, close, miss


def report(scene: Scene, number: str, shipment: str, step: str, seq: int, **more: Any) -> None:
    """Report a step of one shipment, as logistics would."""
    kinds: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "created": (shipments.on_shipment_created, ShipmentCreated, {}),
        "dispatched": (shipments.on_shipment_dispatched, ShipmentDispatched,
                       {"dispatched_at": "2026-03-03T10:00:00Z", "parcels": []}),
        "delivered": (shipments.on_shipment_delivered, ShipmentDelivered, {"delivered_at": "2026-03-12T10:00:00Z"}),
        "recalled": (shipments.on_shipment_recalled, ShipmentRecalled, {}),
    }  # fmt: skip
    handler, kind, fixed = kinds[step]
    names = {"shipment_number": shipment, "order_number": number}
    scene.hear(handler, event_like(kind, {**names, **fixed, **more}), seq)


def second_of(number: str) -> str:
    return ids.shipment_of(number, 2)


Pieces = tuple[int, str, int]


def divided(number: str, *rest: Pieces, left: tuple[Pieces, ...] = ((1, "MUG", 2),)) -> dict[str, Any]:
    """Return how the dispatch of a part is told: what is in its parcel, and what follows."""
    told = [[{"line_id": i, "sku": sku, "title": sku, "quantity": n} for i, sku, n in of] for of in (left, rest)]
    return {
        "parcels": [{"parcel_id": "PCL-1", "carrier": "fedex", "tracking_number": "1Z7", "lines": told[0]}],
        "rest": {"shipment_number": second_of(number), "lines": told[1], "due_at": "2026-03-05T16:00:00Z"},
    }


def partly_sent(scene: Scene) -> str:
    """Return an order of three mugs and a pot, of which two mugs have left."""
    number = scene.stocked("POT", 4).paid(("MUG", 3), ("POT", 1))
    left = divided(number, (1, "MUG", 1), (2, "POT", 1))
    report(scene, number, shipment_of(number), "dispatched", 4, **left)
    return number


def units(scene: Scene, number: str) -> dict[str, list[tuple[int, int]]]:
    found = scene.do(lambda work: work.fulfillments.of_order(number))
    return {each.shipment_number: sorted(each.units or ()) for each in found}


def test_each_unit_is_in_one_part(scene: Scene) -> None:
    number = partly_sent(scene)

    assert units(scene, number) == {shipment_of(number): [(1, 0), (1, 1)], second_of(number): [(1, 2), (2, 0)]}
    assert (scene.count("MUG"), scene.count("POT")) == ((8, 1), (4, 1)), "only what left is off the shelf"
    told = {each["shipment_number"]: each["lines"] for each in scene.body(number, "order_divided")["parts"]}
    assert [(line["sku"], line["units"]) for line in told[second_of(number)]] == [("MUG", [2]), ("POT", [0])]
    assert scene.order(number)["stage"] == "preparing"


def test_an_order_is_complete_with_its_last_part(scene: Scene) -> None:
    number = partly_sent(scene)

    report(scene, number, shipment_of(number), "delivered", 9)
    assert (scene.order(number)["status"], scene.order(number)["stage"]) == ("confirmed", "preparing")
    report(scene, number, second_of(number), "dispatched", 4)
    assert (scene.count("MUG"), scene.count("POT")) == ((7, 0), (3, 0))
    report(scene, number, second_of(number), "delivered", 9)

    assert scene.order(number)["status"] == "completed"
    assert scene.journal(number).count("order_completed") == 1
    scene.holds()


@pytest.mark.parametrize("created_first", [True, False])
def test_parts_may_be_told_of_in_any_order(scene: Scene, *, created_first: bool) -> None:
    number = scene.stocked("POT", 4).paid(("MUG", 3), ("POT", 1))
    lines = [{"line_id": 1, "sku": "MUG", "quantity": 1}, {"line_id": 2, "sku": "POT", "quantity": 1}]
    left = divided(number, (1, "MUG", 1), (2, "POT", 1))
    steps = [
        lambda: report(scene, number, second_of(number), "created", 1, lines=lines),
        lambda: report(scene, number, shipment_of(number), "dispatched", 4, **left),
    ]

    for step in steps if created_first else reversed(steps):
        for _ in range(2):
            step()

    assert units(scene, number)[second_of(number)] == [(1, 2), (2, 0)]
    assert scene.journal(number).count("order_divided") == 1
    assert (scene.count("MUG"), scene.count("POT")) == ((8, 1), (4, 1))


def test_a_lost_part_is_paid_back_for_itself_alone(scene: Scene) -> None:
    number = partly_sent(scene)
    lost = [{"line_id": 1, "sku": "MUG", "quantity": 2}]
    miss(scene, number, lines=lost)

    answer(scene, number, "refund")
    close(scene, number)
    report(scene, number, second_of(number), "dispatched", 4)
    report(scene, number, second_of(number), "delivered", 9)

    assert [each["amount"]["amount"] for each in scene.order(number)["refunds"]] == ["25.00"]
    assert scene.order(number)["status"] == "completed"
    scene.holds()


def test_a_question_about_a_part_is_about_its_units(scene: Scene) -> None:
    number = partly_sent(scene)
    report(scene, number, second_of(number), "dispatched", 4)

    miss(scene, number, shipment=second_of(number), lines=[{"line_id": 1, "sku": "MUG", "quantity": 1}])

    (asked,) = scene.do(lambda work: work.remedies.of_order(number))
    assert asked.units == {(1, 2)}


def test_nothing_of_an_order_is_cancelled_by_a_kept_part(scene: Scene) -> None:
    number = partly_sent(scene)
    report(scene, number, shipment_of(number), "delivered", 9)

    report(scene, number, second_of(number), "recalled", 9)

    assert scene.order(number)["refunds"] == []


def test_staff_can_only_propose_about_what_is_here(scene: Scene) -> None:
    number = partly_sent(scene)

    with pytest.raises(LinesNotFewer, match="have left"):
        scene.propose(number, staff(AGENT), kind="lines", reason="r", lines=[{"sku": "MUG", "quantity": 1}])
    question = scene.propose(number, staff(AGENT), kind="cancel", reason="the pot is broken")

    (offered,) = question["options"]
    assert offered["label"] == "Cancel what has not left our warehouse and refund 25.00 USD"


def test_cancelling_the_rest_leaves_what_was_sent(scene: Scene) -> None:
    number = partly_sent(scene)
    question = scene.propose(number, staff(AGENT), kind="cancel", reason="the pot is broken")

    scene.answer(question, "accept", "cancel")

    told = scene.body(number, "order_changed")
    assert [(each["sku"], each["units"]) for each in told["removed"]] == [("MUG", [2]), ("POT", [0])]
    assert told["parts"] == [{"shipment_number": second_of(number), "lines": [], "place": "main"}]
    assert (scene.count("MUG"), scene.count("POT")) == ((8, 0), (4, 0))
    report(scene, number, shipment_of(number), "delivered", 9)
    report(scene, number, second_of(number), "recalled", 9)
    shown = scene.order(number)
    assert (shown["status"], [each["amount"]["amount"] for each in shown["refunds"]]) == ("completed", ["25.00"])
    scene.holds()


def test_a_customer_takes_a_piece_out_of_the_rest(scene: Scene) -> None:
    number = partly_sent(scene)

    scene.edit(number, lines=[{"sku": "MUG", "quantity": 2}])
    asked = scene.body(number, "edit_requested")
    scene.hear(edits.on_edit_cleared, EditCleared(
        shipment_number=second_of(number), order_number=number, change_id=asked["change_id"]))  # fmt: skip

    assert asked["shipments"] == [second_of(number)]
    assert units(scene, number) == {shipment_of(number): [(1, 0), (1, 1)], second_of(number): [(2, 0)]}
    assert scene.body(number, "order_changed")["refund"]["amount"] == "12.50"


def test_what_is_missing_of_the_rest_is_asked_about(scene: Scene) -> None:
    number = partly_sent(scene)

    correct(scene, "POT", -4)

    (asked,) = changes_of(scene, number)
    assert asked["kind"] == "stock_short"
    assert not any(option["cancels"] for option in scene.do(lambda work: work.changes.of_order(number))[0].options)


def test_a_match_is_sent_with_the_part_that_is_here(scene: Scene) -> None:
    scene.stocked("CAN", 9).stocked("POT", 4, matches=("CAN",))
    number = scene.paid(("MUG", 3), ("POT", 1))
    left = divided(number, (1, "MUG", 1), (2, "POT", 1))
    report(scene, number, shipment_of(number), "dispatched", 4, **left)
    correct(scene, "POT", -4)
    (asked,) = changes_of(scene, number)

    scene.answer(asked, "accept", "substitute")

    assert units(scene, number)[second_of(number)] == [(1, 2), (3, 0)]
    (told,) = scene.body(number, "order_changed")["parts"]
    assert [(each["sku"], each["quantity"]) for each in told["lines"]] == [("MUG", 1), ("CAN", 1)]


def test_what_was_given_up_meanwhile_had_not_left(scene: Scene) -> None:
    """The customer gave up two of three mugs; one had left already, which was not known here."""
    number = scene.paid(("MUG", 3))
    question = scene.propose(number, staff(AGENT), kind="lines", reason="r", lines=[{"sku": "MUG", "quantity": 1}])
    scene.answer(question, "accept", "remove_line")

    report(scene, number, shipment_of(number), "dispatched", 4, **divided(number, (1, "MUG", 2), left=((1, "MUG", 1),)))

    assert units(scene, number) == {shipment_of(number): [(1, 0)], second_of(number): []}
    assert scene.count("MUG") == (9, 0)
    report(scene, number, shipment_of(number), "delivered", 9)
    report(scene, number, second_of(number), "recalled", 9)
    assert scene.order(number)["status"] == "completed"
    scene.holds()


def test_a_match_taken_meanwhile_is_in_the_rest(scene: Scene) -> None:
    scene.stocked("CAN", 9).stocked("POT", 4, matches=("CAN",))
    number = scene.paid(("MUG", 3), ("POT", 1))
    correct(scene, "POT", -4)
    (asked,) = changes_of(scene, number)
    scene.answer(asked, "accept", "substitute")

    left = divided(number, (1, "MUG", 1), (2, "POT", 1))
    report(scene, number, shipment_of(number), "dispatched", 4, **left)

    assert units(scene, number) == {shipment_of(number): [(1, 0), (1, 1)], second_of(number): [(1, 2), (3, 0)]}
    assert scene.count("CAN") == (9, 1), "it is here, and promised"


def test_an_order_of_which_nothing_is_left_ends(scene: Scene) -> None:
    """Its first part was lost and paid back: to take the rest out is to cancel it."""
    number = partly_sent(scene)
    miss(scene, number, lines=[{"line_id": 1, "sku": "MUG", "quantity": 2}])
    answer(scene, number, "refund")
    close(scene, number)

    with pytest.raises(NothingLeft):
        scene.edit(number, lines=[{"sku": "MUG", "quantity": 0}, {"sku": "POT", "quantity": 0}])
    question = scene.propose(number, staff(AGENT), kind="cancel", reason="the pot is broken")
    scene.answer(question, "accept", "cancel")
    report(scene, number, second_of(number), "recalled", 9)

    shown = scene.order(number)
    assert (shown["status"], [each["amount"]["amount"] for each in shown["refunds"]]) == ("cancelled", ["25.00"] * 2)
    scene.holds()
