"""A customer, and whom they meet: each step over HTTP, recorded with what must follow once acknowledged."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from deploy.lab.chaos.bank import Bank
from deploy.lab.chaos.client import Client
from deploy.lab.chaos.record import Record
from services.common.basics.clock import now, rfc3339
from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.common.edge import tokens
from services.common.edge.keys import DEVELOPMENT_GATEWAY_KEYS, Signing

SKUS = tuple(f"CHAOS-{place:02}" for place in range(12))
SHELF = 100_000
ADDRESS = {
    "name": "Ada Lovelace", "line1": "12 Analytical Row", "city": "New York", "region": "NY", "postal_code": "10001",
    "country": "US",
}  # fmt: skip
SCANS = ("in_transit", "out_for_delivery", "delivered")
GATEWAY_KEYS = Signing.parse(DEVELOPMENT_GATEWAY_KEYS)
PART = {"result": "ok", "note": "as the customer says"}
TOO_EARLY_TO_RETURN = frozenset({"not_delivered_yet", "order_not_found"})
ON_HOLD = frozenset({"shipment_on_hold"})
PARTS = ("product_status", "order_information", "return_reason")


class Shop(NamedTuple):
    """What every client knows: where the platform is, and the secrets of staff, carrier and bank."""

    url: str
    secret: str
    staff: str
    carrier_secret: str
    record: Record
    quit: threading.Event
    links: Signing = GATEWAY_KEYS

    def client(self, name: str) -> Client:
        return Client(self.url, self.record, name, self.quit)


class Bought(NamedTuple):
    number: str
    token: str
    sku: str
    cents: int


class Customer:
    """One client with a bank account; what it does follows from its own seed."""

    def __init__(self, shop: Shop, bank: Bank, name: str, seed: int):
        self.shop, self.bank, self.name = shop, bank, name
        self.http, self.staff = shop.client(name), shop.staff
        self.record = shop.record
        self.random = random.Random(f"{seed} {name}")  # noqa: S311 (what a customer does, no secret)
        self.scarce = f"CHAOS-SCARCE-{name}"

    def place(self, sku: str = "") -> Bought:
        """Place one order, asked for twice under one key."""
        nonce = uuid.uuid4().hex
        email, (first, second) = f"{self.name}.{nonce}@example.com", self.random.sample(SKUS, 2)
        first = sku or first
        lines = [{"sku": first, "quantity": self.random.randrange(1, 4)}, {"sku": second, "quantity": 1}]
        contact = {"name": "Ada Lovelace", "email": email, "phone": "+1 212 555 0147", "language": "en"}
        wish = {"contact": contact, "delivery": ADDRESS, "lines": lines}
        shown = self.http.post("/v1/orders", wish, key=f"order-{nonce}")
        for _ in range(self.random.randrange(2)):
            again = self.http.post("/v1/orders", wish, key=f"order-{nonce}")
            self.http.same(shown["number"], again["number"])
        cents = Money.parse(shown["totals"]["total"]["amount"]).cents
        self.http.same(email, shown["contact"]["email"])
        self.record.note("order", order=shown["number"], email=email, cents=cents, lines=lines)
        # a repeat is given no second token: the link is in the mail
        token = shown.get("access_token") or tokens.order_token(self.shop.links, shown["number"], now())
        return Bought(shown["number"], token, first, cents)

    def pay(self, order: Bought) -> None:
        started = self.http.post(f"/v1/orders/{order.number}/payments", {"provider": "sandbox"}, order.token)
        self.record.note("payment", order=order.number, payment_id=started["payment_id"], cents=order.cents)
        self.bank.capture(started["payment_id"], order.cents)
        self.until(order, lambda shown: shown["payment"]["status"] == "captured")

    def passed(self, order: Bought) -> None:
        self.until(order, lambda shown: shown["review"]["status"] == "passed")

    def until(self, order: Bought, condition: Callable[[JsonDict], bool]) -> JsonDict:
        """Return the order as soon as it meets the condition."""

        def look() -> JsonDict | None:
            shown = self.http.get(f"/v1/orders/{order.number}", order.token)
            self.http.same(order.number, shown["number"])
            return shown if condition(shown) else None

        found: JsonDict = self.http.wait_for(look)
        return found

    def receive(self, order: Bought) -> None:
        """Have the order sorted, packed, handed over and carried: scans out of order, some of them twice."""
        self.passed(order)
        shipment = self.http.wait_for(lambda: self.shipment_of(order))
        for done in ("sorted", "packed"):
            self.staff_does(f"/v1/shipments/{shipment}/{done}", {}, "number", shipment)
        parcel = f"EZ{uuid.uuid4().hex[:16].upper()}US"
        handed = {"parcels": [{"carrier": "easypost", "tracking_number": parcel, "weight_g": 900}]}
        self.staff_does(f"/v1/shipments/{shipment}/dispatched", handed, "number", shipment, ON_HOLD)
        self.record.note("shipment", shipment=shipment, order=order.number, parcel=parcel)
        self.carry(parcel)
        self.until(order, lambda shown: shown["status"] == "completed")

    def shipment_of(self, order: Bought) -> str | None:
        items = self.http.get("/v1/shipments", self.staff, order_number=order.number)["items"]
        return str(items[0]["number"]) if items else None

    def carry(self, parcel: str) -> None:
        """Report all scans so far, each time, as the carrier: the second report before the first, and once more."""
        start = now().replace(microsecond=0) - timedelta(minutes=5)
        details = [
            {
                "object": "TrackingDetail", "status": status, "message": f"{status} {parcel}", "source": "USPS",
                "datetime": rfc3339(start + timedelta(minutes=place)),
                "tracking_location": {"city": "NEW YORK", "state": "NY", "country": "US"},
            }
            for place, status in enumerate(SCANS)
        ]  # fmt: skip
        for count in (2, 1, 2, 3, 3):
            self.report(parcel, details[:count], f"evt_{parcel}_{count}")
        self.record.note("scans", parcel=parcel, messages=[each["message"] for each in details])

    def report(self, parcel: str, details: list[JsonDict], event_id: str) -> None:
        tracker = {
            "id": f"trk_{parcel}", "object": "Tracker", "tracking_code": parcel, "carrier": "USPS",
            "status": details[-1]["status"], "tracking_details": details,
        }  # fmt: skip
        event = {"id": event_id, "object": "Event", "description": "tracker.updated", "result": tracker}
        body = json.dumps(event).encode()
        mac = hmac.new(self.shop.carrier_secret.encode(), body, hashlib.sha256).hexdigest()
        self.http.ask(
            "POST", "/v1/webhooks/carriers/easypost", body, "", {"X-Hmac-Signature": f"hmac-sha256-hex={mac}"}
        )

    def send_back(self, order: Bought) -> None:
        line = {"sku": order.sku, "quantity": 1}
        wish = {"order_number": order.number, "description": "", "lines": [{**line, "reason": "changed_mind"}]}
        shown = self.command("/v1/returns", wish, order, TOO_EARLY_TO_RETURN)
        number = shown["number"]
        self.http.same(order.number, shown["order_number"])
        self.record.note("return", number=number, order=order.number)
        review = {"decision": "authorize", "parts": dict.fromkeys(PARTS, PART)}
        self.staff_does(f"/v1/returns/{number}/review", review, "number", number)
        received = {"lines": [{**line, "condition": "received_ok"}]}
        self.staff_does(f"/v1/returns/{number}/receipt", received, "number", number)
        inspected = {"lines": [{**line, "outcome": "accepted", "note": ""}]}
        self.staff_does(f"/v1/returns/{number}/inspection", inspected, "number", number)
        self.record.note("inspection", number=number, order=order.number)
        self.http.wait_for(
            lambda: self.http.get(f"/v1/returns/{number}", order.token)["status"] in ("refunded", "closed")
        )

    def say(self, ticket: str, token: str, body: str) -> None:
        self.http.post(f"/v1/tickets/{ticket}/messages", {"body": body}, token, key=f"say-{uuid.uuid4().hex}")
        self.record.note("message", ticket=ticket, body=body)

    def correct(self, delta: int) -> JsonDict:
        """Correct the stock of the scarce product."""
        reason = f"counted {uuid.uuid4().hex}"
        level = self.http.post(
            f"/v1/products/{self.scarce}/stock", {"delta": delta, "reason": reason}, self.staff, key=reason
        )
        self.http.same(self.scarce, level["sku"])
        self.record.note("correction", sku=self.scarce, delta=delta, reason=reason)
        return level

    def open_change(self, order: Bought) -> JsonDict | None:
        items = self.http.get(f"/v1/orders/{order.number}/changes", order.token)["items"]
        return next((each for each in items if each["status"] == "awaiting_customer"), None)

    def decide(self, order: Bought, change: JsonDict) -> None:
        options = [each["option"] for each in change["options"]]
        option = self.random.choice([*options, "decline"])
        answer = {"decision": "accept", "option": option, "digest": change["digest"]}
        if option == "decline":
            answer = {"decision": "decline", "digest": change["digest"]}
        shown = self.command(f"/v1/changes/{change['id']}/answer", answer, order)
        self.http.same(change["id"], shown["id"])
        self.record.note("decision", change=change["id"], order=order.number, option=option)

    def command(self, path: str, body: JsonDict, order: Bought, until_not: frozenset[str] = frozenset()) -> JsonDict:
        """Send what the customer of an order wants, under a key of its own."""
        return self.http.post(path, body, order.token, key=uuid.uuid4().hex, until_not=until_not)

    def staff_does(
        self, path: str, body: JsonDict, field: str, expected: str, until_not: frozenset[str] = frozenset()
    ) -> None:
        shown = self.http.post(path, body, self.staff, key=uuid.uuid4().hex, until_not=until_not)
        self.http.same(expected, shown[field])


def fill_shelves(shop: Shop, customers: list[str]) -> None:
    """Add the products of this run. Each customer has a scarce one of their own, so that shortages affect no other."""
    client = shop.client("stocker")
    for sku in (*SKUS, *(f"CHAOS-SCARCE-{name}" for name in customers)):
        price = {"amount": f"{7 + len(sku)}.95", "currency": "USD"}
        body = json.dumps({"title": f"Mug {sku}", "price": price}).encode()
        client.ask("PUT", f"/v1/products/{sku}", body, shop.staff)
        delta = 30 if "SCARCE" in sku else SHELF
        client.post(f"/v1/products/{sku}/stock", {"delta": delta, "reason": "begin"}, shop.staff, key=f"begin-{sku}")
    client.close()
