"""Change requests: one at a time, withdrawable, and none without the customer's wish stops a promise."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import ids
from services.common.testing import eventually
from services.orders.api import ChangeKind
from services.orders.domain.change import pauses_promise
from tests.shop.conftest import Json, Shop

ADDRESS = {
    "name": "Ada Lovelace", "line1": "1 Other Street", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB",
}  # fmt: skip
PROPOSAL: Json = {"kind": "address", "reason": "Is this the better address?", "delivery": ADDRESS}
TICKET = ids.number(ids.TICKET, 7)


def propose(shop: Shop, placed: Json, role: str = "agent", **more: Any) -> Any:
    how = {"headers": more.pop("headers")} if "headers" in more else {}
    return shop.ask("POST", f"/orders/{placed['number']}/changes", role=role, json={**PROPOSAL, **more}, **how)


def dispatch_clock(shop: Shop, placed: Json) -> str:
    clocks = shop.show(placed)["commitments"]
    return next((clock["status"] for clock in clocks if clock["kind"] == "dispatch"), "")


@pytest.fixture
def placed(shop: Shop, request: pytest.FixtureRequest) -> Json:
    """Place and pay an order that is on its way to the warehouse."""
    sku = f"CHG-{abs(hash(request.node.name)) % 10**6}"
    shop.stocked(sku, 10)
    placed = shop.paid((sku, 2))
    eventually(lambda: dispatch_clock(shop, placed) == "running")
    return placed


def test_only_one_proposal_is_open_at_a_time(shop: Shop, placed: Json) -> None:
    first = propose(shop, placed)
    second = propose(shop, placed, role="reviewer")

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "change_open")
    assert second.json()["change_id"] == first.json()["id"]


def test_who_proposed_a_change_or_a_lead_withdraws_it(shop: Shop, placed: Json) -> None:
    change = propose(shop, placed).json()
    path = f"/changes/{change['id']}"

    refused = [shop.ask("DELETE", path, role=role).status_code for role in ("reviewer", "warehouse")]
    by_customer = shop.ask("DELETE", path, token=placed["access_token"]).status_code
    withdrawn = shop.ask("DELETE", path, role="agent")
    again = shop.ask("DELETE", path, role="lead")
    by_lead = shop.ask("DELETE", f"/changes/{propose(shop, placed).json()['id']}", role="lead")

    assert (refused, by_customer) == ([403, 403], 403)
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_status")
    assert (by_lead.status_code, by_lead.json()["status"]) == (200, "withdrawn")
    assert shop.ask("DELETE", f"/changes/{ids.number(ids.CHANGE, 1)}", role="lead").json()["code"] == "change_not_found"
    accept = {"decision": "accept", "option": change["options"][0]["option"], "digest": change["digest"]}
    late = shop.ask("POST", f"{path}/answer", token=placed["access_token"], json=accept)
    assert late.json()["code"] == "wrong_status"


def test_a_proposal_without_the_customers_wish_stops_nothing(shop: Shop, placed: Json) -> None:
    change = propose(shop, placed).json()
    shipment = eventually(lambda: shop.show(placed)["shipments"])[0]["number"]
    steps = [("sorted", {}), ("packed", {}), ("dispatched", PARCEL)]

    answers = [shop.ask("POST", f"/shipments/{shipment}/{step}", role="warehouse", json=body) for step, body in steps]

    assert [answer.status_code for answer in answers] == [200, 200, 200], answers[-1].text
    eventually(lambda: dispatch_clock(shop, placed) == "kept")
    shown = eventually(lambda: [c for c in shop.show(placed)["changes"] if c["status"] == "stale"])
    assert shown[0]["id"] == change["id"]


def test_a_customers_own_change_pauses_the_promise(shop: Shop, placed: Json) -> None:
    change = propose(shop, placed, asked_in=TICKET).json()
    eventually(lambda: dispatch_clock(shop, placed) == "paused")

    shop.ask("DELETE", f"/changes/{change['id']}", role="agent")

    eventually(lambda: dispatch_clock(shop, placed) == "running")


def test_saying_that_goods_are_missing_does_not_pause_a_promise(shop: Shop, placed: Json) -> None:
    sku = placed["lines"][0]["sku"]
    body = {"kind": "stock_short", "reason": "gone?", "sku": sku, "quantity": 1}
    path = f"/orders/{placed['number']}/changes"

    asked = shop.ask("POST", path, role="agent", json=body)

    assert asked.status_code == 201
    assert shop.platform.journal("orders", "change_requested")[-1]["body"]["pauses"] is False


def test_goods_that_are_missing_pause_the_promise(shop: Shop, placed: Json) -> None:
    sku = placed["lines"][0]["sku"]

    shop.adjust(sku, -9)

    eventually(lambda: dispatch_clock(shop, placed) == "paused")


@pytest.mark.parametrize("header", ['"999"', "999", 'W/"7"'])
def test_a_change_to_an_order_that_moved_is_refused(shop: Shop, placed: Json, header: str) -> None:
    seen = shop.ask("GET", f"/orders/{placed['number']}", role="agent")

    refused = propose(shop, placed, headers={"If-Match": header})
    allowed = propose(shop, placed, headers={"If-Match": seen.headers["ETag"]})

    assert (refused.status_code, refused.json()["code"]) == (412, "version_moved")
    assert refused.json()["current"]["version"] == refused.json()["version"] == seen.json()["version"]
    assert allowed.status_code == 201


def test_a_review_of_an_order_that_moved_is_refused(shop: Shop, placed: Json) -> None:
    body, path = {"decision": "pass"}, f"/orders/{placed['number']}/review"

    refused = shop.ask("POST", path, role="reviewer", json=body, headers={"If-Match": '"999"'})
    seen = shop.ask("POST", path, role="reviewer", json=body, headers={"If-Match": '"1"'})

    assert (refused.status_code, refused.json()["current"]["number"]) == (412, placed["number"])
    assert seen.json()["code"] == "wrong_status"


def test_a_count_of_a_product_that_moved_is_refused(shop: Shop) -> None:
    shop.stocked("COUNT", 5)
    path, body = "/products/COUNT/stock", {"delta": -1, "reason": "counted"}
    etag = shop.ask("GET", "/products/COUNT").headers["ETag"]

    absurd = shop.ask("POST", path, role="admin", json=body, headers={"If-Match": '"999"'})
    first = shop.ask("POST", path, role="admin", json=body, headers={"If-Match": etag})
    second = shop.ask("POST", path, role="admin", json=body, headers={"If-Match": etag})
    third = shop.ask("POST", path, role="admin", json=body, headers={"If-Match": first.headers["ETag"]})
    put = {"title": "A mug", "price": {"amount": "1.00", "currency": "USD"}}
    saved = shop.ask("PUT", "/products/COUNT", role="admin", json=put, headers={"If-Match": etag})

    assert [each.status_code for each in (absurd, first, second, third, saved)] == [412, 200, 412, 200, 412]
    assert second.json()["current"]["sku"] == "COUNT"
    assert saved.json()["version"] == second.json()["version"] + 1
    assert shop.stock("COUNT")["on_hand"] == 3


def test_two_missing_products_are_asked_about_after_each_other(shop: Shop) -> None:
    """The answer about the first moves the order on; the second is asked about again, as the order is now."""
    for sku in ("TWO-A", "TWO-B"):
        shop.stocked(sku, 5)
    placed = shop.paid(("TWO-A", 2), ("TWO-B", 2))
    for sku in ("TWO-A", "TWO-B"):
        shop.adjust(sku, -4)
    waiting = eventually(lambda: found if len(found := open_changes(shop, placed)) == 2 else [])
    accept = {"decision": "accept", "option": "remove_line", "digest": waiting[0]["digest"]}

    answer = shop.ask("POST", f"/changes/{waiting[0]['id']}/answer", token=placed["access_token"], json=accept)

    assert answer.status_code == 200, answer.text
    again = eventually(lambda: [each for each in open_changes(shop, placed) if each["id"] != waiting[1]["id"]])
    assert [len(option["lines_after"]) for option in again[0]["options"]].count(1) >= 1
    assert len(open_changes(shop, placed)) == 1


def test_a_customer_changes_an_order_until_it_is_packed(shop: Shop, placed: Json) -> None:
    """One order's own edits: previewed, made, made at once, foreign, late; each is told by its code."""
    path, own = f"/orders/{placed['number']}", {"token": placed["access_token"]}
    wish: Json = {"kind": "lines", "lines": [{"sku": placed["lines"][0]["sku"], "quantity": 1}]}
    promised = next(each for each in shop.show(placed)["commitments"] if each["kind"] == "dispatch")["due_at"]

    shown = shop.ask("POST", f"{path}/edits/preview", json=wish, **own)
    assert (shown.status_code, shown.json()["refund"]["amount"], shown.json()["asks_warehouse"]) == (200, "12.50", True)
    edit: Json = {**wish, "digest": shown.json()["digest"]}
    moved = shop.ask("POST", f"{path}/edits", json=edit, headers={"If-Match": '"999"'}, **own)
    other = shop.ask("POST", f"{path}/edits", json={**edit, "digest": "0" * 64}, **own)
    refused = [shop.ask("POST", f"{path}/edits", json=edit, role=role).json()["code"] for role in ("agent", "")]
    key = {"Idempotency-Key": "edit-once"}
    made, again = (shop.ask("POST", f"{path}/edits", json=edit, headers=key, **own) for _ in range(2))

    assert [each.json()["code"] for each in (moved, other)] == ["version_moved", "digest_mismatch"]
    assert refused == ["role_required", "sign_in_required"]
    assert (made.status_code, made.json()) == (201, again.json()), made.text
    order = shop.until(placed, lambda order: order["changes"][0]["status"] == "applied")
    assert (order["lines"][0]["quantity"], order["edit"]["possible"]) == (1, True)
    assert [(refund["amount"]["amount"], refund["cause"]) for refund in order["refunds"]] == [("12.50", "change")]
    assert order["refunds"][0]["due_at"][:16] == shown.json()["refund_by"][:16]
    assert next(each for each in order["commitments"] if each["kind"] == "dispatch")["due_at"] == promised
    address: Json = {"kind": "address", "delivery": ADDRESS}
    shown = shop.ask("POST", f"{path}/edits/preview", json=address, **own)
    elsewhere: Json = {**address, "digest": shown.json()["digest"]}
    mailbox = shop.customer(order["contact"]["email"])
    by_link = shop.ask("POST", f"{path}/edits", json=elsewhere, **own)
    by_mail = shop.ask("POST", f"{path}/edits", json=elsewhere, token=mailbox)
    assert (by_link.status_code, by_link.json()["code"]) == (403, "mailbox_not_proven")
    assert (by_mail.status_code, shown.json()["asks_mailbox"]) == (201, True), by_mail.text
    order = shop.until(placed, lambda order: order["delivery"]["line1"] == ADDRESS["line1"])
    shipment = order["shipments"][0]["number"]
    seen = partial(shop.ask, "GET", f"/shipments/{shipment}", role="warehouse")
    eventually(lambda: [row["quantity"] for row in seen().json()["lines"]] == [1])
    for step in ("sorted", "packed"):
        shop.ask("POST", f"/shipments/{shipment}/{step}", role="warehouse", json={})
    shop.until(placed, lambda order: order["edit"]["because"] == "being_packed")
    late = shop.ask("POST", f"{path}/edits/preview", json=address, **own)
    assert (late.status_code, late.json()["code"], late.json()["next"]) == (409, "being_packed", "POST /v1/contact")


def open_changes(shop: Shop, placed: Json) -> list[Json]:
    return [change for change in shop.show(placed)["changes"] if change["status"] == "awaiting_customer"]


PARCEL = {"parcels": [{"carrier": "simulator", "tracking_number": "SIM-CHG-1"}]}


@given(st.sampled_from(ChangeKind), st.booleans(), st.booleans())
def test_a_promise_waits_for_the_customers_wish_or_goods(kind: ChangeKind, asked: bool, short: bool) -> None:
    found = pauses_promise(kind, asked_by_customer=asked, goods_are_missing=short)

    assert found == (asked or (short and kind is ChangeKind.STOCK_SHORT))
