"""Money on its way back, to the account it came from, in full (standard, section 4).

`owe_refund` writes the refund, sets its amount aside on the payment, under the payment's lock, and starts its clock,
which the law may bind. For a return the clock is kept by after-sales alone: one promise is told and counted once.
Once that is committed, the refund is submitted (submissions.py). `owe_claim` pays one claim, from several payments if
need be; to others such a claim is one refund, told of under one number. What cannot be paid automatically is put in
front of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from services.common.basics import ids
from services.common.basics.money import CURRENCY, Money
from services.common.basics.shapes import BreachCause
from services.common.commitments import Clock, bind
from services.common.commitments.causes import Attribution
from services.orders.api import (
    REFUND,
    AttentionKind,
    RefundCause,
    RefundEvent,
    RefundFailed,
    RefundPartMoved,
    RefundSettled,
    RefundStatus,
    RefundSubmitted,
)
from services.orders.api.terms import CAUSES
from services.orders.domain import Attention, LegalTerm, Order, Payment, Refund, disputes, shares
from services.orders.domain.attention import HOLDS_ALL_PAYOUTS
from services.orders.domain.refund import may_be_split
from services.orders.handlers import cases
from services.orders.handlers.promises import new_clock
from services.orders.repository import Work

UnitKeys = Iterable[tuple[int, int]]
BY_AFTERSALES = frozenset({RefundCause.RETURN, RefundCause.POSTAGE})
"""Whose clock after-sales keeps."""


def owe_refund(
    work: Work,
    payment: Payment,
    amount: Money,
    cause: RefundCause,
    reference: str,
    units: UnitKeys = (),
    claim_id: str = "",
    law: LegalTerm | None = None,
    asked_by: str = "",
    since: datetime | None = None,
) -> Refund:
    """Write down a refund; RefundTooLarge beyond what was captured, UnitRefunded for a unit that had its money.

    asked_by: whose act it is owed for; by default the caller's. since: when it was agreed to; by default now.
    """
    work.payments.claim_for_refund(payment, amount)
    refund = new_refund(work, payment, amount, cause, reference, claim_id, law, since)
    refund.next_attempt_at, refund.asked_by = work.now, asked_by or work.caller.actor
    work.payments.add_refund(refund, units)
    work.journal.record(refund.due())
    return refund


def new_refund(
    work: Work,
    payment: Payment,
    amount: Money,
    cause: RefundCause,
    reference: str,
    claim_id: str = "",
    law: LegalTerm | None = None,
    since: datetime | None = None,
) -> Refund:
    """Create a refund and start its clock, due by the promise or by `law`. Its amount is set aside already."""
    refund_id = _number_of(work, payment.payment_id, cause, reference)
    clock = new_clock(work, REFUND, refund_id, payment.order_number, since=since)
    if law is not None:
        bind(clock, law.due_at, law.rule)
    if cause not in BY_AFTERSALES:
        work.commitments.start(clock)
    return Refund(
        refund_id=refund_id,
        payment_id=payment.payment_id,
        order_number=payment.order_number,
        provider=payment.provider,
        amount=amount,
        cause=cause,
        reference=reference,
        created_at=work.now,
        next_attempt_at=None,
        due_at=clock.due_at,
        claim_id=claim_id or refund_id,
        payment_reference=payment.reference,
    )


def _number_of(work: Work, payment_id: str, cause: RefundCause, reference: str) -> str:
    """Derive the number from what the money is owed for.

    If a restored backup owes it again, the provider knows the key and pays it once.
    """
    numbers = (ids.number_after(ids.REFUND, payment_id, cause, reference, copy) for copy in count())
    return next(number for number in numbers if work.payments.find_refund(number) is None)


def owe_claim(
    work: Work,
    payments: Sequence[Payment],
    amount: Money,
    cause: RefundCause,
    reference: str,
    units: UnitKeys = (),
    law: LegalTerm | None = None,
    *,
    asked_by: str = "",
    agreed_by: str | None = None,
    since: datetime | None = None,
) -> None:
    """Owe an amount of what was paid for an order; what is not here any more is put in front of a person.

    payments: all of the order, locked. From one payment if one has as much, else from several. What is disputed comes
    last and is a refund of its own, so that the others need not wait for it.
    law: until when the law wants it repaid, where it says so. agreed_by: a second person, who asks for it too.
    since: when it was agreed to, which starts its clock; by default now.
    """
    open_cases = work.cases.open_of_order(payments[0].order_number)
    free = {payment.payment_id: disputes.free_of(payment, open_cases) for payment in payments}
    whole = [payment for payment in payments if free[payment.payment_id] >= amount]
    parts = shares(amount, whole or payments, lambda payment: free[payment.payment_id])
    rest = amount - Money.total(part for _, part in parts)
    waits = shares(rest, payments, lambda payment: payment.refundable - free[payment.payment_id])
    parts, rest = parts + waits, rest - Money.total(part for _, part in waits)
    if len(parts) == 1 and not rest:
        made = owe_refund(work, parts[0][0], amount, cause, reference, units, law=law, asked_by=asked_by, since=since)
        made.asked_again = (agreed_by,) if agreed_by else ()
        return
    claim_id, left = ids.number_after(ids.REFUND, payments[0].order_number, cause, reference, *units), list(units)
    for payment, part in parts:
        made = owe_refund(work, payment, part, cause, reference, left, claim_id, law, asked_by, since)
        made.asked_again = (agreed_by,) if agreed_by else ()
        left = []
    if rest:
        work.payments.note_repaid(payments[0].order_number, left)
        _ask_about_rest(work, payments, rest, cause, reference, claim_id)


def split_refund(work: Work, refund: Refund, part: Money) -> Refund:
    """Take a part out of an unsent refund, as a refund of its own that is due at the same time."""
    payment = next(each for each in work.payments.of_order(refund.order_number) if each.payment_id == refund.payment_id)
    refund.claim_id = refund.claim_id or refund.refund_id
    refund.take_out(part)
    apart = new_refund(work, payment, part, refund.cause, refund.reference, refund.claim_id, since=refund.created_at)
    apart.due_at, apart.next_attempt_at = refund.due_at, work.now
    apart.asked_by, apart.asked_again = refund.asked_by, refund.asked_again
    work.payments.add_refund(apart)
    work.journal.record(apart.due(taken_out_of=refund.refund_id))
    if refund.status is RefundStatus.MANUAL:
        _ask_about_refused(work, refund)
    return apart


def hold_disputed(work: Work, payment: Payment) -> None:
    """Split an unsent refund of which only a part is disputed, so that the rest need not wait."""
    made = work.payments.refunds_of(payment.order_number, lock=True)  # what is sent meanwhile is not split
    room = disputes.room_of(payment, made, work.cases.open_of_order(payment.order_number))
    for each in disputes.unsent_of(payment, made):
        if each.amount <= room:
            room -= each.amount
        elif room and may_be_split(each):
            split_refund(work, each, each.amount - room)
            return


def waiting_of(work: Work, number: str) -> frozenset[str]:
    """Return the ids of the unsent refunds of an order that wait for a decision."""
    cases = work.cases.open_of_order(number)
    return disputes.waiting(work.payments.of_order(number), work.payments.refunds_of(number), cases)


def stopped_of(work: Work, number: str) -> frozenset[str]:
    """Return the ids of the refunds of an order that are not sent, nor sent again, before a decision."""
    if not any(case.kind in HOLDS_ALL_PAYOUTS for case in work.cases.open_of_order(number)):
        return waiting_of(work, number)
    return frozenset(each.refund_id for each in work.payments.refunds_of(number))


def _ask_about_rest(
    work: Work, payments: Sequence[Payment], rest: Money, cause: RefundCause, reference: str, claim_id: str
) -> None:
    cases.open_case(
        work,
        AttentionKind.CLAIM_UNCOVERED,
        payments[0].payment_id,
        payments[0].order_number,
        rest.cents,
        CURRENCY,
        f"{rest} USD are owed for {cause.value} {reference} and not here any more",
        f"{claim_id} {cause.value} {reference}",
    )


def payments_of(work: Work, order: Order) -> list[Payment]:
    """Return all payments of the order, locked, oldest first."""
    return work.payments.of_order(order.order_number, lock=True)


# what becomes of them


def record(work: Work, refund: Refund, event: RefundEvent | None) -> None:
    """Write down what happened to a refund, and do what follows: its clock, and the case of one that is refused.

    The order is locked, or no other process moves this refund.
    """
    if event is None:
        return
    if isinstance(event, RefundSettled):
        work.commitments.stop(REFUND, refund.refund_id, event.settled_at)
    if isinstance(event, RefundFailed) and event.after_settled:
        work.commitments.reopen(REFUND, refund.refund_id)
    if isinstance(event, RefundSettled | RefundFailed):
        work.documents.repaid(refund)
    for told in _as_told(work, refund, event):
        work.journal.record(told)
    if isinstance(event, RefundSettled):
        kinds = AttentionKind.REFUND_REFUSED, AttentionKind.REFUND_CEILING
        cases.close_kinds(work, refund.payment_id, *kinds, reference=refund.refund_id)
    if isinstance(event, RefundFailed) and event.manual:
        _ask_about_refused(work, refund)


def _ask_about_refused(work: Work, refund: Refund) -> None:
    cases.open_case(
        work,
        AttentionKind.REFUND_REFUSED,
        refund.payment_id,
        refund.order_number,
        refund.amount.cents,
        CURRENCY,
        f"the bank does not pay the refund {refund.refund_id}: {refund.reason or 'no reason given'}",
        refund.refund_id,
    )


def _as_told(work: Work, refund: Refund, event: RefundEvent) -> list[RefundEvent]:
    """Return what other services are told.

    Several refunds that pay one claim are told once, with one number and the sum.
    """
    parts = work.payments.parts_of(refund.claim_id) if refund.claim_id else []
    if refund.claim_id in ("", refund.refund_id) and len(parts) < 2:
        return [event]
    moved = RefundPartMoved(**refund.facts, claim_id=refund.claim_id, status=refund.status)
    if isinstance(event, RefundFailed):
        return [moved, replace(event, refund_id=refund.claim_id)]
    total = Money.total(part.amount for part in parts) + work.cases.uncovered(refund.claim_id)
    whole = replace(event, refund_id=refund.claim_id, amount=total)
    if isinstance(event, RefundSubmitted):
        first = all(part.submitted_at is None for part in parts if part is not refund)
        return [moved, whole] if first else [moved]
    if isinstance(event, RefundSettled):
        return [moved, whole] if _is_settled(work, parts) else [moved]
    return [event]


def _is_settled(work: Work, parts: Iterable[Refund]) -> bool:
    """Return whether a claim is paid: all its parts are settled, and no rest of it waits for a decision."""
    parts = list(parts)
    claim_id = parts[0].claim_id
    uncovered = (
        case for case in work.cases.open_of_order(parts[0].order_number) if case.kind is AttentionKind.CLAIM_UNCOVERED
    )
    waits = any(case.reference.startswith(claim_id) for case in uncovered)
    return not waits and all(part.status is RefundStatus.SETTLED for part in parts)


def tell_if_claim_is_settled(work: Work, case: Attention) -> None:
    """Announce that a claim is paid, if its parts are settled, once a lead found that the customer has the rest."""
    claim_id, cause, reference = case.reference.split(" ", 2)
    parts = work.payments.parts_of(claim_id)
    if case.order_number is None or (parts and not _is_settled(work, parts)):
        return
    work.journal.record(
        RefundSettled(
            order_number=case.order_number,
            refund_id=claim_id,
            amount=Money.total(part.amount for part in parts) + case.amount,
            cause=RefundCause(cause),
            reference=reference,
            settled_at=work.now,
            credit_note=any(work.documents.has_note(part) for part in parts),
        )
    )


def cause_of(work: Work, clock: Clock) -> Attribution:
    """Return who broke a promise of orders: a refund that was given in time to its provider was late there."""
    refund = work.payments.known_refund(clock.subject) if clock.kind == REFUND else None
    if refund is not None and refund.submitted_at is not None and refund.submitted_at <= clock.due_at:
        return Attribution(BreachCause.PROVIDER)
    return Attribution(CAUSES.get(clock.kind, BreachCause.UNKNOWN))
