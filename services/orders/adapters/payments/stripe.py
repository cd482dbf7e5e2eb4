"""Stripe, by its official library: cards and wallets, in USD.

start    a PaymentIntent under our payment's number as idempotency key; the customer's browser gets its client secret
end      cancel the intent of a payment that is not wanted any more, so that no one can pay it
refund   a Refund of the intent under the refund's own key; fetch: what became of it
verify   any of the secrets fits: while one is changed there are two
missed   events that no webhook of ours took: each has the id that its webhook would have had

Facts name our payment by the intent's metadata, and theirs by the intent's id. A refund or dispute that is made
at Stripe's own desk has no name of ours: it is found by the intent.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeVar

import orjson

from services.common.basics.errors import Invalid
from services.common.basics.guard import forbid_in_transaction
from services.common.basics.money import CURRENCY, MAX_CENTS, Money
from services.common.basics.shapes import Between, Line
from services.common.runtime.config import setting
from services.orders.adapters.payments.provider import (
    BookedPage,
    FactKind,
    PaymentFact,
    PaymentProvider,
    StartedSession,
    read_known,
)
from services.orders.api import ClientData, UnreadableWebhook
from services.orders.api.payments import ProviderRefused, ProviderUnavailable
from services.orders.api.statuses import BookedKind
from services.orders.domain import Refund
from services.orders.domain.books import BookedEntry

if TYPE_CHECKING:
    import stripe  # it takes long to import and much memory: only who pays by Stripe does it (`_library`)

T = TypeVar("T")
Listed = TypeVar("Listed", bound="stripe.StripeObject")
log = logging.getLogger(__name__)
SIGNATURE_HEADER = "stripe-signature"
TOLERANCE = timedelta(minutes=5)  # how old a signature may be
TIMEOUT_SECONDS = 8.0
ENDED = "canceled"  # as Stripe spells it
OF_PAYMENTS = {
    "payment_intent.processing": FactKind.PROCESSING,
    "payment_intent.succeeded": FactKind.CAPTURED,
    "payment_intent.payment_failed": FactKind.FAILED,
    "payment_intent.canceled": FactKind.FAILED,
}
OF_REFUNDS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
BOOKED = {
    "charge": BookedKind.CAPTURE, "payment": BookedKind.CAPTURE,
    "refund": BookedKind.REFUND, "payment_refund": BookedKind.REFUND,
    "refund_failure": BookedKind.REFUND_BACK, "payment_failure_refund": BookedKind.REFUND_BACK,
}  # fmt: skip
OF_DISPUTES = "charge.dispute."
REFUNDED = {
    "succeeded": FactKind.REFUND_SETTLED, "failed": FactKind.REFUND_FAILED, ENDED: FactKind.REFUND_FAILED,
}  # fmt: skip
DISPUTED = {
    "needs_response": FactKind.DISPUTED, "warning_needs_response": FactKind.DISPUTED,
    "under_review": FactKind.DISPUTE_ANSWERED, "warning_under_review": FactKind.DISPUTE_ANSWERED,
    "won": FactKind.DISPUTE_WON, "warning_closed": FactKind.DISPUTE_WON, "prevented": FactKind.DISPUTE_WON,
    "lost": FactKind.DISPUTE_LOST,
}  # fmt: skip
"""What a dispute is now, whatever its event is called: events come in any order."""


@dataclass(frozen=True)
class Webhook:
    """An event, as Stripe sends it; `data.object` depends on the type."""

    id: Annotated[str, Line(200)]
    type: Annotated[str, Line(100)]
    data: Mapping[str, object]


@dataclass(frozen=True)
class Intent:
    """A payment: what of it arrived, or why it did not."""

    id: Annotated[str, Line(200)]
    currency: Annotated[str, Line(3)]
    status: Annotated[str, Line(60)] = ""
    amount_received: Annotated[int, Between(0, MAX_CENTS)] = 0
    cancellation_reason: Annotated[str, Line(60)] = ""
    last_payment_error: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Movement:
    """A refund or a dispute."""

    id: Annotated[str, Line(200)]
    amount: Annotated[int, Between(0, MAX_CENTS)]
    currency: Annotated[str, Line(3)]
    status: Annotated[str, Line(60)]
    payment_intent: Annotated[str, Line(200)] = ""
    reason: Annotated[str, Line(200)] = ""
    failure_reason: Annotated[str, Line(200)] = ""
    evidence_details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class BalanceEntry:
    """An entry of Stripe's books; `source` is what it moved."""

    id: Annotated[str, Line(200)]
    type: Annotated[str, Line(100)]
    amount: Annotated[int, Between(-MAX_CENTS, MAX_CENTS)]
    currency: Annotated[str, Line(3)]
    created: Annotated[int, Between(0, 2**33)]
    source: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Stripe(PaymentProvider):
    """The provider `stripe`."""

    name: ClassVar[str] = "stripe"
    least: ClassVar[Money] = Money(50)
    starts_locally: ClassVar[bool] = False
    keeps_books: ClassVar[bool] = True

    stripe_secret_key: str = setting(
        "PLEDGE_STRIPE_SECRET_KEY", default="", secret=True, doc="Stripe's secret key; empty: no payments by Stripe"
    )
    stripe_publishable_key: str = setting(
        "PLEDGE_STRIPE_PUBLISHABLE_KEY", default="", doc="Stripe's key for browsers; pages then take cards themselves"
    )
    stripe_webhook_secrets: str = setting(
        "PLEDGE_STRIPE_WEBHOOK_SECRETS", default="", secret=True,
        doc="the secrets that sign Stripe's webhooks, one or, while one is changed, two: whsec_a,whsec_b",
    )  # fmt: skip
    stripe_url: str = setting("PLEDGE_STRIPE_URL", default="https://api.stripe.com", doc="where Stripe's API is")

    @property
    def is_set_up(self) -> bool:
        return bool(self.stripe_secret_key and self.stripe_webhook_secrets)

    def start(self, payment_id: str, order_number: str, amount: Money, session: str | None = None) -> StartedSession:
        forbid_in_transaction("a payment at Stripe")
        made = _asked(lambda: self._api.v1.payment_intents.retrieve(session)) if session else None
        if made is None or made.status == ENDED:
            made = self._begin(payment_id, order_number, amount, f"{payment_id}.{session or ''}")
        shown = ClientData(client_secret=str(made.client_secret))
        if self.stripe_publishable_key:
            shown["publishable_key"] = self.stripe_publishable_key
        return StartedSession(made.id, shown)

    def _begin(self, payment_id: str, order_number: str, amount: Money, key: str) -> stripe.PaymentIntent:
        return _asked(
            lambda: self._api.v1.payment_intents.create(
                {
                    "amount": amount.cents,
                    "currency": CURRENCY.lower(),
                    "metadata": {"payment_id": payment_id, "order_number": order_number},
                },
                {"idempotency_key": key},
            )
        )

    def end(self, session: str) -> None:
        forbid_in_transaction("a payment at Stripe")
        try:
            _asked(lambda: self._api.v1.payment_intents.cancel(session))
        except ProviderRefused:  # paid, or ended before: its webhook tells which
            return

    def refund(self, refund: Refund) -> str:
        forbid_in_transaction("a refund at Stripe")
        made = self._made_before(refund) if refund.tries > 1 else None  # Stripe keeps a key for a day only
        if made is None:
            made = _asked(
                lambda: self._api.v1.refunds.create(
                    {
                        "payment_intent": str(refund.payment_reference),
                        "amount": refund.amount.cents,
                        "metadata": {"refund_id": refund.refund_id, "key": refund.key},
                    },
                    {"idempotency_key": refund.key},
                )
            )
        return made.id

    def _made_before(self, refund: Refund) -> stripe.Refund | None:
        made = _each(lambda: self._api.v1.refunds.list({"payment_intent": str(refund.payment_reference)}))
        return next((each for each in made if _ours(each.to_dict(), "key") == refund.key), None)

    def fetch(self, refund: Refund) -> list[PaymentFact]:
        forbid_in_transaction("a look at Stripe")
        found = _asked(lambda: self._api.v1.refunds.retrieve(str(refund.provider_reference)))
        return list(_of_refund(f"fetched:{refund.key}:{found.status}", found.to_dict()))

    def missed(self) -> Iterator[PaymentFact]:
        if not self.is_set_up:
            return
        forbid_in_transaction("a look at Stripe")
        for event in _each(lambda: self._api.v1.events.list({"delivery_success": False, "limit": 100})):
            try:
                yield from self.parse(orjson.dumps(event.to_dict()))
            except UnreadableWebhook:
                log.warning("Stripe's event %s cannot be read", event.id)

    def booked(self, since: datetime, until: datetime, after: str) -> BookedPage:
        forbid_in_transaction("a look at Stripe's books")
        asked = {
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp()) + 1}, "limit": 100,
            "expand": ["data.source"],
        }  # fmt: skip
        wanted = asked | ({"starting_after": after} if after else {})
        page = _asked(lambda: self._api.v1.balance_transactions.list(wanted))  # type: ignore[arg-type]
        entries = [orjson.loads(orjson.dumps(each.to_dict())) for each in page.data]
        movements = tuple(each for each in map(_booked, entries) if each is not None)
        return BookedPage(movements, str(page.data[-1].id) if page.has_more and page.data else "")

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        given, secrets = headers.get(SIGNATURE_HEADER, ""), re.findall(r"[^\s,]+", str(self.stripe_webhook_secrets))
        signed_at = re.match(r"t=(\d{1,11})(?:,|\Z)", given)
        if signed_at is None or abs(now.timestamp() - int(signed_at[1])) > TOLERANCE.total_seconds():
            return False
        return any(_fits(raw, given, secret) for secret in secrets)

    def parse(self, raw: bytes) -> list[PaymentFact]:
        try:
            event = read_known(Webhook, orjson.loads(raw))
            return list(_facts(event.id, event.type, event.data.get("object")))
        except (ValueError, Invalid) as problem:
            raise UnreadableWebhook from problem

    @property
    def _api(self) -> stripe.StripeClient:
        if not self.is_set_up:
            raise ProviderUnavailable("Stripe is not set up here")
        library = _library()
        client: stripe.StripeClient = library.StripeClient(
            str(self.stripe_secret_key),
            base_addresses={"api": self.stripe_url},
            http_client=library.RequestsClient(timeout=TIMEOUT_SECONDS),
        )
        return client


