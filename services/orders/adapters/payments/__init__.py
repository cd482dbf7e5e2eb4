"""Payment providers: who takes the money and gives it back.

A provider never touches our database and is never called while a transaction is open. What it reports is a list of
`PaymentFact`s, by webhook or when asked. Adding one: implement `PaymentProvider` and name it in `providers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.common.basics.money import Money
from services.orders.api import ClientData
from services.orders.domain import Refund


class FactKind(StrEnum):
    PROCESSING = "payment.processing"
    CAPTURED = "payment.captured"
    FAILED = "payment.failed"
    DISPUTED = "payment.disputed"
    REFUND_SETTLED = "refund.settled"
    REFUND_FAILED = "refund.failed"


@dataclass(frozen=True)
class PaymentFact:
    """One thing a provider says happened. `reference` is the provider's own name for the payment or refund.

    until: the end of the session in which a payment is being made.
    payment_reference: of a refund, its name for the payment that it pays back.
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


class PaymentProvider(Protocol):
    """What a payment provider is for us."""

    name: str

    def start(self, payment_id: str, order_number: str, amount: Money) -> ClientData:
        """Return what the customer's client needs to pay. Do only local work."""

    def refund(self, refund: Refund) -> str:
        """Send money back to the instrument it came from, under `refund.key`. Return the provider's reference.

        The same key again has no second effect. Unavailable when it is not known whether it arrived, Conflict
        (`provider_refused`) when it was and no money will move.
        """

    def fetch(self, refund: Refund) -> list[PaymentFact]:
        """Return what the provider knows of a refund it has accepted; empty while it is under way."""

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """Return whether the provider itself sent these bytes. Header names are lower case."""

    def parse(self, raw: bytes) -> list[PaymentFact]:
        """Return the facts in a webhook with a valid signature; unknown types give none.

        Raise UnreadableWebhook for nonsense.
        """
