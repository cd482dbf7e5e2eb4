"""Shortages, change requests and cancellations: nothing happens to an order without its customer."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.common.basics import clock, ids
from services.common.basics.caller import ADMIN, AGENT, CUSTOMER, LEAD, REVIEWER
from services.common.basics.errors import Forbidden, NotFound, ServiceError
from services.common.basics.events import Event, to_json
from services.common.basics.money import Money
from services.common.basics.shapes import PageQuery
from services.common.edge.schemas import load
from services.common.store import tables as kit
from services.common.store.database import ConcurrentUpdate
from services.common.testing import customer, event_like, guest, holder, staff
from services.logistics.api.events import (
    DeliveryTakenBack,
    EditCleared,
    EditRefused,
    RecallRefused,
    ShipmentAdjusted,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentPacked,
    ShipmentRecalled,
    TrackingUpdated,
)
from services.orders import tables
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import (
    AdjustStock,
    AlreadyDispatched,
    AnswerChange,
    Cancellation,
    CancelOrder,
    ChangeExpired,
    ChangeOpen,
    ChangeStale,
    ChecksMissing,
    DecideReview,
    OrderNotFound,
    OtherDigest,
    OutOfStock,
    ReviewedOrder,
    SaveProduct,
    VersionMoved,
    WrongStatus,
)
from services.orders.api.edits import BeingPacked, EditOrder, PaymentInQuestion, PreviewEdit
from services.orders.api.refusals import MailboxNotProven
from services.orders.handlers import cancellations, catalogue, changes, edits, notices, reviews, shipments, shortages
from services.orders.tests.builders import EMAIL, a_message, captured
from services.orders.tests.scene import Decision, Scene
from services.support.api.events import CustomerNotified, MessagePosted

ADDRESS = {
    "name": "Ada Lovelace", "line1": "1 Other Street", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB",
}  # fmt: skip


def correct(scene: Scene, sku: str, delta: int) -> None:
    """Count the shelf again, and look for a shortage as the service does once that is committed."""
    scene.do(catalogue.adjust_stock, sku, AdjustStock(delta, "counted"))
    scene.do(shortages.check_stock, sku)


def changes_of(scene: Scene, number: str) -> Any:
    return scene.do(changes.list_changes, number)["items"]


def shipment_of(number: str) -> str:
    """Return the number of the shipment that the order's review leads to."""
    return ids.renamed(number, ids.SHIPMENT)


def told_of(about: str, order_number: str, reference: str = "") -> CustomerNotified:
    """Support reports that the customer has had that mail, now."""
    body = {"about": about, "reference": reference, "order_number": order_number, "notified_at": to_json(clock.now())}
    return event_like(CustomerNotified, body)


def ship(scene: Scene, number: str, *steps: str) -> None:
    """Report these steps of a shipment of the whole order, as logistics would."""
    order = scene.order(number)
    facts = {"shipment_number": shipment_of(number), "order_number": number, "at": "2026-03-03T09:00:00Z"}
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in order["lines"]]
    dispatched, delivered = {"dispatched_at": "2026-03-03T10:00:00Z", "parcels": []}, "2026-03-12T10:00:00Z"
    reports: dict[str, tuple[Any, type[Event], dict[str, Any]]] = {
        "created": (shipments.on_shipment_created, ShipmentCreated, {"lines": lines}),
        "packed": (shipments.on_shipment_packed, ShipmentPacked, {}),
        "dispatched": (shipments.on_shipment_dispatched, ShipmentDispatched, dispatched),
        "delivered": (shipments.on_shipment_delivered, ShipmentDelivered, {"delivered_at": delivered}),
        "taken_back": (shipments.on_delivery_taken_back, DeliveryTakenBack, {"why": "it was the wrong house"}),
        "delivered_again": (shipments.on_shipment_delivered, ShipmentDelivered, {"delivered_at": delivered}),
        "recalled": (shipments.on_shipment_recalled, ShipmentRecalled, {}),
        "adjusted": (shipments.on_shipment_adjusted, ShipmentAdjusted, {"lines": [], "redirected": False}),
        "refused": (shipments.on_recall_refused, RecallRefused, {"reason": "gone", "cause": "cancellation"}),
    }
    for step in steps:
        handler, kind, more = reports[step]
        scene.hear(handler, event_like(kind, {**facts, **more}), list(reports).index(step) + 1)


def test_a_low_count_asks_the_newest_paid_orders(scene: Scene) -> None:
    old, new, newest = (scene.paid(("MUG", 3)) for _ in range(3))
    unpaid = scene.place(("MUG", 1))

    correct(scene, "MUG", -4)

    asked = {number: changes_of(scene, number) for number in (old, new, newest, unpaid)}
    assert [len(asked[number]) for number in (old, new, newest, unpaid)] == [0, 1, 1, 0]
    assert "3 × The MUG" in str(asked[newest][0]["summary"])
    assert "1 × The MUG" in str(asked[new][0]["summary"])
    assert {scene.order(number)["status"] for number in (old, new, newest)} == {"confirmed"}
    assert scene.count("MUG") == (6, 10)
    assert scene.journal(newest)[-2:] == ["change_requested", "stock_short"]
    scene.holds()


