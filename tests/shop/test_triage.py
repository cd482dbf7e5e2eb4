"""One step for many tickets, over HTTP (standard, section 5: every demand is processed)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from services.common.basics.errors import Unavailable
from services.support.api import AmendTicket, TicketSummary
from services.support.handlers import tickets
from services.support.repository import Work
from tests.shop.conftest import Json, Shop


def written(shop: Shop, **about: Any) -> str:
    email = f"ada.{uuid.uuid4().hex[:8]}@example.com"
    form = {"name": "Ada Lovelace", "email": email, "category": "product", "subject": "The shirt", **about}
    sent = shop.ask("POST", "/contact", json={"message": "What is it made of?", **form})
    assert sent.status_code == 201, sent.text
    return str(sent.json()["ticket_number"])


def seen(shop: Shop, number: str) -> Json:
    return dict(shop.ask("GET", f"/tickets/{number}", role="agent").json())


def test_an_outage_ends_a_batch_and_its_key_takes_it_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [written(shop) for _ in range(3)]
    wish = {"step": "amend", "priority": "urgent", "items": [{"number": each} for each in numbers]}
    asked: list[str] = []
    step = tickets.amend_ticket

    def away_for_the_second(work: Work, number: str, request: AmendTicket) -> TicketSummary:
        asked.append(number)
        if number == numbers[1]:
            raise Unavailable(code="service_unavailable")
        return step(work, number, request)

    def sent() -> Any:
        return shop.ask("POST", "/tickets/batch", role="agent", json=wish, headers={"Idempotency-Key": "outage-1"})

    with monkeypatch.context() as patched:
        patched.setattr(tickets, "amend_ticket", away_for_the_second)
        away = sent()
    assert (away.status_code, away.json()["code"]) == (503, "service_unavailable")
    assert numbers[2] not in asked
    before = seen(shop, numbers[0])

    again = sent()

    assert (again.status_code, again.json()["done"]) == (207, 3)
    assert [seen(shop, each)["priority"] for each in numbers] == ["urgent"] * 3
    assert seen(shop, numbers[0])["version"] == before["version"], "the first was done once"
