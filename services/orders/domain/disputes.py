"""What customers' banks dispute: so much of a payment waits for a decision, and no more.

The disputed part is taken from what is not set aside for refunds first, then from the refunds that the bank does not
have yet. What is at the bank, or was paid back, cannot be held any more.

`cases` are open cases of the order, of any kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from services.common.basics.money import ZERO, Money
from services.orders.api import AttentionKind, RefundStatus
from services.orders.domain.attention import HOLDS_ALL_PAYOUTS, Attention
from services.orders.domain.payment import Payment
from services.orders.domain.refund import AT_BANK, UNSENT, Refund


def disputed_of(payment: Payment, cases: Iterable[Attention]) -> Money:
    """Return how much of a payment is disputed, in USD. A case without an amount is about all of it."""
    mine = [case for case in cases if (case.kind, case.payment_id) == (AttentionKind.DISPUTE, payment.payment_id)]
    asked = sum(case.amount.cents or payment.captured.cents for case in mine)
    return Money(min(asked, payment.captured.cents))


def reported_before(cases: Sequence[Attention], name: str, cents: int, here: int) -> Attention | None:
    """Return the open case that a report is about; None for a dispute of its own.

    cases: the open disputes of the payment; name: the bank's; cents: what is disputed of the `here` that are here.
    A payment may have several disputes, each of a part. The bank tells of one again under another name, or without
    one: what has no name, and what does not fit beside the others, is no further dispute.
    """
    for case in cases:
        if case.reference == name:
            return case
    fits = cents > 0 and all(case.cents for case in cases) and cents + sum(case.cents for case in cases) <= here
    alike = [case for case in cases if not (name and case.reference)] or ([] if fits else list(cases))
    return min(alike, key=lambda case: (case.cents != cents, case.cents != 0, -case.cents), default=None)


def contested_of(payment: Payment, cases: Iterable[Attention]) -> Money:
    """Return what of the money that is here, and not set aside for refunds, is disputed."""
    return min(disputed_of(payment, cases), payment.refundable)


def free_of(payment: Payment, cases: Iterable[Attention]) -> Money:
    """Return what may be sent back now."""
    return payment.refundable - contested_of(payment, cases)


def room_of(payment: Payment, refunds: Iterable[Refund], cases: Iterable[Attention]) -> Money:
    """Return how much in unsent refunds of a payment may go to the bank while the dispute is open."""
    mine = [refund for refund in refunds if refund.payment_id == payment.payment_id]
    gone = Money.total(each.amount for each in mine if each.status in AT_BANK or each.status is RefundStatus.SETTLED)
    return max(payment.captured - gone - disputed_of(payment, cases), ZERO)


def unsent_of(payment: Payment, refunds: Iterable[Refund]) -> list[Refund]:
    """Return the refunds of a payment that are not at the bank, in the order in which they are sent."""
    mine = (each for each in refunds if each.payment_id == payment.payment_id and each.status in UNSENT)
    return sorted(mine, key=lambda each: (each.created_at, -each.amount.cents, each.refund_id))


def waiting(payments: Iterable[Payment], refunds: Sequence[Refund], cases: Collection[Attention]) -> frozenset[str]:
    """Return the ids of the unsent refunds of an order that wait for a decision."""
    if any(case.kind in HOLDS_ALL_PAYOUTS for case in cases):
        return frozenset(each.refund_id for each in refunds if each.status in UNSENT)
    found: set[str] = set()
    for payment in payments:
        if not disputed_of(payment, cases):
            continue
        room = room_of(payment, refunds, cases)
        for each in unsent_of(payment, refunds):
            if each.amount > room:
                found.add(each.refund_id)
            else:
                room -= each.amount
    return frozenset(found)