def test_a_second_look_asks_no_customer_twice(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)

    scene.do(shortages.check_stock, "MUG")
    correct(scene, "MUG", 1)

    assert len(changes_of(scene, number)) == 1


def test_telling_the_customer_of_a_shortage_stops_its_clock(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)
    change = changes_of(scene, number)[0]
    running = next(item for item in scene.order(number)["commitments"] if item["kind"] == "shortage_contact")
    told = told_of("change_requested", number, change["id"])

    scene.hear(notices.on_customer_notified, told)

    stopped = next(item for item in scene.order(number)["commitments"] if item["kind"] == "shortage_contact")
    assert (running["status"], stopped["status"]) == ("running", "kept")


def test_a_line_is_removed_with_consent_and_its_share_refunded(scene: Scene) -> None:
    scene.stocked("TEA", 5, "24.90")
    number = scene.paid(("MUG", 2), ("TEA", 1))
    correct(scene, "MUG", -9)
    assert len(scene.order(number)["lines"]) == 2

    scene.answer(changes_of(scene, number)[0], "accept", "remove_line")

    order = scene.order(number)
    assert [line["sku"] for line in order["lines"]] == ["TEA"]
    assert [(refund["amount"]["amount"], refund["cause"]) for refund in order["refunds"]] == [("25.00", "change")]
    assert order["changes"][0]["status"] == "applied"
    assert order["changes"][0]["consent"]["by"] == EMAIL
    assert order["changes"][0]["consent"]["how"] == "link"
    assert order["changes"][0]["consent"]["digest"] == order["changes"][0]["digest"]
    assert scene.count("MUG") == (1, 0)
    assert scene.journal(number)[-3:] == ["change_accepted", "order_changed", "refund_due"]
    removed = scene.body(number, "order_changed")["removed"]
    assert removed == [{"line_id": 1, "sku": "MUG", "quantity": 2, "units": [0, 1]}]
    scene.holds()


def test_a_substitute_is_reserved_and_never_costs_more(scene: Scene) -> None:
    scene.stocked("CUP", 5, "10.00").stocked("MUG", 0, "12.50", matches=("CUP",))
    scene.do(catalogue.put_product, "CUP", SaveProduct("The CUP", Money.parse("10.00"), low_stock=4))
    number = scene.paid(("MUG", 2))
    correct(scene, "MUG", -9)

    scene.answer(changes_of(scene, number)[0], "accept", "substitute")

    order = scene.order(number)
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("MUG", 1), ("CUP", 1)]
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["2.50"]
    assert (scene.count("MUG"), scene.count("CUP")) == ((1, 1), (5, 1))
    assert scene.do(lambda work: work.stock.is_low("CUP"))
    scene.holds()


def test_a_substitute_that_sold_out_leaves_the_order_as_it_is(scene: Scene) -> None:
    scene.stocked("CUP", 1, "10.00").stocked("MUG", 0, "12.50", matches=("CUP",))
    number = scene.paid(("MUG", 2))
    correct(scene, "MUG", -9)
    scene.place(("CUP", 1), email="grace@example.com")

    with pytest.raises(OutOfStock):
        scene.answer(changes_of(scene, number)[0], "accept", "substitute")

    assert changes_of(scene, number)[0]["status"] == "awaiting_customer"
    assert [line["quantity"] for line in scene.order(number)["lines"]] == [2]
    scene.holds()


@pytest.mark.parametrize(("decision", "option"), [("decline", None), ("accept", "wait")])
def test_a_customer_who_keeps_the_order_is_not_asked_again(scene: Scene, decision: Any, option: str | None) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)

    scene.answer(changes_of(scene, number)[0], decision, option)
    scene.do(shortages.check_stock, "MUG")

    order = scene.order(number)
    assert [line["quantity"] for line in order["lines"]] == [10]
    assert (order["refunds"], len(order["changes"])) == ([], 1)


def test_waiting_keeps_the_order_and_ends_when_stock_returns(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)
    change = changes_of(scene, number)[0]

    scene.answer(change, "accept", "wait")
    correct(scene, "MUG", 1)
    waiting = scene.journal(number)
    correct(scene, "MUG", 1)
    scene.do(shortages.check_stock, "MUG")

    assert waiting[-1] == "change_accepted"
    assert "order_changed" not in waiting
    assert changes_of(scene, number)[0]["status"] == "applied"
    assert scene.journal(number) == [*waiting, "stock_covered"]
    assert scene.body(number, "stock_covered") == {"order_number": number, "change_id": change["id"], "sku": "MUG"}
    scene.holds()


def test_who_declined_does_not_wait_for_the_goods(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)
    scene.answer(changes_of(scene, number)[0], "decline")

    correct(scene, "MUG", 2)

    assert scene.journal(number)[-1] == "change_declined"


def test_released_goods_go_to_waiting_customers(scene: Scene) -> None:
    other, number = scene.paid(("MUG", 4), postal_code="1"), scene.paid(("MUG", 6))
    correct(scene, "MUG", -2)
    scene.answer(changes_of(scene, number)[0], "accept", "wait")

    scene.do(cancellations.cancel_order, other, CancelOrder(""), caller=customer(EMAIL))

    query = sa.select(kit.journal.c.subject).where(kit.journal.c.type == "stock_freed")
    assert scene.do(lambda work: list(work.session.scalars(query))) == ["MUG"]
    scene.do(shortages.check_stock, "MUG")
    assert scene.journal(number)[-1] == "stock_covered"