def _library() -> ModuleType:
    import stripe

    return stripe


def _asked(call: Callable[[], T]) -> T:
    """Return Stripe's answer. Raise ProviderRefused when it refused, Unavailable when it is not known what it did."""
    errors = _library()
    try:
        return call()
    except (errors.InvalidRequestError, errors.CardError, errors.IdempotencyError) as refusal:
        raise ProviderRefused(f"Stripe refused: {str(refusal)[:200]}") from refusal
    except errors.StripeError as problem:
        raise ProviderUnavailable(f"Stripe: {str(problem)[:200]}") from problem


def _each(call: Callable[[], stripe.ListObject[Listed]]) -> Iterator[Listed]:
    """Yield what a list has, page by page; each page is asked for as any other call is (`_asked`)."""
    items = _asked(call).auto_paging_iter()
    while (item := _asked(lambda: next(items, None))) is not None:
        yield item


def _fits(raw: bytes, header: str, secret: str) -> bool:
    library = _library()
    try:
        return bool(library.WebhookSignature.verify_header(raw, header, secret))
    except (library.SignatureVerificationError, UnicodeDecodeError):
        return False


def _facts(event_id: str, kind: str, found: object) -> Iterator[PaymentFact]:
    """Yield the fact of an event; none for what moves no money of ours."""
    if kind in OF_PAYMENTS:
        yield from _of_payment(event_id, OF_PAYMENTS[kind], found)
    elif kind in OF_REFUNDS:
        yield from _of_refund(event_id, found)
    elif kind.startswith(OF_DISPUTES):
        yield from _of_dispute(event_id, found)


