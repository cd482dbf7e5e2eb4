"""An Adyen to test with: exchanges of its Checkout API as its documentation and libraries record them, played again.

A link is made once under a key and stays what it was made, until it expires or is paid. A refund is received; what
becomes of it is told by a webhook, which a test sends itself. In outages the answer is lost, though the call was heard.
"""

from __future__ import annotations

import base64
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import orjson

from services.common.basics.untyped import JsonDict

API_KEY, ACCOUNT = "AQEyhmfxK4fnJBBEwp", "TestMerchant"
KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
"""The key of Adyen's own test vector (`SIGNED`)."""
SIGNED = {
    "pspReference": "7914073381342284", "merchantReference": "TestPayment-1407325143704",
    "merchantAccountCode": "TestMerchant", "amount": {"currency": "EUR", "value": 1130},
    "eventCode": "AUTHORISATION", "success": "true", "eventDate": "2019-05-06T17:15:34.121+02:00",
    "operations": ["CANCEL", "CAPTURE", "REFUND"], "paymentMethod": "visa",
    "additionalData": {"hmacSignature": "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},
}  # fmt: skip
LINK = {
    "amount": {"currency": "BRL", "value": 1250}, "expiresAt": "2022-12-06T13:15:42Z", "status": "active",
    "merchantAccount": "YOUR_MERCHANT_ACCOUNT", "reference": "YOUR_ORDER_NUMBER", "reusable": False,
    "id": "PL022C12D3DD92F6AE", "url": "https://test.adyen.link/PL022C12D3DD92F6AE",
}  # fmt: skip
REFUND = {
    "merchantAccount": "YOUR_MERCHANT_ACCOUNT", "paymentPspReference": "VK9DRSLLRCQ2WN82",
    "pspReference": "JDD6LKT8MBLZNN84", "reference": "YOUR_UNIQUE_REFERENCE", "status": "received",
}  # fmt: skip
NOT_PROVIDED = {
    "status": 422, "errorCode": "100", "message": "Required object 'amount' is not provided.",
    "errorType": "validation", "pspReference": "QMBMMD6NF4BLNK82",
}  # fmt: skip
NOT_FOUND = {**NOT_PROVIDED, "errorCode": "167", "message": "Original pspReference required for this operation"}
NOT_ALLOWED = {"status": 401, "errorCode": "000", "message": "HTTP Status Response - Unauthorized",
               "errorType": "security"}  # fmt: skip
UNDER_WAY = {**NOT_PROVIDED, "errorCode": "704", "message": "request already processed or in progress"}


def signed(key: str = KEY, **fields: object) -> JsonDict:
    """Return an event with its signature; its fields are those of the documentation, unless they are given."""
    item = {**SIGNED, "merchantAccountCode": ACCOUNT, "reason": "", **fields}
    amount = dict(item["amount"])  # type: ignore[call-overload]  # it is an object
    names = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")
    parts = [*(item.get(name, "") for name in names), *(amount["value"], amount["currency"])]
    text = ":".join(map(str, [*parts, item["eventCode"], item["success"]]))
    made = base64.b64encode(hmac.digest(bytes.fromhex(key), text.encode(), sha256)).decode()
    more = fields.get("additionalData", {})
    return {**item, "additionalData": {**more, "hmacSignature": made}}  # type: ignore[dict-item]


def usd(cents: int) -> JsonDict:
    return {"currency": "USD", "value": cents}


def paid(payment: str, psp: str, key: str = KEY, **fields: object) -> JsonDict:
    """Return the event of a payment of 12.50 that was paid, with other fields if they are given."""
    return signed(key, **{"pspReference": psp, "merchantReference": payment, "amount": usd(1250), **fields})


def webhook(*items: JsonDict) -> bytes:
    """Return the body of a webhook with these events."""
    return orjson.dumps({"live": "false", "notificationItems": [{"NotificationRequestItem": each} for each in items]})


class AdyenServer(ThreadingHTTPServer):
    """Where the API is (`url`), and what it was asked. answers: what was made under each key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v71"
        self.answers: dict[str, JsonDict] = {}
        self.asked: list[tuple[str, str, JsonDict]] = []
        self.links: dict[str, JsonDict] = {}
        self.outages, self.busy = 0, 0
        self.numbers = count(1)

    def answer(self, method: str, path: str, key: str, body: JsonDict) -> tuple[int, JsonDict]:
        """Return the recorded answer to a call, with the names and the amount that were given."""
        self.asked.append((method, path, body))
        named = path.removeprefix("/v71/paymentLinks/")
        if self.busy:
            self.busy -= 1
            return 422, UNDER_WAY
        if named in self.links and method in ("GET", "PATCH"):
            self.links[named].update(body)
            return 200, {name: each for name, each in self.links[named].items() if name != "id"}
        if "amount" not in body or body.get("merchantAccount") != ACCOUNT:
            return 422, NOT_PROVIDED
        if path != "/v71/paymentLinks" and "unknown" in path:
            return 422, NOT_FOUND
        made = self.answers.get(key) or self._made(path, body)
        self.answers[key] = made
        return 201, made

    def _made(self, path: str, body: JsonDict) -> JsonDict:
        given = {name: body[name] for name in ("amount", "reference", "merchantAccount")}
        if path != "/v71/paymentLinks":
            paid = path.split("/")[3]
            return {**REFUND, **given, "paymentPspReference": paid, "pspReference": f"REF{next(self.numbers):013}"}
        name = f"PL{next(self.numbers):016X}"
        self.links[name] = {**LINK, **given, "id": name, "url": f"https://test.adyen.link/{name}"}
        return self.links[name]

    @property
    def refunds(self) -> list[JsonDict]:
        """The refunds that were made; one that was asked for again is one."""
        return [each for each in self.answers.values() if "paymentPspReference" in each]


class Handler(BaseHTTPRequestHandler):
    """What an AdyenServer answers over HTTP."""

    server: AdyenServer

    def _do(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, found = 401, dict(NOT_ALLOWED)
        if self.headers.get("X-API-Key") == API_KEY:
            key = self.headers.get("Idempotency-Key", "")
            status, found = self.server.answer(self.command, self.path, key, orjson.loads(raw or b"{}"))
        if self.server.outages:
            self.server.outages -= 1
            status, found = 503, {}
        body = orjson.dumps(found)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = _do

    def log_message(self, *_: object) -> None:
        """Log nothing: it is not read."""


@contextmanager
def adyen_server() -> Iterator[AdyenServer]:
    """Run one until the tests are over."""
    with AdyenServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
