"""The payment ledger: what was paid, and what of it goes back (standard, section 4: USD, original account, in full).

payment: created → pending → captured | failed          (a capture after a failure is believed: the money is there)
refund:  due → submitted → pending → settled | failed → due …, manual after too many failures

A refund's row and key exist before the provider hears of it. The key changes only after a definite failure, so a
repeat after a time-out cannot pay twice. What a refund claims stays claimed until it is settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from services.common.basics.errors import Conflict
from services.common.basics.money import CURRENCY, ZERO, Money
from services.orders.api import (
    PaymentCaptured,
    PaymentDisputed,
    PaymentFailed,
    PaymentNeedsAttention,
    PaymentStarted,
    PaymentStatus,
    RefundCause,
    RefundDue,
    RefundFailed,
    RefundSettled,
    RefundStatus,
    RefundSubmitted,
    ReportedAmount,
)
from services.orders.domain.states import moved

FAILURES_BEFORE_A_PERSON = 3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
LOOK_AGAIN = timedelta(minutes=1)
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
    """One attempt to pay one order.

    received_cents/received_currency are what the provider reported; `captured` is what of it is USD and refundable.
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
    reference: str | None = None
    reason: str | None = None
    captured_at: datetime | None = None
    disputed_at: datetime | None = None
    underway_until: datetime | None = None

    @property
    def refundable(self) -> Money:
        return self.captured - self.refunded

    @property
    def as_agreed(self) -> bool:
        """Whether exactly the order's total arrived, in USD."""
        return self.captured == self.amount and self.received_currency == CURRENCY

    def start(self) -> PaymentStarted | None:
        """The customer sets out to pay; doing so twice is one attempt."""
        if self.status is PaymentStatus.PENDING:
            return None
        self.status = moved(PAYMENT_MOVES, self.status, PaymentStatus.PENDING)
        return PaymentStarted(
            order_number=self.order_number, payment_id=self.payment_id, provider=self.provider, amount=self.amount
        )

    def report_underway(self, until: datetime) -> PaymentStarted | None:
        """The provider works on it, at most until its session ends; of no account once it was captured or declined."""
        if self.status in (PaymentStatus.CAPTURED, PaymentStatus.FAILED):
            return None
        self.underway_until = min(until, self.created_at + LONGEST_SESSION)
        return self.start()

    def capture(self, cents: int, currency: str, reference: str, now: datetime) -> PaymentCaptured | None:
        """The provider took the money: recorded as it is, right or wrong; None when that was known."""
        if self.status is PaymentStatus.CAPTURED:
            return None
        self.status = moved(PAYMENT_MOVES, self.status, PaymentStatus.CAPTURED)
        self.received_cents, self.received_currency, self.reference = cents, currency, reference
        self.captured = Money(cents) if currency == CURRENCY else ZERO
        self.captured_at, self.reason = now, None
        amount = ReportedAmount(str(Money(cents)), currency)
        return PaymentCaptured(
            order_number=self.order_number, payment_id=self.payment_id, amount=amount, captured_at=now
        )

    def surplus(self) -> PaymentNeedsAttention | None:
        """Money that is not for the order and not in USD: a person has to send it back; else None."""
        if self.received_cents is None or self.received_currency is None or self.received_currency == CURRENCY:
            return None
        amount = ReportedAmount(str(Money(self.received_cents)), self.received_currency)
        reason = "surplus in another currency"
        return PaymentNeedsAttention(
            order_number=self.order_number, payment_id=self.payment_id, amount=amount, reason=reason
        )

    def fail(self, reason: str) -> PaymentFailed | None:
        """The provider declined; of no account once the money was captured."""
        if self.status in (PaymentStatus.CAPTURED, PaymentStatus.FAILED):
            return None
        self.status, self.reason = moved(PAYMENT_MOVES, self.status, PaymentStatus.FAILED), reason
        return PaymentFailed(order_number=self.order_number, payment_id=self.payment_id, reason=reason)

    def dispute(self, reason: str, now: datetime) -> PaymentDisputed | None:
        if self.disputed_at is not None:
            return None
        self.disputed_at = now
        return PaymentDisputed(order_number=self.order_number, payment_id=self.payment_id, reason=reason)