def test_released_goods_without_a_waiting_order_tell_nothing(scene: Scene) -> None:
    number = scene.place()

    scene.do(cancellations.cancel_order, number, CancelOrder(""), caller=customer(EMAIL))

    query = sa.select(kit.journal.c.subject).where(kit.journal.c.type == "stock_freed")
    assert scene.do(lambda work: list(work.session.scalars(query))) == []


def test_a_review_that_lacked_goods_passes_on_waiting(scene: Scene) -> None:
    number = scene.place(("MUG", 10))
    scene.do(catalogue.adjust_stock, "MUG", AdjustStock(-2, "counted"))
    scene.pay(number)
    assert scene.order(number)["review"]["status"] == "needs_contact"

    scene.answer(changes_of(scene, number)[0], "accept", "wait")

    order = scene.order(number)
    assert order["review"]["status"] == "passed"
    assert len(order["changes"]) == 1


def test_questions_are_withdrawn_when_the_goods_are_there_again(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)

    correct(scene, "MUG", 2)

    assert changes_of(scene, number)[0]["status"] == "withdrawn"
    assert scene.body(number, "change_closed")["status"] == "withdrawn"


def test_silence_leaves_the_order_as_it_is(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)
    change = changes_of(scene, number)[0]

    with clock.shifted(timedelta(days=15)):
        for change_id, of in scene.do(lambda work: work.changes.expired(work.now)):
            scene.do(changes.expire_change, change_id, of)
        with pytest.raises(WrongStatus):
            scene.answer(change, "accept", "cancel")

    order = scene.order(number)
    assert order["changes"][0]["status"] == "expired"
    assert (order["status"], order["lines"][0]["quantity"], order["refunds"]) == ("confirmed", 10, [])


def test_an_answer_after_the_last_moment_counts_for_nothing(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)
    change = changes_of(scene, number)[0]

    with clock.shifted(timedelta(days=15)):
        answered = scene.answer(change, "accept", "cancel")

    assert answered["status"] == "expired"
    with pytest.raises(ChangeExpired):
        changes.refuse_closed(answered)
    assert scene.order(number)["status"] == "confirmed"


def test_a_question_about_an_older_order_is_stale(scene: Scene) -> None:
    number = scene.paid(("MUG", 4))
    proposal: dict[str, Any] = {"kind": "lines", "reason": "fewer?", "lines": [{"sku": "MUG", "quantity": 1}]}
    first = scene.propose(number, staff(AGENT), **proposal)
    correct(scene, "MUG", -7)
    second = changes_of(scene, number)[1]

    scene.answer(first, "accept", "remove_line")

    assert [item["status"] for item in changes_of(scene, number)] == ["applied", "stale"]
    with pytest.raises(WrongStatus):
        scene.answer(second, "accept", "ship_rest")
    assert [refund["amount"]["amount"] for refund in scene.order(number)["refunds"]] == ["37.50"]


