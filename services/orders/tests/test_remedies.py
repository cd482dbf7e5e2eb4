"""Parcels that do not arrive: the customer is asked, and only what the customer chose is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aftersales.api.events import RefundClaimed
from services.common.basics import clock, ids
from services.common.basics.caller import ADMIN, AFTERSALES, AGENT, LEAD, REVIEWER, WAREHOUSE, Caller
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.shapes import Verdict
from services.common.edge.schemas import load
from services.common.testing import customer, event_like, holder, staff
from services.logistics.api.events import (
    ParcelNotArriving,
    ParcelTurnedUp,
    ShipmentClosed,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentRecalled,
)
from services.orders.api import (
    AdjustStock,
    AlreadyDispatched,
    CancelOrder,
    CustomerRequired,
    OtherDigest,
    OutOfStock,
    SettleDecision,
    SettlePayment,
    WrongStatus,
)
from services.orders.api.remedies import (
    AnswerRemedy,
    GoodsAlreadyBack,
    ListRemedies,
    MissingLinesNeeded,
    OpenRemedy,
    ReceiveGoods,
    RemedyNotFound,
    RemedyStale,
    ShipmentNotSent,
)
from services.orders.domain.remedy import Remedy
from services.orders.handlers import (
    attention,
    cancellations,
    catalogue,
    claims,
    missing,
    notices,
    placing,
    remedies,
    shipments,
)
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import ADDRESS, correct, ship, shipment_of
from services.support.api.events import CustomerNotified

SINCE = "2026-03-06T00:00:00Z"
Json = dict[str, Any]


def a_lost_order(scene: Scene, *lines: tuple[str, int], reason: str = "lost") -> str:
    """Return the number of a paid order whose only parcel does not arrive."""
    number = scene.paid(*(lines or (("MUG", 2),)))
    ship(scene, number, "created", "dispatched")
    miss(scene, number, reason)
    return number


def miss(scene: Scene, number: str, reason: str = "lost", *, shipment: str = "", seq: int = 20, **more: Any) -> None:
    """Report, as logistics would, that a shipment (the first, unless another is named) does not arrive."""
    name = shipment or shipment_of(number)
    lines = [
        {"line_id": line["line_id"], "sku": line["sku"], "quantity": line["quantity"]}
        for line in scene.order(number)["lines"]
    ]
    body = {
        "shipment_number": name, "order_number": number, "parcels": [f"{name}-01"], "reason": reason, "since": SINCE,
        "lines": lines, **more,
    }  # fmt: skip
    scene.hear(missing.on_parcel_not_arriving, event_like(ParcelNotArriving, body), seq)


def find(scene: Scene, number: str, status: str = "in_transit", *, shipment: str = "", parcel: str = "01") -> None:
    name = shipment or shipment_of(number)
    body = {"shipment_number": name, "order_number": number, "parcel_id": f"{name}-{parcel}", "status": status}
    scene.hear(missing.on_parcel_turned_up, event_like(ParcelTurnedUp, body), 21)


def close(scene: Scene, number: str, shipment: str = "") -> None:
    body = {"shipment_number": shipment or shipment_of(number), "order_number": number, "closed_at": SINCE}
    scene.hear(missing.on_shipment_closed, event_like(ShipmentClosed, body), 22)


def move(scene: Scene, number: str, shipment: str, *steps: str) -> None:
    """Report, as logistics would, steps of a shipment that was sent again."""
    facts = {"shipment_number": shipment, "order_number": number}
    reports: dict[str, tuple[Any, Any, Json]] = {
        "created": (shipments.on_shipment_created, ShipmentCreated, {"lines": []}),
        "dispatched": (shipments.on_shipment_dispatched, ShipmentDispatched, {"dispatched_at": SINCE, "parcels": []}),
        "delivered": (shipments.on_shipment_delivered, ShipmentDelivered, {"delivered_at": SINCE}),
        "recalled": (shipments.on_shipment_recalled, ShipmentRecalled, {}),
    }
    for step in steps:
        handler, kind, more = reports[step]
        scene.hear(handler, event_like(kind, {**facts, **more}), list(reports).index(step) + 1)


def asked(scene: Scene, number: str) -> Json:
    """Return the newest question about an order, as staff see it."""
    return dict(scene.order(number)["remedies"][-1])


def answer(scene: Scene, number: str, option: str, digest: str = "", caller: Caller | None = None) -> Json:
    given = load(AnswerRemedy, {"option": option, "digest": digest or asked(scene, number)["digest"]})
    return dict(scene.do(remedies.decide_remedy, number, given, caller=caller or holder(f"order:{number}")))


def verdict(scene: Scene, remedy_id: str, at: datetime | None = None) -> Verdict:
    found = scene.do(lambda work: work.commitments.find("remedy", remedy_id))
    assert found is not None
    return Verdict(found.verdict(at or clock.now()))


# the question


@pytest.mark.parametrize(
    "reason", ["lost", "returning", "returned", "refused", "cancelled", "never_scanned", "late", "eaten_by_a_bear"]
)
def test_whatever_the_reason_the_customer_gets_three_choices(scene: Scene, reason: str) -> None:
    number = a_lost_order(scene, reason=reason)

    question = asked(scene, number)

    assert [option["option"] for option in question["options"]] == ["resend", "refund", "wait"]
    assert question["status"] == "awaiting_customer"
    assert "2 × The MUG" in question["summary"]
    assert [option["refund"]["amount"] for option in question["options"]] == ["0.00", "25.00", "0.00"]
    assert scene.order(number)["stage"] == "not_arriving"


def test_of_two_parcels_each_is_asked_about_with_its_pieces(scene: Scene) -> None:
    number = scene.paid(("MUG", 3))
    ship(scene, number, "created", "dispatched")
    line = {"line_id": 1, "sku": "MUG", "quantity": 1}

    miss(scene, number, lines=[line])
    first = asked(scene, number)
    answer(scene, number, "refund")
    miss(scene, number, seq=21, parcels=[f"{shipment_of(number)}-02"], lines=[{**line, "quantity": 2}])

    second = asked(scene, number)
    assert ("1 × The MUG" in first["summary"], "2 × The MUG" in second["summary"]) == (True, True)
    assert [each["options"][1]["refund"]["amount"] for each in (first, second)] == ["12.50", "25.00"]


def test_the_digest_covers_exactly_what_is_shown(scene: Scene) -> None:
    number = a_lost_order(scene)
    remedy: Remedy = scene.do(lambda work: work.remedies.of_order(number)[0])
    digest = remedy.digest

    remedy.options[1]["label"] += "!"

    assert remedy.seal() != digest == asked(scene, number)["digest"]


def test_a_fact_told_twice_asks_once(scene: Scene) -> None:
    number = a_lost_order(scene)
    miss(scene, number)
    miss(scene, number, "returned", seq=21)

    assert len(scene.order(number)["remedies"]) == 1
    assert scene.journal(number).count("remedy_requested") == 1


def test_what_is_not_in_stock_is_not_offered_again(scene: Scene) -> None:
    number = a_lost_order(scene, ("MUG", 8))

    assert [option["option"] for option in asked(scene, number)["options"]] == ["refund", "wait"]


def test_a_delivered_or_unknown_shipment_asks_no_customer(scene: Scene) -> None:
    number = scene.paid()
    with pytest.raises(NotFound):
        miss(scene, number)
    ship(scene, number, "created")
    with pytest.raises(NotFound):
        miss(scene, number)
    ship(scene, number, "dispatched", "delivered")

    miss(scene, number)

    assert scene.order(number)["remedies"] == []


def test_a_parcel_with_unknown_content_waits_for_a_person(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    ship(scene, number, "created", "dispatched")
    miss(scene, number, lines=[])

    customers = scene.do(remedies_of_customer, number, caller=holder(f"order:{number}"))
    (queued,) = scene.do(remedies.list_remedies, ListRemedies(), caller=staff(WAREHOUSE))["items"]

    assert customers == []
    assert queued["status"] == "draft"
    with pytest.raises(NotFound):
        answer(scene, number, "refund", "0" * 64)
    opened = scene.do(remedies.open_remedy, number, by_hand(number, lines=[("MUG", 1)]), caller=staff(AGENT))
    assert opened["parcels"] == queued["parcels"]
    assert [line["quantity"] for line in opened["lines"]] == [1]


def remedies_of_customer(work: Any, number: str) -> Any:
    return placing.get_order(work, number)["remedies"]


def by_hand(number: str, *, lines: list[tuple[str, int]] | None = None, shipment: str = "", **more: Any) -> OpenRemedy:
    form = {
        "shipment_number": shipment or shipment_of(number), "reason": "not_received",
        "evidence": "the customer called; the carrier knows nothing", **more,
    }  # fmt: skip
    if lines is not None:
        form["lines"] = [{"sku": sku, "quantity": count} for sku, count in lines]
    return load(OpenRemedy, form)


# the decision


def test_sending_again_reserves_and_makes_a_second_shipment(scene: Scene) -> None:
    number = a_lost_order(scene)
    assert scene.count("MUG") == (8, 0)

    decided = answer(scene, number, "resend")

    assert decided["status"] == "resent"
    assert scene.count("MUG") == (8, 2)
    told = scene.body(number, "remedy_accepted")
    assert (told["option"], told["replacement"]) == ("resend", decided["replacement"])
    assert [(line["sku"], line["quantity"]) for line in told["lines"]] == [("MUG", 2)]
    assert scene.order(number)["stage"] == "preparing"
    scene.holds()


def test_the_order_completes_with_what_was_sent_again(scene: Scene) -> None:
    number = a_lost_order(scene)
    again = answer(scene, number, "resend")["replacement"]
    close(scene, number)
    before = scene.order(number)["status"]

    move(scene, number, again, "created", "dispatched", "delivered")

    assert before == "confirmed"
    assert scene.order(number)["status"] == scene.order(number)["stage"] == "completed"
    assert scene.count("MUG") == (6, 0)
    scene.holds()


@pytest.mark.parametrize("closed_first", [True, False])
def test_the_end_does_not_depend_on_which_report_comes_first(scene: Scene, closed_first: bool) -> None:
    number = a_lost_order(scene)
    again = answer(scene, number, "resend")["replacement"]

    if closed_first:
        close(scene, number)
    move(scene, number, again, "created", "dispatched", "delivered")
    if not closed_first:
        close(scene, number)

    assert scene.order(number)["status"] == "completed"


def test_what_is_lost_twice_is_asked_twice(scene: Scene) -> None:
    number = a_lost_order(scene)
    again = answer(scene, number, "resend")["replacement"]
    close(scene, number)
    move(scene, number, again, "created", "dispatched")

    miss(scene, number, shipment=again)

    question = asked(scene, number)
    assert (question["status"], question["shipment_number"]) == ("awaiting_customer", again)
    assert answer(scene, number, "refund")["status"] == "refunded"
    assert scene.order(number)["status"] == "cancelled"
    scene.holds()


def test_stock_that_is_gone_meanwhile_leaves_the_question_open(scene: Scene) -> None:
    number = a_lost_order(scene)
    scene.do(catalogue.adjust_stock, "MUG", AdjustStock(-7, "broken"))

    with pytest.raises(OutOfStock):
        answer(scene, number, "resend")

    assert asked(scene, number)["status"] == "awaiting_customer"
    assert answer(scene, number, "refund")["status"] == "refunded"
    scene.holds()


def test_paying_all_back_ends_the_order_with_the_consent(scene: Scene) -> None:
    number = a_lost_order(scene)

    answer(scene, number, "refund")

    order = scene.order(number)
    assert order["status"] == "cancelled"
    (refund,) = order["refunds"]
    assert (refund["amount"]["amount"], refund["cause"], refund["reference"]) == (
        "25.00",
        "remedy",
        asked(scene, number)["id"],
    )
    kept = scene.do(lambda work: work.orders.get(number)).cancellation
    assert (kept.option, kept.digest) == ("refund", asked(scene, number)["digest"])
    assert scene.journal(number)[-3:] == ["remedy_accepted", "order_cancelled", "refund_due"]
    assert scene.count("MUG") == (8, 0)
    scene.holds()


def test_paying_a_part_back_completes_what_arrived(scene: Scene) -> None:
    scene.stocked("TEA", 5, "24.90")
    number = scene.paid(("MUG", 2), ("TEA", 1))
    ship(scene, number, "created", "dispatched")
    name = shipment_of(number)
    miss(scene, number, lines=[{"line_id": 2, "sku": "TEA", "quantity": 1}], parcels=[f"{name}-02"])

    answer(scene, number, "refund")
    paid_back = scene.order(number)
    ship(scene, number, "delivered")

    assert [line["sku"] for line in paid_back["lines"]] == ["MUG"]
    assert [refund["amount"]["amount"] for refund in paid_back["refunds"]] == ["24.90"]
    assert scene.order(number)["status"] == "completed"
    scene.holds()


def test_waiting_changes_nothing_and_is_asked_again(scene: Scene) -> None:
    with clock.frozen(datetime.fromisoformat("2026-03-06T09:00:00+00:00")):
        number = a_lost_order(scene)
        decided = answer(scene, number, "wait")
        scene.do(remedies.repeat_question, decided["id"], number)
        early = scene.order(number)
    due = clock.parse_rfc3339(decided["due_at"])

    with clock.frozen(due):
        for remedy_id, order_number in scene.do(lambda work: work.remedies.to_ask_again(work.now)):
            scene.do(remedies.repeat_question, remedy_id, order_number)
            scene.do(remedies.repeat_question, remedy_id, order_number)

    assert (early["status"], len(early["remedies"]), early["remedies"][0]["status"]) == ("confirmed", 1, "waiting")
    assert due - clock.parse_rfc3339(decided["decided_at"]) > timedelta(days=6)
    first, second = scene.order(number)["remedies"]
    assert (first["status"], second["status"]) == ("stale", "awaiting_customer")
    assert second["digest"] != first["digest"]
    assert verdict(scene, first["id"]) is Verdict.KEPT


def test_worse_news_asks_a_waiting_customer_at_once(scene: Scene) -> None:
    number = a_lost_order(scene, reason="late")
    answer(scene, number, "wait")
    miss(scene, number, "never_scanned", seq=21)
    still = asked(scene, number)["status"]

    miss(scene, number, "lost", seq=22)

    assert still == "waiting"
    assert (asked(scene, number)["status"], asked(scene, number)["reason"]) == ("awaiting_customer", "lost")


def test_a_second_answer_is_refused_and_does_nothing(scene: Scene) -> None:
    number = a_lost_order(scene)
    answer(scene, number, "refund")

    for option in ("refund", "resend", "wait"):
        with pytest.raises(WrongStatus):
            answer(scene, number, option)

    assert len(scene.order(number)["refunds"]) == 1
    scene.holds()


def test_an_answer_with_a_key_is_given_once(scene: Scene) -> None:
    number = a_lost_order(scene)
    given = load(AnswerRemedy, {"option": "refund", "digest": asked(scene, number)["digest"]})

    def send() -> Json:
        caller = customer(EMAIL, key="the-key")
        return dict(remedies.answer_remedy(partial(scene.store.work, Work, caller), number, given))

    assert send() == send()
    assert len(scene.order(number)["refunds"]) == 1


def test_what_came_too_late_is_refused_once_that_is_written(scene: Scene) -> None:
    number = a_lost_order(scene)
    given = load(AnswerRemedy, {"option": "refund", "digest": asked(scene, number)["digest"]})
    scene.do(lambda work: setattr(work.fulfillments.of_order(number)[0], "closed_at", work.now))

    with pytest.raises(RemedyStale):
        remedies.answer_remedy(partial(scene.store.work, Work, holder(f"order:{number}")), number, given)

    assert asked(scene, number)["status"] == "stale"
    assert scene.order(number)["refunds"] == []


def test_another_digest_is_refused(scene: Scene) -> None:
    number = a_lost_order(scene)

    with pytest.raises(OtherDigest):
        answer(scene, number, "refund", "0" * 64)

    assert asked(scene, number)["status"] == "awaiting_customer"


@pytest.mark.parametrize("role", [AGENT, LEAD, REVIEWER, AFTERSALES, ADMIN, WAREHOUSE])
def test_only_the_customer_decides(scene: Scene, role: str) -> None:
    number = a_lost_order(scene)

    for caller in (staff(role), customer("eve@example.com")):
        with pytest.raises((CustomerRequired, NotFound)):
            answer(scene, number, "refund", caller=caller)

    assert asked(scene, number)["status"] == "awaiting_customer"


def test_an_order_without_a_question_has_nothing_to_answer(scene: Scene) -> None:
    number = scene.paid()

    with pytest.raises(RemedyNotFound):
        answer(scene, number, "refund", "0" * 64)


# what happens meanwhile


def test_a_parcel_that_turns_up_withdraws_the_question(scene: Scene) -> None:
    number = a_lost_order(scene)
    digest = asked(scene, number)["digest"]

    find(scene, number)

    assert asked(scene, number)["status"] == "withdrawn"
    assert scene.body(number, "remedy_closed")["status"] == "withdrawn"
    assert scene.order(number)["stage"] != "not_arriving"
    with pytest.raises(WrongStatus):
        answer(scene, number, "refund", digest)
    assert verdict(scene, asked(scene, number)["id"]) is Verdict.KEPT


def test_a_parcel_that_turns_up_ends_the_waiting(scene: Scene) -> None:
    number = a_lost_order(scene)
    answer(scene, number, "wait")

    find(scene, number)

    assert asked(scene, number)["status"] == "withdrawn"
    with clock.frozen(clock.now() + timedelta(days=60)):
        assert scene.do(lambda work: work.remedies.to_ask_again(work.now)) == []


@pytest.mark.parametrize("option", ["resend", "refund"])
def test_a_parcel_that_turns_up_after_the_decision_is_told(scene: Scene, option: str) -> None:
    number = a_lost_order(scene)
    answer(scene, number, option)

    find(scene, number, "delivered")

    told = scene.body(number, "remedy_overtaken")
    assert (told["option"], told["parcel_status"]) == (option, "delivered")
    scene.holds()


def test_a_delivery_settles_the_question(scene: Scene) -> None:
    number = a_lost_order(scene)

    ship(scene, number, "delivered")

    assert asked(scene, number)["status"] == "withdrawn"
    assert scene.order(number)["status"] == "completed"


def test_a_delivery_after_a_full_refund_completes_nothing(scene: Scene) -> None:
    number = a_lost_order(scene)
    answer(scene, number, "refund")

    ship(scene, number, "delivered")

    assert scene.order(number)["status"] == "cancelled"


def test_units_refunded_otherwise_are_not_paid_twice(scene: Scene) -> None:
    """A return of one of the two pieces was paid while the question about both was open."""
    number = a_lost_order(scene)
    claim = {
        "order_number": number, "return_number": "RET-7K3M-9Q2X-C", "units": [{"line_id": 1, "unit": 0}],
        "amount": {"amount": "12.50", "currency": "USD"},
    }  # fmt: skip
    scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, claim))
    (case,) = scene.do(lambda work: work.cases.open_of_order(number))
    scene.do(attention.settle_payment, case.payment_id, SettlePayment(SettleDecision.PAY, "it is here"), caller=staff())

    assert answer(scene, number, "refund")["status"] == "stale"
    rest = asked(scene, number)
    assert [(line["sku"], line["quantity"]) for line in rest["lines"]] == [("MUG", 1)]
    assert answer(scene, number, "refund")["status"] == "refunded"
    assert [refund["amount"]["amount"] for refund in scene.order(number)["refunds"]] == ["12.50", "12.50"]
    scene.holds()


def test_a_dispatched_order_cannot_be_cancelled_while_asked(scene: Scene) -> None:
    number = a_lost_order(scene)

    with pytest.raises(AlreadyDispatched) as refused:
        scene.do(cancellations.cancel_order, number, CancelOrder("enough"), caller=customer(EMAIL))

    assert "you choose what we do" in refused.value.details["next"]


def test_what_is_to_be_sent_again_can_still_be_cancelled(scene: Scene) -> None:
    number = a_lost_order(scene)
    again = answer(scene, number, "resend")["replacement"]
    close(scene, number)

    wish = scene.do(cancellations.cancel_order, number, CancelOrder("enough"), caller=customer(EMAIL))
    move(scene, number, again, "recalled")

    assert wish["status"] == "requested"
    assert scene.order(number)["status"] == "cancelled"
    assert [refund["amount"]["amount"] for refund in scene.order(number)["refunds"]] == ["25.00"]
    assert scene.count("MUG") == (8, 0)
    scene.holds()


def test_what_is_to_be_sent_again_can_go_to_another_address(scene: Scene) -> None:
    """It came back because the address was wrong."""
    number = a_lost_order(scene, reason="returned")
    again = answer(scene, number, "resend")["replacement"]
    wish = {"kind": "address", "reason": "The number of the house was missing.", "delivery": ADDRESS}
    with pytest.raises(WrongStatus):
        scene.propose(number, staff(AGENT), **wish)
    close(scene, number)

    proposed = scene.propose(number, staff(AGENT), **wish)
    scene.answer(proposed, "accept", "change_address", caller=customer(EMAIL))

    assert scene.order(number)["delivery"]["line1"] == ADDRESS["line1"]
    move(scene, number, again, "created", "dispatched")
    with pytest.raises(WrongStatus):
        scene.propose(number, staff(AGENT), **wish)


def test_a_shortage_of_what_is_to_be_sent_again_is_asked_about(scene: Scene) -> None:
    number = a_lost_order(scene)
    answer(scene, number, "resend")
    close(scene, number)

    correct(scene, "MUG", -7)

    (change,) = scene.order(number)["changes"]
    assert (change["kind"], change["status"]) == ("stock_short", "awaiting_customer")


def test_the_clock_waits_for_the_customer_once_they_were_told(scene: Scene) -> None:
    number = a_lost_order(scene)
    question = asked(scene, number)
    told = {"about": "remedy_requested", "notified_at": clock.rfc3339(clock.now()), "reference": question["id"]}

    scene.hear(notices.on_customer_notified, event_like(CustomerNotified, told))

    assert asked(scene, number)["told_at"] is not None
    assert verdict(scene, question["id"]) is Verdict.PAUSED
    kinds = [each["kind"] for each in scene.order(number)["commitments"]]
    assert "remedy" in kinds


# staff


def test_the_queue_lists_what_is_not_settled_by_due_time(scene: Scene) -> None:
    open_, waits, done = (a_lost_order(scene, ("MUG", 1)) for _ in range(3))
    answer(scene, waits, "wait")
    answer(scene, done, "refund")

    for role in (AGENT, LEAD, WAREHOUSE):
        items = scene.do(remedies.list_remedies, ListRemedies(), caller=staff(role))["items"]
        assert {item["order_number"] for item in items} == {open_, waits}
        assert [item["due_at"] for item in items] == sorted(item["due_at"] for item in items)


def test_an_agent_asks_about_a_parcel_that_no_carrier_reports(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    ship(scene, number, "created", "dispatched")

    opened = scene.do(remedies.open_remedy, number, by_hand(number), caller=staff(AGENT))

    assert (opened["status"], opened["reason"]) == ("awaiting_customer", "not_received")
    shown = scene.do(remedies_of_customer, number, caller=holder(f"order:{number}"))
    assert "evidence" not in shown[0]
    assert answer(scene, number, "resend")["status"] == "resent"
    close(scene, number)
    with pytest.raises(WrongStatus):
        scene.do(remedies.open_remedy, number, by_hand(number), caller=staff(AGENT))


def test_by_hand_not_more_than_was_sent_nor_twice(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    with pytest.raises(ShipmentNotSent):
        scene.do(remedies.open_remedy, number, by_hand(number), caller=staff(AGENT))
    ship(scene, number, "created", "dispatched")

    for lines in ([("MUG", 3)], [("TEA", 1)]):
        with pytest.raises(MissingLinesNeeded):
            scene.do(remedies.open_remedy, number, by_hand(number, lines=lines), caller=staff(AGENT))
    scene.do(remedies.open_remedy, number, by_hand(number), caller=staff(AGENT))
    with pytest.raises(WrongStatus):
        scene.do(remedies.open_remedy, number, by_hand(number), caller=staff(AGENT))


def test_goods_that_came_back_are_shelved_once_by_a_person(scene: Scene) -> None:
    number = a_lost_order(scene, reason="returned")
    question = answer(scene, number, "refund")
    goods = ReceiveGoods(
        lines=load(ReceiveGoods, {"lines": [{"sku": "MUG", "quantity": 2}], "note": "whole"}).lines, note="whole"
    )
    assert scene.count("MUG") == (8, 0)

    shown = scene.do(remedies.receive_goods, question["id"], goods, caller=staff(WAREHOUSE))

    assert shown["goods_back_at"] is not None
    assert scene.count("MUG") == (10, 0)
    with pytest.raises(GoodsAlreadyBack):
        scene.do(remedies.receive_goods, question["id"], goods, caller=staff(WAREHOUSE))
    scene.holds()


def test_no_more_comes_back_than_was_sent(scene: Scene) -> None:
    number = a_lost_order(scene, reason="returned")
    too_many = load(ReceiveGoods, {"lines": [{"sku": "MUG", "quantity": 3}], "note": "whole"})

    with pytest.raises(Invalid):
        scene.do(remedies.receive_goods, asked(scene, number)["id"], too_many, caller=staff(WAREHOUSE))
    with pytest.raises(NotFound):
        scene.do(remedies.receive_goods, ids.new_number(ids.REMEDY), too_many, caller=staff(WAREHOUSE))

    assert scene.count("MUG") == (8, 0)


# whatever the order of events


ACTS = ("miss", "find", "close", "resend", "refund", "wait", "again", "deliver", "deliver_again", "later")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(ACTS), max_size=12))
def test_money_and_stock_hold_in_any_order_of_events(scene: Scene, acts: list[str]) -> None:
    """Never paid twice, never sent twice for one loss, cancelled only with a consent."""
    scene.do(catalogue.adjust_stock, "MUG", AdjustStock(50, "delivered"))
    number = scene.paid(("MUG", 2))
    ship(scene, number, "created", "dispatched")

    for place, act in enumerate(acts, 30):
        perform(scene, number, act, place)

    order = scene.order(number)
    again = [each["replacement"] for each in order["remedies"] if each["replacement"]]
    decided = [each for each in order["remedies"] if each["status"] in ("resent", "refunded")]
    assert sum(each["status"] == "refunded" for each in decided) == len(order["refunds"])
    assert len(set(again)) == len(again)
    assert (order["status"] == "cancelled") == any(each["status"] == "refunded" for each in decided)
    assert sum(each["status"] in ("draft", "awaiting_customer") for each in order["remedies"]) <= 1
    scene.holds()


def perform(scene: Scene, number: str, act: str, seq: int) -> None:
    try:
        if act in ("resend", "refund", "wait"):
            answer(scene, number, act)
        elif act == "miss":
            miss(scene, number, "lost", seq=seq, lines=[{"line_id": 1, "sku": "MUG", "quantity": 2}])
        elif act == "find":
            find(scene, number)
        elif act == "close":
            close(scene, number)
        elif act == "deliver":
            ship(scene, number, "delivered")
        elif act == "later":
            for each in scene.order(number)["remedies"]:
                with clock.frozen(clock.now() + timedelta(days=30)):
                    scene.do(remedies.repeat_question, each["id"], number)
        else:
            resent = [each["replacement"] for each in scene.order(number)["remedies"] if each["replacement"]]
            steps = ("created", "dispatched") if act == "again" else ("dispatched", "delivered")
            for name in resent[-1:]:
                move(scene, number, name, *steps)
    except (Conflict, NotFound, IndexError):
        pass
