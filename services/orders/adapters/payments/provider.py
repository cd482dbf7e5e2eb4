"""What a payment provider is for us: who takes the money and gives it back.

An adapter is a `Settings`: its fields are the variables that it needs, so it is configured as it is declared. It never
touches our database and is never called while a transaction is open. What it reports is a list of `PaymentFact`s, by
webhook or when asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeVar

from services.common.basics.errors import Invalid
from services.common.basics.money import Money
from services.common.edge.schemas import load
from services.common.runtime.config import Settings
from services.orders.api import ClientData
from services.orders.api.payments import ProviderUnavailable
from services.orders.domain import Refund
from services.orders.domain.books import BookedEntry

T = TypeVar("T")


def read_known(kind: type[T], document: object) -> T:
    """Build it from the fields that we need. A provider sends more, and leaves empty what it does not know.

    Raise Invalid for what is no object, or whose fields are wrong.
    """
    if not isinstance(document, Mapping):
        raise Invalid("not an object")
    known = (field.name for field in fields(kind))  # type: ignore[arg-type]  # T is a dataclass
    return load(kind, {name: document[name] for name in known if document.get(name) not in (None, "")})


class FactKind(StrEnum):
    PROCESSING = "payment.processing"
    CAPTURED = "payment.captured"
    FAILED = "payment.failed"
    DISPUTED = "payment.disputed"
    DISPUTE_ANSWERED = "dispute.answered"
    DISPUTE_WON = "dispute.won"
    DISPUTE_LOST = "dispute.lost"
    REFUND_SETTLED = "refund.settled"
    REFUND_FAILED = "refund.failed"


@dataclass(frozen=True)
class PaymentFact:
    """One thing a provider says happened. `reference` is the provider's own name for the payment or refund.

    until: the end of the session in which a payment is being made; of a dispute, until when the bank wants evidence.
    payment_reference: of a refund, its name for the payment that it pays back. With payment_id and without refund_id
    the provider names refunds by their payment alone: it may be ours (`handlers.fact_parts.named_refund`).
    dispute: its name for a dispute, of which a payment may have several; cents: how much of the payment it is about.
    """

    event_id: str
    kind: FactKind
    payment_id: str = ""
    refund_id: str = ""
    cents: int = 0
    currency: str = ""
    reference: str = ""
    reason: str = ""
    payment_reference: str = ""
    until: datetime | None = None
    dispute: str = ""


@dataclass(frozen=True)
class StartedSession:
    """A payment that a customer can make now. name: the provider's own for it; empty if there is nothing to end."""

    name: str
    client: ClientData


@dataclass(frozen=True)
class BookedPage:
    """A page of a provider's books. following: names the page that comes next; empty at the end.

    complete_from: the provider knows nothing of before.
    """

    movements: tuple[BookedEntry, ...]
    following: str = ""
    complete_from: datetime | None = None


@dataclass(frozen=True)
class PaymentProvider(Settings, ABC):
    """The shape of an adapter; `name` is its part of the webhook's address, and what clients know it by.

    least: the smallest payment that it takes; no discount makes an order cost less.
    starts_locally: `start` calls no one, so that who places an order gets at once what their client needs to pay.
    keeps_books: `booked` lists what it has booked, to be compared with our books.
    keeps_keys: how long after its first use a refund's key is safe to repeat; None: for ever.
    """

    name: ClassVar[str]
    least: ClassVar[Money] = Money(1)
    starts_locally: ClassVar[bool] = True
    keeps_books: ClassVar[bool] = False
    keeps_keys: ClassVar[timedelta | None] = None

    @property
    def is_set_up(self) -> bool:
        """Whether customers can pay by it here."""
        return True

    @abstractmethod
    def start(self, payment_id: str, order_number: str, amount: Money, session: str | None = None) -> StartedSession:
        """Return what the customer's client needs to pay. A payment that is started again goes on in its session.

        Unavailable when the provider does not answer, ProviderRefused when it takes no such payment.
        """

    def end(self, session: str) -> None:
        """End a session that is not paid. One that is over stays so."""

    def missed(self) -> Iterable[PaymentFact]:
        """Return what the provider could not tell us by webhook. Some may be known: each counts once."""
        return ()

    def booked(self, since: datetime, until: datetime, after: str) -> BookedPage:
        """Return the page of its books after that one: all that was booked in the time. Unavailable when not now."""
        raise ProviderUnavailable(f"{self.name} keeps no books that we can read")

    @abstractmethod
    def refund(self, refund: Refund) -> str:
        """Have money sent back to the instrument it came from, under `refund.key`; the provider's reference.

        The same key again has no second effect. Unavailable when it is not known whether it was heard, ProviderRefused
        when it was and no money will move.
        """

    @abstractmethod
    def fetch(self, refund: Refund) -> list[PaymentFact]:
        """Return what the provider knows of a refund it has accepted; empty while it is under way."""

    @abstractmethod
    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """Return whether the provider itself sent these bytes. Header names are lower case."""

    @abstractmethod
    def parse(self, raw: bytes) -> list[PaymentFact]:
        """Return the facts in a webhook with a valid signature; unknown types give none.

        Raise UnreadableWebhook for nonsense.
        """