def test_a_question_is_stale_once_the_goods_are_on_their_way(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    ship(scene, number, "created", "packed")
    correct(scene, "MUG", -2)
    change = changes_of(scene, number)[0]
    ship(scene, number, "dispatched")

    assert changes_of(scene, number)[0]["status"] == "stale"
    with pytest.raises(WrongStatus):
        scene.answer(change, "accept", "remove_line")
    scene.holds()


def test_a_stale_answer_is_a_refusal_and_the_question_is_closed() -> None:
    stale: Any = {"status": "stale"}

    with pytest.raises(ChangeStale):
        changes.refuse_closed(stale)


def test_only_the_customer_can_answer_not_even_an_admin(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)
    change = changes_of(scene, number)[0]
    answer = AnswerChange("accept", change["digest"], "cancel")
    before = scene.order(number)

    for person in (staff(ADMIN), staff(AGENT, REVIEWER, LEAD), staff(ADMIN, CUSTOMER), staff(ADMIN, email=EMAIL)):
        with pytest.raises(Forbidden):
            scene.do(changes.decide_change, change["id"], answer, caller=person)
        with pytest.raises(Forbidden):
            scene.do(changes.decide_change, change["id"], replace(answer, decision="decline"), caller=person)
        with pytest.raises(Forbidden):
            scene.do(cancellations.cancel_order, number, CancelOrder("because"), caller=person)
    for stranger in (guest(), customer("eve@example.com"), holder("order:ORD-0000-0000-0")):
        with pytest.raises(NotFound):
            scene.do(changes.decide_change, change["id"], answer, caller=stranger)

    assert scene.order(number) == before


def test_the_digest_of_another_change_is_no_consent(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)

    with pytest.raises(OtherDigest):
        scene.answer(changes_of(scene, number)[0], "accept", "remove_line", digest="0" * 64)

    assert changes_of(scene, number)[0]["status"] == "awaiting_customer"


def test_the_database_refuses_a_change_without_consent(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)

    for statement in (
        sa.update(tables.orders).values(status="cancelled"),
        sa.update(tables.changes).values(status="applied"),
        sa.update(tables.orders).values(shipping=tables.orders.c.goods),
    ):
        with pytest.raises(ConcurrentUpdate):
            scene.do(lambda work, statement=statement: work.session.execute(statement))

    assert scene.order(number)["status"] == "confirmed"


def test_a_corrected_address_lets_a_stuck_review_pass(scene: Scene) -> None:
    number = scene.paid(postal_code="1")
    assert scene.order(number)["stage"] == "contacting_you"
    proposal: dict[str, Any] = {"kind": "address", "reason": "your postal code?", "delivery": ADDRESS}
    change = scene.propose(number, staff(REVIEWER), **proposal)

    with pytest.raises(MailboxNotProven):  # all who have the link could have asked for it
        scene.answer(change, "accept", "change_address")
    assert scene.order(number)["delivery"]["line1"] == "12 St James's Square"
    scene.answer(change, "accept", "change_address", caller=customer(EMAIL))

    order = scene.order(number)
    assert order["review"]["status"] == "passed"
    assert order["delivery"]["line1"] == "1 Other Street"
    assert scene.body(number, "review_passed")["delivery"]["postal_code"] == "SW1Y 4JH"


def test_a_proposal_leaves_the_order_as_it_is(scene: Scene) -> None:
    number = scene.paid()
    before = scene.order(number)
    proposal = {"kind": "cancel", "reason": "we are sorry"}

    scene.propose(number, staff(AGENT), **proposal)

    after = scene.order(number)
    assert {**after, "changes": [], "edit": {}} == {**before, "changes": [], "edit": {}}
    assert (before["edit"], after["edit"]["because"]) == ({"possible": True, "because": None}, "change_open")


# the customer's own edits


def warehouse_says(scene: Scene, change: Any, overtaken_by: str = "") -> None:
    """Let logistics answer an edit: it is cleared, or overtaken by a shipment in that status."""
    about = {"shipment_number": shipment_of(change["order_number"]), "order_number": change["order_number"]}
    about["change_id"] = change["id"]
    if overtaken_by:
        scene.hear(edits.on_edit_refused, event_like(EditRefused, {**about, "status": overtaken_by}))
    else:
        scene.hear(edits.on_edit_cleared, event_like(EditCleared, about))


def test_a_customer_takes_pieces_out_as_the_preview_said(scene: Scene) -> None:
    scene.stocked("TEA", 5, "24.90")
    number = scene.paid(("MUG", 3), ("TEA", 1))
    ship(scene, number, "created")

    shown, change = scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}, {"sku": "TEA", "quantity": 0}])
    waiting = scene.order(number)
    with clock.shifted(timedelta(days=4)):  # the refund is due as was shown, however long the warehouse takes
        warehouse_says(scene, change)
        warehouse_says(scene, change)

    order = scene.order(number)
    assert (change["status"], change["own"], shown["asks_warehouse"]) == ("accepted", True, True)
    assert ([line["quantity"] for line in waiting["lines"]], waiting["edit"]["because"]) == ([3, 1], "change_open")
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("MUG", 1)]
    assert (shown["refund"]["amount"], shown["total_after"]["amount"]) == ("49.90", "12.50")
    (refund,) = order["refunds"]
    assert (refund["amount"]["amount"], refund["cause"], refund["due_at"]) == ("49.90", "change", shown["refund_by"])
    assert order["changes"][0]["consent"]["digest"] == shown["digest"]
    assert (scene.count("MUG"), scene.count("TEA")) == ((10, 1), (5, 0))
    assert scene.journal(number)[-3:] == ["edit_requested", "order_changed", "refund_due"]
    assert order["edit"] == {"possible": True, "because": None}
    scene.holds()


@pytest.mark.parametrize("status", ["packed", "dispatched", "recalled"])
def test_an_edit_that_comes_too_late_changes_nothing(scene: Scene, status: str) -> None:
    number = scene.paid(("MUG", 2))
    ship(scene, number, "created")
    _, change = scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])

    warehouse_says(scene, change, overtaken_by=status)
    warehouse_says(scene, change)

    order = scene.order(number)
    because = {"packed": "being_packed", "dispatched": "already_dispatched", "recalled": "ended"}[status]
    assert (order["changes"][0]["status"], order["changes"][0]["because"]) == ("stale", because)
    assert ([line["quantity"] for line in order["lines"]], order["refunds"]) == ([2], [])
    assert scene.body(number, "change_closed")["own"] is True
    scene.holds()


def test_no_edit_is_offered_while_the_parcel_is_packed(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    ship(scene, number, "created", "packed")

    offered = scene.order(number)["edit"]
    with pytest.raises(BeingPacked):
        scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])
    ship(scene, number, "adjusted", "packed")  # the report that it was packed comes once more, and late

    assert (offered["because"], scene.order(number)["edit"]["possible"]) == ("being_packed", True)


