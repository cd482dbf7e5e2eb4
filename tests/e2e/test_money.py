"""Money that does not match, as customers, leads and banks meet it: over HTTP, on the running platform."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from deploy.demo.client import Client, Unexpected, wait_for
from deploy.demo.story import Demo, easypost_secret, found
from gateway.settings import SANDBOX_SECRET
from services.common.basics.clock import now
from services.common.edge import signatures

LEAD = "lead@pledge.example"


class Shop:
    """A customer, a lead, the warehouse and the sandbox bank."""

    def __init__(self, url: str, staff: dict[str, Client]):
        self.demo = Demo(url)
        self.demo.staff = staff
        self.url, self.guest, self.lead = url, self.demo.guest, self.demo.as_staff("lead")
        sku = next(item["sku"] for item in self.guest.get("/v1/products", limit=100)["items"])
        self.order = self.guest.post("/v1/orders", self.demo.wish([{"sku": sku, "quantity": 2}]))
        self.number = self.order["number"]
        self.customer: Client = self.guest.with_token(self.order["access_token"])
        self.total = int(self.order["totals"]["total"]["amount"].replace(".", ""))

    def pay(self, **how: Any) -> str:
        """Pay at the bank. Return the bank's reference."""
        secret = self.customer.post(f"/v1/orders/{self.number}/payments", {})["client_secret"]
        return str(self.guest.post("/sandbox/payments", {"client_secret": secret, **how})["reference"])

    def shown(self) -> Any:
        return self.customer.get(f"/v1/orders/{self.number}")

    def until(self, condition: Any) -> Any:
        """Return the order as soon as it meets the condition. Check each time that its account adds up."""

        def asked() -> Any:
            order = self.shown()
            cents = {name: int(money["amount"].replace(".", "")) for name, money in order["account"].items()}
            assert cents["captured"] == cents["kept"] + cents["refunded"] + cents["attention"]
            return order if condition(order) else None

        return wait_for(asked)

    def case(self, kind: str) -> Any:
        """Return the case of the order in the queue of leads."""

        def asked() -> Any:
            listed = self.lead.get("/v1/payments/attention", limit=100)["items"]
            return next((each for each in listed if (each["order_number"], each["kind"]) == (self.number, kind)), None)

        return wait_for(asked)

    def bank_reports(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Have a bank that shares the sandbox's secret say so."""
        raw = json.dumps({"id": uuid.uuid4().hex, "type": kind, "created": 1, "data": facts}).encode()
        headers = {"Content-Type": "application/json", "Sandbox-Signature": signatures.sign(SANDBOX_SECRET, raw, now())}
        answer = requests.post(f"{self.url}/v1/webhooks/payments/sandbox", raw, headers=headers, timeout=60)
        answer.raise_for_status()

    def settle(self, case: Any, decision: str) -> Any:
        body = {"decision": decision, "note": "looked into it", "version": case["version"]}
        return self.lead.post(f"/v1/payments/{case['payment_id']}/settle", body)

    def mail(self, to: str, containing: str) -> str:
        """Return the text of a mail about the order that contains that."""

        def asked() -> str | None:
            for mail in self.guest.get("/dev/mail")["items"]:
                if to in mail["to"]:
                    body = str(self.guest.get(f"/dev/mail/{mail['id']}")["body"])
                    if self.number in body and containing in body:
                        return body
            return None

        return wait_for(asked)


@pytest.fixture
def shop(platform: str, staff: dict[str, Client]) -> Shop:
    return Shop(platform, staff)


def test_the_rest_of_a_short_payment_can_be_paid(shop: Shop) -> None:
    shop.pay(amount_cents=1000)
    case = shop.case("shortfall")
    short = shop.shown()

    shop.pay()
    order = shop.until(lambda order: order["review"]["status"] == "passed")

    assert case["amount"] == {"amount": "10.00", "currency": "USD"}
    assert (short["status"], short["account"]["attention"]["amount"]) == ("awaiting_payment", "10.00")
    assert order["account"]["kept"] == order["totals"]["total"]
    assert "please pay the rest" in shop.mail(shop.demo.email, "are missing")


def test_yen_are_written_without_decimals(shop: Shop) -> None:
    shop.pay(amount_cents=1500, currency="JPY")

    case = shop.case("other_currency")
    settled = shop.settle(case, "returned")

    assert case["amount"] == {"amount": "1500", "currency": "JPY"}
    assert shop.shown()["payment"]["received"] == {"amount": "1500", "currency": "JPY"}
    assert "1500 JPY" in shop.mail(LEAD, "1500 JPY")
    assert settled["settled_at"]


def test_a_disputed_order_does_not_leave(shop: Shop) -> None:
    reference = shop.pay()
    shop.until(lambda order: order["review"]["status"] == "passed")
    warehouse = shop.demo.as_staff("warehouse")
    listed = wait_for(lambda: warehouse.get("/v1/shipments", order_number=shop.number)["items"])
    number = listed[0]["number"]
    for step in ("sorted", "packed"):
        warehouse.post(f"/v1/shipments/{number}/{step}", {})
    parcels = {"parcels": [{"carrier": "easypost", "tracking_number": f"EZ{shop.demo.run.upper()}9"}]}

    shop.guest.post("/sandbox/disputes", {"reference": reference})
    wait_for(lambda: warehouse.get(f"/v1/shipments/{number}")["on_hold"])
    with pytest.raises(Unexpected, match="shipment_on_hold"):
        warehouse.post(f"/v1/shipments/{number}/dispatched", parcels)
    told = shop.mail(LEAD, "asks for the money back")
    shop.settle(shop.case("dispute"), "won")
    wait_for(lambda: not warehouse.get(f"/v1/shipments/{number}")["on_hold"])
    sent = warehouse.post(f"/v1/shipments/{number}/dispatched", parcels)

    assert "/v1/payments/{id}/settle" in told
    assert sent["status"] == "dispatched"


def test_a_disputed_payment_is_not_paid_back_as_well(shop: Shop) -> None:
    reference = shop.pay()
    shop.until(lambda order: order["payment"]["status"] == "captured")
    shop.guest.post("/sandbox/disputes", {"reference": reference})
    case = shop.case("dispute")

    shop.customer.post(f"/v1/orders/{shop.number}/cancellation", {"reason": "x"})
    order = shop.until(lambda order: order["status"] == "cancelled")
    waiting = [refund["status"] for refund in order["refunds"]]
    shop.settle(case, "lost")
    order = shop.until(lambda order: order["refunds"][0]["status"] == "settled")

    assert waiting == ["due"]
    assert order["account"]["refunded"] == order["totals"]["total"]
    assert "looking into" in shop.mail(shop.demo.email, "Your bank is looking into")


def test_only_what_is_disputed_waits(shop: Shop) -> None:
    reference = shop.pay()
    shop.until(lambda order: order["payment"]["status"] == "captured")
    shop.guest.post("/sandbox/disputes", {"reference": reference, "amount_cents": 1000})
    case = shop.case("dispute")
    rest = f"{(shop.total - 1000) / 100:.2f}"
    shown = shop.shown()["account"]

    shop.customer.post(f"/v1/orders/{shop.number}/cancellation", {"reason": "x"})
    part = shop.until(lambda order: any(refund["status"] == "settled" for refund in order["refunds"]))
    shop.settle(case, "won")
    order = shop.until(lambda order: all(refund["status"] == "settled" for refund in order["refunds"]))

    assert case["amount"] == {"amount": "10.00", "currency": "USD"}
    assert (shown["kept"]["amount"], shown["attention"]["amount"]) == (rest, "10.00")
    assert sorted(refund["status"] for refund in part["refunds"]) == ["due", "settled"]
    assert order["account"]["refunded"] == order["totals"]["ordered"]
    assert f"{rest} USD go back" in shop.mail(shop.demo.email, "into the other 10.00 USD")
    assert f"{shop.total / 100:.2f} USD for" in shop.mail(shop.demo.email, "have been paid back")


def test_what_the_bank_paid_back_is_not_paid_again(shop: Shop) -> None:
    reference = shop.pay()
    shop.until(lambda order: order["payment"]["status"] == "captured")
    shop.guest.post("/sandbox/bank-refunds", {"reference": reference, "amount_cents": 1000})
    case = shop.case("bank_refund")

    shop.customer.post(f"/v1/orders/{shop.number}/cancellation", {"reason": "x"})
    shop.until(lambda order: order["status"] == "cancelled")
    shop.settle(case, "noted")
    order = shop.until(lambda order: all(refund["status"] == "settled" for refund in order["refunds"]))

    assert sorted(refund["cause"] for refund in order["refunds"]) == ["bank", "cancellation"]
    assert order["account"]["refunded"] == order["totals"]["total"]


def test_a_refund_that_comes_back_is_sent_again(shop: Shop) -> None:
    secret = shop.customer.post(f"/v1/orders/{shop.number}/payments", {})["client_secret"]
    for charge in (1, 2):
        shop.guest.post("/sandbox/payments", {"client_secret": secret, "charge": charge})
    shop.until(lambda order: order["refunds"] and order["refunds"][0]["status"] == "settled")
    (refund,) = [
        each for each in shop.lead.get("/v1/refunds", limit=100)["items"] if each["order_number"] == shop.number
    ]

    shop.guest.post(f"/sandbox/refunds/{refund['provider_reference']}/failure", {})
    told = shop.mail(shop.demo.email, "has taken that back")
    order = shop.until(lambda order: order["refunds"][0]["status"] == "settled")

    assert "We send it again" in told
    assert "owed again" in shop.mail(LEAD, "owed again")
    assert [each["status"] for each in order["commitments"] if each["kind"] == "refund"] == ["kept"]


def test_the_mails_to_leads_name_what_exists(shop: Shop) -> None:
    shop.pay(amount_cents=1500, currency="JPY")
    text = shop.mail(LEAD, "1500 JPY")

    paths = requests.get(f"{shop.url}/v1/openapi.json", timeout=60).json()["paths"]
    shapes = {re.sub(r"{\w+}", "{id}", path) for path in paths}

    named = {path.rstrip(".,") for path in re.findall(r"/v1/[\w/{}-]+", text)}
    assert named
    assert named <= shapes


def test_a_refund_that_the_bank_refuses_is_paid_by_hand(shop: Shop) -> None:
    """The bank does not know the payment, refuses three times, and two people see to it."""
    payment = shop.customer.post(f"/v1/orders/{shop.number}/payments", {})["payment_id"]
    facts = {"payment_id": payment, "amount_cents": 2 * shop.total, "currency": "USD", "reference": "nobody's"}
    shop.bank_reports("payment.captured", facts)

    def refused() -> Any:
        listed = shop.lead.get("/v1/refunds", status="manual", limit=100)["items"]
        return next((each for each in listed if each["order_number"] == shop.number), None)

    refund = wait_for(refused, 60)
    told = shop.mail(LEAD, f"The bank has refused the refund {refund['id']}")
    path, admin = f"/v1/refunds/{refund['id']}/paid", shop.demo.as_staff("admin")
    first = shop.lead.post(path, {"proof": "transfer 4711", "version": refund["version"]})
    with pytest.raises(Unexpected, match="second_person_required"):
        shop.lead.post(path, {"proof": "transfer 4711"})
    second = admin.post(path, {"proof": "seen on the statement"})

    assert "POST /v1/refunds/{id}/paid" in told
    assert (first["status"], second["status"]) == ("manual", "settled")
    order = shop.until(lambda order: order["refunds"][0]["status"] == "settled")
    assert order["account"]["attention"]["amount"] == "0.00"
    assert "have been paid back" in shop.mail(shop.demo.email, "have been paid back")


def test_a_return_of_what_was_paid_in_two_parts_is_refunded(shop: Shop) -> None:
    """Two refunds at the bank, one for each payment; after-sales and the customer are told of one."""
    shop.pay(amount_cents=1000)
    shop.case("shortfall")
    shop.pay()
    shop.until(lambda order: order["review"]["status"] == "passed")
    deliver(shop)
    sku = shop.order["lines"][0]["sku"]
    wish = {
        "order_number": shop.number, "description": "Not the colour in the picture.",
        "lines": [{"sku": sku, "quantity": 2, "reason": "not_as_described"}],
    }  # fmt: skip
    asked = wait_for(lambda: shop.customer.try_post("/v1/returns", wish, until_not="not_delivered_yet"))

    team, path = shop.demo.as_staff("aftersales"), f"/v1/returns/{asked['number']}"
    part = {"result": "ok", "note": "as the customer says"}
    parts = {"product_status": part, "order_information": part, "return_reason": part}
    team.post(f"{path}/review", {"decision": "authorize", "parts": parts})
    team.post(f"{path}/receipt", {"lines": [{"sku": sku, "quantity": 2, "condition": "received_ok"}]})
    accepted = {"lines": [{"sku": sku, "quantity": 2, "outcome": "accepted", "note": "unused"}]}
    team.post(f"{path}/inspection", accepted)
    ended = wait_for(lambda: found(team.get(path), lambda shown: shown["status"] in ("refunded", "closed")))

    refunds = shop.shown()["refunds"]
    assert [refund["status"] for refund in refunds] == ["settled", "settled"]
    assert sum(int(refund["amount"]["amount"].replace(".", "")) for refund in refunds) == shop.total
    assert shop.shown()["account"]["refunded"] == ended["refund"]["amount"]


def deliver(shop: Shop) -> None:
    """Have the warehouse hand the order over, and the carrier deliver it."""
    shop.demo.the_warehouse_hands_the_parcel_over(shop.number, shop.customer)
    scans = [("delivered", "Delivered, front door", datetime.now(UTC).replace(microsecond=0))]
    shop.guest.easypost(shop.demo.tracking_number, f"evt_{shop.demo.run}", scans, easypost_secret())
    shop.until(lambda order: order["status"] == "completed")
