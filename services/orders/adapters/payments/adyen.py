"""Adyen: customers pay on its own page (Pay by Link), in USD; by its Checkout API, version 71.

start    a payment link under our payment's number as reference and idempotency key; captured at once
end      the link expires, so that no one can pay it any more
refund   a refund of the payment under the refund's own key; it is received first, and done or not by a webhook
verify   each item of a webhook is signed for itself; any of the keys fits: while one is changed there are two

What a webhook means is read from the fields that are signed; only the reason that it gives, and until when a dispute
can be answered, are not. Adyen repeats each one for 30 days, until it is heard; it has no list of them, and says of no
refund how it stands: what it gave up to tell stands in its reports. A chargeback that is reversed counts as won; a
second one takes it back.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, ClassVar
from urllib.parse import quote

import orjson
import requests

from services.common.basics import ids
from services.common.basics.errors import Invalid
from services.common.basics.guard import forbid_in_transaction
from services.common.basics.money import CURRENCY, MAX_CENTS, Money
from services.common.basics.shapes import Between, Line
from services.common.basics.untyped import JsonDict
from services.common.runtime.config import setting
from services.orders.adapters.payments.provider import (
    FactKind,
    PaymentFact,
    PaymentProvider,
    StartedSession,
    read_known,
)
from services.orders.api import UnreadableWebhook
from services.orders.api.payments import ProviderRefused, ProviderUnavailable
from services.orders.domain import Refund
from services.orders.domain.currencies import decimals_of

TIMEOUT_SECONDS = (3.0, 8.0)
REFUSALS = frozenset({400, 404, 409, 422})
UNDER_WAY = "704"  # the same request is being processed: what becomes of it is not known yet
EXPIRED = "expired"
SIGNED = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")
KINDS: Mapping[tuple[str, str], FactKind] = {
    ("AUTHORISATION", "true"): FactKind.CAPTURED, ("AUTHORISATION", "false"): FactKind.FAILED,
    ("PENDING", "true"): FactKind.PROCESSING,
    ("CAPTURE_FAILED", "true"): FactKind.DISPUTE_LOST, ("CAPTURE", "false"): FactKind.DISPUTE_LOST,
    ("REFUND", "true"): FactKind.REFUND_SETTLED, ("REFUND", "false"): FactKind.REFUND_FAILED,
    ("REFUND_FAILED", "true"): FactKind.REFUND_FAILED, ("REFUNDED_REVERSED", "true"): FactKind.REFUND_FAILED,
    ("CANCEL_OR_REFUND", "true"): FactKind.REFUND_SETTLED, ("CANCELLATION", "true"): FactKind.REFUND_SETTLED,
    ("REQUEST_FOR_INFORMATION", "true"): FactKind.DISPUTED,
    ("NOTIFICATION_OF_CHARGEBACK", "true"): FactKind.DISPUTED,
    ("DISPUTE_OPENED_WITH_CHARGEBACK", "true"): FactKind.DISPUTED, ("CHARGEBACK", "true"): FactKind.DISPUTED,
    ("INFORMATION_SUPPLIED", "true"): FactKind.DISPUTE_ANSWERED,
    ("CHARGEBACK_REVERSED", "true"): FactKind.DISPUTE_WON, ("PREARBITRATION_WON", "true"): FactKind.DISPUTE_WON,
    ("ISSUER_RESPONSE_TIMEFRAME_EXPIRED", "true"): FactKind.DISPUTE_WON,
    ("DISPUTE_DEFENSE_PERIOD_ENDED", "true"): FactKind.DISPUTE_LOST,
    ("SECOND_CHARGEBACK", "true"): FactKind.DISPUTE_LOST, ("PREARBITRATION_LOST", "true"): FactKind.DISPUTE_LOST,
}  # fmt: skip
"""What an event says, by its code and whether what it is about succeeded.

