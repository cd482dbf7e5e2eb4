"""The sandbox bank: takes play money, pays it back, and reports both by signed webhook as a real provider does.

POST /sandbox/payments  {client_secret, outcome?: "capture" | "decline" | "process"}
                        → 202, then payment.captured | payment.failed | payment.processing
POST /sandbox/refunds   {refund_id, reference, amount_cents, currency}     → 202, then refund.settled
GET  /sandbox/payments/{reference}, /sandbox/refunds/{id}                  → what became of it

And what banks do besides, to be tried out:

POST /sandbox/payments  with amount_cents?, currency?, charge?: 2          another amount or currency, charged twice
POST /sandbox/disputes  {reference, reason?, amount_cents?}                → 202, then payment.disputed
POST /sandbox/dispute-ends  {reference, outcome, amount_cents?}            → 202, then dispute.won | dispute.lost
POST /sandbox/bank-refunds  {reference, amount_cents}                      → 202, then a refund.settled of its own
POST /sandbox/refunds/{id}/failure  {reason?}                              → 202, then refund.failed, settled or not

It keeps nothing but its books (sandbox_books.py): `client_secret` (made by orders), references and refund ids carry
their facts under a signature of PLEDGE_SANDBOX_SECRET. So the same request always has the same reference and the same
webhook, however often it is made: nothing is ever paid twice.
Part of the gateway only for the convenience of one process less; off unless PLEDGE_SANDBOX.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from logging import getLogger
from typing import Annotated, Literal, NotRequired, TypedDict

import eventlet
import orjson
import requests
from flask import request
from itsdangerous import BadData, URLSafeSerializer

from gateway.http.calls import settings
from gateway.http.resource import Resource
from gateway.resources import sandbox_books
from gateway.settings import GatewaySettings
from services.common.basics import clock
from services.common.basics.api import ANYONE
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.money import CURRENCY, MAX_CENTS
from services.common.basics.shapes import Between, Line, Note, Pattern
from services.common.edge import signatures

SIGNATURE_HEADER = "Sandbox-Signature"
DELAYS = (0.1, 1.0, 3.0, 10.0, 30.0)  # seconds before each attempt to report
TIMEOUT_SECONDS = 10.0
SESSION_SECONDS = 1800
OUTCOMES = {
    "capture": ("pay", "payment.captured"),
    "decline": ("dec", "payment.failed"),
    "process": ("pro", "payment.processing"),
}
"""What the customer does in the bank's window: how its reference begins, and what is reported."""

log = getLogger(__name__)
blp = Resource("sandbox", "Play money", prefix="/sandbox")


def enabled(known: GatewaySettings) -> bool:
    return known.has_sandbox


@dataclass(frozen=True)
class Pay:
    client_secret: Annotated[str, Line(2000)]
    outcome: Literal["capture", "decline", "process"] = "capture"
    amount_cents: Annotated[int, Between(0, MAX_CENTS), Note("what is paid, if not what is asked for")] | None = None
    currency: Annotated[str, Pattern("[A-Z]{3}", "Not a currency code of ISO 4217.")] = CURRENCY
    charge: Annotated[int, Between(1, 99), Note("2: the card is charged a second time, and so on")] = 1


@dataclass(frozen=True)
class PayBack:
    refund_id: Annotated[str, Line(64)]
    reference: Annotated[str, Line(200)]
    amount_cents: Annotated[int, Between(1, MAX_CENTS)]
    currency: Literal["USD"]


@dataclass(frozen=True)
class Dispute:
    reference: Annotated[str, Line(200)]
    reason: Annotated[str, Line(200)] = "unrecognized"
    amount_cents: Annotated[int, Between(1, MAX_CENTS), Note("what is disputed, if not all of it")] | None = None


@dataclass(frozen=True)
class DisputeEnd:
    """How the bank decides a dispute; amount_cents: as it was disputed."""

    reference: Annotated[str, Line(200)]
    outcome: Literal["won", "lost"]
    amount_cents: Annotated[int, Between(1, MAX_CENTS)] | None = None


@dataclass(frozen=True)
class BankRefund:
    reference: Annotated[str, Line(200)]
    amount_cents: Annotated[int, Between(1, MAX_CENTS)]


@dataclass(frozen=True)
class FailRefund:
    reason: Annotated[str, Line(200)] = "account_closed"


class Taken(TypedDict):
    """It will be reported by webhook."""

    status: Literal["processing"]
    id: str


class PaymentFacts(TypedDict):
    payment_id: str
    amount_cents: int
    currency: str
    reference: str
    reason: NotRequired[str]
    expires_at: NotRequired[int]


class Processing(PaymentFacts):
    status: Literal["processing"]


