"""Shortages, change requests and cancellations: nothing happens to an order without its customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.common.basics import clock, ids
from services.common.basics.caller import ADMIN, AGENT, CUSTOMER, LEAD, REVIEWER
from services.common.basics.errors import Forbidden, NotFound
from services.common.edge.fields import load
from services.common.store import tables as kit
from services.common.store.database import ConcurrentUpdate
from services.common.testing import customer, guest, holder, staff
from services.orders import schemas, tables
from services.orders.domain import ChangeStale, OutOfStock, WrongStatus
from services.orders.domain.change import OtherDigest
from services.orders.handlers import cancelling, catalogue, changing, following, reviewing, shortage
from services.orders.handlers.cancelling import AlreadyDispatched
from services.orders.tests.builders import EMAIL, SETTINGS, Shop, a_message, captured

ADDRESS = {
    "name": "Ada Lovelace", "line1": "1 Other Street", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB",
}  # fmt: skip


def correct(shop: Shop, sku: str, delta: int) -> None:
    """Count the shelf anew, and look for a shortage as the service does once that is committed."""
    shop.do(catalogue.adjust_stock, sku, delta, "counted")
    shop.do(shortage.look, SETTINGS, sku)


def changes(shop: Shop, number: str) -> list[dict[str, Any]]:
    return shop.do(changing.list_changes, number)["items"]  # type: ignore[no-any-return]


def shipment_of(number: str) -> str:
    """The shipment of that order in these tests."""
    return ids.number(ids.SHIPMENT, int.from_bytes(number.encode()) % 2**40)


def ship(shop: Shop, number: str, *steps: str) -> None:
    """Logistics reports a shipment of the whole order, as far as these steps."""
    order = shop.order(number)
    facts = {"shipment_number": shipment_of(number), "order_number": number, "at": "2026-03-03T09:00:00Z"}
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in order["lines"]]
    reports: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "created": (following.shipment_created, schemas.ShipmentCreated, {"lines": lines}),
        "packed": (following.shipment_prepared, schemas.ShipmentEvent, {}),
        "dispatched": (
            following.shipment_dispatched, schemas.ShipmentDispatched, {"dispatched_at": "2026-03-03T10:00:00Z"},
        ),
        "delivered": (
            following.shipment_delivered, schemas.ShipmentDelivered, {"delivered_at": "2026-03-12T10:00:00Z"},
        ),
        "recalled": (following.shipment_recalled, schemas.ShipmentEvent, {}),
        "refused": (following.recall_refused, schemas.RecallRefused, {"reason": "gone", "cause": "cancellation"}),
    }  # fmt: skip
    for step in steps:
        handler, schema, more = reports[step]
        seq = list(reports).index(step) + 1
        shop.do(handler, a_message("logistics", step, facts, seq), load(schema, {**facts, **more}))


def test_a_count_below_what_is_promised_asks_the_newest_paid_orders_and_changes_none(shop: Shop) -> None:
    old, new, newest = (shop.paid(("MUG", 3)) for _ in range(3))
    unpaid = shop.place(("MUG", 1))

    correct(shop, "MUG", -4)

    asked = {number: changes(shop, number) for number in (old, new, newest, unpaid)}
    assert [len(asked[number]) for number in (old, new, newest, unpaid)] == [0, 1, 1, 0]
    assert "3 × The MUG" in str(asked[newest][0]["summary"])
    assert "1 × The MUG" in str(asked[new][0]["summary"])
    assert {shop.order(number)["status"] for number in (old, new, newest)} == {"confirmed"}
    assert shop.count("MUG") == (6, 10)
    assert shop.journal(newest)[-2:] == ["change_requested", "stock_short"]
    shop.holds()


def test_looking_again_asks_nobody_twice(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)

    shop.do(shortage.look, SETTINGS, "MUG")
    correct(shop, "MUG", 1)

    assert len(changes(shop, number)) == 1


def test_the_customer_must_be_told_within_four_business_hours_and_that_stops_the_clock(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)
    change = changes(shop, number)[0]
    running = next(item for item in shop.order(number)["commitments"] if item["kind"] == "shortage_contact")
    told = {"about": "change_requested", "reference": change["id"], "order_number": number}

    shop.do(following.customer_notified, load(schemas.CustomerNotified, {**told, "notified_at": now_text()}))

    stopped = next(item for item in shop.order(number)["commitments"] if item["kind"] == "shortage_contact")
    assert (running["status"], stopped["status"]) == ("running", "kept")


def now_text() -> str:
    return clock.rfc3339(clock.now())


def test_a_line_is_removed_only_when_the_customer_agrees_and_its_share_goes_back(shop: Shop) -> None:
    shop.stocked("TEA", 5, "24.90")
    number = shop.paid(("MUG", 2), ("TEA", 1))
    correct(shop, "MUG", -9)
    assert len(shop.order(number)["lines"]) == 2

    shop.answer(changes(shop, number)[0], "accept", "remove_line")

    order = shop.order(number)
    assert [line["sku"] for line in order["lines"]] == ["TEA"]
    assert [(refund["amount"]["amount"], refund["cause"]) for refund in order["refunds"]] == [("25.00", "change")]
    assert order["changes"][0]["status"] == "applied"
    assert order["changes"][0]["consent"]["by"] == EMAIL
    assert order["changes"][0]["consent"]["how"] == "link"
    assert order["changes"][0]["consent"]["digest"] == order["changes"][0]["digest"]
    assert shop.count("MUG") == (1, 0)
    assert shop.journal(number)[-3:] == ["change_accepted", "order_changed", "refund_due"]
    removed = shop.body(number, "order_changed")["removed"]
    assert removed == [{"line_id": 1, "sku": "MUG", "quantity": 2, "units": [0, 1]}]
    shop.holds()


def test_a_substitute_is_reserved_and_never_costs_more(shop: Shop) -> None:
    shop.stocked("CUP", 5, "10.00").stocked("MUG", 0, "12.50", matches=("CUP",))
    number = shop.paid(("MUG", 2))
    correct(shop, "MUG", -9)

    shop.answer(changes(shop, number)[0], "accept", "substitute")

    order = shop.order(number)
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("MUG", 1), ("CUP", 1)]
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["2.50"]
    assert (shop.count("MUG"), shop.count("CUP")) == ((1, 1), (5, 1))
    shop.holds()


def test_a_substitute_that_is_gone_meanwhile_leaves_question_and_order_as_they_were(shop: Shop) -> None:
    shop.stocked("CUP", 1, "10.00").stocked("MUG", 0, "12.50", matches=("CUP",))
    number = shop.paid(("MUG", 2))
    correct(shop, "MUG", -9)
    shop.place(("CUP", 1), email="grace@example.com")

    with pytest.raises(OutOfStock):
        shop.answer(changes(shop, number)[0], "accept", "substitute")

    assert changes(shop, number)[0]["status"] == "awaiting_customer"
    assert [line["quantity"] for line in shop.order(number)["lines"]] == [2]
    shop.holds()


@pytest.mark.parametrize(("decision", "option"), [("decline", ""), ("accept", "wait")])
def test_who_wants_the_order_as_it_is_keeps_it_and_is_not_asked_again(shop: Shop, decision: str, option: str) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)

    shop.answer(changes(shop, number)[0], decision, option)
    shop.do(shortage.look, SETTINGS, "MUG")

    order = shop.order(number)
    assert [line["quantity"] for line in order["lines"]] == [10]
    assert (order["refunds"], len(order["changes"])) == ([], 1)


def test_who_chooses_to_wait_changes_nothing_and_is_let_go_once_the_goods_are_there(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)
    change = changes(shop, number)[0]

    shop.answer(change, "accept", "wait")
    correct(shop, "MUG", 1)
    waiting = shop.journal(number)
    correct(shop, "MUG", 1)
    shop.do(shortage.look, SETTINGS, "MUG")

    assert waiting[-1] == "change_accepted"
    assert "order_changed" not in waiting
    assert changes(shop, number)[0]["status"] == "applied"
    assert shop.journal(number) == [*waiting, "stock_covered"]
    assert shop.body(number, "stock_covered") == {"order_number": number, "change_id": change["id"], "sku": "MUG"}
    shop.holds()


def test_who_declined_does_not_wait_for_the_goods(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)
    shop.answer(changes(shop, number)[0], "decline")

    correct(shop, "MUG", 2)

    assert shop.journal(number)[-1] == "change_declined"


def test_goods_that_another_order_gives_back_are_for_who_waits(shop: Shop) -> None:
    other, number = shop.paid(("MUG", 4), postal_code="1"), shop.paid(("MUG", 6))
    correct(shop, "MUG", -2)
    shop.answer(changes(shop, number)[0], "accept", "wait")

    shop.do(cancelling.cancel_order, other, "", caller=customer(EMAIL))

    query = sa.select(kit.journal.c.subject).where(kit.journal.c.type == "stock_freed")
    assert shop.do(lambda work: list(work.session.scalars(query))) == ["MUG"]
    shop.do(shortage.look, SETTINGS, "MUG")
    assert shop.journal(number)[-1] == "stock_covered"


def test_goods_that_nobody_waits_for_are_given_back_without_a_word(shop: Shop) -> None:
    number = shop.place()

    shop.do(cancelling.cancel_order, number, "", caller=customer(EMAIL))

    query = sa.select(kit.journal.c.subject).where(kit.journal.c.type == "stock_freed")
    assert shop.do(lambda work: list(work.session.scalars(query))) == []


def test_a_review_that_lacked_goods_passes_when_the_customer_waits(shop: Shop) -> None:
    number = shop.paid(("MUG", 10), review=False)
    shop.do(catalogue.adjust_stock, "MUG", -2, "counted")
    shop.do(reviewing.start_review, SETTINGS, number)
    assert shop.order(number)["review"]["status"] == "needs_contact"

    shop.answer(changes(shop, number)[0], "accept", "wait")

    order = shop.order(number)
    assert order["review"]["status"] == "passed"
    assert len(order["changes"]) == 1


def test_questions_are_withdrawn_when_the_goods_are_there_again(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)

    correct(shop, "MUG", 2)

    assert changes(shop, number)[0]["status"] == "withdrawn"
    assert shop.body(number, "change_closed")["status"] == "withdrawn"


def test_silence_leaves_the_order_as_it_is(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)
    change = changes(shop, number)[0]

    with clock.shifted(timedelta(days=15)):
        for change_id, of in shop.do(lambda work: work.changes.expired(work.now)):
            shop.do(changing.expire, change_id, of)
        with pytest.raises(WrongStatus):
            shop.answer(change, "accept", "cancel")

    order = shop.order(number)
    assert order["changes"][0]["status"] == "expired"
    assert (order["status"], order["lines"][0]["quantity"], order["refunds"]) == ("confirmed", 10, [])


def test_an_answer_after_the_last_moment_counts_for_nothing(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)
    change = changes(shop, number)[0]

    with clock.shifted(timedelta(days=15)):
        answered = shop.answer(change, "accept", "cancel")

    assert answered["status"] == "expired"
    with pytest.raises(changing.ChangeExpired):
        changing.refuse_closed(answered)
    assert shop.order(number)["status"] == "confirmed"


def test_a_question_about_an_older_order_is_stale(shop: Shop) -> None:
    number = shop.paid(("MUG", 4))
    proposal = {"kind": "lines", "reason": "fewer?", "lines": [{"sku": "MUG", "quantity": 1}]}
    first = shop.do(changing.propose_change, SETTINGS, number, proposal, caller=staff(AGENT))
    second = shop.do(changing.propose_change, SETTINGS, number, proposal, caller=staff(AGENT))

    shop.answer(first, "accept", "remove_line")

    assert [item["status"] for item in changes(shop, number)] == ["applied", "stale"]
    with pytest.raises(WrongStatus):
        shop.answer(second, "accept", "remove_line")
    assert [refund["amount"]["amount"] for refund in shop.order(number)["refunds"]] == ["37.50"]


def test_a_question_is_stale_once_the_goods_are_on_their_way(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    ship(shop, number, "created", "packed")
    correct(shop, "MUG", -2)
    change = changes(shop, number)[0]
    ship(shop, number, "dispatched")

    assert changes(shop, number)[0]["status"] == "stale"
    with pytest.raises(WrongStatus):
        shop.answer(change, "accept", "remove_line")
    shop.holds()


def test_a_stale_answer_is_a_refusal_and_the_question_is_closed() -> None:
    with pytest.raises(ChangeStale):
        changing.refuse_closed({"status": "stale"})


def test_nobody_but_the_customer_can_answer_not_even_an_admin(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)
    change = changes(shop, number)[0]
    answer = {"decision": "accept", "option": "cancel", "digest": change["digest"]}
    before = shop.order(number)

    for person in (staff(ADMIN), staff(AGENT, REVIEWER, LEAD), staff(ADMIN, CUSTOMER), staff(ADMIN, email=EMAIL)):
        with pytest.raises(Forbidden):
            shop.do(changing.answer_change, SETTINGS, change["id"], answer, caller=person)
        with pytest.raises(Forbidden):
            shop.do(changing.answer_change, SETTINGS, change["id"], {**answer, "decision": "decline"}, caller=person)
        with pytest.raises(Forbidden):
            shop.do(cancelling.cancel_order, number, "because", caller=person)
    for stranger in (guest(), customer("eve@example.com"), holder("order:ORD-0000-0000-0")):
        with pytest.raises(NotFound):
            shop.do(changing.answer_change, SETTINGS, change["id"], answer, caller=stranger)

    assert shop.order(number) == before


def test_the_digest_of_another_change_is_no_consent(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)

    with pytest.raises(OtherDigest):
        shop.answer(changes(shop, number)[0], "accept", "remove_line", digest="0" * 64)

    assert changes(shop, number)[0]["status"] == "awaiting_customer"


def test_the_database_itself_refuses_what_nobody_consented_to(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)

    for statement in (
        sa.update(tables.orders).values(status="cancelled"),
        sa.update(tables.changes).values(status="applied"),
        sa.update(tables.orders).values(shipping=tables.orders.c.goods),
    ):
        with pytest.raises(ConcurrentUpdate):
            shop.do(lambda work, statement=statement: work.session.execute(statement))

    assert shop.order(number)["status"] == "confirmed"


def test_a_corrected_address_lets_a_stuck_review_pass(shop: Shop) -> None:
    number = shop.paid(postal_code="1")
    assert shop.order(number)["stage"] == "contacting_you"
    proposal = load(schemas.ProposeChange, {"kind": "address", "reason": "your postal code?", "delivery": ADDRESS})
    change = shop.do(changing.propose_change, SETTINGS, number, proposal, caller=staff(REVIEWER))

    shop.answer(change, "accept", "change_address")

    order = shop.order(number)
    assert order["review"]["status"] == "passed"
    assert order["delivery"]["line1"] == "1 Other Street"
    assert shop.body(number, "review_passed")["delivery"]["postal_code"] == "SW1Y 4JH"


def test_only_agents_and_reviewers_propose_and_proposing_changes_nothing(shop: Shop) -> None:
    number = shop.paid()
    before = shop.order(number)
    proposal = {"kind": "cancel", "reason": "we are sorry"}

    with pytest.raises(Forbidden):
        shop.do(changing.propose_change, SETTINGS, number, proposal, caller=customer(EMAIL))
    shop.do(changing.propose_change, SETTINGS, number, proposal, caller=staff(AGENT))

    after = shop.order(number)
    assert {**after, "changes": []} == {**before, "changes": []}


# reviews


def test_a_failed_check_asks_the_customer_and_a_reviewer_may_pass_it_with_evidence(shop: Shop) -> None:
    number = shop.paid(postal_code="1")
    waiting = shop.do(reviewing.list_reviews, {}, caller=staff(REVIEWER))["items"]
    assert [item["number"] for item in waiting] == [number]
    found = {"check": "delivery", "result": "passed", "evidence": "the customer confirmed it by telephone"}

    with pytest.raises(reviewing.ChecksMissing) as refused:
        decide(shop, number, {"decision": "pass", "checks": [], "note": ""})
    decided = decide(shop, number, {"decision": "pass", "checks": [found], "note": ""})

    assert refused.value.details == {"checks": ["delivery"]}
    assert decided["review"]["status"] == "passed"
    assert [check["by"] for check in decided["review"]["checks"]] == ["system"] * 3 + ["staff:reviewer@pledge.example"]
    assert shop.do(reviewing.list_reviews, {}, caller=staff(REVIEWER))["items"] == []
    assert [item["status"] for item in shop.order(number)["commitments"]] == ["kept"]


def decide(shop: Shop, number: str, decision: dict[str, Any]) -> dict[str, Any]:
    return shop.do(reviewing.decide_review, number, decision, caller=staff(REVIEWER))


def test_contacting_the_customer_keeps_the_review_promise(shop: Shop) -> None:
    number = shop.paid(postal_code="1")
    told = {"about": "review_needs_contact", "order_number": number, "notified_at": now_text()}

    shop.do(following.customer_notified, load(schemas.CustomerNotified, told))

    assert [(item["kind"], item["status"]) for item in shop.order(number)["commitments"]] == [("review", "kept")]


def test_a_review_that_passed_is_not_decided_again(shop: Shop) -> None:
    number = shop.paid()
    found = [{"check": "payment", "result": "failed", "evidence": "changed my mind"}]

    with pytest.raises(WrongStatus):
        decide(shop, number, {"decision": "contact", "checks": found, "note": ""})


def test_goods_that_went_missing_before_the_payment_are_found_by_the_review(shop: Shop) -> None:
    number = shop.place(("MUG", 10))
    correct(shop, "MUG", -3)
    shop.pay(number)

    shop.do(reviewing.start_review, SETTINGS, number)

    order = shop.order(number)
    assert order["stage"] == "contacting_you"
    assert [change["kind"] for change in order["changes"]] == ["stock_short"]
    shop.answer(order["changes"][0], "accept", "ship_rest")
    assert shop.order(number)["review"]["status"] == "passed"
    shop.holds()


# cancelling


def cancel(shop: Shop, number: str) -> dict[str, str]:
    return shop.do(cancelling.cancel_order, number, "changed my mind", caller=customer(EMAIL))


def test_an_unpaid_order_is_cancelled_at_once_and_a_late_payment_goes_back(shop: Shop) -> None:
    number = shop.place()
    payment = shop.start(number)

    assert cancel(shop, number)["status"] == "cancelled"
    shop.report(captured(payment))

    order = shop.order(number)
    assert (order["status"], [refund["amount"]["amount"] for refund in order["refunds"]]) == ("cancelled", ["25.00"])
    assert shop.count("MUG") == (10, 0)
    shop.holds()


def test_before_the_review_has_passed_a_paid_order_is_cancelled_with_a_full_refund(shop: Shop) -> None:
    number = shop.paid(postal_code="1")

    assert cancel(shop, number)["status"] == "cancelled"

    order = shop.order(number)
    assert [(r["amount"]["amount"], r["cause"], r["reference"]) for r in order["refunds"]] == [
        ("25.00", "cancellation", number)
    ]
    assert shop.count("MUG") == (10, 0)
    assert shop.journal(number)[-3:] == ["cancellation_requested", "order_cancelled", "refund_due"]
    shop.holds()


def test_an_order_that_is_cancelled_before_its_review_began_is_not_reviewed(shop: Shop) -> None:
    number = shop.place()
    shop.report(captured(shop.start(number)))
    cancel(shop, number)

    shop.do(reviewing.start_review, SETTINGS, number)

    assert shop.order(number)["status"] == "cancelled"
    assert shop.journal(number)[-3:] == ["cancellation_requested", "order_cancelled", "refund_due"]


def test_after_it_the_shipment_is_recalled_first(shop: Shop) -> None:
    number = shop.paid()
    ship(shop, number, "created", "packed")

    assert cancel(shop, number)["status"] == "requested"
    assert cancel(shop, number)["status"] == "requested"
    waiting = shop.order(number)
    ship(shop, number, "recalled")

    assert (waiting["status"], waiting["cancellation"]["requested"]) == ("confirmed", True)
    assert shop.order(number)["status"] == "cancelled"
    assert shop.journal(number).count("cancellation_requested") == 1
    assert shop.count("MUG") == (10, 0)
    shop.holds()


def test_a_refused_recall_leaves_the_order_on_its_way(shop: Shop) -> None:
    number = shop.paid()
    ship(shop, number, "created")
    cancel(shop, number)

    ship(shop, number, "dispatched", "refused")

    order = shop.order(number)
    assert (order["status"], order["stage"], order["cancellation"]["requested"]) == ("confirmed", "dispatched", False)
    assert order["refunds"] == []
    assert shop.journal(number)[-1] == "cancellation_refused"


def test_after_hand_over_the_customer_is_told_how_to_send_it_back(shop: Shop) -> None:
    number = shop.paid()
    ship(shop, number, "created", "packed", "dispatched")

    with pytest.raises(AlreadyDispatched) as refused:
        cancel(shop, number)

    assert "60 days" in refused.value.details["next"]


def test_a_recall_that_nobody_wanted_cancels_nothing(shop: Shop) -> None:
    number = shop.paid()

    ship(shop, number, "created", "recalled")

    assert shop.order(number)["status"] == "confirmed"


def test_agreeing_to_cancel_recalls_the_shipment_and_pays_everything_back(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    ship(shop, number, "created")
    correct(shop, "MUG", -2)

    shop.answer(changes(shop, number)[0], "accept", "cancel")
    between = shop.order(number)
    ship(shop, number, "recalled")

    order = shop.order(number)
    assert (between["status"], between["changes"][0]["status"]) == ("confirmed", "accepted")
    assert (order["status"], order["changes"][0]["status"]) == ("cancelled", "applied")
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["125.00"]
    assert shop.count("MUG") == (8, 0)
    shop.holds()


def test_cancelling_after_a_removed_line_pays_back_the_rest_only(shop: Shop) -> None:
    shop.stocked("TEA", 5, "24.90")
    number = shop.paid(("MUG", 2), ("TEA", 1))
    correct(shop, "MUG", -9)
    shop.answer(changes(shop, number)[0], "accept", "remove_line")
    cancel(shop, number)
    ship(shop, number, "created", "recalled")

    assert [refund["amount"]["amount"] for refund in shop.order(number)["refunds"]] == ["25.00", "24.90"]
    shop.holds()


# shipments


def test_dispatched_goods_are_off_the_shelf_and_delivered_orders_complete(shop: Shop) -> None:
    number = shop.paid(("MUG", 3))

    ship(shop, number, "created", "packed", "dispatched", "dispatched")
    underway = shop.order(number)["stage"], shop.count("MUG")
    ship(shop, number, "delivered")

    assert underway == ("dispatched", (7, 0))
    order = shop.order(number)
    assert (order["status"], order["stage"]) == ("completed", "completed")
    assert order["completed_at"] == "2026-03-12T10:00:00Z"
    shop.holds()


def test_goods_that_left_although_the_books_said_otherwise_correct_the_books(shop: Shop) -> None:
    number = shop.paid(("MUG", 10))
    correct(shop, "MUG", -2)
    shop.answer(changes(shop, number)[0], "accept", "wait")

    ship(shop, number, "created", "dispatched")

    assert shop.count("MUG") == (0, 0)
    shop.holds()


def test_a_report_about_a_shipment_we_have_not_heard_of_comes_back_later(shop: Shop) -> None:
    number = shop.paid()

    with pytest.raises(following.ShipmentUnknown):
        ship(shop, number, "dispatched")

    ship(shop, number, "created", "dispatched")
    assert shop.order(number)["stage"] == "dispatched"


def test_tracking_moves_the_stage_and_an_old_report_does_not_move_it_back(shop: Shop) -> None:
    number = shop.paid()
    ship(shop, number, "created", "dispatched")

    for status, seq in (("customs_hold", 9), ("in_transit", 8), ("delivered", 10), ("unheard_of", 11)):
        body = {"order_number": number, "shipment_number": shipment_of(number), "status": status}
        message = a_message("logistics", "tracking_updated", body, seq)
        shop.do(following.tracking_updated, message, load(schemas.TrackingUpdated, body))

    assert shop.order(number)["stage"] == "customs"
