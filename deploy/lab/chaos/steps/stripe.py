"""Stripe as this harness needs it: what happened is told until it is taken, and its own books are kept.

localstripe does the work (see `stripe_server`). It has no disputes and tells nothing of refunds: both are made up here,
signed as Stripe's are. What it took, gave back and withdrew is counted by what it did, not by what it told.
"""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests
import stripe

from deploy.lab.chaos.record import Record
from services.common.basics.untyped import JsonDict
from services.orders.tests.stripe_server import KEY, StripeServer, serve

PAUSE_SECONDS, TIMEOUT_SECONDS, END_SECONDS = 0.2, 40, 5
WON = "won"
WEBHOOK = "/v1/webhooks/payments/stripe"


class CardBank(StripeServer):
    """One Stripe for all lives. `record`: where the promises read what a bank did."""

    def __init__(self, behind: str):
        super().__init__(behind)
        self.record: Record | None = None
        self._signs_with = f"whsec_{secrets.token_hex(12)}"
        self._refunds: set[str] = set()
        self._sessions: dict[str, list[str]] = {}
        self._one_by_one = threading.Lock()
        self._held = Counter[str]()
        self._letters: queue.Queue[bytes | None] = queue.Queue()
        self._over = threading.Event()
        self._courier = threading.Thread(target=self._deliver, name="stripe", daemon=True)
        self._courier.start()

    def settings(self) -> dict[str, str]:
        """Return what a platform has to be told to be paid here."""
        return {
            "PLEDGE_STRIPE_SECRET_KEY": KEY,
            "PLEDGE_STRIPE_URL": self.url,
            "PLEDGE_STRIPE_WEBHOOK_SECRETS": self._signs_with,
        }

    def serves(self, platform: str, record: Record) -> None:
        """Tell that platform of everything from now on."""
        self.record = record
        self.tell_of(f"{platform}{WEBHOOK}", self._signs_with)

    @property
    def all_told(self) -> bool:
        return not self._letters.unfinished_tasks

    def tell(self, raw: bytes) -> None:
        """Send an event, again and again until it is taken; what happened later waits for it."""
        self._letters.put(raw)

    def pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Pass a call on. A refund that is new is told of: it has succeeded."""
        with self._one_by_one:
            status, answer = super().pass_on(method, path, headers, body)
            if method == "POST" and status == 200:
                self._keep(path, json.loads(answer))
        return status, answer

    def _keep(self, path: str, made: JsonDict) -> None:
        if path == "/v1/payment_intents":
            mine = self._sessions.setdefault(made["metadata"]["order_number"], [])
            mine += [made["id"]] if made["id"] not in mine else []
        elif path == "/v1/refunds" and made["id"] not in self._refunds:
            self._refunds.add(made["id"])
            refund_id = made["metadata"]["refund_id"]
            self._note("paid_back", made["payment_intent"], made["amount"], refund_id=refund_id)
            self._event("refund.updated", made)

    def capture(self, payment_id: str, intent: str, cents: int) -> None:
        """Have the customer enter a card that is good."""
        paid = self.pay(intent)
        assert paid["status"] == "succeeded", paid
        self._note("captured", intent, cents, payment_id=payment_id)

    def dispute(self, intent: str, cents: int) -> None:
        """Have the customer's bank take the money. Stripe tells of it twice."""
        self._held[intent] += cents
        for event in ("created", "funds_withdrawn"):
            self._tell_of_dispute(intent, cents, event, "needs_response")

    def decide(self, intent: str, cents: int, outcome: str) -> None:
        """Have the customer's bank decide. What it gives back it gives back at once."""
        if outcome == WON:
            self._held[intent] -= cents
        else:
            self._note("charged_back", intent, cents)
        self._tell_of_dispute(intent, cents, "closed", outcome)
        if outcome == WON:
            self._tell_of_dispute(intent, cents, "funds_reinstated", outcome)

    def holds(self, order: str) -> int:
        """Return how many cents of an order Stripe has for us, by its own books."""
        return sum(self._holds(intent) for intent in self._sessions.get(order, []))

    def _holds(self, intent: str) -> int:
        paid = self.ask("GET", f"payment_intents/{intent}")
        if paid["status"] != "succeeded":
            return 0
        back = self.ask("GET", f"refunds?payment_intent={intent}")["data"]
        return int(paid["amount"]) - sum(int(each["amount"]) for each in back) - self._held[intent]

    def end(self) -> None:
        """Tell nothing more, also of what was not taken: the platform may have ended."""
        self._over.set()
        self._letters.put(None)
        self._courier.join(timeout=END_SECONDS)

    def _tell_of_dispute(self, intent: str, cents: int, event: str, status: str) -> None:
        found = {
            "id": f"dp_{intent}", "object": "dispute", "amount": cents, "currency": "usd", "payment_intent": intent,
            "reason": "product_not_received", "status": status, "metadata": {},
            "evidence_details": {"due_by": int(time.time()) + 7 * 86400},
        }  # fmt: skip
        self._event(f"charge.dispute.{event}", found)

    def _event(self, kind: str, about: JsonDict) -> None:
        told = {"id": f"evt_{uuid.uuid4().hex}", "object": "event", "type": kind, "data": {"object": about}}
        self.tell(json.dumps({**told, "created": int(time.time())}).encode())

    def _note(self, what: str, intent: str, cents: int, **names: str) -> None:
        assert self.record is not None
        amount = "cents" if what == "captured" else "amount_cents"
        self.record.note(what, reference=intent, **{amount: cents}, **names)

    def _deliver(self) -> None:
        while (raw := self._letters.get()) is not None:
            while not self._taken(raw):
                if self._over.wait(PAUSE_SECONDS):
                    return
            self._letters.task_done()

    def _taken(self, raw: bytes) -> bool:
        sign = stripe.WebhookSignature.generate_signature_header
        headers = {"Stripe-Signature": sign(raw.decode(), self.secret), "Content-Type": "application/json"}
        try:
            return requests.post(self.webhook, data=raw, headers=headers, timeout=TIMEOUT_SECONDS).ok
        except requests.RequestException:
            return False


@contextmanager
def card_bank(folder: Path) -> Iterator[CardBank]:
    """Run one until the block ends."""
    with serve(folder, CardBank) as bank:
        try:
            yield bank
        finally:
            bank.end()
