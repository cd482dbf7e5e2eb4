"""One run through everything orders can announce or answer: what the contracts are examples of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.caller import AGENT, REVIEWER
from services.common.basics.shapes import PageQuery
from services.common.bus.travel import read_event
from services.common.edge.schemas import load
from services.common.store import tables
from services.common.store.journal import wire
from services.common.testing import customer, staff
from services.orders import heard
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import (
    AdjustStock,
    CancelOrder,
    DecideReview,
    ListOrders,
    ListProducts,
    PlaceOrder,
    SaveProduct,
)
from services.orders.handlers import cancellations, catalogue, changes, payments, placing, refunds, reviews, submissions
from services.orders.tests.builders import EMAIL, SETTINGS, captured, declined, order_form, refund_fact
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import correct, ship

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Replies = dict[str, Any]


def play(scene: Scene) -> Replies:
    """Everything that can happen; the replies of the calls that the gateway relies on."""
    replies: Replies = {}
    with hours(0):
        scene.stocked("TEA", 5, "24.90")
        replies |= _an_order_that_is_changed(scene)
        replies |= _an_order_that_cannot_be_recalled(scene)
    _an_order_that_expires_and_revives(scene)
    with hours(30):
        replies |= _orders_that_are_cancelled(scene)
        _questions_without_consequences(scene)
        replies["list_orders"] = scene.do(placing.list_orders, ListOrders(limit=1), caller=customer(EMAIL))
        replies["list_products"] = scene.do(catalogue.list_products, ListProducts(limit=1))
        replies["get_product"] = scene.do(catalogue.get_product, "TEA")
        replies["put_product"] = scene.do(catalogue.put_product, "TEA", _product(), caller=staff("admin"))
        replies["adjust_stock"] = scene.do(catalogue.adjust_stock, "TEA", AdjustStock(1, "delivered"))
    return replies


def announced(scene: Scene) -> dict[str, dict[str, Any]]:
    """The first entry of each type, as the relay publishes it."""
    query = sa.select(tables.journal).order_by(tables.journal.c.position.desc())
    rows = scene.do(lambda work: work.session.execute(query).mappings().all())
    return {row["type"]: {"service": "orders", **wire(row)} for row in rows}


@contextmanager
def hours(later: float) -> Iterator[None]:
    with clock.frozen(AT + timedelta(hours=later)):
        yield


def _product() -> SaveProduct:
    product = {"title": "Green tea", "price": {"amount": "24.90", "currency": "USD"}, "hs_code": "090210"}
    return load(SaveProduct, product)


def _an_order_that_is_changed(scene: Scene) -> Replies:
    wanted = load(PlaceOrder, order_form(("MUG", 2), ("TEA", 1)))
    placed = scene.do(placing.add_order, wanted, caller=customer(EMAIL))
    number = placed["number"]
    scene.report(declined(scene.start(number)))
    payment = scene.start(number)
    received = scene.report(captured(payment))
    scene.do(reviews.start_review, number)
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
        scene.hear(refunds.on_refund_claimed, read_event(heard.RefundClaimed, claim))
        scene.do(submissions.claim_due)
        scene.report(refund_fact(scene.order(number)["refunds"][1], FactKind.REFUND_SETTLED))
        scene.report(PaymentFact("evt_dispute", FactKind.DISPUTED, payment.payment_id, reason="unrecognized"))
    correct(scene, "MUG", 9)
    return {
        "place_order": placed,
        "start_payment": payments.client_data(payment, SETTINGS.provider("sandbox")),
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


def _questions_without_consequences(scene: Scene) -> None:
    proposal: dict[str, Any] = {"kind": "stock_short", "reason": "one is broken", "quantity": 1}
    answers: list[tuple[str, tuple[Any, ...]]] = [("MUG", ("decline",)), ("TEA", ("accept", "wait")), ("TEA", ())]
    for sku, answer in answers:
        number = scene.paid((sku, 1))
        asked = scene.propose(number, staff(AGENT), **proposal, sku=sku)
        if answer:
            scene.answer(asked, *answer)
    unpaid = scene.place(("TEA", 1))
    scene.do(cancellations.cancel_order, unpaid, CancelOrder("changed my mind"), caller=customer(EMAIL))
    scene.report(captured(scene.do(lambda work: work.payments.of_order(unpaid)[0]), currency="EUR"))
    correct(scene, "TEA", 1)
