"""A Stripe to test with: localstripe in a process of its own, with what it lacks.

It keeps no idempotency keys, and knows neither which events could not be delivered nor what of a payment arrived: that
is added in front of it. So are outages, in which the answer to a call is lost although the call was made.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import eventlet
import requests
from eventlet import wsgi

from services.common.basics.untyped import JsonDict

KEY = "sk_test_of_these_tests"
START_SECONDS = 30
CARD = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2040",
        "card[cvc]": "123"}  # fmt: skip
RECEIVED = b'"amount":', b'"amount_received": 1250, "amount":'  # localstripe does not tell what arrived
DECLINED = {**CARD, "card[number]": "4000000000000341"}


class StripeServer:
    """Where the API is (`url`), and what its customers and its own desk do."""

    def __init__(self, behind: str):
        self.behind, self.url = behind, ""
        self.answers: dict[str, tuple[str, bytes]] = {}
        self.outages = 0

    def serve(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Pass a call on; the same idempotency key again gets the same answer."""
        body, key = environ["wsgi.input"].read(), environ.get("HTTP_IDEMPOTENCY_KEY", "")
        if key not in self.answers or not key:
            query = environ.get("QUERY_STRING", "").replace("delivery_success=false", "").strip("&")
            headers = {"Authorization": environ["HTTP_AUTHORIZATION"], "Content-Type": environ.get("CONTENT_TYPE", "")}
            url = f"{self.behind}{environ['PATH_INFO']}?{query}"
            found = requests.request(environ["REQUEST_METHOD"], url, data=body, headers=headers, timeout=10)
            self.answers[key] = f"{found.status_code} {found.reason}", found.content.replace(*RECEIVED)
        if self.outages and environ["REQUEST_METHOD"] == "POST":
            self.outages -= 1
            start_response("503 Service Unavailable", [])
            return [b"{}"]
        status, content = self.answers[key]
        start_response(status, [("Content-Type", "application/json")])
        return [content]

    def ask(self, method: str, path: str, **fields: str) -> JsonDict:
        """Call the API, as Stripe's own pages do."""
        answer = requests.request(method, f"{self.behind}/v1/{path}", data=fields, auth=(KEY, ""), timeout=10)
        return dict(answer.json())

    def pay(self, intent: str, card: JsonDict = CARD) -> JsonDict:
        """Enter a card, as the customer does in Stripe's field."""
        method = self.ask("POST", "payment_methods", **card)
        self.ask("POST", f"payment_intents/{intent}", payment_method=method["id"])
        return self.ask("POST", f"payment_intents/{intent}/confirm")


@contextmanager
def stripe_server(folder: Path) -> Iterator[StripeServer]:
    """Run one until the tests are over."""
    free = eventlet.listen(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    command = [sys.executable, "-W", "ignore", "-m", "localstripe", "--from-scratch", "--port", str(port)]
    with (folder / "localstripe.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    server = StripeServer(f"http://127.0.0.1:{port}")
    listener = eventlet.listen(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    front = eventlet.spawn(wsgi.server, listener, server.serve, log_output=False)
    try:
        _wait_for(server.behind, process)
        yield server
    finally:
        front.kill()
        listener.close()
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(f"{url}/v1/balance", auth=(KEY, ""), timeout=5)
            return
        except requests.ConnectionError:
            eventlet.sleep(0.05)  # not listening yet
    raise AssertionError("localstripe did not start")
