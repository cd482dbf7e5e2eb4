"""One run through everything orders can announce or answer: what the contracts are examples of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from services.aftersales.api.events import ExchangeClaimed, ExchangeWithdrawn, RefundClaimed
from services.common.basics import clock, ids
from services.common.basics.api import Period
from services.common.basics.caller import ADMIN, AGENT, LEAD, REVIEWER, WAREHOUSE
from services.common.basics.money import Money
from services.common.basics.shapes import PageQuery
from services.common.edge.schemas import load
from services.common.store import tables
from services.common.store.journal import as_published
from services.common.testing import customer, event_like, staff
from services.logistics.api.events import ShipmentDispatched, ShipmentRecalled
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import (
    AdjustStock,
    CancelOrder,
    DecideReview,
    ListAttention,
    ListOrders,
    ListProducts,
    ListRefunds,
    PlaceOrder,
    RecordPaidRefund,
    RefundStatus,
    ReleaseHold,
    RetryRefund,
    SaveProduct,
    SettleDecision,
    SettlePayment,
)
from services.orders.api.ceiling import RaiseRefundCeiling
from services.orders.api.discounts import ListDiscounts, QuoteOrder, SaveDiscount
from services.orders.api.disputes import AnswerDispute, ListDisputes
from services.orders.api.ledger import ListMovements
from services.orders.api.places import MoveStock
from services.orders.api.remedies import ListRemedies, ReceiveGoods
from services.orders.domain.books import TOLD_AFTER
from services.orders.handlers import (
    attention,
    cancellations,
    catalogue,
    ceilings,
    changes,
    claims,
    discounts,
    disputes,
    documents,
    exchanges,
    goodwill,
    holds,
    ledgers,
    payments,
    places,
    placing,
    privacy,
    reconciling,
    refund_queue,
    remedies,
    reviews,
    shipments,
    shortages,
    submissions,
)
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL, SETTINGS, berlin, captured, ceiling, declined, order_form, refund_fact
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import correct, ship, warehouse_says
from services.orders.tests.test_remedies import answer, asked, by_hand, find, miss
from services.support.api.events import ErasureConfirmed, GoodwillAsked, ResendAsked

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Replies = dict[str, Any]


def play(scene: Scene) -> Replies:
    """Play everything that can happen. Return the replies of the calls that the gateway relies on."""
    replies: Replies = {}
    with hours(0):
        scene.stocked("TEA", 5, "24.90")
        replies |= _prices(scene)
        replies |= _an_order_that_is_changed(scene)
        replies |= _an_order_that_cannot_be_recalled(scene)
    _an_order_that_expires_and_revives(scene)
    with hours(30):
        replies |= _orders_that_are_cancelled(scene)
        replies |= _money_that_does_not_match(scene)
        replies |= _more_than_a_day_may_pay_back(scene)
        replies |= _disputes_and_books(scene)
        _complaints_made_good(scene)
        _questions_without_consequences(scene)
        replies |= _an_order_that_its_customer_edits(scene)
    with hours(40):
        replies |= _parcels_that_do_not_arrive(scene)
        _a_parcel_offered_again(scene)
        _goods_that_are_waited_for(scene)
        _goods_that_are_exchanged(scene)
        _goods_in_two_parcels(scene)
        replies["list_orders"] = scene.do(placing.list_orders, ListOrders(limit=1), caller=customer(EMAIL))
        replies["list_products"] = scene.do(catalogue.list_products, ListProducts(limit=1))
        replies["get_product"] = scene.do(catalogue.get_product, "TEA")
        replies["put_product"] = scene.do(catalogue.put_product, "TEA", _product(), caller=staff("admin"))
        kept = scene.place(("TEA", 1))
        replies["get_stock"] = scene.do(holds.get_stock, "TEA", PageQuery(limit=1), caller=staff(AGENT))
        replies["release_hold"] = scene.do(holds.release_hold, kept, ReleaseHold("sold out"), caller=staff(REVIEWER))
        erasure = ErasureConfirmed(request_id=ids.number(ids.PRIVACY, 1), email=EMAIL)
        scene.hear(privacy.on_erasure_confirmed, erasure)
    with hours(40 + 31 * 24):
        scene.do(privacy.tell_of_held_up)
    with hours(41):
        _money_in_another_currency(scene)
        replies["adjust_stock"] = scene.do(catalogue.adjust_stock, "TEA", AdjustStock(1, "delivered"))
        replies["put_stock_place"] = scene.do(places.put_stock_place, "berlin", berlin())
        replies["list_stock_places"] = scene.do(places.list_stock_places)
        replies["move_stock"] = scene.do(places.move_stock, MoveStock("TEA", 1, "main", "berlin", "transport 4711"))
    return replies


def announced(scene: Scene) -> dict[str, dict[str, Any]]:
    """Return the first entry of each type, as the relay publishes it."""
    query = sa.select(tables.journal).order_by(tables.journal.c.position.desc())
    rows = scene.do(lambda work: work.session.execute(query).mappings().all())
    return {row["type"]: {"service": "orders", **as_published(row)} for row in rows}


@contextmanager
def hours(later: float) -> Iterator[None]:
    with clock.frozen(AT + timedelta(hours=later)):
        yield


def _product() -> SaveProduct:
    product = {"title": "Green tea", "price": {"amount": "24.90", "currency": "USD"}, "hs_code": "090210"}
    return load(SaveProduct, product)


def _prices(scene: Scene) -> Replies:
    terms = {"percent": 10, "skus": ["MUG"], "valid_until": "2126-12-31", "uses": 100, "note": "spring letter"}
    saved = scene.do(discounts.put_discount, "SPRING", load(SaveDiscount, terms))
    wish = {"lines": [{"sku": "MUG", "quantity": 2}], "discount_code": "SPRING"}
    return {
        "put_discount": saved,
        "get_discount": scene.do(discounts.get_discount, "SPRING"),
        "list_discounts": scene.do(discounts.list_discounts, ListDiscounts()),
        "quote_order": scene.do(discounts.quote_order, load(QuoteOrder, wish)),
    }


def _an_order_that_is_changed(scene: Scene) -> Replies:
    wanted = load(PlaceOrder, order_form(("MUG", 2), ("TEA", 1), discount_code="SPRING"))
    placed = scene.do(placing.add_order, wanted, caller=customer(EMAIL))
    number = placed["number"]
    scene.report(declined(scene.start(number)))
    payment = scene.start(number)
    received = scene.report(captured(payment))
    ship(scene, number, "created")
    correct(scene, "MUG", -9)
    listed = scene.do(changes.list_changes, number)
    answered = scene.answer(listed["items"][0], "accept", "remove_line")
    scene.do(submissions.claim_due)
    scene.report(refund_fact(scene.order(number)["refunds"][0], FactKind.REFUND_FAILED, "ref.1"))
    ship(scene, number, "dispatched", "delivered", "taken_back", "delivered_again")
    claim = {
        "order_number": number, "return_number": "RET-7K3M-9Q2X-C", "units": [{"line_id": 2, "unit": 0}],
        "amount": {"amount": "24.90", "currency": "USD"},
    }  # fmt: skip
    with hours(0.5):
        scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, claim))
        scene.do(submissions.claim_due)
        scene.report(refund_fact(scene.order(number)["refunds"][1], FactKind.REFUND_SETTLED))
        scene.report(PaymentFact("evt_dispute", FactKind.DISPUTED, payment.payment_id, reason="unrecognized"))
    correct(scene, "MUG", 9)
    return {
        "place_order": placed,
        "start_payment": payments.client_data(
            payment, SETTINGS.provider("sandbox").start(payment.payment_id, number, payment.amount)
        ),
        "receive_payment_webhook": received,
        "list_changes": listed,
        "answer_change": answered,
        "get_order": scene.do(placing.get_order, number, caller=customer(EMAIL)),
        "get_order_as_staff": scene.order(number),
    }


def _an_order_that_cannot_be_recalled(scene: Scene) -> Replies:
    number = scene.paid(postal_code="1")
    waiting = scene.do(reviews.list_reviews, PageQuery(), caller=staff(REVIEWER))
    found = [{"check": "delivery", "result": "passed", "evidence": "confirmed by telephone"}]
    decision = {"decision": "pass", "checks": found, "note": ""}
    decided = scene.do(reviews.decide_review, number, load(DecideReview, decision), caller=staff(REVIEWER))
    ship(scene, number, "created")
    cancelled = scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=customer(EMAIL))
    ship(scene, number, "dispatched", "refused")
    return {"list_reviews": waiting, "decide_review": decided, "cancel_order": cancelled}


def _an_order_that_expires_and_revives(scene: Scene) -> None:
    with hours(1):
        number = scene.place(("MUG", 1))
        payment = scene.do(lambda work: work.payments.of_order(number)[0])
    with hours(26):
        scene.do(placing.expire_unpaid, number)
        scene.report(captured(payment))


def _orders_that_are_cancelled(scene: Scene) -> Replies:
    number = scene.paid(postal_code="1")
    proposal: dict[str, Any] = {"kind": "cancel", "reason": "We cannot deliver to this address. Shall we cancel?"}
    proposed = scene.propose(number, staff(AGENT), **proposal)
    scene.answer(proposed, "accept", "cancel")
    return {"propose_change": proposed}


def _an_order_that_its_customer_edits(scene: Scene) -> Replies:
    scene.stocked("ZIP", 9, "8.00")
    number = scene.paid(("ZIP", 2))
    ship(scene, number, "created")
    shown, edited = scene.edit(number, lines=[{"sku": "ZIP", "quantity": 1}])
    warehouse_says(scene, edited, overtaken_by="packed")
    return {"preview_edit": shown, "edit_order": edited}


def _parcels_that_do_not_arrive(scene: Scene) -> Replies:
    scene.stocked("POT", 9, "39.00")
    unknown, lost, back = (scene.paid(("POT", 1)) for _ in range(3))
    for number in (unknown, lost, back):
        ship(scene, number, "created", "dispatched")
    miss(scene, unknown, lines=[])
    opened = scene.do(remedies.open_remedy, unknown, by_hand(unknown), caller=staff(AGENT))
    miss(scene, lost)
    answered = answer(scene, lost, "resend")
    find(scene, lost)
    miss(scene, back, "returned")
    listed = scene.do(remedies.list_remedies, ListRemedies(limit=1), caller=staff(AGENT))
    answer(scene, back, "refund")
    goods = load(ReceiveGoods, {"lines": [{"sku": "POT", "quantity": 1}], "note": "not opened"})
    shelved = scene.do(remedies.receive_goods, asked(scene, back)["id"], goods, caller=staff(WAREHOUSE))
    find(scene, unknown)
    return {"open_remedy": opened, "answer_remedy": answered, "list_remedies": listed, "receive_goods": shelved}


def _money_that_does_not_match(scene: Scene) -> Replies:
    lead, other = staff(LEAD), replace(staff(LEAD), actor="staff:second@pledge.example")
    number = scene.place(("TEA", 1), postal_code="1")
    first = scene.pay(number, 1000)
    second = scene.pay(number)
    waiting = scene.report(PaymentFact("evt_dispute_2", FactKind.DISPUTED, second.payment_id, reason="unrecognized"))
    assert waiting["accepted"]
    listed = scene.do(attention.list_attention, ListAttention(limit=1), caller=lead)
    settling = SettlePayment(SettleDecision.WON, "the bank let us keep it")
    settled = scene.do(attention.settle_payment, second.payment_id, settling, caller=lead)
    scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=customer(EMAIL))
    for turn in range(3):
        with hours(31 + turn):
            scene.do(submissions.claim_due)
            for refund in scene.order(number)["refunds"]:
                fact = refund_fact(refund, FactKind.REFUND_FAILED, ids.new_id())
                scene.report(fact)
    queue = scene.do(refund_queue.list_refunds, ListRefunds(status=RefundStatus.MANUAL), caller=lead)
    ids_ = [item["id"] for item in queue["items"]]
    retried = scene.do(refund_queue.retry_refund, ids_[0], RetryRefund(), caller=lead)
    proof = RecordPaidRefund("transfer 4711 to the card's account")
    scene.do(refund_queue.record_paid_refund, ids_[1], proof, caller=lead)
    paid = scene.do(refund_queue.record_paid_refund, ids_[1], proof, caller=other)
    assert first.payment_id != second.payment_id
    scene.report(PaymentFact("evt_nobodys", FactKind.CAPTURED, "PAY-0000-0000-0", "", 990, "USD", "x"))
    (nobodys,) = (
        each
        for each in scene.do(attention.list_attention, ListAttention(), caller=lead)["items"]
        if each["kind"] == "unknown_payment"
    )
    known = SettlePayment(SettleDecision.NOTED, "another shop's payment")
    scene.do(attention.settle_payment, nobodys["payment_id"], known, caller=lead)
    moved = ListMovements(since=AT, until=AT + timedelta(days=30), limit=5)
    return {
        "get_payments": scene.do(ledgers.get_payments, number, caller=customer(EMAIL)),
        "get_payments_as_staff": scene.do(ledgers.get_payments, number, caller=lead),
        "list_documents": scene.do(documents.list_documents, number, caller=customer(EMAIL)),
        "list_movements": scene.do(ledgers.list_movements, moved, caller=lead),
        "report_ledger": scene.do(ledgers.report_ledger, Period(moved.since, moved.until), caller=lead),
        "list_attention": listed,
        "settle_payment": settled,
        "list_refunds": {**queue, "items": queue["items"][:1]},
        "retry_refund": retried,
        "record_paid_refund": paid,
    }


def _disputes_and_books(scene: Scene) -> Replies:
    lead = staff(LEAD)
    number = scene.stocked("PEN", 1, "24.90").paid(("PEN", 1))
    (payment,) = scene.do(lambda work: work.payments.of_order(number))
    told = PaymentFact(
        "evt_disputed", FactKind.DISPUTED, payment.payment_id, "", 2490, "USD", "dp.1", "fraudulent", dispute="dp.1"
    )
    scene.report(told)
    listed = scene.do(disputes.list_disputes, ListDisputes(limit=1), caller=lead)
    found = listed["items"][0]["id"]
    answered = scene.do(disputes.answer_dispute, found, AnswerDispute("sent by the bank's page"), caller=lead)
    for kind in (FactKind.DISPUTE_LOST, FactKind.DISPUTE_WON):
        scene.report(replace(told, event_id=f"evt {kind}", kind=kind))
    asked = scene.do(reconciling.compare_books, caller=lead)
    for turn in range(TOLD_AFTER):
        with clock.shifted(timedelta(hours=turn)):
            scene.do(reconciling.note_failure, "sandbox", "no answer")
    return {
        "list_disputes": listed,
        "get_dispute": scene.do(disputes.get_dispute, found, caller=lead),
        "answer_dispute": answered,
        "compare_books": asked,
        "list_books": scene.do(reconciling.list_books, caller=lead),
    }


def _money_in_another_currency(scene: Scene) -> None:
    payment = scene.pay(scene.place(("TEA", 1)), currency="EUR")
    sent = SettlePayment(SettleDecision.RETURNED, "sent back at the bank")
    scene.do(attention.settle_payment, payment.payment_id, sent, caller=staff(LEAD))


def _more_than_a_day_may_pay_back(scene: Scene) -> Replies:
    number = scene.paid(("TEA", 1))
    with ceiling("1.00", "10.00"):
        scene.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=customer(EMAIL))
        scene.do(submissions.claim_due)
        ceilings.put_in_front(partial(scene.store.work, Work))
        wish = RaiseRefundCeiling(Money(50_00), "the sale of last week comes back")
        raised = scene.do(ceilings.raise_ceiling, wish, caller=staff(ADMIN))
        scene.do(submissions.claim_due)
    return {"raise_refund_ceiling": raised, "get_refund_ceiling": scene.do(ceilings.get_ceiling, caller=staff(LEAD))}


def _complaints_made_good(scene: Scene) -> None:
    number = scene.stocked("CUP", 1, "24.90").paid(("CUP", 1))
    for ask, amount in enumerate((Money(5_00), Money(90_00)), start=1):
        scene.hear(goodwill.on_goodwill_asked, GoodwillAsked(
            ticket_number=ids.number(ids.TICKET, 1), order_number=number, ask=ask, amount=amount,
            by="staff:grace@pledge.example", agreed_by=None,
        ))  # fmt: skip


def _a_parcel_offered_again(scene: Scene) -> None:
    scene.stocked("JUG", 1, "24.90")
    missing = scene.paid(("JUG", 1))
    ship(scene, missing, "created", "dispatched")
    scene.hear(goodwill.on_resend_asked, ResendAsked(
        ticket_number=ids.number(ids.TICKET, 1), order_number=missing, ask=3, by="staff:grace@pledge.example",
    ))  # fmt: skip


def _goods_that_are_waited_for(scene: Scene) -> None:
    price = {"amount": "24.90", "currency": "USD"}
    terms = {"title": "An urn", "price": price, "backorder_until": "2026-03-20", "backorder_at_most": 3, "low_stock": 1}
    scene.do(catalogue.put_product, "URN", load(SaveProduct, terms))
    wanted = load(PlaceOrder, {**order_form(("URN", 1)), "goods_by": "2026-03-20"})
    scene.pay(scene.do(placing.add_order, wanted, caller=customer(EMAIL))["number"])
    scene.do(catalogue.adjust_stock, "URN", AdjustStock(1, "delivered"))
    scene.do(shortages.check_stock, "URN")


def _goods_that_are_exchanged(scene: Scene) -> None:
    number = scene.stocked("JAR", 4, "24.90").paid(("JAR", 1), email="bea@example.com")  # whom nothing erases here
    scene.deliver(number)
    again = ids.number(ids.SHIPMENT, 7)
    names = {"order_number": number, "return_number": "RET-7K3M-9Q2X-C", "shipment_number": again}
    units = [{"line_id": 1, "unit": 0, "amount": {"amount": "24.90", "currency": "USD"}}]
    scene.hear(exchanges.on_exchange_claimed, event_like(ExchangeClaimed, {**names, "units": units}))
    scene.hear(exchanges.on_exchange_withdrawn, event_like(ExchangeWithdrawn, names))
    scene.hear(shipments.on_shipment_recalled, event_like(ShipmentRecalled, names))


def _goods_in_two_parcels(scene: Scene) -> None:
    number = scene.stocked("BOX", 4, "24.90").paid(("BOX", 2), email="bea@example.com")
    left = {
        "shipment_number": ids.shipment_of(number, 2),
        "lines": [{"line_id": 1, "sku": "BOX", "title": "The BOX", "quantity": 1}],
        "due_at": "2026-03-05T16:00:00Z",
    }
    parcel = {"parcel_id": "PCL-1", "carrier": "fedex", "tracking_number": "1Z7", "lines": left["lines"]}
    names = {"order_number": number, "shipment_number": ids.shipment_of(number, 1), "rest": left, "parcels": [parcel]}
    scene.hear(shipments.on_shipment_dispatched, event_like(ShipmentDispatched, names))


def _questions_without_consequences(scene: Scene) -> None:
    proposal: dict[str, Any] = {"kind": "stock_short", "reason": "one is broken", "quantity": 1}
    answers: list[tuple[str, tuple[Any, ...]]] = [("MUG", ("decline",)), ("TEA", ("accept", "wait")), ("TEA", ())]
    for sku, given in answers:
        number = scene.paid((sku, 1))
        question = scene.propose(number, staff(AGENT), **proposal, sku=sku)
        if given:
            scene.answer(question, *given)
    unpaid = scene.place(("TEA", 1))
    scene.do(cancellations.cancel_order, unpaid, CancelOrder("changed my mind"), caller=customer(EMAIL))
    scene.report(captured(scene.do(lambda work: work.payments.of_order(unpaid)[0]), currency="EUR"))
    correct(scene, "TEA", 1)