def test_a_cancellation_overtakes_an_edit_that_waits(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    ship(scene, number, "created")
    _, change = scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])

    scene.do(cancellations.cancel_order, number, CancelOrder(), caller=holder(f"order:{number}"))
    warehouse_says(scene, change)
    ship(scene, number, "recalled")

    order = scene.order(number)
    assert (order["status"], order["changes"][0]["status"]) == ("cancelled", "stale")
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["25.00"]
    assert scene.count("MUG") == (10, 0)
    scene.holds()


def test_another_change_overtakes_an_edit_that_waits(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))
    ship(scene, number, "created")
    _, change = scene.edit(number, delivery=ADDRESS)
    correct(scene, "MUG", -8)
    short = changes_of(scene, number)[-1]

    scene.answer(short, "accept", "ship_rest")
    for _ in range(2):
        warehouse_says(scene, change)

    order, closed = scene.order(number), scene.body(number, "change_closed")
    assert (short["kind"], [line["quantity"] for line in order["lines"]]) == ("stock_short", [2])
    assert (closed["change_id"], closed["status"], closed["because"]) == (change["id"], "stale", "change_open")
    assert order["delivery"]["line1"] != ADDRESS["line1"]
    assert order["edit"]["possible"]
    scene.holds()


def test_one_change_is_open_at_a_time(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    ship(scene, number, "created")
    shown, change = scene.edit(number, delivery=ADDRESS)

    with pytest.raises(ChangeOpen):
        scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])
    with pytest.raises(ChangeOpen) as refused:
        scene.propose(number, staff(AGENT), kind="cancel", reason="we are sorry")
    warehouse_says(scene, change)
    scene.propose(number, staff(AGENT), kind="cancel", reason="we are sorry")
    with pytest.raises(ChangeOpen):
        scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])

    assert refused.value.details["change_id"] == change["id"]
    assert (shown["refund_by"], scene.order(number)["delivery"]["line1"]) == (None, "1 Other Street")


def test_an_edit_clears_up_what_we_had_asked_about(scene: Scene) -> None:
    by_us, by_person = (scene.paid(("MUG", 2), passes=False) for _ in range(2))
    found = {"decision": "contact", "checks": [{"check": "payment", "result": "failed", "evidence": "a stolen card?"}]}
    scene.do(reviews.decide_review, by_person, load(DecideReview, found), caller=staff(REVIEWER))
    for number in (by_us, by_person):
        scene.hear(notices.on_customer_notified, told_of("review_needs_contact", number))
    assert [review_clock(scene, number) for number in (by_us, by_person)] == ["paused", "paused"]

    changed = [scene.edit(number, delivery=ADDRESS)[1]["status"] for number in (by_us, by_person)]

    assert changed == ["applied", "applied"]
    assert [scene.order(number)["review"]["status"] for number in (by_us, by_person)] == ["passed", "needs_contact"]
    assert [review_clock(scene, number) for number in (by_us, by_person)] == ["kept", "running"]
    assert scene.body(by_us, "review_passed")["delivery"]["line1"] == "1 Other Street"


EDITS: list[tuple[dict[str, Any], str]] = [
    ({"lines": [{"sku": "MUG", "quantity": 0}]}, "nothing_left"),
    ({"lines": [{"sku": "MUG", "quantity": 2}]}, "nothing_to_change"),
    ({"lines": [{"sku": "MUG", "quantity": 3}]}, "lines_not_fewer"),
    ({"lines": [{"sku": "CUP", "quantity": 0}]}, "line_not_found"),
    ({"lines": [{"sku": "MUG", "quantity": -1}]}, "validation_failed"),
    ({"lines": [{"sku": "MUG", "quantity": 1}, {"sku": "MUG", "quantity": 0}]}, "validation_failed"),
    ({"lines": [{"sku": "MUG", "quantity": 1}], "delivery": ADDRESS}, "validation_failed"),
    ({"delivery": {**ADDRESS, "line1": "12 St James's Square"}}, "nothing_to_change"),
    ({"delivery": {**ADDRESS, "country": "FR", "postal_code": "75001", "city": "Paris"}}, "other_country"),
    ({"delivery": {**ADDRESS, "country": "KP"}}, "destination_not_served"),
    ({"delivery": {**ADDRESS, "postal_code": "1"}}, "address_doubtful"),
    ({"delivery": {**ADDRESS, "city": ""}}, "validation_failed"),
]


@pytest.mark.parametrize(("edit", "code"), EDITS)
def test_an_edit_that_is_none_is_refused(scene: Scene, edit: dict[str, Any], code: str) -> None:
    number = scene.paid(("MUG", 2))
    before = scene.order(number)

    with pytest.raises(ServiceError) as refused:
        scene.edit(number, **edit)

    assert refused.value.code == code
    assert scene.order(number) == before


