"""One run through everything orders can announce or answer: what the contracts are examples of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.caller import AGENT, REVIEWER
from services.common.edge.fields import load
from services.common.store import tables
from services.common.store.journal import wire
from services.common.testing import customer, staff
from services.orders import schemas
from services.orders.handlers import cancelling, catalogue, changing, paying, placing, refunding, reviewing, submitting
from services.orders.payments import FactKind, PaymentFact
from services.orders.tests.builders import EMAIL, SETTINGS, Shop, captured, declined, order_form, refund_fact
from services.orders.tests.test_changes import correct, ship

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Replies = dict[str, dict[str, Any]]


def play(shop: Shop) -> Replies:
    """Everything that can happen; the replies of the calls that the gateway relies on."""
    replies: Replies = {}
    with hours(0):
        shop.stocked("TEA", 5, "24.90")
        replies |= _an_order_that_is_changed(shop)
        replies |= _an_order_that_cannot_be_recalled(shop)
    _an_order_that_expires_and_revives(shop)
    with hours(30):
        replies |= _orders_that_are_cancelled(shop)
        _questions_without_consequences(shop)
        replies["list_orders"] = shop.do(placing.list_orders, {"limit": 1}, caller=customer(EMAIL))
        replies["list_products"] = shop.do(catalogue.list_products, {"limit": 1})
        replies["get_product"] = shop.do(catalogue.get_product, "TEA")
        replies["put_product"] = shop.do(catalogue.put_product, "TEA", _product(), caller=staff("admin"))
        replies["adjust_stock"] = shop.do(catalogue.adjust_stock, "TEA", 1, "delivered")
    return replies


def announced(shop: Shop) -> dict[str, dict[str, Any]]:
    """The first entry of each type, as the relay publishes it."""
    query = sa.select(tables.journal).order_by(tables.journal.c.position.desc())
    rows = shop.do(lambda work: work.session.execute(query).mappings().all())
    return {row["type"]: {"service": "orders", **wire(row)} for row in rows}


@contextmanager
def hours(later: float) -> Iterator[None]:
    with clock.frozen(AT + timedelta(hours=later)):
        yield


def _product() -> dict[str, Any]:
    product = {"title": "Green tea", "price": {"amount": "24.90", "currency": "USD"}, "hs_code": "090210"}
    facts: dict[str, Any] = load(schemas.Product, product)
    return facts


def _an_order_that_is_changed(shop: Shop) -> Replies:
    wanted = load(schemas.PlaceOrder, order_form(("MUG", 2), ("TEA", 1)))
    placed = shop.do(placing.place_order, SETTINGS, wanted, caller=customer(EMAIL))
    number = placed["number"]
    shop.report(declined(shop.start(number)))
    payment = shop.start(number)
    received = shop.report(captured(payment))
    shop.do(reviewing.start_review, SETTINGS, number)
    ship(shop, number, "created")
    correct(shop, "MUG", -9)
    listed = shop.do(changing.list_changes, number)
    answered = shop.answer(listed["items"][0], "accept", "remove_line")
    shop.do(submitting.claim_due)
    shop.report(refund_fact(shop.order(number)["refunds"][0], FactKind.REFUND_FAILED, "ref.1"))
    ship(shop, number, "dispatched", "delivered")
    claim = {
        "order_number": number, "return_number": "RET-7K3M-9Q2X-C", "units": [{"line_id": 2, "unit": 0}],
        "amount": {"amount": "24.90", "currency": "USD"},
    }  # fmt: skip
    with hours(0.5):
        shop.do(refunding.claim_return, load(schemas.RefundClaimed, claim))
        shop.do(submitting.claim_due)
        shop.report(refund_fact(shop.order(number)["refunds"][1], FactKind.REFUND_SETTLED))
        shop.report(PaymentFact("evt_dispute", FactKind.DISPUTED, payment.payment_id, reason="unrecognized"))
    correct(shop, "MUG", 9)
    return {
        "place_order": placed,
        "start_payment": paying.client_data(payment, SETTINGS.provider("sandbox")),
        "receive_payment_webhook": received,
        "list_changes": listed,
        "answer_change": answered,
        "get_order": shop.do(placing.get_order, number, caller=customer(EMAIL)),
        "get_order_as_staff": shop.order(number),
    }


def _an_order_that_cannot_be_recalled(shop: Shop) -> Replies:
    number = shop.paid(postal_code="1")
    waiting = shop.do(reviewing.list_reviews, {}, caller=staff(REVIEWER))
    found = [{"check": "delivery", "result": "passed", "evidence": "confirmed by telephone"}]
    decision = {"decision": "pass", "checks": found, "note": ""}
    decided = shop.do(reviewing.decide_review, number, decision, caller=staff(REVIEWER))
    ship(shop, number, "created")
    cancelled = shop.do(cancelling.cancel_order, number, "changed my mind", caller=customer(EMAIL))
    ship(shop, number, "dispatched", "refused")
    return {"list_reviews": waiting, "decide_review": decided, "cancel_order": cancelled}


def _an_order_that_expires_and_revives(shop: Shop) -> None:
    with hours(1):
        number = shop.place(("MUG", 1))
        payment = shop.do(lambda work: work.payments.of_order(number)[0])
    with hours(26):
        shop.do(placing.expire_unpaid, number)
        shop.report(captured(payment))


def _orders_that_are_cancelled(shop: Shop) -> Replies:
    number = shop.paid(postal_code="1")
    proposal = {"kind": "cancel", "reason": "We cannot deliver to this address. Shall we cancel?"}
    proposed = shop.do(changing.propose_change, SETTINGS, number, proposal, caller=staff(AGENT))
    shop.answer(proposed, "accept", "cancel")
    return {"propose_change": proposed}


def _questions_without_consequences(shop: Shop) -> None:
    proposal = {"kind": "stock_short", "reason": "one is broken", "quantity": 1}
    for sku, answer in (("MUG", ("decline",)), ("TEA", ("accept", "wait")), ("TEA", ())):
        number = shop.paid((sku, 1))
        asked = shop.do(changing.propose_change, SETTINGS, number, {**proposal, "sku": sku}, caller=staff(AGENT))
        if answer:
            shop.answer(asked, *answer)
    unpaid = shop.place(("TEA", 1))
    shop.do(cancelling.cancel_order, unpaid, "changed my mind", caller=customer(EMAIL))
    shop.report(captured(shop.do(lambda work: work.payments.of_order(unpaid)[0]), currency="EUR"))
    correct(shop, "TEA", 1)
