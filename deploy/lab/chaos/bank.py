"""The bank: takes and gives back play money over the sandbox provider's protocol, and keeps books of its own.

It remembers what it captured and paid back, per idempotency key, so that the platform's books can be compared with
another bank's. Like real ones it reports everything by signed webhook, at least twice, until that is acknowledged,
and now and then does what it is asked without the answer getting through.
"""

from __future__ import annotations

import json
import queue
import random
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deploy.lab.chaos.record import Record
from services.common.basics.clock import now
from services.common.basics.untyped import JsonDict
from services.common.edge import signatures

LOST_ANSWERS = 0.1
COURIERS = 2
Send = Callable[[bytes, dict[str, str]], bool]


class Bank:
    """`send(body, headers)` brings a webhook to the platform: True when it was acknowledged."""

    def __init__(self, secret: str, record: Record, seed: int, send: Send, host: str = "127.0.0.1"):
        self._secret, self._record, self._send = secret, record, send
        self._random = random.Random(f"{seed} bank")  # noqa: S311 (a schedule, no secret)
        self._refunds: dict[str, dict[str, object]] = {}
        self._lock = threading.Lock()
        self._letters: queue.Queue[JsonDict | None] = queue.Queue()
        self._server = ThreadingHTTPServer((host, 0), _handler(self))
        self.url = f"http://{host}:{self._server.server_address[1]}"
        work = (self._server.serve_forever, *[self._deliver] * COURIERS)
        self._threads = [threading.Thread(target=each, name="bank", daemon=True) for each in work]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for _ in range(COURIERS):
            self._letters.put(None)
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def all_told(self) -> bool:
        """Whether everything that it did was reported and acknowledged."""
        return not self._letters.unfinished_tasks

    def capture(self, payment_id: str, cents: int) -> None:
        """Capture a payment, as if the customer paid."""
        reference = f"pay.{payment_id}"
        self._record.note("captured", payment_id=payment_id, cents=cents, reference=reference)
        facts = {"payment_id": payment_id, "amount_cents": cents, "currency": "USD", "reference": reference}
        self._tell("payment.captured", facts, payment_id)

    def decline(self, payment_id: str, cents: int) -> None:
        facts = {"payment_id": payment_id, "amount_cents": cents, "currency": "USD", "reference": f"dec.{payment_id}"}
        self._tell("payment.failed", {**facts, "reason": "card_declined"}, payment_id)

    def pay_back(self, key: str, asked: JsonDict) -> tuple[dict[str, object], bool]:
        """Pay back once for a key, however often it is asked. Return the result and whether the answer gets through."""
        with self._lock:
            is_new = key not in self._refunds
            if is_new:
                self._refunds[key] = {**asked, "id": f"ref.{key}", "status": "settled"}
            refund, lost = self._refunds[key], self._random.random() < LOST_ANSWERS
        if is_new:
            self._record.note("paid_back", key=key, **asked)
            facts = {name: refund[name] for name in ("refund_id", "reference", "amount_cents", "currency", "id")}
            self._tell("refund.settled", facts, asked["refund_id"])
        return {**refund, "status": "pending"}, not lost

    def find(self, refund_id: str) -> dict[str, object] | None:
        with self._lock:
            return next((each for each in self._refunds.values() if each["id"] == refund_id), None)

    def _tell(self, kind: str, facts: dict[str, object], about: str) -> None:
        event = {"id": f"evt_{uuid.uuid4().hex}", "type": kind, "created": int(now().timestamp()), "data": facts}
        for _ in range(2):
            self._letters.put({"event": event, "about": about})

    def _deliver(self) -> None:
        while (letter := self._letters.get()) is not None:
            body = json.dumps(letter["event"]).encode()
            signed = {"Sandbox-Signature": signatures.sign(self._secret, body, now())}
            if self._send(body, signed):
                self._record.note("told", kind=letter["event"]["type"], about=letter["about"])
            else:
                self._letters.put(letter)
            self._letters.task_done()


def _handler(bank: Bank) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer, arrives = bank.pay_back(self.headers["Idempotency-Key"], asked)
            if arrives:
                self._answer(202, answer)
            else:
                self.close_connection = True

        def do_GET(self) -> None:
            found = bank.find(self.path.rpartition("/")[2])
            self._answer(200 if found else 404, found or {})

        def _answer(self, status: int, body: dict[str, object]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: what it does is in the record."""

    return Handler