def _of_payment(event_id: str, kind: FactKind, found: object) -> Iterator[PaymentFact]:
    intent = read_known(Intent, found)
    if intent.status == ENDED and not intent.cancellation_reason:
        return  # it was we who ended it
    error = intent.last_payment_error.get("message", intent.cancellation_reason) if kind is FactKind.FAILED else ""
    yield PaymentFact(
        event_id=event_id,
        kind=kind,
        payment_id=_ours(found, "payment_id"),
        cents=intent.amount_received if kind is FactKind.CAPTURED else 0,
        currency=intent.currency.upper(),
        reference=intent.id,
        reason=str(error)[:500],
    )


def _of_refund(event_id: str, found: object) -> Iterator[PaymentFact]:
    moved = read_known(Movement, found)
    kind = REFUNDED.get(moved.status)
    if kind is not None:
        yield PaymentFact(
            event_id=event_id,
            kind=kind,
            refund_id=_ours(found, "refund_id"),
            cents=moved.amount,
            currency=moved.currency.upper(),
            reference=moved.id,
            reason=moved.failure_reason,
            payment_reference=moved.payment_intent,
        )


def _of_dispute(event_id: str, found: object) -> Iterator[PaymentFact]:
    moved = read_known(Movement, found)
    kind = DISPUTED.get(moved.status)
    due = moved.evidence_details.get("due_by")
    if kind is not None:
        yield PaymentFact(
            event_id=event_id,
            kind=kind,
            cents=moved.amount,
            currency=moved.currency.upper(),
            reference=moved.id,
            reason=moved.reason.replace("_", " "),
            payment_reference=moved.payment_intent,
            until=datetime.fromtimestamp(due, UTC) if isinstance(due, int) and 0 < due < 2**33 else None,
            dispute=moved.id,
        )


def _booked(found: object) -> BookedEntry | None:
    """Return an entry of Stripe's books; None for what is no money of an order: fees, payouts."""
    entry = read_known(BalanceEntry, found)
    source = entry.source
    kind = BOOKED.get(entry.type)
    if kind is None and source.get("object") == "dispute":
        kind = BookedKind.DISPUTE if entry.amount < 0 else BookedKind.DISPUTE_BACK
    if kind is None:
        return None
    intent = str(source.get("payment_intent") or "")
    about = intent if kind is BookedKind.CAPTURE and intent else str(source.get("id") or entry.id)
    return BookedEntry(
        provider=Stripe.name,
        name=entry.id,
        kind=kind,
        cents=abs(entry.amount),
        currency=entry.currency.upper(),
        about=about[:200],
        payment_reference=intent[:200],
        payment_id=_ours(source, "payment_id"),
        moved_at=datetime.fromtimestamp(entry.created, UTC),
    )


def _ours(found: object, name: str) -> str:
    """Return the name that we gave it; empty if it is not of our making."""
    given = found.get("metadata") if isinstance(found, Mapping) else None
    named = given.get(name) if isinstance(given, Mapping) else None
    return named[:64] if isinstance(named, str) else ""