class RefundFacts(TypedDict):
    id: str
    refund_id: str
    reference: str
    amount_cents: int
    currency: str


class StartedRefund(RefundFacts):
    status: Literal["pending"]


class FoundPayment(TypedDict):
    reference: str
    status: Literal["captured", "failed", "processing"]
    payment_id: str
    amount_cents: int
    currency: str


class FoundRefund(TypedDict):
    id: str
    status: Literal["settled"]
    refund_id: str
    amount_cents: int
    currency: str


@blp.post("/payments", status=202, roles=(ANYONE,))
def pay(order: Pay) -> Processing:
    """Pay, as the customer would in the bank's own window; be declined; or let the bank work on it for some minutes."""
    try:
        claims = URLSafeSerializer(_secret(), salt="sandbox-payment").loads(order.client_secret)
        payment_id, asked = str(claims["payment_id"]), int(claims["amount_cents"])
    except (BadData, KeyError, TypeError, ValueError):
        raise Invalid("this client_secret is not one of ours", code="bad_client_secret") from None
    prefix, kind = OUTCOMES[order.outcome]
    cents = asked if order.amount_cents is None else order.amount_cents
    name = payment_id if (order.charge, order.currency) == (1, CURRENCY) else _named(payment_id, order)
    reference = _sealed(prefix, name, cents)
    facts: PaymentFacts = {
        "payment_id": payment_id, "amount_cents": cents, "currency": order.currency, "reference": reference,
    }  # fmt: skip
    if order.outcome == "decline":
        facts["reason"] = "card_declined"
    elif order.outcome == "process":
        facts["expires_at"] = int(clock.now().timestamp()) + SESSION_SECONDS
    _report(kind, facts)
    return {"status": "processing", **facts}


@blp.post("/refunds", status=202, roles=(ANYONE,))
def pay_back(wish: PayBack) -> StartedRefund:
    """Pay back to the account that a captured payment came from."""
    name, paid = _captured(wish.reference)
    if _currency_of(name) != wish.currency:
        raise Conflict("it was paid in another currency", code="other_currency")
    if wish.amount_cents > paid:
        raise Conflict("more than was paid", code="amount_too_large")
    facts: RefundFacts = {
        "refund_id": wish.refund_id,
        "reference": wish.reference,
        "amount_cents": wish.amount_cents,
        "currency": wish.currency,
        "id": _sealed("ref", _attempt(wish.refund_id), wish.amount_cents),
    }
    _report("refund.settled", facts)
    return {"status": "pending", **facts}


@blp.post("/disputes", status=202, roles=(ANYONE,))
def dispute(wish: Dispute) -> Taken:
    """Dispute a payment, as the customer's bank would."""
    name, cents = _captured(wish.reference)
    if wish.amount_cents is not None and wish.amount_cents > cents:
        raise Conflict("more than was paid", code="amount_too_large")
    asked = cents if wish.amount_cents is None else wish.amount_cents
    made = _sealed("dis", name, asked)
    _report("payment.disputed", _about(name, asked, wish.reference) | {"id": made, "reason": wish.reason})
    return {"status": "processing", "id": wish.reference}


@blp.post("/dispute-ends", status=202, roles=(ANYONE,))
def end_dispute(wish: DisputeEnd) -> Taken:
    """Decide a dispute, as the customer's bank would."""
    name, cents = _captured(wish.reference)
    asked = cents if wish.amount_cents is None else wish.amount_cents
    made = _sealed("dis", name, asked)
    _report(f"dispute.{wish.outcome}", _about(name, asked, wish.reference) | {"id": made})
    return {"status": "processing", "id": made}


@blp.post("/bank-refunds", status=202, roles=(ANYONE,))
def refund_in_bank(wish: BankRefund) -> Taken:
    """Pay back in the bank's own window, without having been asked to."""
    name, paid = _captured(wish.reference)
    if wish.amount_cents > paid:
        raise Conflict("more than was paid", code="amount_too_large")
    made = _sealed("own", name, wish.amount_cents)
    _report("refund.settled", _about(name, wish.amount_cents, wish.reference) | {"id": made})
    return {"status": "processing", "id": made}


@blp.post("/refunds/<refund>/failure", status=202, roles=(ANYONE,))
def fail_refund(refund: str, wish: FailRefund) -> Taken:
    """Report that a refund did not arrive, even though it may have been reported as settled."""
    kind, name, cents = _opened(refund)
    if kind not in ("ref", "own"):
        raise NotFound("no such refund", code="refund_not_found")
    facts: dict[str, object] = {
        "amount_cents": cents,
        "currency": _currency_of(name),
        "reference": refund,
        "id": refund,
    }
    asked = {"refund_id": name.partition(".")[0]} if kind == "ref" else {}
    _report("refund.failed", facts | asked | {"reason": wish.reason})
    return {"status": "processing", "id": refund}


