"""Who of the staff read which customer's data: recorded over HTTP, listed for admins, kept for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.clock import now
from services.common.testing import eventually
from services.support.handlers.reads import forget_reads
from services.support.repository import Work
from services.support.settings import SupportSettings
from tests.shop.conftest import Json, Shop
from tests.shop.test_changes import PROPOSAL


def reads(shop: Shop, **query: str) -> list[Json]:
    answer = shop.ask("GET", "/staff/reads", role="admin", params={"limit": "100", **query})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def asked(shop: Shop) -> str:
    form = {
        "name": "Ada",
        "email": "ada@example.com",
        "category": "product",
        "subject": "?",
        "message": "Is it cotton?",
    }
    return str(shop.ask("POST", "/contact", json=form).json()["ticket_number"])


def test_what_staff_read_is_listed_with_who_when_and_why(shop: Shop) -> None:
    shop.stocked("READ", 5)
    placed, began = dict(shop.order(("READ", 1)).json()), now()
    number = placed["number"]

    shown = shop.ask("GET", f"/orders/{number}", role="agent", headers={"Reason": "Anruf von Ada Müller".encode()})
    assert shown.status_code == 200
    shop.ask("GET", f"/orders/{number}/timeline", role="reviewer")
    shop.ask("GET", "/orders", role="lead", params={"email": placed["contact"]["email"]})
    shop.show(placed)
    shop.ask("GET", f"/orders/{number}", role="warehouse")

    found = reads(shop, subject=number)
    assert [(each["email"], each["operation"], each["subjects"], each["reason"]) for each in found] == [
        ("lead@pledge.example", "list_orders", [number], None),
        ("reviewer@pledge.example", "get_timeline", [number], None),
        ("agent@pledge.example", "get_order", [number], "Anruf von Ada Müller"),
    ]
    assert all(clock.parse_rfc3339(each["read_at"]) >= began - timedelta(seconds=1) for each in found)
    assert shown.headers["X-Trace-Id"] == found[-1]["trace_id"]
    assert reads(shop, subject=number, email="agent@pledge.example") == found[-1:]
    assert reads(shop, subject=number, until=clock.rfc3339(began - timedelta(minutes=1))) == []


def test_readings_of_every_kind_are_recorded(shop: Shop) -> None:
    shop.stocked("KINDS", 5)
    order, ticket = shop.paid(("KINDS", 1))["number"], asked(shop)
    shipment = eventually(
        lambda: shop.ask("GET", "/shipments", role="warehouse", params={"order_number": order}).json()["items"]
    )[0]["number"]
    paths: list[tuple[str, str, str]] = [
        ("get_shipment", "warehouse", f"/shipments/{shipment}"),
        ("get_ticket", "agent", f"/tickets/{ticket}"),
        ("get_ticket_timeline", "agent", f"/tickets/{ticket}/timeline"),
        ("list_tickets", "agent", "/tickets"),
        ("list_returns", "aftersales", "/returns"),
        ("list_reviews", "reviewer", "/reviews"),
        ("follow_order", "agent", f"/orders/{order}/live"),
        ("list_changes", "agent", f"/orders/{order}/changes"),
        ("list_remedies", "agent", "/remedies"),
    ]

    for operation, role, path in paths:
        with shop.ask("GET", path, role=role, stream=True) as answer:
            assert answer.status_code == 200, path
        assert operation in {each["operation"] for each in reads(shop, email=f"{role}@pledge.example")}, path


def test_what_a_customer_is_asked_to_decide_is_recorded(shop: Shop) -> None:
    """The answer repeats the whole address that a change would lead to."""
    shop.stocked("DECIDED", 5)
    placed = shop.paid(("DECIDED", 2))
    number, path = placed["number"], f"/orders/{placed['number']}/changes"

    shown = shop.ask("GET", path, token=placed["access_token"])
    proposed = shop.ask("POST", path, role="agent", json=PROPOSAL)
    withdrawn = shop.ask("DELETE", f"/changes/{proposed.json()['id']}", role="lead")

    assert (shown.status_code, proposed.status_code, withdrawn.status_code) == (200, 201, 200)
    assert {(each["email"], each["operation"]) for each in reads(shop, subject=number)} == {
        ("agent@pledge.example", "propose_change"), ("lead@pledge.example", "withdraw_change")
    }  # fmt: skip


def test_only_an_admin_reads_the_record(shop: Shop) -> None:
    for role in ("agent", "lead", "warehouse"):
        assert shop.ask("GET", "/staff/reads", role=role).status_code == 403
    assert shop.ask("GET", "/staff/reads").status_code == 401


def test_the_record_is_read_in_pages(shop: Shop) -> None:
    for _ in range(5):
        shop.ask("GET", "/tickets", role="lead")
    cursor: Any = None
    found: list[Json] = []
    for _ in range(10):
        query = {"limit": 2, "email": "lead@pledge.example", **({"cursor": cursor} if cursor else {})}
        page = shop.ask("GET", "/staff/reads", role="admin", params=query).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert found == reads(shop, email="lead@pledge.example")
    assert len({each["id"] for each in found}) == len(found) >= 5


@pytest.mark.parametrize("days", [-1, 1])
def test_a_record_is_kept_as_long_as_it_is_set(shop: Shop, days: int) -> None:
    shop.ask("GET", "/returns", role="aftersales")
    kept, store = SupportSettings.load({}).reads_kept_days, shop.platform.store("support")
    store.settings = SupportSettings.load({})

    with clock.frozen(now() + timedelta(days=kept + days)), store.work(Work) as work:
        forget_reads(work)

    assert bool(reads(shop, email="aftersales@pledge.example")) == (days < 0)
