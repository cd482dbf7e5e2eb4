"""Staff find orders and conversations by what they are told, over HTTP; views are counted, and lists exported."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import requests

from services.common.testing import eventually
from tests.shop.conftest import Json, Shop

VIEWS = {"open", "mine", "unassigned", "overdue", "waiting", "verifying", "escalated", "spam", "quarantined"}


def wrote(shop: Shop, **changes: Any) -> str:
    form = {
        "name": "Zoë Müller", "email": "zoe@example.com", "category": "logistics", "subject": "Wo ist mein Paket?",
        "message": "In der Straße war niemand.",
    }  # fmt: skip
    answer = shop.ask("POST", "/contact", json={**form, **changes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket_number"])


def listed(shop: Shop, path: str, role: str = "agent", **query: str) -> Json:
    answer = shop.ask("GET", path, role=role, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def numbers(page: Json) -> set[str]:
    return {each["number"] for each in page["items"]}


def exported(shop: Shop, role: str = "lead", **query: str) -> requests.Response:
    return shop.ask("GET", "/orders/export", role=role, params=query, headers={"Reason": "the yearly audit"})


def test_the_inbox_is_searched_and_shown_by_views(shop: Shop) -> None:
    mine = wrote(shop)
    other = wrote(
        shop, name="Bo", category="product", subject="Cotton?", sku="MUG-CLAY-350", message="What is it made of?"
    )
    taken = shop.ask("POST", f"/tickets/{mine}/assignment", role="agent", json={"assignee": "agent@pledge.example"})
    assert taken.status_code == 200, taken.text

    for q in ("MULLER", "Mu\u0308ller zoe", "STRASSE", mine.replace("-", ""), mine[4:].lower(), "wo paket"):
        assert numbers(listed(shop, "/tickets", q=q)) == {mine}, q
    assert numbers(listed(shop, "/tickets", q="mugclay350")) == {other}
    assert numbers(listed(shop, "/tickets", q="zoe@example.com", category="product")) == {other}
    assert numbers(listed(shop, "/tickets", view="mine")) == {mine}
    assert numbers(listed(shop, "/tickets", view="mine", role="lead")) == set()
    page = listed(shop, "/tickets", view="unassigned", limit="1")
    assert set(page["counts"]) == VIEWS
    assert (page["counts"]["mine"], page["counts"]["unassigned"]) == (1, 1)
    first = listed(shop, "/tickets", q="example", limit="1")
    rest = listed(shop, "/tickets", q="example", limit="1", cursor=first["next_cursor"])
    assert numbers(first) | numbers(rest) == {mine, other}
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/tickets", {"q": "a"}), ("/tickets", {"q": "x" * 101}), ("/tickets", {"view": "theirs"}),
        ("/orders", {"q": " a "}), ("/orders", {"placed_from": "yesterday"}),
        ("/orders", {"placed_to": "2026-02-30"}), ("/orders", {"stage": "lost"}),
        ("/orders/export", {"limit": "10"}), ("/orders/export", {"q": "a"}),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_refused(shop: Shop, path: str, query: dict[str, str]) -> None:
    answer = shop.ask("GET", path, role="lead", params=query)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


def test_orders_are_found_and_exported(shop: Shop) -> None:
    shop.stocked("MUG", 500)
    placed = [dict(shop.order(("MUG", 1)).json()) for _ in range(3)]
    email = placed[0]["contact"]["email"]
    number = placed[0]["number"]
    for q in (number, number.replace("-", " ").lower(), email.upper(), placed[0]["contact"]["name"]):
        assert number in numbers(listed(shop, "/orders", q=q, limit="100")), q

    answer = exported(shop, q=number)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["number"], row["email"], row["total"]) == (number, email, placed[0]["totals"]["total"]["amount"])
    whole = list(csv.DictReader(io.StringIO(exported(shop).content.decode())))
    assert {each["number"] for each in placed} <= {each["number"] for each in whole}
    assert exported(shop, placed_to="2020-01-01").text.count("\n") == 1
    reads = listed(shop, "/staff/reads", "admin", subject=number)["items"]
    told = {"email": "lead@pledge.example", "operation": "export_orders", "reason": "the yearly audit"}
    assert sum(told.items() <= each.items() for each in reads) == 2
    for role, status in (("agent", 403), ("reviewer", 403), ("warehouse", 403), ("admin", 200), ("", 401)):
        assert exported(shop, role=role).status_code == status, role
    customer = shop.ask("GET", "/orders/export", token=shop.customer(email))
    assert customer.status_code == 403
    eventually(lambda: number in numbers(listed(shop, "/orders", q=number)))
