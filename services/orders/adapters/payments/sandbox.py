"""The sandbox bank's side of the protocol: play money, but with signed webhooks, keys and time-outs like a real one.

Webhook: {id, type, created, data}, signed in `Sandbox-Signature` over the raw bytes (services.common.edge.signatures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import orjson
import requests
from itsdangerous import URLSafeSerializer

from services.common.basics.errors import Invalid
from services.common.basics.guard import forbid_in_transaction
from services.common.basics.money import CURRENCY, MAX_CENTS, Money
from services.common.basics.shapes import Between, Line, Pattern
from services.common.basics.untyped import JsonDict
from services.common.edge import signatures
from services.common.runtime.config import setting
from services.orders.adapters.payments.provider import (
    BookedPage,
    FactKind,
    PaymentFact,
    PaymentProvider,
    StartedSession,
    read_known,
)
from services.orders.api import UnreadableWebhook
from services.orders.api.payments import ProviderRefused, ProviderUnavailable
from services.orders.api.statuses import BookedKind
from services.orders.domain import Refund
from services.orders.domain.books import BookedEntry

DEVELOPMENT_SECRET = "a-sandbox-secret-for-development"  # noqa: S105 (play money; refused outside development)
SIGNATURE_HEADER = "sandbox-signature"
TIMEOUT_SECONDS = (3.0, 5.0)
KNOWN = frozenset(FactKind)
OF_DISPUTES = frozenset({FactKind.DISPUTED, FactKind.DISPUTE_ANSWERED, FactKind.DISPUTE_WON, FactKind.DISPUTE_LOST})
REFUSALS = frozenset({400, 404, 409, 422})  # definite: no money moves under this key


@dataclass(frozen=True)
class Webhook:
    """What the bank sends; `data` depends on the type."""

    id: Annotated[str, Line(200)]
    type: Annotated[str, Line(60)]
    data: Mapping[str, object]


@dataclass(frozen=True)
class Report:
    """The `data` of a webhook about a payment or a refund."""

    reference: Annotated[str, Line(200)]
    amount_cents: Annotated[int, Between(0, MAX_CENTS)]
    currency: Annotated[str, Pattern("[A-Z]{3}", "Not a currency code of ISO 4217.")]
    payment_id: Annotated[str, Line(64)] = ""
    refund_id: Annotated[str, Line(64)] = ""
    id: Annotated[str, Line(200)] = ""
    reason: Annotated[str, Line(500, min=0)] = ""
    expires_at: Annotated[int, Between(0, 2**33)] | None = None


@dataclass(frozen=True)
class Booked:
    """An entry of the bank's books."""

    id: Annotated[str, Line(200)]
    kind: BookedKind
    amount_cents: Annotated[int, Between(0, MAX_CENTS)]
    currency: Annotated[str, Pattern("[A-Z]{3}", "Not a currency code of ISO 4217.")]
    about: Annotated[str, Line(200)]
    at: Annotated[int, Between(0, 2**33)]
    payment: Annotated[str, Line(200)] = ""
    payment_id: Annotated[str, Line(64)] = ""