def test_an_edit_is_the_customers_alone_and_as_shown(scene: Scene) -> None:
    number, other = scene.paid(("MUG", 2)), scene.paid(("MUG", 2))
    fewer = [{"sku": "MUG", "quantity": 1}]
    shown = scene.preview(number, lines=fewer)
    looked_at = edits.preview_edit, load(PreviewEdit, {"kind": "lines", "lines": fewer})
    made = edits.edit_order, load(EditOrder, {"kind": "lines", "lines": fewer, "digest": shown["digest"]})

    for caller, refusal in [(staff(AGENT), "customer_required"), (holder(f"order:{other}"), "order_not_found")]:
        for act, given in (looked_at, made):
            with pytest.raises(ServiceError) as refused:
                scene.do(act, number, given, caller=caller)
            assert refused.value.code == refusal
    with pytest.raises(OtherDigest):
        scene.edit(number, digest=shown["digest"], delivery=ADDRESS)
    with pytest.raises(VersionMoved):
        scene.edit(number, version=7, lines=fewer)

    assert scene.preview(number, lines=fewer)["digest"] == shown["digest"]
    assert scene.preview(other, lines=fewer)["digest"] != shown["digest"]


def test_a_link_alone_sends_the_parcel_nowhere_else(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    shown = scene.preview(number, delivery=ADDRESS)
    given = load(EditOrder, {"kind": "address", "delivery": ADDRESS, "digest": shown["digest"]})
    link, both = holder(f"order:{number}"), replace(customer("eve@example.com"), grants=frozenset({f"order:{number}"}))

    for caller in (link, both):
        with pytest.raises(MailboxNotProven):
            scene.do(edits.edit_order, number, given, caller=caller)
    with pytest.raises(OrderNotFound):
        scene.do(edits.edit_order, number, given, caller=customer("eve@example.com"))

    assert (shown["asks_mailbox"], scene.order(number)["delivery"]["line1"]) == (True, "12 St James's Square")
    hers = scene.do(edits.preview_edit, number, load(PreviewEdit, {"kind": "address", "delivery": ADDRESS}),
                    caller=customer(EMAIL))  # fmt: skip
    assert (hers["asks_mailbox"], hers["digest"]) == (False, shown["digest"])
    made = scene.do(edits.edit_order, number, given, caller=customer(EMAIL))
    assert made["consent"] is not None
    assert (made["status"], made["consent"]["how"]) == ("accepted", "signed_in")


def test_no_edit_where_the_money_is_not_certain(scene: Scene) -> None:
    number = scene.place(("MUG", 2))
    unpaid = scene.order(number)["edit"]
    payment = scene.pay(number)
    scene.report(PaymentFact("evt_dispute", FactKind.DISPUTED, payment.payment_id, reason="unrecognized"))

    with pytest.raises(PaymentInQuestion):
        scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])

    assert (unpaid["because"], scene.order(number)["edit"]["because"]) == ("not_paid", "payment_in_question")


# reviews


def test_a_reviewer_may_pass_a_failed_check_with_evidence(scene: Scene) -> None:
    number = scene.paid(postal_code="1")
    waiting = scene.do(reviews.list_reviews, PageQuery(), caller=staff(REVIEWER))["items"]
    assert [item["number"] for item in waiting] == [number]
    found = {"check": "delivery", "result": "passed", "evidence": "the customer confirmed it by telephone"}

    with pytest.raises(ChecksMissing) as refused:
        decide(scene, number, {"decision": "pass", "checks": [], "note": ""})
    decided = decide(scene, number, {"decision": "pass", "checks": [found], "note": ""})

    assert refused.value.details == {"checks": ["delivery"]}
    assert decided["review"]["status"] == "passed"
    assert [check["by"] for check in decided["review"]["checks"]] == ["system"] * 3 + ["staff:reviewer@pledge.example"]
    assert scene.do(reviews.list_reviews, PageQuery(), caller=staff(REVIEWER))["items"] == []
    assert [item["status"] for item in scene.order(number)["commitments"]] == ["kept"]


def decide(scene: Scene, number: str, decision: dict[str, Any]) -> ReviewedOrder:
    return scene.do(reviews.decide_review, number, load(DecideReview, decision), caller=staff(REVIEWER))


def review_clock(scene: Scene, number: str) -> str:
    return str(next(item["status"] for item in scene.order(number)["commitments"] if item["kind"] == "review"))


def a_customer_is_contacted(scene: Scene) -> str:
    number = scene.paid(postal_code="1")
    scene.hear(notices.on_customer_notified, told_of("review_needs_contact", number))
    return number


def test_a_review_that_asked_the_customer_is_not_yet_kept(scene: Scene) -> None:
    number = a_customer_is_contacted(scene)

    assert review_clock(scene, number) == "paused"


@pytest.mark.parametrize(
    ("actor", "status"), [("customer:ada@example.com", "running"), ("system", "paused"), ("staff:grace@x", "paused")]
)
def test_the_review_goes_on_when_its_customer_wrote(scene: Scene, actor: str, status: str) -> None:
    number = a_customer_is_contacted(scene)
    wrote = event_like(MessagePosted, {"ticket_number": "TIC-1", "order_number": number})

    for _ in range(2):
        scene.hear(reviews.on_customer_wrote, wrote, actor=actor)

    assert review_clock(scene, number) == status