@blp.get("/payments/<reference>", roles=(ANYONE,))
def get_payment(reference: str) -> FoundPayment:
    """Tell what became of a payment."""
    kind, payment_id, cents = _opened(reference)
    if kind not in ("pay", "dec"):
        raise NotFound("no such payment", code="payment_not_found")
    return {
        "reference": reference,
        "status": "captured" if kind == "pay" else "failed" if kind == "dec" else "processing",
        "payment_id": payment_id.partition("~")[0],
        "amount_cents": cents,
        "currency": _currency_of(payment_id),
    }


@blp.get("/refunds/<refund>", roles=(ANYONE,))
def get_refund(refund: str) -> FoundRefund:
    """Tell what became of a refund: it always settles."""
    kind, attempt, cents = _opened(refund)
    if kind != "ref":
        raise NotFound("no such refund", code="refund_not_found")
    refund_id = attempt.partition(".")[0]
    return {"id": refund, "status": "settled", "refund_id": refund_id, "amount_cents": cents, "currency": CURRENCY}


def _secret() -> str:
    return settings().sandbox_secret


def _named(payment_id: str, order: Pay) -> str:
    """Return the bank's name of a charge that is not the first one in USD."""
    return f"{payment_id}~{order.charge}~{order.currency}"


def _currency_of(name: str) -> str:
    return name.partition("~")[2].partition("~")[2] or CURRENCY


def _captured(reference: str) -> tuple[str, int]:
    """Return (name, cents) of a captured payment. Raise Conflict `not_captured` for any other."""
    kind, name, cents = _opened(reference)
    if kind != "pay":
        raise Conflict("this payment was not captured", code="not_captured")
    return name, cents


def _about(name: str, cents: int, reference: str) -> dict[str, object]:
    payment_id = name.partition("~")[0]
    return {"payment_id": payment_id, "amount_cents": cents, "currency": _currency_of(name), "reference": reference}


def _attempt(refund_id: str) -> str:
    """Return the name of this attempt to pay a refund: its key if it has one, since a failed one may be repeated."""
    key = request.headers.get("Idempotency-Key", "")
    return key if key.partition(".")[0] == refund_id and len(key) <= 64 else refund_id


def _sealed(kind: str, number: str, cents: int) -> str:
    """Return a reference that carries its facts: `pay.PAY-7K3M-9Q2X-C.4990.<mac>`."""
    facts = f"{kind}.{number}.{cents}"
    return f"{facts}.{hmac.new(_secret().encode(), facts.encode(), hashlib.sha256).hexdigest()[:24]}"


def _opened(reference: str) -> tuple[str, str, int]:
    """Return (kind, number, cents) of a reference. Raise NotFound for one that is not ours."""
    kind, _, rest = reference.partition(".")
    number, _, cents = rest.rpartition(".")[0].rpartition(".")
    if not cents.isdecimal() or len(cents) > 13 or not hmac.compare_digest(
        _sealed(kind, number, int(cents)).encode(), reference.encode()
    ):  # fmt: skip
        raise NotFound("no such reference", code="reference_not_found")
    return kind, number, int(cents)


def _report(kind: str, facts: Mapping[str, object]) -> None:
    """Send the webhook about these facts: the same facts, the same webhook."""
    event_id = f"evt_{hashlib.sha256(f'{kind} {orjson.dumps(facts).decode()}'.encode()).hexdigest()[:32]}"
    sandbox_books.book(event_id, kind, facts)
    event = {"id": event_id, "type": kind, "created": int(clock.now().timestamp()), "data": facts}
    report(settings().webhook_url, settings().sandbox_secret, orjson.dumps(event), SIGNATURE_HEADER)


def report(url: str, secret: str, body: bytes, signature_header: str) -> None:
    """Post a signed webhook from a greenthread of its own, after the answer; again, when it is not taken."""
    eventlet.spawn_n(_deliver, url, secret, body, signature_header)


def _deliver(url: str, secret: str, body: bytes, signature_header: str) -> None:
    for delay in DELAYS:
        eventlet.sleep(delay)
        headers = {
            "Content-Type": "application/json",
            signature_header: signatures.sign(secret, body, clock.now()),
        }
        try:
            answer = requests.post(url, body, headers=headers, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as problem:
            log.warning("the sandbox cannot reach %s: %s", url, problem)
            continue
        if answer.ok:
            return
        log.warning("a webhook of the sandbox was refused with %d: %.300s", answer.status_code, answer.text)
    log.error("the sandbox gave up reporting to %s", url)