@dataclass(frozen=True)
class Sandbox(PaymentProvider):
    """The provider `sandbox`."""

    name: ClassVar[str] = "sandbox"
    keeps_books: ClassVar[bool] = True

    sandbox_secret: str = setting(
        "PLEDGE_SANDBOX_SECRET", default=DEVELOPMENT_SECRET, known=DEVELOPMENT_SECRET, secret=True,
        doc="signs the sandbox bank's payments and webhooks",
    )  # fmt: skip
    sandbox_url: str = setting(
        "PLEDGE_SANDBOX_URL", default="", doc="where the sandbox bank answers; default: the public URL"
    )

    @property
    def _url(self) -> str:
        return self.sandbox_url or self.public_url

    def start(self, payment_id: str, order_number: str, amount: Money, session: str | None = None) -> StartedSession:
        claims = {
            "payment_id": payment_id,
            "amount_cents": amount.cents,
            "currency": CURRENCY,
            "order_number": order_number,
        }
        secret = URLSafeSerializer(str(self.sandbox_secret), salt="sandbox-payment").dumps(claims)
        return StartedSession("", {"client_secret": secret, "url": f"{self._url}/sandbox/payments"})

    def refund(self, refund: Refund) -> str:
        forbid_in_transaction("a refund at the sandbox bank")
        body = {
            "refund_id": refund.refund_id,
            "reference": refund.payment_reference,
            "amount_cents": refund.amount.cents,
            "currency": CURRENCY,
        }
        answer = self._ask("POST", "/sandbox/refunds", json=body, headers={"Idempotency-Key": refund.key})
        return str(answer["id"])

    def fetch(self, refund: Refund) -> list[PaymentFact]:
        forbid_in_transaction("a look at the sandbox bank")
        answer = self._ask("GET", f"/sandbox/refunds/{refund.provider_reference}")
        kinds = {"settled": FactKind.REFUND_SETTLED, "failed": FactKind.REFUND_FAILED}
        kind = kinds.get(answer.get("status", ""))
        if kind is None:
            return []
        event_id = f"fetched:{refund.key}:{kind}"
        cents, reason = int(answer["amount_cents"]), str(answer.get("reason", ""))
        reference = str(refund.provider_reference)
        return [PaymentFact(event_id, kind, "", refund.refund_id, cents, CURRENCY, reference, reason)]

    def booked(self, since: datetime, until: datetime, after: str) -> BookedPage:
        forbid_in_transaction("a look at the sandbox bank's books")
        wanted = {"since": str(int(since.timestamp())), "until": str(int(until.timestamp()) + 1), "after": after}
        page = self._ask("GET", "/sandbox/movements", params=wanted)
        try:
            movements = tuple(_movement(read_known(Booked, each)) for each in page["items"])
            complete_from = datetime.fromtimestamp(int(page["complete_from"]), UTC)
        except (KeyError, TypeError, ValueError, Invalid) as problem:
            raise ProviderUnavailable("the sandbox bank's books cannot be read") from problem
        return BookedPage(movements, str(page["following"]), complete_from)

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        return signatures.verify(str(self.sandbox_secret), headers.get(SIGNATURE_HEADER), raw, now)

    def parse(self, raw: bytes) -> list[PaymentFact]:
        try:
            event = read_known(Webhook, orjson.loads(raw))
            if event.type not in KNOWN:
                return []
            data = read_known(Report, event.data)
        except (ValueError, Invalid) as exc:
            raise UnreadableWebhook from exc
        is_refund = event.type.startswith("refund.")
        return [
            PaymentFact(
                event_id=event.id,
                kind=FactKind(event.type),
                payment_id=data.payment_id,
                refund_id=data.refund_id,
                cents=data.amount_cents,
                currency=data.currency,
                reference=data.id if is_refund else data.reference,
                reason=data.reason,
                until=None if data.expires_at is None else datetime.fromtimestamp(data.expires_at, UTC),
                payment_reference=data.reference if is_refund else "",
                dispute=data.id if event.type in OF_DISPUTES else "",
            )
        ]

    def _ask(self, method: str, path: str, **kwargs: Any) -> JsonDict:
        try:
            answer = requests.request(method, f"{self._url}{path}", timeout=TIMEOUT_SECONDS, **kwargs)
            if answer.status_code in REFUSALS:
                raise ProviderRefused(f"the sandbox bank refused: {answer.text[:200]}")
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as exc:
            raise ProviderUnavailable(f"the sandbox bank: {exc}") from exc
        return dict(found)


def _movement(entry: Booked) -> BookedEntry:
    return BookedEntry(
        provider=Sandbox.name,
        name=entry.id,
        kind=entry.kind,
        cents=entry.amount_cents,
        currency=entry.currency,
        about=entry.about,
        payment_reference=entry.payment,
        payment_id=entry.payment_id,
        moved_at=datetime.fromtimestamp(entry.at, UTC),
    )