@pytest.mark.parametrize("decision", ["accept", "decline"])
def test_the_review_goes_on_when_a_change_is_answered(scene: Scene, decision: Decision) -> None:
    number = scene.paid(("MUG", 3), postal_code="1")
    scene.hear(notices.on_customer_notified, told_of("review_needs_contact", number))
    fewer = [{"sku": "MUG", "quantity": 2}]
    change = scene.propose(number, staff(AGENT), kind="lines", reason="one is broken", lines=fewer)
    assert review_clock(scene, number) == "paused"

    scene.answer(change, decision, change["options"][0]["option"] if decision == "accept" else None)

    order = scene.order(number)
    assert (order["review"]["status"], review_clock(scene, number)) == ("needs_contact", "running")
    scene.hear(notices.on_customer_notified, told_of("review_needs_contact", number))
    assert review_clock(scene, number) == "paused"  # told again of what is still open


def test_a_review_that_passed_after_asking_is_kept(scene: Scene) -> None:
    number = a_customer_is_contacted(scene)
    found = {"check": "delivery", "result": "passed", "evidence": "the customer confirmed it by telephone"}

    decide(scene, number, {"decision": "pass", "checks": [found], "note": ""})

    assert review_clock(scene, number) == "kept"


def test_a_review_that_passed_is_not_decided_again(scene: Scene) -> None:
    number = scene.paid()
    found = [{"check": "payment", "result": "failed", "evidence": "changed my mind"}]

    with pytest.raises(WrongStatus):
        decide(scene, number, {"decision": "contact", "checks": found, "note": ""})


def test_the_review_finds_goods_lost_before_the_payment(scene: Scene) -> None:
    number = scene.place(("MUG", 10))
    correct(scene, "MUG", -3)

    scene.pay(number)

    order = scene.order(number)
    assert order["stage"] == "contacting_you"
    assert [change["kind"] for change in order["changes"]] == ["stock_short"]
    scene.answer(order["changes"][0], "accept", "ship_rest")
    assert scene.order(number)["review"]["status"] == "passed"
    scene.holds()


# cancelling


def cancel(scene: Scene, number: str) -> Cancellation:
    return scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=customer(EMAIL))


def test_an_unpaid_order_cancels_and_refunds_a_late_payment(scene: Scene) -> None:
    number = scene.place()
    payment = scene.start(number)

    assert cancel(scene, number)["status"] == "cancelled"
    scene.report(captured(payment))

    order = scene.order(number)
    assert (order["status"], [refund["amount"]["amount"] for refund in order["refunds"]]) == ("cancelled", ["25.00"])
    assert scene.count("MUG") == (10, 0)
    scene.holds()


def test_cancelling_before_the_review_refunds_in_full(scene: Scene) -> None:
    number = scene.paid(postal_code="1")

    assert cancel(scene, number)["status"] == "cancelled"

    order = scene.order(number)
    assert [(r["amount"]["amount"], r["cause"], r["reference"]) for r in order["refunds"]] == [
        ("25.00", "cancellation", number)
    ]
    assert scene.count("MUG") == (10, 0)
    assert scene.journal(number)[-3:] == ["cancellation_requested", "order_cancelled", "refund_due"]
    scene.holds()


def test_a_cancelled_order_is_not_reviewed_by_an_older_event(scene: Scene) -> None:
    number = scene.paid(postal_code="1")
    cancel(scene, number)

    scene.do(reviews.start_review, number)

    assert scene.order(number)["status"] == "cancelled"
    assert scene.journal(number)[-3:] == ["cancellation_requested", "order_cancelled", "refund_due"]


def test_after_it_the_shipment_is_recalled_first(scene: Scene) -> None:
    number = scene.paid()
    ship(scene, number, "created", "packed")

    assert cancel(scene, number)["status"] == "requested"
    assert cancel(scene, number)["status"] == "requested"
    waiting = scene.order(number)
    ship(scene, number, "recalled")

    assert (waiting["status"], waiting["cancellation"]["requested"]) == ("confirmed", True)
    assert scene.order(number)["status"] == "cancelled"
    assert scene.journal(number).count("cancellation_requested") == 1
    assert scene.count("MUG") == (10, 0)
    scene.holds()


def test_a_refused_recall_leaves_the_order_on_its_way(scene: Scene) -> None:
    number = scene.paid()
    ship(scene, number, "created")
    cancel(scene, number)

    ship(scene, number, "dispatched", "refused")

    order = scene.order(number)
    assert (order["status"], order["stage"], order["cancellation"]["requested"]) == ("confirmed", "dispatched", False)
    assert order["refunds"] == []
    assert scene.journal(number)[-1] == "cancellation_refused"


def test_after_hand_over_the_customer_is_told_how_to_return(scene: Scene) -> None:
    number = scene.paid()
    ship(scene, number, "created", "packed", "dispatched")

    with pytest.raises(AlreadyDispatched) as refused:
        cancel(scene, number)

    assert "60 days" in refused.value.details["next"]
    assert "free" not in refused.value.details["next"]


def test_an_unwanted_recall_cancels_nothing(scene: Scene) -> None:
    number = scene.paid()

    ship(scene, number, "created", "recalled")

    assert scene.order(number)["status"] == "confirmed"


