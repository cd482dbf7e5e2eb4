"""What the recipes make, at work over HTTP: `test_recipes` puts this file into its copy and runs it there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import requests

from services.common.basics import clock
from services.common.basics.clock import rfc3339
from services.common.edge import signatures
from services.common.testing import eventually
from tests.shop.conftest import Shop, cents_of, started

SECRETS = {"PLEDGE_POST_SECRET": "what the post gave us", "PLEDGE_ACME_SECRET": "what the bank gave us"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with started(tmp_path_factory.mktemp("shop"), **SECRETS) as found:
        found.stocked("MUG", 9)
        yield found


def webhook(shop: Shop, path: str, name: str, body: Any) -> requests.Response:
    """Send what that partner would send, signed with its secret."""
    raw = orjson.dumps(body)
    signed = {f"{name}-Signature": signatures.sign(SECRETS[f"PLEDGE_{name.upper()}_SECRET"], raw, clock.now())}
    headers = {"Content-Type": "application/json", **signed}
    return requests.post(f"{shop.url}/v1/webhooks/{path}", raw, headers=headers, timeout=30)


def test_a_webhook_of_the_new_carrier_moves_a_shipment(shop: Shop) -> None:
    placed = shop.paid(("MUG", 1))

    def waiting() -> Any:
        return shop.ask("GET", f"/shipments?order_number={placed['number']}", role="warehouse").json()["items"]

    number = eventually(waiting)[0]["number"]
    for step in ("sorted", "packed"):
        assert shop.ask("POST", f"/shipments/{number}/{step}", role="warehouse", json={}).status_code == 200
    parcels = {"parcels": [{"carrier": "post", "tracking_number": "RR1"}]}
    sent = shop.ask("POST", f"/shipments/{number}/dispatched", role="warehouse", json=parcels)
    scan = {"id": "9f1", "parcel": "RR1", "code": "handed_over", "at": rfc3339(clock.now()), "text": "Door"}
    told = webhook(shop, "carriers/post", "Post", scan)

    assert (sent.status_code, told.status_code) == (200, 200), sent.text + told.text

    def delivered() -> bool:
        shown = shop.ask("GET", f"/orders/{placed['number']}/tracking", token=placed["access_token"])
        return '"delivered"' in shown.text

    assert eventually(delivered)


def test_the_new_provider_takes_the_money_of_an_order(shop: Shop) -> None:
    placed = shop.order(("MUG", 1)).json()
    path = f"/orders/{placed['number']}/payments"
    payment = shop.ask("POST", path, token=placed["access_token"], json={"provider": "acme"}).json()
    paid = {
        "id": "e1", "what": "paid", "payment": payment["payment_id"], "reference": "acme.1",
        "cents": cents_of(payment["amount"]), "currency": "USD",
    }  # fmt: skip

    told = webhook(shop, "payments/acme", "Acme", paid)

    assert payment["url"].startswith("https://api.acme.example/pay/")
    assert told.json() == {"accepted": True, "duplicate": False}
    assert shop.until(placed, lambda order: order["payment"]["status"] == "captured")["payment"]["provider"] == "acme"


def test_staff_set_the_new_status_and_all_read_it(shop: Shop) -> None:
    form = {"name": "Ada", "email": "ada@x.example", "category": "order", "subject": "When?", "message": "After May."}
    ticket = shop.ask("POST", "/contact", json=form).json()
    say = {"body": "We write to you on the third of May.", "status": "on_hold"}

    said = shop.ask("POST", f"/tickets/{ticket['ticket_number']}/messages", role="agent", json=say)
    listed = shop.ask("GET", "/tickets?status=on_hold", role="agent").json()["items"]
    document = json.dumps(shop.ask("GET", "/openapi.json").json())

    assert said.status_code == 201, said.text
    assert [each["number"] for each in listed] == [ticket["ticket_number"]]
    assert '"on_hold"' in document


def test_the_new_page_and_its_script_are_served(shop: Shop) -> None:
    page = requests.get(f"{shop.url}/returns", timeout=30)
    script = requests.get(f"{shop.url}/web/js/returns.js", timeout=30)

    assert (page.status_code, script.status_code) == (200, 200)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "{{" not in page.text
