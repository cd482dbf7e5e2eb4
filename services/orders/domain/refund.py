"""Refunds: money on its way back to the account it came from, in full (standard, section 4).

    due → submitted → pending → settled | failed → due …, manual after too many failures
    manual → due (tried again) | settled (the bank after all, or paid by hand and confirmed by a second person)
    settled → failed, when the bank has to take the good news back

A refund's row and key exist before the provider is asked. The key changes only after a definite failure, so a
repeat after a time-out cannot pay twice. What a refund claims stays claimed until it is settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from services.common.basics.caller import is_same_person
from services.common.basics.money import Money
from services.common.basics.states import moved
from services.orders.api import (
    HandPaymentRecorded,
    PaidByHand,
    RefundCause,
    RefundDue,
    RefundFailed,
    RefundSettled,
    RefundStatus,
    RefundSubmitted,
    SecondPersonRequired,
    WrongStatus,
)

FAILURES_BEFORE_A_PERSON = 3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
LOOK_AGAIN = timedelta(minutes=1)

REFUND_MOVES: Mapping[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.DUE: frozenset({RefundStatus.SUBMITTED, RefundStatus.SETTLED, RefundStatus.MANUAL}),
    RefundStatus.SUBMITTED: frozenset(
        {RefundStatus.PENDING, RefundStatus.SETTLED, RefundStatus.FAILED, RefundStatus.MANUAL}
    ),
    RefundStatus.PENDING: frozenset({RefundStatus.SETTLED, RefundStatus.FAILED, RefundStatus.MANUAL}),
    RefundStatus.FAILED: frozenset({RefundStatus.DUE, RefundStatus.MANUAL, RefundStatus.SETTLED}),
    RefundStatus.MANUAL: frozenset({RefundStatus.DUE, RefundStatus.SETTLED}),
    RefundStatus.SETTLED: frozenset({RefundStatus.FAILED}),
}
UNSENT = frozenset({RefundStatus.DUE, RefundStatus.FAILED, RefundStatus.MANUAL})
"""Where no call for it is under way at the bank."""
AT_BANK = frozenset({RefundStatus.SUBMITTED, RefundStatus.PENDING})


class RefundFacts(TypedDict):
    """What every event of a refund says."""

    order_number: str
    refund_id: str
    amount: Money
    cause: RefundCause
    reference: str


@dataclass(eq=False)
class Refund:
    """Money on its way back to the instrument it came from.

    attempt      counts definite failures, plus one; tries: calls of this attempt
    key_since    when the provider was first asked under the key of this attempt
    due_at       until when it has to be settled
    claim_id     the number under which its claim is told of: its own, or the first part's where one payment alone could
                 not pay it; empty in rows of an older release
    paid_by_hand what one person recorded and another one has to confirm
    asked_by     whose act it is owed for, for ever; asked_again: who had it tried again since
                 None of them lets it go beyond the day's ceiling (`askers`)
    counted_on   the day whose ceiling it has used up (`domain.ceiling`)
    waits_since  when that ceiling stopped it; released_by: who let it go nevertheless
    version      counts its transitions
    """

    refund_id: str
    payment_id: str
    order_number: str
    provider: str
    amount: Money
    cause: RefundCause
    reference: str
    created_at: datetime
    next_attempt_at: datetime | None
    due_at: datetime
    claim_id: str = ""
    status: RefundStatus = RefundStatus.DUE
    attempt: int = 1
    tries: int = 0
    provider_reference: str | None = None
    payment_reference: str | None = None
    reason: str | None = None
    submitted_at: datetime | None = None
    settled_at: datetime | None = None
    failed_references: tuple[str, ...] = ()
    paid_by_hand: PaidByHand | None = None
    asked_by: str = ""
    asked_again: tuple[str, ...] = ()
    counted_on: str = ""
    waits_since: datetime | None = None
    released_by: str = ""
    key_since: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        """The provider's idempotency key: the same for every repeat of one attempt."""
        return f"{self.refund_id}.{self.attempt}"

    @property
    def facts(self) -> RefundFacts:
        return {
            "order_number": self.order_number,
            "refund_id": self.refund_id,
            "amount": self.amount,
            "cause": self.cause,
            "reference": self.reference,
        }

    @property
    def askers(self) -> frozenset[str]:
        """Who asked for this money: none of them lets it go."""
        return frozenset({self.asked_by, *self.asked_again} - {""})

    def take_out(self, part: Money) -> None:
        """Leave a part of it to another refund of the same claim."""
        self.amount -= part
        self.version += 1

    def due(self, taken_out_of: str = "") -> RefundDue:
        return RefundDue(**self.facts, taken_out_of=taken_out_of)

    @property
    def is_to_be_sent(self) -> bool:
        """Whether the next attempt asks the bank to pay once more; any other one repeats or follows what it has."""
        return self.status in UNSENT

    def wait(self, now: datetime) -> None:
        """Stop at the day's ceiling. It is looked at again soon, unless a person has it by then."""
        self.waits_since = self.waits_since or now
        self.next_attempt_at = now + LOOK_AGAIN
        self.version += 1

    def put_off(self, now: datetime) -> None:
        """Wait for a decision about money of the order, which looks at it again (`look_again`) when it comes."""
        self.next_attempt_at = now + (LONGEST_PAUSE if self.status in UNSENT else LOOK_AGAIN)

    def look_again(self, now: datetime) -> None:
        """Look at it now if it may have waited for a decision; not if it is at the bank, or in front of a person."""
        if self.next_attempt_at is not None and self.status in UNSENT:
            self.next_attempt_at = now

    def count(self, ledger: str) -> None:
        """Note that it has used up that day's ceiling, and waits no longer."""
        self.counted_on, self.waits_since, self.released_by = ledger, None, ""

    def release(self, by: str, now: datetime) -> None:
        """Let it go beyond the day's ceiling.

        WrongStatus unless it waits there; SecondPersonRequired for the one who asked for it.
        """
        if self.waits_since is None or not self.is_to_be_sent:
            raise WrongStatus("the refund does not wait for the ceiling", details={"status": self.status.value})
        if is_same_person(by, *self.askers):
            raise SecondPersonRequired
        self.released_by, self.next_attempt_at = by, now
        self.version += 1

    def submit(self, now: datetime) -> RefundSubmitted | None:
        """Claim the call to the provider; None when it only has to be repeated, with the same key."""
        if self.status is RefundStatus.FAILED:
            self._move(RefundStatus.DUE)
        self.key_since = self._key_since or now
        self.tries += 1
        self.next_attempt_at = now + min(FIRST_PAUSE * 2 ** min(self.tries - 1, 20), LONGEST_PAUSE)
        if self.status is not RefundStatus.DUE:
            return None
        self._move(RefundStatus.SUBMITTED)
        self.submitted_at = self.submitted_at or now
        return RefundSubmitted(**self.facts)

    @property
    def _key_since(self) -> datetime | None:
        """When the key was first used; an older release did not write it down."""
        return self.key_since or (self.submitted_at if self.tries or self.attempt == 1 else None)

    def outlived_key(self, kept: timedelta | None, now: datetime) -> bool:
        """Return whether the provider, which keeps a key so long, would take a repeat for another refund."""
        unanswered = self.status in (RefundStatus.DUE, RefundStatus.SUBMITTED)
        since = self._key_since
        return unanswered and kept is not None and since is not None and now - since >= kept

    def accepted(self, provider_reference: str, now: datetime) -> None:
        """Record that the provider has accepted it.

        From now on it reports the result; we ask it now and then as well.
        """
        if self.status is RefundStatus.SUBMITTED:
            self._move(RefundStatus.PENDING)
            self.next_attempt_at = now + LOOK_AGAIN
        self.provider_reference = provider_reference

    def settle(self, now: datetime, provider_reference: str = "") -> RefundSettled | None:
        """Record that the money has arrived. Return None if that was known."""
        if self.status is RefundStatus.SETTLED:
            return None
        self._move(RefundStatus.SETTLED)
        self.settled_at, self.next_attempt_at, self.reason = now, None, None
        self.waits_since, self.released_by = None, ""
        self.provider_reference = provider_reference or self.provider_reference
        return RefundSettled(**self.facts, settled_at=now, credit_note=True)

    def fail(self, reason: str, provider_reference: str, now: datetime) -> RefundFailed | None:
        """Record that the provider could not pay it. It is still owed, and tried again under a new key; in the end a
        person does it.

        This also holds after it was settled: banks find out late that an account is closed. Return None for a known
        failure: a repeated old report must not end the attempt that is under way.
        """
        if provider_reference in self.failed_references or self.status in UNSENT:
            return None
        was_settled = self.status is RefundStatus.SETTLED
        self._move(RefundStatus.FAILED)
        self.reason, self.settled_at = reason, None
        self.failed_references = (*self.failed_references, provider_reference)
        self.attempt, self.tries, self.provider_reference, self.key_since = self.attempt + 1, 0, None, None
        self.next_attempt_at = now + min(FIRST_PAUSE * 2 ** (self.attempt - 2), LONGEST_PAUSE)
        if self.attempt > FAILURES_BEFORE_A_PERSON or self.cause is RefundCause.BANK:
            self._move(RefundStatus.MANUAL)
            self.next_attempt_at = None
        manual = self.status is RefundStatus.MANUAL
        return RefundFailed(**self.facts, reason=reason, manual=manual, after_settled=was_settled)

    def give_to_person(self, reason: str) -> RefundFailed | None:
        """Give the refund to a person, because the bank reports what cannot be.

        Nothing is sent before that. Return None if known.
        """
        return self.stop(reason) if self.status in AT_BANK else None

    def stop(self, reason: str) -> RefundFailed:
        """Send it no more, until a person has found out what became of it."""
        self._move(RefundStatus.MANUAL)
        self.reason, self.next_attempt_at = reason, None
        return RefundFailed(**self.facts, reason=reason, manual=True)

    def retry(self, now: datetime, by: str) -> RefundDue:
        """Have the provider try again now. WrongStatus unless it failed; or while a payment by hand is on record."""
        if self.status not in (RefundStatus.FAILED, RefundStatus.MANUAL) or self.paid_by_hand is not None:
            status = "paid_by_hand" if self.paid_by_hand is not None else self.status.value
            raise WrongStatus(f"a refund that is {status} is not tried again", details={"status": status})
        self._move(RefundStatus.DUE)
        self.tries, self.next_attempt_at = 0, now
        if by not in self.askers:
            self.asked_again = (*self.asked_again, by)
        return self.due()

    def record_payment(self, by: str, proof: str, at: str) -> HandPaymentRecorded | None:
        """Note that a person paid it by hand; None when this confirms what another person noted.

        WrongStatus unless it waits for a person; SecondPersonRequired for the one who noted it.
        """
        if self.status is not RefundStatus.MANUAL:
            raise WrongStatus(f"the refund is {self.status}", details={"status": self.status.value})
        if self.paid_by_hand is not None:
            if is_same_person(by, self.paid_by_hand.by):
                raise SecondPersonRequired
            return None
        self.paid_by_hand = PaidByHand(by, proof, at)
        self.version += 1
        return HandPaymentRecorded(**self.facts, by=by, proof=proof)

    def confirm_payment(self, by: str, proof: str) -> HandPaymentRecorded:
        """Return the event of the second person's confirmation. The refund can be settled after that."""
        return HandPaymentRecorded(**self.facts, by=by, proof=proof, confirmed=True)

    def deny_payment(self, by: str, proof: str) -> HandPaymentRecorded:
        """Take back that it was paid by hand. WrongStatus if it was not recorded."""
        if self.status is not RefundStatus.MANUAL or self.paid_by_hand is None:
            raise WrongStatus("nobody has recorded a payment by hand", details={"status": self.status.value})
        self.paid_by_hand = None
        self.version += 1
        return HandPaymentRecorded(**self.facts, by=by, proof=proof, paid=False)

    def _move(self, to: RefundStatus) -> None:
        self.status = moved(REFUND_MOVES, self.status, to, "the refund")
        self.version += 1


def may_be_split(refund: Refund) -> bool:
    """Return whether no call for this amount, and no payment by hand, can be under way or on record."""
    fresh = refund.status is RefundStatus.DUE and refund.submitted_at is None
    return (fresh or refund.status is RefundStatus.FAILED) and refund.paid_by_hand is None
