"""Every declared method answers over the bus, and answers what it declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.common.basics import clock, ids
from services.common.basics.caller import ADMIN, AGENT, LEAD, REVIEWER, WAREHOUSE, Caller
from services.common.edge.schemas import check_reply
from services.common.testing import Platform, customer, eventually, guest, holder, running, staff
from services.orders.api import OrdersApi
from services.orders.service import OrdersService
from services.orders.tests.builders import EMAIL, a_webhook, order_form

MUG = {"title": "A mug", "price": {"amount": "12.50", "currency": "USD"}, "parameters": {"Colour": "blue"}}
CSV = "sku,title,price,stock\nCUP,A cup,4.00,7\n"


class Asked:
    """Calls orders, and keeps the last reply of each method."""

    def __init__(self, platform: Platform):
        self.platform = platform
        self.replies: dict[str, Any] = {}

    def __call__(self, method: str, *arguments: Any, caller: Caller) -> Any:
        reply = self.platform.call("orders", method, *arguments, caller=caller)
        self.replies[method] = reply
        return reply


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Return what every method answered in one run."""
    with running(OrdersService, folder=tmp_path_factory.mktemp("api")) as platform:
        ask = Asked(platform)
        ask("put_product", "MUG", MUG, caller=staff(ADMIN))
        ask("adjust_stock", "MUG", {"delta": 10, "reason": "counted"}, caller=staff(ADMIN))
        place = {"line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
        ask("put_stock_place", "berlin", {"name": "Berlin", **place}, caller=staff(LEAD))
        ask("list_stock_places", caller=staff(AGENT))
        move = {"sku": "MUG", "quantity": 1, "from_place": "main", "to_place": "berlin", "reason": "transport"}
        ask("move_stock", move, caller=staff(WAREHOUSE))
        ask("preview_import", CSV, caller=staff(ADMIN))
        ask("import_products", CSV, caller=staff(ADMIN))
        ask("get_stock", "MUG", {}, caller=staff(AGENT))
        ask("list_products", {"q": "mug"}, caller=guest())
        ask("get_product", "MUG", caller=guest())
        ask("put_discount", "SPRING", {"percent": 10}, caller=staff(ADMIN))
        ask("get_discount", "SPRING", caller=staff(LEAD))
        ask("list_discounts", {}, caller=staff(AGENT))
        ask("quote_order", {"lines": [{"sku": "MUG", "quantity": 2}], "discount_code": "spring"}, caller=guest())
        ask("list_destinations", caller=guest())
        ask("get_address_form", "GB", caller=guest())
        unpaid = ask("place_order", order_form(("CUP", 1)), caller=guest())["number"]
        ask("cancel_order", unpaid, {}, caller=holder(f"order:{unpaid}"))
        kept = ask("place_order", order_form(("CUP", 1)), caller=guest())["number"]
        ask("release_hold", kept, {"reason": "sold out"}, caller=staff(REVIEWER))
        _order_that_is_reviewed(ask)
        _money_that_needs_a_person(ask)
        ask("list_commitments", {}, caller=staff(AGENT))
        since_then = {"since": "2026-01-01T00:00:00Z", "until": clock.rfc3339(clock.now() + timedelta(days=1))}
        for method in ("list_breaches", "report_commitments"):
            ask(method, since_then, caller=staff(AGENT))
        ask("count_promises", caller=guest())
        ask("get_health", caller=guest())
        ask("export_person", caller=customer("ada@example.com"))
        ask("verify_journal", caller=staff(AGENT))
        ask("list_upcoming", caller=staff(ADMIN))
        ask("list_dead_letters", {}, caller=staff(ADMIN))
        ask("redrive_letters", {"events": ["none"]}, caller=staff(ADMIN))
        yield ask.replies


def _order_that_is_reviewed(ask: Asked) -> None:
    placed = ask("place_order", order_form(("MUG", 2), postal_code="1"), caller=guest())
    number = placed["number"]
    owner = holder(f"order:{number}")
    started = ask("start_payment", number, {}, caller=owner)
    headers, body = a_webhook(
        "payment.captured", payment_id=started["payment_id"], amount_cents=2500, currency="USD", reference="p.1"
    )
    ask("receive_payment_webhook", "sandbox", headers, body, caller=guest())
    eventually(lambda: ask("list_reviews", {}, caller=staff(REVIEWER))["items"][0]["stage"] == "contacting_you")
    proposal = {"kind": "cancel", "reason": "Shall we cancel?"}
    change = ask("propose_change", number, proposal, caller=staff(AGENT))
    ask("withdraw_change", change["id"], caller=staff(AGENT))
    change = ask("propose_change", number, proposal, caller=staff(AGENT))
    ask("list_changes", number, caller=owner)
    ask("answer_change", change["id"], {"decision": "decline", "digest": change["digest"]}, caller=owner)
    edit = {"kind": "lines", "lines": [{"sku": "MUG", "quantity": 1}]}
    shown = ask("preview_edit", number, edit, caller=owner)
    ask("edit_order", number, {**edit, "digest": shown["digest"]}, caller=owner)
    found = {"check": "delivery", "result": "passed", "evidence": "confirmed by telephone"}
    ask("decide_review", number, {"decision": "pass", "checks": [found]}, caller=staff(REVIEWER))
    ask("hold_order", number, {"reason": "fraud"}, caller=staff(REVIEWER))
    ask("list_holds", {}, caller=staff(AGENT))
    ask("release_order", number, caller=staff(LEAD))
    ask("get_order", number, caller=staff(AGENT))
    _parcel_that_does_not_arrive(ask, number)
    ask("list_orders", {"status": "cancelled", "email": EMAIL}, caller=staff(AGENT))
    ask("list_orders_to_export", {"q": number}, caller=staff(LEAD))
    ask("authorize_order_access", number, caller=owner)
    period = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    ask("get_payments", number, caller=staff(AGENT))
    ask("list_movements", period, caller=staff(LEAD))
    ask("list_documents", number, caller=owner)
    ask("report_ledger", period, caller=staff(LEAD))
    ask("get_timeline", number, caller=staff(AGENT))


def _parcel_that_does_not_arrive(ask: Asked, number: str) -> None:
    shipment, owner = ids.renamed(number, ids.SHIPMENT), holder(f"order:{number}")
    facts = {"shipment_number": shipment, "order_number": number}
    lines = [{"line_id": 1, "sku": "MUG", "quantity": 1}]
    created = {**facts, "lines": lines, "at": "2026-03-03T09:00:00Z"}
    ask.platform.publish("logistics", "shipment_created", created, subject=shipment, subject_seq=1)
    sent = {**facts, "dispatched_at": "2026-03-03T10:00:00Z"}
    ask.platform.publish("logistics", "shipment_dispatched", sent, subject=shipment, subject_seq=2)
    eventually(lambda: ask("get_order", number, caller=owner)["stage"] == "dispatched")
    found = {"shipment_number": shipment, "reason": "not_received", "evidence": "the customer called"}
    ask("open_remedy", number, found, caller=staff(AGENT))
    (item,) = ask("list_remedies", {}, caller=staff(WAREHOUSE))["items"]
    ask("answer_remedy", number, {"option": "refund", "digest": item["digest"]}, caller=owner)
    goods = {"lines": [{"sku": "MUG", "quantity": 1}], "note": "not opened"}
    ask("receive_goods", item["id"], goods, caller=staff(WAREHOUSE))


def _money_that_needs_a_person(ask: Asked) -> None:
    lead, second = staff(LEAD), replace(staff(LEAD), actor="staff:second@pledge.example")
    number = ask("place_order", order_form(("CUP", 1), postal_code="1"), caller=guest())["number"]
    owner = holder(f"order:{number}")
    facts: dict[str, Any] = {"amount_cents": 400, "currency": "USD", "reference": "p.2"}
    facts["payment_id"] = ask("start_payment", number, {}, caller=owner)["payment_id"]
    ask("receive_payment_webhook", "sandbox", *a_webhook("payment.captured", **facts), caller=guest())
    ask("receive_payment_webhook", "sandbox", *a_webhook("payment.disputed", **facts, id="dp.1"), caller=guest())
    ask("cancel_order", number, {}, caller=owner)
    ask("list_attention", {}, caller=lead)
    dispute = eventually(lambda: ask("list_disputes", {}, caller=lead)["items"])[0]["id"]
    ask("get_dispute", dispute, caller=lead)
    ask("answer_dispute", dispute, {"note": "sent by the bank's page"}, caller=lead)
    ask("compare_books", caller=lead)
    ask("list_books", caller=lead)
    ask("settle_payment", facts["payment_id"], {"decision": "won", "note": "kept"}, caller=lead)
    refund = ask("list_refunds", {}, caller=lead)["items"][0]["id"]
    _refused(ask, refund)
    ask("retry_refund", refund, {}, caller=lead)
    _refused(ask, refund)
    ask("get_refund_ceiling", caller=lead)
    ask("raise_refund_ceiling", {"amount": {"amount": "5.00", "currency": "USD"}, "note": "sale"}, caller=staff(ADMIN))
    for person in (lead, second):
        ask("record_paid_refund", refund, {"proof": "transfer 4711"}, caller=person)


def _refused(ask: Asked, refund: str) -> None:
    """Report by webhook what cannot be, which leaves the refund to a person."""

    def is_manual() -> bool:
        queue = ask("list_refunds", {}, caller=staff(LEAD))["items"]
        (found,) = (item for item in queue if item["id"] == refund)
        if found["status"] in ("submitted", "pending"):
            facts: dict[str, Any] = {"refund_id": refund, "amount_cents": 1, "currency": "USD", "reference": "p.2"}
            report = a_webhook("refund.settled", **facts, id=ids.new_id())
            ask("receive_payment_webhook", "sandbox", *report, caller=guest())
        return bool(found["status"] == "manual")

    eventually(is_manual)


@pytest.mark.parametrize("name", sorted(OrdersApi.methods))
def test_a_method_answers_what_it_declares(replies: dict[str, Any], name: str) -> None:
    check_reply(OrdersApi.methods[name].reply, replies[name])


@pytest.mark.parametrize("name", ["list_attention", "list_refunds"])
def test_lists_of_money_are_not_empty_where_they_are_checked(replies: dict[str, Any], name: str) -> None:
    assert replies[name]["items"]


def test_lists_are_not_empty_where_they_are_checked(replies: dict[str, Any]) -> None:
    for name in (
        "list_products",
        "list_orders",
        "list_reviews",
        "list_changes",
        "list_remedies",
        "report_commitments",
        "get_timeline",
    ):
        assert replies[name]["items"], name
