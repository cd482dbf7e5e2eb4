"""A Stripe to test with: localstripe in a process of its own, with what it lacks in front of it.

That keeps idempotency keys, knows which events could not be delivered (all) and what of a payment arrived. In outages
the answer to a call is lost although the call was made. Its script for browsers (`/v3/`) takes a card number.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs

import requests
import stripe

from services.common.basics.untyped import JsonDict

KEY = "sk_test_of_these_tests"
START_SECONDS = 30
CARD = {
    "type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2040",
    "card[cvc]": "123",
}  # fmt: skip
DECLINED = {**CARD, "card[number]": "4000000000000341"}
BOOKED_WHEN = re.compile(r"(?<=[?&])created(?:\[|%5B)(?:gte|lt)(?:\]|%5D)=[0-9]+&?")
"""localstripe lists its books whole, whatever time is asked for."""
SCRIPT = """
window.Stripe = () => ({
  elements: () => ({ create: () => ({ mount(place) {
    const field = Object.assign(document.createElement("input"), { id: "number", ariaLabel: "Card number" });
    this.number = () => field.value;
    place.append(field);
  } }) }),
  confirmCardPayment: async (secret, { payment_method: { card } }) => {
    const body = new URLSearchParams({ intent: secret.split("_secret_")[0], number: card.number() });
    return (await fetch(new URL("/card", "HERE"), { method: "POST", body })).json();
  },
});
"""


class StripeServer(ThreadingHTTPServer):
    """Where the API is (`url`), and what its customers and its own desk do."""

    daemon_threads = True

    def __init__(self, behind: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind, self.url = behind, f"http://127.0.0.1:{self.server_port}"
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.outages = 0
        self.loses_pages = False
        self.webhook, self.secret = "", ""
        self.told: list[tuple[dict[str, str], bytes]] = []

    def pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Pass a call on. Return its status and body; the same idempotency key again gets the same answer."""
        key = headers.get("Idempotency-Key", "")
        if key not in self.answers or not key:
            url = self.behind + BOOKED_WHEN.sub("", path.replace("delivery_success=false", ""))
            passed = {name: headers.get(name, "") for name in ("Authorization", "Content-Type")}
            found = requests.request(method, url, data=body, headers=passed, timeout=10)
            self.answers[key] = found.status_code, received(found.content)
        if self.loses_pages and "starting_after" in path:
            return 503, b"{}"
        if self.outages and method == "POST":
            self.outages -= 1
            return 503, b"{}"
        return self.answers[key]

    def tell_of(self, webhook: str, secret: str) -> None:
        """Have every event sent there from now on, signed with that secret, as Stripe's own pages set it up."""
        self.webhook, self.secret = webhook, secret
        there = {"url": f"{self.url}/hook", "secret": "of localstripe"}
        requests.post(f"{self.behind}/_config/webhooks/of-these-tests", data=there, timeout=10).raise_for_status()

    def tell(self, raw: bytes) -> None:
        """Send an event."""
        sign = stripe.WebhookSignature.generate_signature_header
        headers = {"Stripe-Signature": sign(raw.decode(), self.secret), "Content-Type": "application/json"}
        self.told.append((headers, raw))
        requests.post(self.webhook, data=raw, headers=headers, timeout=10)

    def ask(self, method: str, path: str, **fields: str) -> JsonDict:
        """Call the API, as Stripe's own pages do."""
        answer = requests.request(method, f"{self.behind}/v1/{path}", data=fields, auth=(KEY, ""), timeout=10)
        return dict(answer.json())

    def pay(self, intent: str, card: Mapping[str, str] = CARD) -> JsonDict:
        """Enter a card, as the customer does in Stripe's field."""
        method = self.ask("POST", "payment_methods", **card)
        self.ask("POST", f"payment_intents/{intent}", payment_method=method["id"])
        return self.ask("POST", f"payment_intents/{intent}/confirm")


class Handler(BaseHTTPRequestHandler):
    """What a StripeServer answers: its script and cards, webhooks on their way, and all else as localstripe does."""

    server: StripeServer

    def do_GET(self) -> None:
        if self.path == "/v3/":
            self._answer(200, SCRIPT.replace("HERE", self.server.url).encode(), "text/javascript")
        else:
            self._answer(*self.server.pass_on("GET", self.path, dict(self.headers), b""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/hook":
            self.server.tell(received(body))
            self._answer(200, b"{}")
        elif self.path == "/card":
            given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            paid = self.server.pay(given["intent"], {**CARD, "card[number]": given["number"]})
            self._answer(200, json.dumps(paid if "error" in paid else {"paymentIntent": paid}).encode())
        else:
            self._answer(*self.server.pass_on("POST", self.path, dict(self.headers), body))

    def _answer(self, status: int, body: bytes, media: str = "application/json") -> None:
        self.send_response(status)
        headers = {"Content-Type": media, "Access-Control-Allow-Origin": "*", "Content-Length": str(len(body)),
                   "Cross-Origin-Resource-Policy": "cross-origin"}  # fmt: skip
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: it is not read."""


def received(document: bytes) -> bytes:
    """Add what of an amount arrived: all."""
    return re.sub(rb'"amount": ?([0-9]+)', rb'"amount_received": \1, "amount": \1', document)


Kind = TypeVar("Kind", bound=StripeServer)


@contextmanager
def stripe_server(folder: Path) -> Iterator[StripeServer]:
    """Run one until the tests are over."""
    with serve(folder, StripeServer) as server:
        yield server


@contextmanager
def serve(folder: Path, kind: type[Kind]) -> Iterator[Kind]:
    """Run one of that kind until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "localstripe", "--from-scratch", "--port", str(port)]
    with (folder / "localstripe.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        with kind(f"http://127.0.0.1:{port}") as server:
            _wait_for(server.behind, process)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield server
            server.shutdown()
            thread.join()
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(f"{url}/v1/balance", auth=(KEY, ""), timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.05)  # not listening yet
    raise AssertionError("localstripe did not start")
