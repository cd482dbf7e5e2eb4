"""Unpaid stock comes free: what holds goods without paying, for how long, and how staff end it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.clock import now, parse_rfc3339
from services.common.testing import eventually
from services.orders.api import PaymentStatus
from services.orders.domain import held_until, place_key
from services.orders.tests.builders import DELIVERY, NOW, a_payment, an_order
from tests.shop.conftest import Shop, cents_of, usd

HOLD = 31


def free(shop: Shop, sku: str) -> int:
    return int(shop.stock(sku)["available"])


@pytest.mark.parametrize("attempt", ["none", "started", "declined"])
def test_an_unpaid_order_frees_its_stock_whatever_was_started(shop: Shop, attempt: str) -> None:
    sku = f"FREE-{attempt}"
    shop.stocked(sku, 5)
    placed = shop.order((sku, 5)).json()
    if attempt != "none":
        path = f"/orders/{placed['number']}/payments"
        assert shop.ask("POST", path, token=placed["access_token"], json={}).status_code == 201
    if attempt == "declined":
        shop.bank("payment.failed", placed["payment"]["id"], cents_of(placed["payment"]["amount"]), reason="declined")
    assert shop.order((sku, 1)).json()["code"] == "out_of_stock"

    with shop.later(HOLD):
        assert shop.until(placed, lambda order: order["status"] == "expired")
        assert free(shop, sku) == 5


def test_the_hold_lasts_while_the_bank_works_in_its_session(shop: Shop) -> None:
    shop.stocked("SLOW", 3)
    slow, idle = shop.order(("SLOW", 2)).json(), shop.order(("SLOW", 1)).json()
    end = int((now() + timedelta(minutes=50)).timestamp())
    shop.bank("payment.processing", slow["payment"]["id"], 2500, expires_at=end)

    with shop.later(HOLD):
        shop.until(idle, lambda order: order["status"] == "expired")
        shown = shop.show(slow)
        assert shown["status"] == "awaiting_payment"
        assert int(parse_rfc3339(shown["expires_at"]).timestamp()) == end
    with shop.later(51):
        shop.until(slow, lambda order: order["status"] == "expired")
    assert free(shop, "SLOW") == 3


def test_a_payment_declined_after_work_began_frees_the_stock(shop: Shop) -> None:
    shop.stocked("BROKE", 2)
    placed = shop.order(("BROKE", 2)).json()
    end = int((now() + timedelta(hours=5)).timestamp())
    shop.bank("payment.processing", placed["payment"]["id"], 2500, expires_at=end)
    shop.bank("payment.failed", placed["payment"]["id"], 2500, reason="declined")

    with shop.later(HOLD):
        shop.until(placed, lambda order: order["status"] == "expired")


def test_what_was_paid_in_part_goes_back_and_frees_the_stock(shop: Shop) -> None:
    shop.stocked("PART", 2)
    placed = shop.order(("PART", 2)).json()
    shop.bank("payment.captured", placed["payment"]["id"], 999)

    with shop.later(HOLD):
        shown = shop.until(placed, lambda order: order["status"] == "expired" and order["refunds"])

    assert shown["refunds"][0]["amount"]["amount"] == "9.99"
    assert free(shop, "PART") == 2


def test_a_late_payment_revives_the_order_or_goes_back(shop: Shop) -> None:
    shop.stocked("LATE", 2)
    first, second = shop.order(("LATE", 2)).json(), None
    with shop.later(HOLD):
        shop.until(first, lambda order: order["status"] == "expired")
        second = shop.order(("LATE", 1)).json()
        shop.pay(first)
        shop.pay(second)

        assert shop.until(first, lambda order: order["refunds"])["status"] == "expired"
        assert shop.show(first)["refunds"][0]["amount"]["amount"] == "25.00"
        assert shop.show(second)["status"] == "confirmed"


def test_guests_cannot_hold_more_than_some_pieces_unpaid(shop: Shop) -> None:
    shop.stocked("MANY", 110)

    at_once = shop.order(("MANY", 110))
    first = shop.order(("MANY", 15), email="eve@example.com", line1="1 Elm Street")
    same_mailbox = shop.order(("MANY", 6), email="EVE@example.com")
    same_address = shop.order(("MANY", 6), line1="1, ELM street")
    other = shop.order(("MANY", 20))

    assert (at_once.status_code, at_once.json()["code"], at_once.json()["most"]) == (409, "hold_too_large", 20)
    assert (first.status_code, same_mailbox.status_code, same_address.status_code) == (201, 409, 409)
    assert other.status_code == 201
    assert shop.stock("MANY")["reserved"] == 35


def test_tagged_addresses_are_one_mailbox(shop: Shop) -> None:
    shop.stocked("TAGS", 110)

    first = shop.order(("TAGS", 15), email="tag@example.com", line1="11 Oak Street")
    tagged = shop.order(("TAGS", 6), email="TAG+shop@example.com", line1="12 Oak Street")
    twice = shop.order(("TAGS", 6), email="tag+a+b@example.com", line1="13 Oak Street")
    fits = shop.order(("TAGS", 5), email="tag+c@example.com", line1="14 Oak Street")
    other_domain = shop.order(("TAGS", 6), email="tag+shop@example.org", line1="15 Oak Street")
    other_person = shop.order(("TAGS", 6), email="tagx@example.com", line1="16 Oak Street")

    assert (first.status_code, tagged.status_code, twice.status_code) == (201, 409, 409)
    assert (fits.status_code, other_domain.status_code, other_person.status_code) == (201, 201, 201)
    assert tagged.json()["code"] == "hold_too_large"
    assert fits.json()["contact"]["email"] == "tag+c@example.com"  # mail goes where it was wanted


def test_paid_pieces_and_signed_in_customers_are_not_limited(shop: Shop) -> None:
    shop.stocked("BULK", 100)
    again = {"email": "kay@example.com", "line1": "2 Elm Street"}
    paid = shop.order(("BULK", 20), **again).json()
    shop.pay(paid)

    assert shop.order(("BULK", 20), **again).status_code == 201
    signed_in = shop.customer("bob@example.com")
    assert shop.order(("BULK", 60), email="bob@example.com", token=signed_in).status_code == 201


def test_staff_see_who_holds_and_release_an_unpaid_hold(shop: Shop) -> None:
    shop.stocked("HELD", 4)
    placed = shop.order(("HELD", 4), email="mallory@example.com").json()
    path, reason = f"/orders/{placed['number']}/release", {"reason": "took all of it"}

    seen = shop.ask("GET", "/products/HELD/stock", role="agent").json()
    seen_by_warehouse = shop.stock("HELD")["holds"]
    refused = [shop.ask("POST", path, role=role, json=reason).status_code for role in ("agent", "warehouse")]
    by_customer = shop.ask("POST", path, token=placed["access_token"], json=reason).status_code
    released = shop.ask("POST", path, role="reviewer", json=reason)

    assert [(hold["order_number"], hold["quantity"]) for hold in seen["holds"]] == [(placed["number"], 4)]
    assert seen["holds"][0]["customer"].endswith("<mallory@example.com>")
    assert "customer" not in seen_by_warehouse[0]
    assert (refused, by_customer) == ([403, 403], 403)
    assert (released.status_code, released.json()["status"]) == (200, "expired")
    assert shop.ask("POST", path, role="admin", json=reason).json()["code"] == "wrong_status"
    ledger = shop.stock("HELD")
    assert ledger["available"] == 4
    assert [move["cause"] for move in ledger["items"]] == ["released", "reserved", "received"]
    assert shop.platform.journal("orders", "hold_released")[-1]["body"]["reason"] == "took all of it"


def test_a_paid_order_cannot_be_released(shop: Shop) -> None:
    shop.stocked("PAID", 2)
    placed = shop.paid(("PAID", 1))
    busy = shop.order(("PAID", 1)).json()
    end = int((now() + timedelta(minutes=20)).timestamp())
    shop.bank("payment.processing", busy["payment"]["id"], 1250, expires_at=end)

    answers = [
        shop.ask("POST", f"/orders/{each['number']}/release", role="admin", json={"reason": "stock"})
        for each in (placed, busy)
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert [answer.json()["code"] for answer in answers] == ["wrong_status", "payment_under_way"]
    assert shop.show(placed)["status"] == "confirmed"
    assert shop.stock("PAID")["reserved"] == 2


def test_the_ledger_comes_in_pages(shop: Shop) -> None:
    shop.stocked("PAGES", 1)
    for _ in range(4):
        shop.adjust("PAGES", 1)

    found: list[dict[str, Any]] = []
    more: dict[str, str] | None = {}
    while more is not None:
        page = shop.ask("GET", "/products/PAGES/stock", role="admin", params={"limit": 2, **more}).json()
        found += page["items"]
        more = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

    assert len({move["id"] for move in found}) == 5
    assert sum(move["on_hand_delta"] for move in found) == 5
    assert shop.ask("GET", "/products/PAGES/stock").status_code == 401
    assert shop.ask("GET", "/products/NONE/stock", role="admin").json()["code"] == "product_not_found"


moments = st.integers(min_value=-2000, max_value=4000).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(st.lists(st.tuples(st.sampled_from(PaymentStatus), st.none() | moments), max_size=5))
def test_only_work_at_the_provider_makes_a_hold_longer(attempts: list[tuple[PaymentStatus, datetime | None]]) -> None:
    order, payments = an_order(), []
    for status, until in attempts:
        payment = a_payment(order)
        payment.status, payment.underway_until = status, until
        payments.append(payment)

    found = held_until(order, payments)

    working = [until for status, until in attempts if status is PaymentStatus.PENDING and until]
    assert found == max([order.expires_at, *working])


@given(moments)
def test_no_session_is_believed_to_last_longer_than_a_day(until: datetime) -> None:
    payment = a_payment(an_order())

    payment.report_underway(until)

    assert payment.underway_until is not None
    assert payment.underway_until <= NOW + timedelta(hours=24)


@pytest.mark.parametrize("line1", ["12 ST JAMES'S SQUARE", "12  St. James’s Square", "12, st jamés's square"])
def test_two_spellings_of_an_address_are_one_place(line1: str) -> None:
    other = replace(DELIVERY, line1=line1, name="Somebody Else")

    assert place_key(other) == place_key(DELIVERY)


def test_staff_keep_a_paid_order_back_and_let_it_go_on(shop: Shop) -> None:
    shop.stocked("KEPT", 1)
    placed = shop.paid(("KEPT", 1))
    path = f"/orders/{placed['number']}/hold"
    (shipment,) = shop.until(placed, lambda order: order["shipments"])["shipments"]
    steps = f"/shipments/{shipment['number']}"
    once: Any = {"headers": {"Idempotency-Key": uuid.uuid4().hex}}

    held = shop.ask("POST", path, role="reviewer", json={"reason": "fraud", "note": "the bank asks"}, **once)
    again = shop.ask("POST", path, role="reviewer", json={"reason": "fraud", "note": "the bank asks"}, **once)
    other = shop.ask("POST", path, role="lead", json={"reason": "other"})

    assert (held.status_code, again.json()) == (201, held.json())
    assert (other.status_code, other.json()["code"], other.json()["reason"]) == (409, "order_held_already", "fraud")
    assert shop.ask("POST", path, role="agent", json={"reason": "other"}).status_code == 403
    assert shop.ask("GET", "/holds", role="warehouse").json()["items"] == [held.json()]
    eventually(lambda: shop.ask("GET", steps, role="warehouse").json()["on_hold"])
    for step in ("sorted", "packed"):
        assert shop.ask("POST", f"{steps}/{step}", role="warehouse", json={}).status_code == 200
    parcels = {"parcels": [{"carrier": "simulator", "tracking_number": "SIMKEPT1"}]}
    kept_here = shop.ask("POST", f"{steps}/dispatched", role="warehouse", json=parcels)
    assert kept_here.json()["code"] == "shipment_on_hold"
    assert {each["status"] for each in shop.show(placed)["commitments"]} == {"kept", "running"}  # none stands still
    assert "bank asks" not in shop.ask("GET", f"/orders/{placed['number']}/timeline", token=placed["access_token"]).text

    released = shop.ask("DELETE", path, role="lead")
    assert (released.status_code, released.json()["released_by"]) == (200, "staff:lead@pledge.example")
    assert shop.ask("DELETE", path, role="lead").json()["code"] == "order_not_held"
    eventually(lambda: not shop.ask("GET", steps, role="warehouse").json()["on_hold"])
    assert shop.ask("POST", f"{steps}/dispatched", role="warehouse", json=parcels).status_code == 200
    shop.until(placed, lambda order: order["shipments"][0]["dispatched_at"])
    assert shop.ask("POST", path, role="reviewer", json={"reason": "fraud"}).json()["code"] == "already_dispatched"
    (story,) = shop.ask("GET", f"/holds?order_number={placed['number']}", role="agent").json()["items"]
    assert story == released.json()


def test_goods_are_ordered_before_they_are_here(shop: Shop) -> None:
    day = (now() + timedelta(days=9)).date()
    until, later, past = (each.isoformat() for each in (day, day + timedelta(days=5), day - timedelta(days=30)))
    facts: dict[str, Any] = {"title": "A jug", "price": usd("12.50"), "backorder_until": until, "backorder_at_most": 3}

    def put(**other: Any) -> int:
        return shop.ask("PUT", "/products/JUG", role="admin", json={**facts, **other}).status_code

    assert put() == 200
    for wrong in ({"backorder_until": past}, {"backorder_at_most": -3}, {"low_stock": 0}, {"backorder_until": None}):
        assert put(**wrong) == 422
    refused = shop.order(("JUG", 2))
    assert (refused.status_code, refused.json()["backorder"]) == (409, {"until": until, "left": 3})
    assert shop.order(("JUG", 4), more={"goods_by": until}).status_code == 409
    assert shop.order(("JUG", 1), more={"goods_by": "soon"}).status_code == 422
    quote = shop.ask("POST", "/orders/quote", json={"lines": [{"sku": "JUG", "quantity": 2}]}).json()
    assert quote["backorders"] == [{"sku": "JUG", "quantity": 2, "until": until}]

    first, second = (dict(shop.order(("JUG", 1), more={"goods_by": until}).json()) for _ in range(2))
    for placed in (first, second):
        assert [each["until"] for each in placed["backorders"]] == [until]
        shop.pay(placed)
        shop.until(placed, lambda order: order["review"]["status"] == "passed")
    assert put(backorder_until=later) == 200
    shop.wake_timers()
    asked = shop.until(second, lambda order: order["changes"])["changes"][0]
    answer = {"decision": "accept", "option": "cancel", "digest": asked["digest"]}
    told = shop.ask("POST", f"/changes/{asked['id']}/answer", token=second["access_token"], json=answer)
    assert told.status_code == 200, told.text
    shop.until(first, lambda order: [each["status"] for each in order["changes"]] == ["awaiting_customer"])
    shop.adjust("JUG", 2)

    here = shop.until(first, lambda order: not order["backorders"])
    assert [each["status"] for each in here["changes"]] == ["withdrawn"]  # nothing else was asked instead
    story = shop.ask("GET", f"/orders/{first['number']}/timeline", role="agent").json()["items"]
    closed, arrived = (
        {each["occurred_at"] for each in story if each["type"] == kind} for kind in ("change_closed", "goods_arrived")
    )
    assert closed == arrived != set()  # it is the goods that took the question back
    ended = shop.until(second, lambda order: order["status"] == "cancelled")
    assert ended["totals"]["refunded"]["amount"] == "12.50"
    assert free(shop, "JUG") == 1
