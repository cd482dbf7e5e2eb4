"""The platform as a customer, the staff, the bank and a carrier use it over HTTP: the steps operations are made of.

The bank and the carrier are this process itself: their signed webhooks go straight to the gateway, so that no second
hop is measured. The access token of the staff is given, see `deploy.lab.people`; no sign-in by mail is measured.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple, TypeVar

import orjson

from deploy.lab.bench.samples import order_wish
from deploy.lab.bench.wire import Connection, Failed
from services.common.basics.clock import now, rfc3339
from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.common.edge import signatures

Answer = TypeVar("Answer")
SKUS = [f"BENCH-{place:03}" for place in range(60)]
SHELF = 1_000_000
PATIENCE_SECONDS = 90.0  # a hundred whole chains at a time take their time
LOOK_AGAIN_SECONDS = 0.05
SCANS = ("in_transit", "out_for_delivery", "delivered")


class Target(NamedTuple):
    """Where the platform is, and the secrets that this run gave it."""

    url: str
    staff: str  # the access token of a person who may do everything
    sandbox_secret: str
    easypost_secret: str


class Order(NamedTuple):
    number: str
    token: str
    payment_id: str
    cents: int
    sku: str


class Shop:
    """One client with its own connection."""

    def __init__(self, target: Target):
        self.target, self.http = target, Connection(target.url)
        self.staff = target.staff
        self._turn = 0

    def fill_shelves(self) -> None:
        """Add products of our own, with more stock than any run can sell."""
        for sku in SKUS:
            price = {"amount": "18.50", "currency": "USD"}
            self._put(f"/v1/products/{sku}", {"title": f"Stoneware mug {sku}", "price": price})
            self.http.post(f"/v1/products/{sku}/stock", {"delta": SHELF, "reason": "for the load harness"}, self.staff)

    def place(self, email: str = "") -> Order:
        """Order two lines of different products, as a customer of its own unless `email` names one."""
        self._turn += 1
        house = uuid.uuid4().int % 1_000_000
        first = (hash(id(self)) + 7 * self._turn) % len(SKUS)
        lines = [{"sku": SKUS[first], "quantity": 2}, {"sku": SKUS[first - 1], "quantity": 1}]
        wish = order_wish(lines, email or f"ada.{house}@example.com", house)
        shown = self.http.post("/v1/orders", wish, Idempotency_Key=uuid.uuid4().hex)
        cents = Money.parse(shown["totals"]["total"]["amount"]).cents
        return Order(shown["number"], shown["access_token"], shown["payment"]["id"], cents, SKUS[first])

    def pay(self, order: Order) -> None:
        """Report the order's payment captured, as the bank does once the customer's client has paid there."""
        facts = {
            "payment_id": order.payment_id, "amount_cents": order.cents, "currency": "USD",
            "reference": self._reference(order.payment_id, order.cents),
        }  # fmt: skip
        event = {"id": f"evt_{uuid.uuid4().hex}", "type": "payment.captured", "created": int(time.time())}
        body = orjson.dumps({**event, "data": facts})
        signature = signatures.sign(self.target.sandbox_secret, body, now())
        self.http.post("/v1/webhooks/payments/sandbox", body, Sandbox_Signature=signature)

    def dispatch(self, order: Order) -> str:
        """Do what the warehouse does, as soon as the review has passed. Return the parcel's tracking number."""
        shipment = wait_for(lambda: self._shipment(order))
        for done in ("sorted", "packed"):
            self.http.post(f"/v1/shipments/{shipment}/{done}", {}, self.staff)
        tracking_number = f"EZ{uuid.uuid4().hex[:16].upper()}US"
        parcel = {"carrier": "easypost", "tracking_number": tracking_number, "weight_g": 900}
        self.http.post(f"/v1/shipments/{shipment}/dispatched", {"parcels": [parcel]}, self.staff)
        return tracking_number

    def scan(self, tracking_number: str, statuses: tuple[str, ...] = SCANS[:1]) -> None:
        """Report scans as the carrier, all new, a second apart."""
        begin = now() - timedelta(seconds=len(statuses))
        details = [
            {
                "object": "TrackingDetail", "status": status, "message": f"Scan {uuid.uuid4().hex[:8]}",
                "datetime": rfc3339(begin + timedelta(seconds=place)), "source": "USPS",
                "tracking_location": {"city": "NEW YORK", "state": "NY", "country": "US"},
            }
            for place, status in enumerate(statuses)
        ]  # fmt: skip
        tracker = {
            "id": f"trk_{tracking_number}", "object": "Tracker", "tracking_code": tracking_number, "carrier": "USPS",
            "status": statuses[-1], "tracking_details": details,
        }  # fmt: skip
        event = {"id": f"evt_{uuid.uuid4().hex}", "object": "Event", "description": "tracker.updated"}
        body = orjson.dumps({**event, "result": tracker})
        mac = hmac.new(self.target.easypost_secret.encode(), body, hashlib.sha256).hexdigest()
        self.http.post("/v1/webhooks/carriers/easypost", body, X_Hmac_Signature=f"hmac-sha256-hex={mac}")

    def send_back(self, order: Order) -> None:
        """Ask for the return of one unit, review, receive, inspect, and wait until the money is on the account."""
        line = {"sku": order.sku, "quantity": 1}
        wish = {"order_number": order.number, "description": "", "lines": [{**line, "reason": "changed_mind"}]}
        number = wait_for(lambda: self._ask_return(wish, order.token))["number"]
        part = {"result": "ok", "note": ""}
        parts = {"product_status": part, "order_information": part, "return_reason": part}
        self._return(number, "review", {"decision": "authorize", "parts": parts})
        self._return(number, "receipt", {"lines": [{**line, "condition": "received_ok"}]})
        self._return(number, "inspection", {"lines": [{**line, "outcome": "accepted", "note": ""}]})
        wait_for(lambda: self.http.get(f"/v1/returns/{number}", self.staff)["status"] in ("refunded", "closed"))

    def ask(self, email: str, order: Order) -> None:
        """Ask a question about that order, by the contact form."""
        form = {
            "name": "Ada Lovelace", "email": email, "category": "order", "subject": "About my order",
            "message": "Can it come in two parcels?", "order_number": order.number,
        }  # fmt: skip
        self.http.post("/v1/contact", form, order.token)

    def _return(self, number: str, step: str, body: JsonDict) -> None:
        self.http.post(f"/v1/returns/{number}/{step}", body, self.staff)

    def _ask_return(self, wish: JsonDict, token: str) -> JsonDict | None:
        try:
            answer: JsonDict = self.http.post("/v1/returns", wish, token)
        except Failed as refused:
            if refused.code in ("not_delivered_yet", "order_not_found"):
                return None  # after-sales does not know of the delivery yet
            raise
        return answer

    def _shipment(self, order: Order) -> str | None:
        items = self.http.get(f"/v1/shipments?order_number={order.number}", self.staff)["items"]
        return str(items[0]["number"]) if items else None

    def _put(self, path: str, body: JsonDict) -> None:
        self.http.ask("PUT", path, orjson.dumps(body), self.staff)

    def _reference(self, payment_id: str, cents: int) -> str:
        """Return the sandbox bank's own name of a captured payment, so that the bank can pay it back."""
        facts = f"pay.{payment_id}.{cents}"
        mac = hmac.new(self.target.sandbox_secret.encode(), facts.encode(), hashlib.sha256).hexdigest()
        return f"{facts}.{mac[:24]}"


def wait_for(condition: Callable[[], Answer | None], seconds: float = PATIENCE_SECONDS) -> Answer:
    """Return the first true answer. Raise TimeoutError if none comes."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError("what was set off did not happen in time")
        time.sleep(LOOK_AGAIN_SECONDS)
    return answer