REFUND_MOVES: Mapping[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.DUE: frozenset({RefundStatus.SUBMITTED}),
    RefundStatus.SUBMITTED: frozenset({RefundStatus.PENDING, RefundStatus.SETTLED, RefundStatus.FAILED}),
    RefundStatus.PENDING: frozenset({RefundStatus.SETTLED, RefundStatus.FAILED}),
    RefundStatus.FAILED: frozenset({RefundStatus.DUE, RefundStatus.MANUAL, RefundStatus.SETTLED}),
    RefundStatus.MANUAL: frozenset({RefundStatus.SETTLED}),
}


class RefundFacts(TypedDict):
    """What every event of a refund says."""

    order_number: str
    refund_id: str
    amount: Money
    cause: RefundCause
    reference: str


@dataclass(eq=False)
class Refund:
    """Money on its way back to the instrument it came from; `attempt` counts definite failures, plus one."""

    refund_id: str
    payment_id: str
    order_number: str
    provider: str
    amount: Money
    cause: RefundCause
    reference: str
    created_at: datetime
    next_attempt_at: datetime | None
    status: RefundStatus = RefundStatus.DUE
    attempt: int = 1
    tries: int = 0
    provider_reference: str | None = None
    payment_reference: str | None = None
    reason: str | None = None
    submitted_at: datetime | None = None
    settled_at: datetime | None = None
    failed_references: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The provider's idempotency key: the same for every repeat of one attempt."""
        return f"{self.refund_id}.{self.attempt}"

    def due(self) -> RefundDue:
        return RefundDue(**self._facts())

    def submit(self, now: datetime) -> RefundSubmitted | None:
        """Claim the call to the provider; None when it only has to be repeated, with the same key."""
        if self.status is RefundStatus.FAILED:
            self.status = moved(REFUND_MOVES, self.status, RefundStatus.DUE)
        self.tries += 1
        self.next_attempt_at = now + min(FIRST_PAUSE * 2 ** min(self.tries - 1, 20), LONGEST_PAUSE)
        if self.status is not RefundStatus.DUE:
            return None
        self.status = moved(REFUND_MOVES, self.status, RefundStatus.SUBMITTED)
        self.submitted_at = self.submitted_at or now
        return RefundSubmitted(**self._facts())

    def accepted(self, provider_reference: str, now: datetime) -> None:
        """The provider has it; from now on we wait to hear, and look ourselves now and then."""
        if self.status is RefundStatus.SUBMITTED:
            self.status = moved(REFUND_MOVES, self.status, RefundStatus.PENDING)
            self.next_attempt_at = now + LOOK_AGAIN
        self.provider_reference = provider_reference

    def settle(self, now: datetime) -> RefundSettled | None:
        """The money has arrived; None when that was known."""
        if self.status is RefundStatus.SETTLED:
            return None
        self.status = moved(REFUND_MOVES, self.status, RefundStatus.SETTLED)
        self.settled_at, self.next_attempt_at, self.reason = now, None, None
        return RefundSettled(**self._facts(), settled_at=now)

    def fail(self, reason: str, provider_reference: str, now: datetime) -> RefundFailed | None:
        """The provider could not pay it: it is still owed, and tried again under a new key, in the end by a person.

        None for a failure that was known: an old one, told again, must not end the attempt that is under way.
        """
        if provider_reference in self.failed_references or self.status is RefundStatus.SETTLED:
            return None
        self.status, self.reason = moved(REFUND_MOVES, self.status, RefundStatus.FAILED), reason
        self.failed_references = (*self.failed_references, provider_reference)
        self.attempt, self.tries, self.provider_reference = self.attempt + 1, 0, None
        self.next_attempt_at = now + FIRST_PAUSE * 2 ** (self.attempt - 2)
        if self.attempt > FAILURES_BEFORE_A_PERSON:
            self.status, self.next_attempt_at = moved(REFUND_MOVES, self.status, RefundStatus.MANUAL), None
        return RefundFailed(**self._facts(), reason=reason, manual=self.status is RefundStatus.MANUAL)

    def _facts(self) -> RefundFacts:
        return {
            "order_number": self.order_number,
            "refund_id": self.refund_id,
            "amount": self.amount,
            "cause": self.cause,
            "reference": self.reference,
        }
