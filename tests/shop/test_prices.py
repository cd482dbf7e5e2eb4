"""What a customer was shown is what an order costs, and totals fit the lines beside them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from services.common.testing import eventually
from tests.shop.conftest import Json, Shop, cents_of, usd


def paper(shop: Shop, placed: Json, name: str, **who: str) -> Any:
    return shop.ask("GET", f"/orders/{placed['number']}/{name}", **(who or {"token": placed["access_token"]}))


def text_of(printed: Any) -> str:
    assert printed.status_code == 200, printed.text
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.content)).pages).split())


def test_an_order_at_another_price_than_shown_is_refused(shop: Shop) -> None:
    shop.stocked("PRICE", 5, "10.00")
    shop.stocked("PRICE", 0, "99.00")

    refused = shop.order(("PRICE", 2), more={"expected_total": usd("20.00")})
    agreed = shop.order(("PRICE", 2), more={"expected_total": usd("198.00")})

    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    assert (refused.json()["total"], refused.json()["expected_total"]) == (usd("198.00"), usd("20.00"))
    assert refused.json()["lines"] == [{"sku": "PRICE", "quantity": 2, "unit_price": usd("99.00")}]
    unsaid = shop.order(("PRICE", 1), more={"expected_total": None})
    assert (agreed.status_code, unsaid.status_code) == (201, 201)
    assert shop.stock("PRICE")["reserved"] == 3


@pytest.mark.parametrize("expected", [{"amount": "20", "currency": "EUR"}, {"amount": "-1.00", "currency": "USD"}, 20])
def test_a_total_that_is_no_amount_is_refused(shop: Shop, expected: object) -> None:
    shop.stocked("SUM", 5)

    assert shop.order(("SUM", 1), more={"expected_total": expected}).json()["code"] == "validation_failed"


@pytest.mark.parametrize("counts", [(999, 0), (2, 1), (1, 999)])
def test_an_amount_beyond_all_bounds_is_refused(shop: Shop, counts: tuple[int, int]) -> None:
    for sku in ("HUGE-A", "HUGE-B"):
        shop.stocked(sku, 1000, "9999999999.99")
    lines = [(sku, count) for sku, count in zip(("HUGE-A", "HUGE-B"), counts, strict=True) if count]

    answer = shop.order(*lines, token=shop.customer("rich@example.com"))

    assert (answer.status_code, answer.json()["code"]) == (422, "total_too_large")
    assert answer.json()["errors"][0]["field"].startswith("lines.")


def test_totals_fit_the_lines_after_a_change(shop: Shop) -> None:
    shop.stocked("FIT", 9, "9.99")
    shop.stocked("FIT-B", 9, "18.50")
    placed = shop.paid(("FIT", 3), ("FIT-B", 1))
    less = {
        "kind": "lines",
        "reason": "fewer",
        "lines": [{"sku": "FIT", "quantity": 1}, {"sku": "FIT-B", "quantity": 0}],
    }
    change = shop.ask("POST", f"/orders/{placed['number']}/changes", role="agent", json=less).json()
    answer = {"decision": "accept", "option": change["options"][0]["option"], "digest": change["digest"]}
    shop.ask("POST", f"/changes/{change['id']}/answer", token=placed["access_token"], json=answer)

    shown = eventually(lambda: found if (found := shop.show(placed))["refunds"] else {})

    totals = {name: money["amount"] for name, money in shown["totals"].items()}
    assert sum(cents_of(paid) for line in shown["lines"] for paid in line["paid"]) == cents_of(shown["totals"]["total"])
    assert totals == {
        "goods": "9.99", "shipping": "0.00", "duties": "0.00", "total": "9.99", "ordered": "48.47", "refunded": "38.48",
        "discount": "0.00", "tax": "0.00",
    }  # fmt: skip
    listed = shop.ask("GET", "/orders", role="agent", params={"email": shown["contact"]["email"]}).json()["items"]
    assert listed[0]["totals"]["total"] == usd("9.99")
    assert listed[0]["totals"]["ordered"] == usd("48.47")


def test_a_code_lowers_what_is_paid_and_what_goes_back(shop: Shop) -> None:
    """A code is declared, used, paid with, and a piece is taken out again: over HTTP, to its end."""
    shop.stocked("CODE-A", 9, "12.50")
    shop.stocked("CODE-B", 9, "24.90")
    terms = {"amount": usd("10.00"), "minimum": usd("50.00"), "uses": 1}
    tried = [shop.ask("PUT", "/discounts/autumn-10", role=role, json=terms).status_code for role in ("agent", "admin")]
    lines = [{"sku": "CODE-A", "quantity": 3}, {"sku": "CODE-B", "quantity": 1}]
    wish = {"lines": lines, "discount_code": "Autumn-10"}

    asked = shop.ask("POST", "/orders/quote", json=wish)
    quote = asked.json()
    more = {"discount_code": "AUTUMN-10", "expected_total": quote["totals"]["total"]}
    headers = {"Idempotency-Key": "autumn"}
    basket, who = (("CODE-A", 3), ("CODE-B", 1)), {"email": "autumn@example.com", "line1": "1 Autumn Street"}
    placed = shop.order(*basket, **who, more=more, headers=headers).json()
    again = shop.order(*basket, **who, more=more, headers=headers)
    late = shop.order(("CODE-B", 3), more=more)
    shop.ask("PUT", "/discounts/autumn-10", role="admin", json={**terms, "uses": 9})
    greedy = shop.order(("CODE-B", 3), email=who["email"], more={"discount_code": "AUTUMN-10"})
    unknown = shop.order(("CODE-B", 3), more={"discount_code": "AUTUMN-11"})
    shop.pay(placed)
    shop.until(placed, lambda order: order["edit"]["possible"])
    wanted = {"kind": "lines", "lines": [{"sku": "CODE-A", "quantity": 2}]}
    preview = shop.ask(
        "POST", f"/orders/{placed['number']}/edits/preview", token=placed["access_token"], json=wanted
    ).json()
    edit = {**wanted, "digest": preview["digest"]}
    shop.ask("POST", f"/orders/{placed['number']}/edits", token=placed["access_token"], json=edit)
    shown = shop.until(placed, lambda order: order["refunds"])
    refund, credit_note = shown["refunds"][0]["id"], f"refunds/{shown['refunds'][0]['id']}/credit-note.pdf"
    early = paper(shop, placed, credit_note)
    for _ in range(2):
        shop.bank("refund.settled", "", 1050, refund_id=refund, reference="ref.autumn")
    receipt, note, _ = (paper(shop, placed, name) for name in ("receipt.pdf", credit_note, credit_note))
    documents = shop.ask("GET", f"/orders/{placed['number']}/documents", role="agent").json()
    strangers = [paper(shop, placed, credit_note, **who).status_code for who in ({"role": "warehouse"}, {"token": ""})]

    assert tried == [403, 200]
    assert "quotes-address" in asked.headers["RateLimit-Policy"]  # asking leaves the rate of ordering alone
    assert quote["totals"]["total"] == placed["payment"]["amount"] == usd("52.40")
    assert again.json()["number"] == placed["number"]
    assert (late.status_code, late.json()["code"], late.json()["why"]) == (409, "discount_over", "used_up")
    assert (greedy.status_code, greedy.json()["code"], greedy.json()["why"]) == (409, "discount_over", "order_waits")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_discount")
    assert unknown.json()["errors"][0]["field"] == "discount_code"
    assert (preview["refund"], preview["total_after"]) == (usd("10.50"), usd("41.90"))
    assert [each["amount"] for each in shown["refunds"]] == [usd("10.50")]
    assert (shown["totals"]["total"], shown["totals"]["discount"]) == (usd("41.90"), usd("8.00"))
    assert shown["account"]["kept"] == usd("41.90")
    movements = shop.ask("GET", f"/orders/{placed['number']}/payments", role="lead").json()
    assert sum(cents_of(each["amount"]) for each in movements["balances"]) == 0
    bill, credit = documents["items"]
    assert (early.status_code, early.json()["code"]) == (409, "nothing_to_print")
    assert f"Receipt {bill['number']}" in text_of(receipt)
    assert f"Paid back, credit note {credit['number']}" in text_of(receipt)
    assert "1 × The CODE-A 10.50 USD" in text_of(note)
    assert f"To the receipt {bill['number']}." in text_of(note)
    assert [documents[name] for name in ("received", "credited", "kept")] == [*map(usd, ("52.40", "10.50", "41.90"))]
    assert strangers == [403, 401]
    assert shop.ask("GET", "/discounts/AUTUMN-10", role="agent").json()["used"] == 1
    assert shop.ask("PUT", "/discounts/ab", role="admin", json={"percent": 5}).status_code == 404
    assert shop.ask("GET", "/discounts/NONE-SUCH", role="agent").json()["code"] == "discount_not_found"
