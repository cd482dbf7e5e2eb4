"""Payments: money that was asked for, and what of it arrived (standard, section 4: USD, original account, in full).

    created → pending → captured | failed          (a capture after a failure is believed: the money is there)

One payment is one movement of money. When a provider takes money a second time under one payment, the second movement
is a payment of its own, so that it can go back to where it came from. What was captured is kept for the order, on its
way back, or in front of a person: see account.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.errors import Conflict
from services.common.basics.money import CURRENCY, ZERO, Money
from services.common.basics.states import moved
from services.orders.api import (
    PaymentCaptured,
    PaymentDisputed,
    PaymentFailed,
    PaymentStarted,
    PaymentStatus,
    ReportedAmount,
)
from services.orders.api.events import ChargebackReturned, ForeignMoneyReturned
from services.orders.domain.currencies import reported

LONGEST_SESSION = timedelta(hours=24)


class RefundTooLarge(Conflict):
    """More than was captured and is not refunded yet."""

    code = "refund_exceeds_captured"
    message = "More than was captured and is not refunded yet."


class UnitRefunded(Conflict):
    """One of these units was refunded before."""

    code = "unit_already_refunded"
    message = "One of these units was refunded before."


PAYMENT_MOVES: Mapping[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.CREATED: frozenset({PaymentStatus.PENDING, PaymentStatus.CAPTURED, PaymentStatus.FAILED}),
    PaymentStatus.PENDING: frozenset({PaymentStatus.CAPTURED, PaymentStatus.FAILED}),
    PaymentStatus.FAILED: frozenset({PaymentStatus.CAPTURED}),
}


@dataclass(eq=False)
class Payment:
    """One movement of money for one order, or the attempt of one.

    received_cents/received_currency are what the provider reported; `captured` is what of it is USD and refundable.
    `refunded` is what refunds have set aside or paid, `returned_cents` what went back of another currency. `session`:
    the provider's name for where it can still be paid.
    """

    payment_id: str
    order_number: str
    provider: str
    amount: Money
    created_at: datetime
    status: PaymentStatus = PaymentStatus.CREATED
    captured: Money = ZERO
    refunded: Money = ZERO
    received_cents: int | None = None
    received_currency: str | None = None
    returned_cents: int = 0
    reference: str | None = None
    reason: str | None = None
    captured_at: datetime | None = None
    disputed_at: datetime | None = None
    underway_until: datetime | None = None
    session: str | None = None

    @property
    def refundable(self) -> Money:
        return self.captured - self.refunded

    @property
    def is_foreign(self) -> bool:
        """Whether money arrived that is not in USD."""
        return self.received_currency is not None and self.received_currency != CURRENCY

    @property
    def received(self) -> ReportedAmount | None:
        """What the provider took, as its currency writes it; None before it took anything."""
        if self.received_cents is None or self.received_currency is None:
            return None
        return reported(self.received_cents, self.received_currency)

    @property
    def foreign_rest(self) -> int:
        """What is here of another currency, in its smallest units."""
        return (self.received_cents or 0) - self.returned_cents if self.is_foreign else 0

    def start(self) -> PaymentStarted | None:
        """Start the customer's attempt to pay. Starting it twice is one attempt: return None."""
        if self.status is PaymentStatus.PENDING:
            return None
        self.status = moved(PAYMENT_MOVES, self.status, PaymentStatus.PENDING, "the payment")
        return PaymentStarted(
            order_number=self.order_number, payment_id=self.payment_id, provider=self.provider, amount=self.amount
        )

    def report_underway(self, until: datetime) -> PaymentStarted | None:
        """Record that the provider works on it, at most until its session ends.

        Ignore this after a capture or a decline.
        """
        if self.status in (PaymentStatus.CAPTURED, PaymentStatus.FAILED):
            return None
        self.underway_until = min(until, self.created_at + LONGEST_SESSION)
        return self.start()

    def capture(self, cents: int, currency: str, reference: str, now: datetime) -> PaymentCaptured | None:
        """Record that the provider took the money, right or wrong. Return None if it was captured before."""
        if self.status is PaymentStatus.CAPTURED:
            return None
        self.status = moved(PAYMENT_MOVES, self.status, PaymentStatus.CAPTURED, "the payment")
        self.received_cents, self.received_currency, self.reference = cents, currency, reference
        self.captured = Money(cents) if currency == CURRENCY else ZERO
        self.captured_at, self.reason, self.session = now, None, None
        return PaymentCaptured(
            order_number=self.order_number,
            payment_id=self.payment_id,
            amount=reported(cents, currency),
            captured_at=now,
        )

    def is_report_of(self, cents: int, currency: str) -> bool:
        """Return whether this amount is what the payment captured."""
        return (cents, currency) == (self.received_cents, self.received_currency)

    def give_back_foreign(self, cents: int) -> ForeignMoneyReturned | None:
        """Note that so much of the other currency is back where it came from. Return None if nothing was here."""
        back = min(cents, self.foreign_rest)
        if back <= 0 or self.received_currency is None:
            return None
        self.returned_cents += back
        amount = reported(back, self.received_currency)
        return ForeignMoneyReturned(order_number=self.order_number, payment_id=self.payment_id, amount=amount)

    def take_back_foreign(self, cents: int) -> ChargebackReturned | None:
        """Note that so much of the other currency came here again. Return None if nothing had gone."""
        here = min(cents, self.returned_cents)
        if here <= 0 or self.received_currency is None:
            return None
        self.returned_cents -= here
        amount = reported(here, self.received_currency)
        return ChargebackReturned(
            order_number=self.order_number, payment_id=self.payment_id, refund_id="", amount=amount
        )

    def fail(self, reason: str) -> PaymentFailed | None:
        """Record that the provider declined. Ignore this once the money was captured."""
        if self.status in (PaymentStatus.CAPTURED, PaymentStatus.FAILED):
            return None
        self.status, self.reason = moved(PAYMENT_MOVES, self.status, PaymentStatus.FAILED, "the payment"), reason
        return PaymentFailed(order_number=self.order_number, payment_id=self.payment_id, reason=reason)

    def dispute(self, reason: str, amount: ReportedAmount, now: datetime) -> PaymentDisputed:
        """Record that the customer's bank asks for so much of the money back."""
        self.disputed_at = self.disputed_at or now
        facts = {"order_number": self.order_number, "payment_id": self.payment_id, "reason": reason}
        return PaymentDisputed(**facts, amount=amount)

    def end_dispute(self) -> None:
        """End what is disputed, because the bank has decided. Another dispute may follow."""
        self.disputed_at = None