Money that was authorised is captured at once; a capture that fails takes it away again, as a lost dispute does.
"""
DECIMALS: Mapping[str, int] = {"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}
"""Of the currencies that Adyen writes with other decimals than ISO 4217 does."""
OF_DISPUTES = frozenset({FactKind.DISPUTED, FactKind.DISPUTE_ANSWERED, FactKind.DISPUTE_WON, FactKind.DISPUTE_LOST})
OF_REFUNDS = frozenset({FactKind.REFUND_SETTLED, FactKind.REFUND_FAILED})


@dataclass(frozen=True)
class Amount:
    """Money, in the smallest unit of its currency."""

    value: Annotated[int, Between(0, MAX_CENTS)]
    currency: Annotated[str, Line(3)]


@dataclass(frozen=True)
class Item:
    """One event of a webhook. pspReference: of what happened; originalReference: of the payment that it happened to."""

    pspReference: Annotated[str, Line(80)]
    amount: Mapping[str, object]
    originalReference: Annotated[str, Line(80)] = ""
    merchantReference: Annotated[str, Line(80)] = ""
    additionalData: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A page on which a payment can be made."""

    url: Annotated[str, Line(500)]
    status: Annotated[str, Line(60)]
    id: Annotated[str, Line(100)] = ""


@dataclass(frozen=True)
class Adyen(PaymentProvider):
    """The provider `adyen`."""

    name: ClassVar[str] = "adyen"
    starts_locally: ClassVar[bool] = False
    keeps_keys: ClassVar[timedelta | None] = timedelta(days=6)  # Adyen says seven; one is for a call that is late

    adyen_api_key: str = setting(
        "PLEDGE_ADYEN_API_KEY", default="", secret=True, doc="Adyen's API key; empty: no payments by Adyen"
    )
    adyen_account: str = setting("PLEDGE_ADYEN_ACCOUNT", default="", doc="the merchant account at Adyen")
    adyen_hmac_keys: str = setting(
        "PLEDGE_ADYEN_HMAC_KEYS", default="", secret=True,
        pattern=r"\s*([0-9A-Fa-f]{64}(\s*,\s*[0-9A-Fa-f]{64})*)?\s*", form="64 hexadecimal digits each, with commas",
        doc="the keys that sign Adyen's webhooks, one or, while one is changed, two",
    )  # fmt: skip
    adyen_url: str = setting(
        "PLEDGE_ADYEN_URL", default="https://checkout-test.adyen.com/v71",
        doc="where Adyen's Checkout API is; live: https://PREFIX-checkout-live.adyenpayments.com/checkout/v71",
    )  # fmt: skip

    @property
    def is_set_up(self) -> bool:
        return bool(self.adyen_api_key and self.adyen_account and self._keys)

    @property
    def _keys(self) -> list[bytes]:
        return [bytes.fromhex(each) for each in re.findall("[0-9A-Fa-f]{64}", str(self.adyen_hmac_keys))]

    def start(self, payment_id: str, order_number: str, amount: Money, session: str | None = None) -> StartedSession:
        forbid_in_transaction("a payment at Adyen")
        made = self._link("GET", f"/paymentLinks/{quote(session, safe='')}") if session else None
        if made is None or made.status == EXPIRED:
            wanted = {
                "reference": payment_id,
                "amount": {"value": amount.cents, "currency": CURRENCY},
                "merchantAccount": self.adyen_account,
                "returnUrl": f"{self.public_url}/orders/{order_number}",
                "metadata": {"order_number": order_number},
                "captureDelayHours": 0,
                "reusable": False,
            }
            made = self._link("POST", "/paymentLinks", wanted, f"{payment_id}.{session or ''}")
        return StartedSession(made.id or session or "", {"url": made.url})

    def end(self, session: str) -> None:
        forbid_in_transaction("a payment at Adyen")
        try:
            self._ask("PATCH", f"/paymentLinks/{quote(session, safe='')}", {"status": EXPIRED})
        except ProviderRefused:  # paid, or expired before: a webhook tells which
            return

    def refund(self, refund: Refund) -> str:
        forbid_in_transaction("a refund at Adyen")
        wanted = {
            "merchantAccount": self.adyen_account,
            "amount": {"value": refund.amount.cents, "currency": CURRENCY},
            "reference": refund.refund_id,
        }
        paid = quote(str(refund.payment_reference), safe="")
        reference = self._ask("POST", f"/payments/{paid}/refunds", wanted, refund.key).get("pspReference")
        if not isinstance(reference, str) or not reference:
            raise ProviderUnavailable("Adyen did not say what it made")
        return reference

    def fetch(self, refund: Refund) -> list[PaymentFact]:
        return []  # a webhook tells what became of it, and nothing else does

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        try:
            items = _items(raw)
        except Invalid:
            return False
        return bool(items) and all(any(_fits(item, key) for key in self._keys) for item in items)

    def parse(self, raw: bytes) -> list[PaymentFact]:
        try:
            return [fact for item in _items(raw) for fact in self._facts(item)]
        except Invalid as problem:
            raise UnreadableWebhook from problem

    def _facts(self, found: Mapping[str, object]) -> Iterator[PaymentFact]:
        """Yield the fact of an event; none for what moves no money of ours."""
        code, success = str(found.get("eventCode")), _text(found.get("success"))
        kind = KINDS.get((code, success))
        if kind is None or found.get("merchantAccountCode") != self.adyen_account:
            return
        item = read_known(Item, found)
        amount, named = read_known(Amount, item.amount), item.merchantReference
        yield PaymentFact(
            event_id=f"{item.pspReference}:{code}:{success}",
            kind=kind,
            payment_id=named if ids.is_number(named, ids.PAYMENT) else "",
            refund_id=named if ids.is_number(named, ids.REFUND) else "",
            cents=0 if kind is FactKind.FAILED else _minor_units(amount),
            currency=amount.currency,
            reference=item.pspReference,
            reason="".join(filter(str.isprintable, str(found.get("reason") or "")))[:200],
            payment_reference=item.originalReference if kind in OF_REFUNDS | OF_DISPUTES else "",
            until=_moment(item.additionalData.get("defensePeriodEndsAt")) if kind in OF_DISPUTES else None,
            dispute=item.pspReference if kind in OF_DISPUTES else "",
        )

    def _link(self, method: str, path: str, wanted: JsonDict | None = None, key: str = "") -> Link:
        try:
            return read_known(Link, self._ask(method, path, wanted, key))
        except Invalid as problem:
            raise ProviderUnavailable("Adyen answered what is no payment link") from problem

    def _ask(self, method: str, path: str, wanted: JsonDict | None = None, key: str = "") -> JsonDict:
        """Return Adyen's answer. Raise ProviderRefused for a refusal, Unavailable when it is not known what it did."""
        if not self.is_set_up:
            raise ProviderUnavailable("Adyen is not set up here")
        headers = {"X-API-Key": str(self.adyen_api_key), **({"Idempotency-Key": key} if key else {})}
        try:
            answer = requests.request(
                method, f"{self.adyen_url}{path}", json=wanted, headers=headers, timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )  # fmt: skip
            found = orjson.loads(answer.content)
        except (requests.RequestException, ValueError) as problem:
            raise ProviderUnavailable(f"Adyen: {str(problem)[:200]}") from problem
        told = found if isinstance(found, dict) else {}
        if 200 <= answer.status_code < 300 and told:
            return told
        why = f"{told.get('errorCode', '')} {str(told.get('message', ''))[:200]}".strip() or str(answer.status_code)
        passing = told.get("errorCode") == UNDER_WAY or answer.headers.get("transient-error") == "true"
        if answer.status_code in REFUSALS and not passing:
            raise ProviderRefused(f"Adyen refused: {why}")
        raise ProviderUnavailable(f"Adyen: {why}")


