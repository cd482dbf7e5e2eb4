"""Aftersales over the bus, as the gateway and the other services meet it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.aftersales.service import AftersalesService
from services.aftersales.tests import builders
from services.aftersales.tests.builders import ORDER_NUMBER
from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.basics.ids import new_id
from services.common.testing import Platform, customer, eventually, holder, running, staff

ADA, GRACE = customer("ada@example.com"), staff("aftersales")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with running(AftersalesService, folder=tmp_path) as platform:
        yield platform


def deliver(platform: Platform, order_number: str = ORDER_NUMBER) -> None:
    """Let the order be placed and delivered just now, and wait until a return can be asked for."""
    platform.publish("orders", "order_placed", builders.order_placed(order_number))
    body = builders.shipment_delivered(order_number, at=clock.rfc3339(clock.now()))
    platform.publish("logistics", "shipment_delivered", body, subject="SHP-1")

    def open_window() -> bool:
        try:
            too_many = builders.wanted(quantity=99, order_number=order_number)
            call(platform, "request_return", too_many)
        except NotFound:
            return False
        except Conflict as refused:
            return refused.code == "not_returnable"
        return False

    eventually(open_window)


def call(platform: Platform, method: str, *args: Any, caller: Caller = ADA) -> Any:
    return platform.call("aftersales", method, *args, caller=caller)


def bring_to_claim(platform: Platform, quantity: int = 1) -> str:
    number: str = call(platform, "request_return", builders.wanted(quantity))["number"]
    review = {"decision": "authorize", "parts": builders.parts_json()}
    call(platform, "review_return", number, review, caller=GRACE)
    goods = {"sku": "LAMP-1", "quantity": quantity}
    call(platform, "receive_return", number, {"lines": [{**goods, "condition": "received_ok"}]}, caller=GRACE)
    call(platform, "inspect_return", number, {"lines": [{**goods, "outcome": "accepted"}]}, caller=GRACE)
    return number


def test_a_return_goes_from_the_request_to_the_settled_refund(platform):
    deliver(platform)

    number = bring_to_claim(platform)
    claim = platform.eventually_recorded("aftersales", "refund_claimed")[0]["body"]
    news = builders.refund_news(number, claim["amount"]["amount"])
    platform.publish("orders", "refund_submitted", news, subject_seq=5)
    platform.publish("orders", "refund_settled", {**news, "settled_at": clock.rfc3339(clock.now())}, subject_seq=6)
    platform.eventually_recorded("aftersales", "return_closed")

    seen = call(platform, "get_return", number)
    assert (seen["status"], seen["refund"]["settled"]["amount"]) == ("closed", "19.99")
    assert {one["kind"]: one["status"] for one in seen["commitments"]} == {
        "return_review": "kept", "verification": "kept", "refund": "kept",
    }  # fmt: skip
    assert "decisions" not in seen


def test_events_in_the_wrong_order_and_twice_end_alike(platform):
    delivered = builders.shipment_delivered(at=clock.rfc3339(clock.now()))
    for _ in range(2):
        platform.publish("logistics", "shipment_delivered", delivered, subject="SHP-1", event_id=new_id())
    first = new_id()
    for _ in range(2):
        platform.publish("orders", "order_placed", builders.order_placed(), event_id=first)

    deliver(platform)

    assert len(call(platform, "request_return", builders.wanted(3))["units"]) == 3
    assert platform.dead_letters("aftersales") == []


def test_an_early_and_repeated_settlement_counts_once(platform):
    deliver(platform)
    number = bring_to_claim(platform, quantity=2)
    news = builders.refund_news(number, "39.98")
    settled = {**news, "settled_at": clock.rfc3339(clock.now())}

    platform.publish("orders", "refund_settled", settled, subject_seq=6, event_id=(twice := new_id()))
    platform.publish("orders", "refund_settled", settled, subject_seq=6, event_id=twice)
    platform.publish("orders", "refund_failed", {**news, "reason": "x"}, subject_seq=5)
    platform.publish("orders", "refund_submitted", news, subject_seq=4)
    platform.eventually_recorded("aftersales", "return_closed")
    eventually(lambda: handled(platform, "on_refund_submitted") and handled(platform, "on_refund_failed"))

    assert len(platform.journal("aftersales", "return_refunded")) == 1
    assert call(platform, "get_return", number)["status"] == "closed"


def handled(platform: Platform, handler: str) -> bool:
    import sqlalchemy as sa

    from services.common.store import tables

    query = sa.select(tables.inbox).where(tables.inbox.c.handler == handler, tables.inbox.c.done_at.is_not(None))
    with platform.store("aftersales").reader.connect() as connection:
        return connection.execute(query).first() is not None


def test_the_same_request_with_one_key_is_one_return(platform):
    deliver(platform)
    ada = customer("ada@example.com", key="k-1")

    first = call(platform, "request_return", builders.wanted(), caller=ada)
    again = call(platform, "request_return", builders.wanted(), caller=ada)

    assert again == first
    assert len(platform.journal("aftersales", "return_requested")) == 1
    with pytest.raises(Conflict, match="idempotency_key_reused"):
        call(platform, "request_return", builders.wanted(2), caller=ada)


def test_the_orders_link_shows_its_returns_and_no_others(platform):
    deliver(platform)
    number = call(platform, "request_return", builders.wanted())["number"]
    link, other = holder(f"order:{ORDER_NUMBER}"), holder("order:ORD-0000-0000-0")

    assert [one["number"] for one in call(platform, "list_returns", {}, caller=link)["items"]] == [number]
    assert call(platform, "list_returns", {"order_number": ORDER_NUMBER}, caller=other)["items"] == []
    with pytest.raises(NotFound, match="return_not_found"):
        call(platform, "get_return", number, caller=other)
    with pytest.raises(Forbidden, match="role_required"):
        call(platform, "get_return", number, caller=staff("warehouse"))
    assert call(platform, "get_return", number, caller=staff("agent"))["number"] == number
    assert call(platform, "get_timeline", ORDER_NUMBER, caller=link)["items"]
    with pytest.raises(NotFound):
        call(platform, "get_timeline", ORDER_NUMBER, caller=other)


def test_each_declared_method_answers_over_the_bus(platform):
    deliver(platform)
    number = bring_to_claim(platform)
    call(platform, "list_returns", {"order_number": ORDER_NUMBER})
    call(platform, "get_return", number)
    asked = call(platform, "request_return", builders.wanted())["number"]
    call(platform, "review_return", asked, {"decision": "info", "question": "Is the plug in the box?"}, caller=GRACE)
    call(platform, "answer_info", asked, {"answer": "Yes."})
    rejection = {"decision": "reject", "parts": builders.parts_json(failed="product_status"), "ground": "incomplete"}
    for person in (GRACE, staff("aftersales", email="alan@pledge.example")):
        call(platform, "review_return", asked, {**rejection, "explanation": "The plug is missing."}, caller=person)
    call(platform, "appeal_return", asked, {"statement": "It is in the box."})
    kept = call(platform, "request_return", builders.wanted())["number"]
    call(platform, "withdraw_return", kept, {})
    swapped = call(platform, "request_return", {**builders.wanted(), "outcome": "exchange"})["number"]
    assert call(platform, "choose_refund", swapped, {"outcome": "refund"})["outcome"] == "refund"
    call(platform, "withdraw_return", swapped, {})
    alan, piece = staff("aftersales", email="alan@pledge.example"), {"line_id": 1, "unit": 2}
    contested = call(platform, "request_return", builders.wanted())["number"]
    call(platform, "review_return", contested, {"decision": "authorize", "parts": builders.parts_json()}, caller=GRACE)
    call(platform, "receive_return", contested, {"units": [{**piece, "condition": "damaged"}]}, caller=GRACE)
    disputed = {"units": [{**piece, "outcome": "disputed", **builders.FOUND}]}
    call(platform, "inspect_return", contested, disputed, caller=GRACE)
    rejected = {"units": [{**piece, "outcome": "rejected"}]}
    call(platform, "take_second_look", contested, rejected, caller=alan)
    call(platform, "appeal_return", contested, {"statement": "It is in the box."})
    call(platform, "take_second_look", contested, rejected, caller=staff("lead", email="edsger@pledge.example"))
    call(platform, "send_back", contested, {"carrier": "ups"}, caller=GRACE)
    disposed = {"lines": [{"sku": "LAMP-1", "quantity": 1, "disposition": "restock"}]}
    call(platform, "dispose_return", number, disposed, caller=GRACE)
    receipt = {"amount": {"amount": "13.90", "currency": "USD"}, "receipt": "DHL, 12.90 EUR"}
    call(platform, "ask_postage", number, receipt)
    call(platform, "decide_postage", number, {"postage": 1, "decision": "accept"}, caller=GRACE)
    lead, period = staff("lead"), {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    call(platform, "get_timeline", ORDER_NUMBER)
    call(platform, "list_commitments", {}, caller=lead)
    call(platform, "report_commitments", period, caller=lead)
    call(platform, "list_breaches", {**period, "until": "2026-12-31T00:00:00Z"}, caller=lead)
    call(platform, "count_promises")
    call(platform, "get_health")
    call(platform, "verify_journal", caller=lead)
    call(platform, "export_person", caller=customer("ada@example.com"))
    call(platform, "list_upcoming", caller=staff("admin"))
    call(platform, "list_dead_letters", {}, caller=staff("admin"))
    call(platform, "redrive_letters", {"events": ["none"]}, caller=staff("admin"))

    assert platform.silent("aftersales") == set()


def test_customers_see_no_proposed_rejection_names_or_notes(platform):
    deliver(platform)
    number = call(platform, "request_return", builders.wanted())["number"]
    parts = builders.parts_json(failed="product_status")
    rejection = {"decision": "reject", "parts": parts, "ground": "incomplete", "explanation": "No plug."}

    seen = call(platform, "review_return", number, rejection, caller=GRACE)
    assert seen["decisions"][0]["by"] == GRACE.actor
    with pytest.raises(Forbidden, match="second_person_required"):
        call(platform, "review_return", number, rejection, caller=GRACE)

    shown = call(platform, "get_return", number)
    timeline = call(platform, "get_timeline", ORDER_NUMBER)["items"]
    assert (shown["status"], shown["review"], shown["rejection"]) == ("requested", None, None)
    assert "photo 3" not in str(shown) + str(timeline)
    assert [entry["type"] for entry in timeline] == ["return_requested"]


BAD_REQUESTS: list[Any] = [
    None,
    [],
    "x",
    {},
    builders.wanted(0),
    builders.wanted(1000),
    builders.wanted(True),
    builders.wanted(1, lines=[{"sku": "LAMP-1", "quantity": 1.0, "reason": "damaged"}]),
    builders.wanted(1, lines=[{"sku": "LAMP-1", "quantity": 1, "reason": "boredom"}]),
    builders.wanted(1, refund={"amount": "1.00", "currency": "USD"}),
    builders.wanted(1, order_number="ORD-1"),
    builders.wanted(1, lines=[]),
    builders.wanted(1, description="\x00"),
    builders.wanted(1, evidence=["x"] * 11),
]


@pytest.mark.parametrize("request_", BAD_REQUESTS, ids=str)
def test_invalid_requests_are_refused_with_the_fields_named(shared, request_):
    with pytest.raises(Invalid, match="validation_failed"):
        call(shared, "request_return", request_)


STEPS_OF_CUSTOMERS = ("answer_info", "appeal_return", "withdraw_return", "choose_refund")


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("review_return", {"decision": "authorize"}),
        ("review_return", {"decision": "approve", "parts": builders.parts_json()}),
        ("review_return", {"decision": "reject", "parts": builders.parts_json(failed="product_status")}),
        ("review_return", {"decision": "info", "parts": builders.parts_json()}),
        ("receive_return", {}),
        ("receive_return", {"lines": [{"sku": "LAMP-1", "quantity": 1, "condition": "awaiting"}]}),
        ("receive_return", {"units": [{"line_id": 1, "unit": 0, "sku": "LAMP-1", "condition": "damaged"}]}),
        ("inspect_return", {"units": [{"line_id": 1, "outcome": "accepted"}]}),
        ("answer_info", {}),
        ("answer_info", {"answer": "x", "sent": True}),
        ("appeal_return", {"statement": " "}),
        ("withdraw_return", {"why": "x"}),
        ("choose_refund", {}),
        ("choose_refund", {"outcome": "exchange"}),
    ],
)
def test_invalid_steps_are_refused_with_the_fields_named(shared, method, body):
    with pytest.raises(Invalid, match="validation_failed"):
        call(shared, method, builders.RETURN_NUMBER, body, caller=ADA if method in STEPS_OF_CUSTOMERS else GRACE)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Run one service for all tests that change nothing."""
    with running(AftersalesService, folder=tmp_path_factory.mktemp("shared")) as platform:
        yield platform
