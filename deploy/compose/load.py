"""Customers who order, each at its own pace and with a key of its own, until they are answered."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

import requests

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.3  # between two orders of one customer


@dataclass(frozen=True)
class Acknowledged:
    """An order that the platform said yes to."""

    key: str
    number: str
    token: str
    quantity: int


class Load:
    """`with Load(url, sku) as load:` orders come in for the time of the block, and are told of by it."""

    def __init__(self, url: str, sku: str, customers: int = 4):
        self.run = uuid.uuid4().hex[:8]
        self.orders: list[Acknowledged] = []
        self.unanswered: list[str] = []
        self.keys = 0
        self._url, self._sku = url, sku
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._order_on, args=(each,)) for each in range(customers)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def ask(self, session: requests.Session, key: str, quantity: int) -> dict[str, Any] | None:
        """One attempt at an order; None when there was no answer, or none that settles it."""
        try:
            headers = {"Idempotency-Key": key}
            answer = session.post(f"{self._url}/v1/orders", json=self._wish(key, quantity), headers=headers, timeout=15)
        except requests.RequestException:
            return None
        if answer.status_code in (429, 503) or answer.json().get("code") == "concurrent_update":
            return None
        return {"ok": answer.ok, **answer.json()}

    def _order_on(self, customer: int) -> None:
        session = requests.Session()
        session.trust_env = False
        while not self._stop.wait(PAUSE_SECONDS):
            with self._lock:
                self.keys += 1
                key, quantity = f"load-{self.run}-{self.keys}", self.keys % 3 + 1
            self._settle(session, key, quantity)

    def _settle(self, session: requests.Session, key: str, quantity: int) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if answer := self.ask(session, key, quantity):
                if not answer["ok"]:
                    self.unanswered.append(f"{key}: refused with {answer.get('code')}")
                else:
                    self.orders.append(Acknowledged(key, answer["number"], answer["access_token"], quantity))
                return
            time.sleep(0.5)
        self.unanswered.append(key)

    def _wish(self, key: str, quantity: int) -> dict[str, Any]:
        return {
            "contact": {
                "name": "Ada Lovelace", "email": f"{key}@example.com", "phone": "+1 212 555 0147", "language": "en",
            },
            "delivery": {
                "name": "Ada Lovelace", "line1": "12 Analytical Row", "city": "New York", "region": "NY",
                "postal_code": "10001", "country": "US",
            },
            "lines": [{"sku": self._sku, "quantity": quantity}],
        }  # fmt: skip