def _items(raw: bytes) -> list[Mapping[str, object]]:
    """Return the events in a webhook. Raise Invalid for what is none."""
    try:
        document = orjson.loads(raw)
    except ValueError as problem:
        raise Invalid("not JSON") from problem
    listed = document.get("notificationItems") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise Invalid("no list of events")
    found = [each.get("NotificationRequestItem") for each in listed if isinstance(each, dict)]
    items: list[Mapping[str, object]] = [each for each in found if isinstance(each, dict)]
    if len(items) < len(listed):
        raise Invalid("no list of events")
    return items


def _fits(item: Mapping[str, object], key: bytes) -> bool:
    """Return whether that key signed the event."""
    data, amount = item.get("additionalData"), item.get("amount")
    given = data.get("hmacSignature") if isinstance(data, dict) else None
    value, currency = (amount.get("value"), amount.get("currency")) if isinstance(amount, dict) else (None, None)
    signed = [*(item.get(name) for name in SIGNED), value, currency, item.get("eventCode"), item.get("success")]
    made = base64.b64encode(hmac.digest(key, ":".join(map(_text, signed)).encode(), sha256))
    return isinstance(given, str) and hmac.compare_digest(made, given.encode())


def _text(value: object) -> str:
    """Return a value as Adyen signs it."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _minor_units(amount: Amount) -> int:
    """Return an amount in the smallest unit that ISO 4217 gives its currency."""
    decimals = decimals_of(amount.currency)
    return int(amount.value * 10**decimals // 10 ** DECIMALS.get(amount.currency, decimals))


def _moment(told: object) -> datetime | None:
    """Return a moment with its zone; None for what is none."""
    try:
        found = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