def test_agreeing_to_cancel_recalls_and_refunds_everything(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    ship(scene, number, "created")
    correct(scene, "MUG", -2)

    scene.answer(changes_of(scene, number)[0], "accept", "cancel")
    between = scene.order(number)
    ship(scene, number, "recalled")

    order = scene.order(number)
    assert (between["status"], between["changes"][0]["status"]) == ("confirmed", "accepted")
    assert (order["status"], order["changes"][0]["status"]) == ("cancelled", "applied")
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["125.00"]
    assert scene.count("MUG") == (8, 0)
    scene.holds()


def test_cancelling_after_a_removed_line_pays_back_the_rest_only(scene: Scene) -> None:
    scene.stocked("TEA", 5, "24.90")
    number = scene.paid(("MUG", 2), ("TEA", 1))
    correct(scene, "MUG", -9)
    scene.answer(changes_of(scene, number)[0], "accept", "remove_line")
    cancel(scene, number)
    ship(scene, number, "created", "recalled")

    assert [refund["amount"]["amount"] for refund in scene.order(number)["refunds"]] == ["25.00", "24.90"]
    scene.holds()


# shipments


def test_dispatched_goods_leave_stock_and_delivery_completes(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))

    ship(scene, number, "created", "packed", "dispatched", "dispatched")
    underway = scene.order(number)["stage"], scene.count("MUG")
    ship(scene, number, "delivered")

    assert underway == ("dispatched", (7, 0))
    order = scene.order(number)
    assert (order["status"], order["stage"]) == ("completed", "completed")
    assert order["completed_at"] == "2026-03-12T10:00:00Z"
    scene.holds()


def test_an_order_with_a_withdrawn_delivery_is_open_again(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))
    ship(scene, number, "created", "dispatched", "delivered")

    ship(scene, number, "taken_back", "taken_back")

    order = scene.order(number)
    assert (order["status"], order["stage"], order["completed_at"]) == ("confirmed", "in_transit", None)
    assert scene.journal(number).count("order_reopened") == 1
    scene.holds()


@pytest.mark.parametrize("arrival", list(itertools.permutations([(4, False), (5, True), (6, False)])))
def test_what_is_reported_last_of_a_delivery_holds(scene: Scene, arrival: tuple[tuple[int, bool], ...]) -> None:
    number = scene.paid(("MUG", 3))
    ship(scene, number, "created", "dispatched")
    names = {"shipment_number": shipment_of(number), "order_number": number}

    for seq, taken_back in arrival:
        if taken_back:
            back = event_like(DeliveryTakenBack, {**names, "why": "?"})
            scene.hear(shipments.on_delivery_taken_back, back, seq)
        else:
            delivered = event_like(ShipmentDelivered, {**names, "delivered_at": f"2026-03-1{seq}T10:00:00Z"})
            scene.hear(shipments.on_shipment_delivered, delivered, seq)

    assert scene.order(number)["status"] == "completed"
    scene.holds()


def test_unbooked_goods_that_left_correct_the_books(scene: Scene) -> None:
    number = scene.paid(("MUG", 10))
    correct(scene, "MUG", -2)
    scene.answer(changes_of(scene, number)[0], "accept", "wait")

    ship(scene, number, "created", "dispatched")

    assert scene.count("MUG") == (0, 0)
    scene.holds()


def test_a_report_about_an_unknown_shipment_is_retried(scene: Scene) -> None:
    number, asked = scene.paid(), scene.paid(passes=False)
    beside = {"order_number": number, "shipment_number": ids.number(ids.SHIPMENT, 1), "at": "2026-03-03T09:00:00Z"}
    packed, created = event_like(ShipmentPacked, beside), event_like(ShipmentCreated, {**beside, "lines": []})

    with pytest.raises(shipments.ShipmentUnknown):  # whose review has not passed
        ship(scene, asked, "dispatched")
    with pytest.raises(shipments.ShipmentUnknown):
        scene.hear(shipments.on_shipment_packed, packed, 2)

    assert shipments.is_beside_review(created, a_message("logistics", "shipment_created", created.body()))
    scene.hear(shipments.on_shipment_created, created, 1)
    scene.hear(shipments.on_shipment_packed, packed, 2)


def test_the_shipment_of_a_review_is_known_by_its_number(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    facts = {"order_number": number, "shipment_number": shipment_of(number), "at": "2026-03-03T09:00:00Z", "lines": []}
    created = event_like(ShipmentCreated, facts)

    ship(scene, number, "packed")

    assert not shipments.is_beside_review(created, a_message("logistics", "shipment_created", created.body()))
    (known,) = scene.do(lambda work: work.fulfillments.of_order(number))
    assert (known.shipment_number, known.lines) == (shipment_of(number), ({"sku": "MUG", "quantity": 2},))
    assert scene.order(number)["edit"]["because"] == "being_packed"
    ship(scene, number, "created", "dispatched")
    assert scene.order(number)["stage"] == "dispatched"


def test_an_old_tracking_report_does_not_move_the_stage_back(scene: Scene) -> None:
    number = scene.paid()
    ship(scene, number, "created", "dispatched")

    for status, seq in (("customs_hold", 9), ("in_transit", 8), ("delivered", 10), ("unheard_of", 11)):
        body = {"order_number": number, "shipment_number": shipment_of(number), "status": status}
        scene.hear(shipments.on_tracking_updated, event_like(TrackingUpdated, body), seq)

    assert scene.order(number)["stage"] == "customs"
