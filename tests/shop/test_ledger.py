"""The ledger over HTTP: a customer sees their money, staff each movement, leads a period and its file."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from tests.shop.conftest import Json, Shop, cents_of

ALWAYS = {"since": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}


def money_of(shop: Shop, placed: Json, **how: str) -> Json:
    who = how or {"token": placed["access_token"]}
    answer = shop.ask("GET", f"/orders/{placed['number']}/payments", **who)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def balances(found: Json) -> dict[tuple[str, str], str]:
    return {(each["account"], each["amount"]["currency"]): each["amount"]["amount"] for each in found["balances"]}


def paid_twice(shop: Shop, sku: str) -> Json:
    """Return an order that was paid twice, of which one payment is back, and by yen as well."""
    shop.stocked(sku, 5)
    placed = shop.paid((sku, 2))
    payment, cents = placed["payment"]["id"], cents_of(placed["payment"]["amount"])
    shop.bank("payment.captured", payment, cents, reference="pay.2")
    (refund,) = shop.show(placed)["refunds"]
    shop.bank("refund.settled", "", cents, refund_id=refund["id"], reference="ref.1")
    shop.bank("payment.captured", payment, 1500, reference="pay.3", currency="JPY")
    return placed


def test_an_order_shows_its_money_to_whom_it_belongs(shop: Shop) -> None:
    placed, other = paid_twice(shop, "SEEN"), dict(shop.order(("SEEN", 1)).json())

    plain = money_of(shop, placed)
    assert {each["received"]["currency"] for each in plain["captures"]} == {"USD", "JPY"}
    assert not {"movements", "balances", "attention"} & plain.keys()
    shown = money_of(shop, placed, role="agent")
    assert balances(shown) == {
        ("provider", "USD"): "25.00", ("platform", "USD"): "-25.00", ("customer", "USD"): "0.00",
        ("provider", "JPY"): "1500", ("customer", "JPY"): "-1500",
    }  # fmt: skip
    kinds = Counter((each["kind"], each["amount"]["amount"]) for each in shown["movements"])
    assert kinds == {("capture", "25.00"): 2, ("sale", "25.00"): 1, ("capture", "1500"): 1, ("refund", "25.00"): 1}
    assert [(each["kind"], each["decisions"]) for each in shown["attention"]] == [("other_currency", ["returned"])]
    assert [(each["amount"]["amount"], bool(each["settled_at"])) for each in plain["refunds"]] == [("25.00", True)]
    foreign = shown["attention"][0]
    settle = {"decision": "returned", "note": "sent back at the bank"}
    assert shop.ask("POST", f"/payments/{foreign['payment_id']}/settle", role="lead", json=settle).status_code == 200
    assert balances(money_of(shop, placed, role="lead"))["provider", "JPY"] == "0"
    for stranger, status in (({"token": other["access_token"]}, 404), ({"role": "warehouse"}, 403), ({}, 401)):
        refused = shop.ask("GET", f"/orders/{placed['number']}/payments", **stranger)
        assert refused.status_code == status, stranger


def test_a_period_is_summed_up_listed_and_exported(shop: Shop) -> None:
    placed = paid_twice(shop, "SUMS")

    report = dict(shop.ask("GET", "/reports/ledger", role="lead", params=ALWAYS).json())
    file = shop.ask("GET", "/ledger/export", role="lead", params=ALWAYS, headers={"Reason": "the yearly audit"})
    rows = list(csv.DictReader(io.StringIO(file.text)))
    listed: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {**ALWAYS, "limit": "2", **({"cursor": cursor} if cursor else {})}
        page = dict(shop.ask("GET", "/ledger", role="lead", params=query).json())
        listed, cursor = [*listed, *page["items"]], page["next_cursor"]

    assert len(rows) == len(listed) == report["movements"]
    assert [row["entry"] for row in rows] == [each["entry"] for each in listed]
    summed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        summed[row["debit"], row["currency"]] += Decimal(row["amount"])
        summed[row["credit"], row["currency"]] -= Decimal(row["amount"])
    told = {(each["account"], each["currency"]): Decimal(each["balance"]) for each in report["items"]}
    assert told == dict(summed)
    for currency in ("USD", "JPY"):
        assert not sum(amount for (_, each), amount in told.items() if each == currency)
    ours = [row for row in rows if row["order"] == placed["number"]]
    assert {row["provider_reference"] for row in ours if row["kind"] == "capture"} == {"pay.1", "pay.2", "pay.3"}
    reads = shop.ask("GET", "/staff/reads", role="admin", params={"subject": placed["number"], "limit": "100"}).json()
    assert ("export_ledger", "the yearly audit") in {(each["operation"], each["reason"]) for each in reads["items"]}


@pytest.mark.parametrize("path", ["/ledger", "/ledger/export", "/reports/ledger"])
def test_the_ledger_is_for_leads_and_of_a_period(shop: Shop, path: str) -> None:
    backwards = {"since": ALWAYS["until"], "until": ALWAYS["since"]}

    assert shop.ask("GET", path, role="agent", params=ALWAYS).status_code == 403
    assert shop.ask("GET", path, params=ALWAYS).status_code == 401
    assert shop.ask("GET", path, role="admin", params=ALWAYS).status_code == 200
    refused = shop.ask("GET", path, role="lead", params=backwards)
    assert (refused.status_code, refused.json()["code"]) == (422, "period_backwards")
    assert shop.ask("GET", path, role="lead", params={"since": "yesterday"}).status_code == 422
    cursor = shop.ask("GET", "/ledger", role="lead", params={**ALWAYS, "cursor": "x"})
    assert cursor.status_code == 422
