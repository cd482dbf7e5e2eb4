"""What the payment ledger tells of the refunds that a return claimed."""

from __future__ import annotations

from datetime import datetime

from services.aftersales.api.statuses import ClaimCause, ClaimStatus
from services.aftersales.handlers.returns import record
from services.aftersales.repository import Work
from services.common.basics.message import Message
from services.orders.api.events import RefundEvent, RefundFailed, RefundSettled, RefundSubmitted
from services.orders.api.statuses import RefundCause

OURS = frozenset({RefundCause.RETURN, RefundCause.POSTAGE})


def is_ours(event: RefundEvent, _: Message) -> bool:
    """Return whether a refund was claimed by a return."""
    return event.cause in OURS


def on_refund_submitted(work: Work, event: RefundSubmitted, message: Message) -> None:
    take_in(work, ClaimStatus.SUBMITTED, event, message, work.now)


def on_refund_failed(work: Work, event: RefundFailed, message: Message) -> None:
    take_in(work, ClaimStatus.FAILED, event, message, work.now)


def on_refund_settled(work: Work, event: RefundSettled, message: Message) -> None:
    take_in(work, ClaimStatus.SETTLED, event, message, event.settled_at)


def take_in(work: Work, status: ClaimStatus, event: RefundEvent, message: Message, at: datetime) -> None:
    """Note where the money is. Only `settled` stops the refund's clock; a failure lets it run on, or run again."""
    cause = ClaimCause(event.cause.value)
    item = work.returns.get(event.reference.partition("/")[0], lock=True)
    claim, events = item.hear_of_refund(
        status,
        event.refund_id,
        event.amount,
        message.subject_seq,
        at,
        work.now,
        cause,
        credit_note=isinstance(event, RefundSettled) and event.credit_note,
    )
    if claim is None:
        return
    record(work, item, *events)
    if claim.clock_id is None or not events:
        return
    clock = work.clock(item.number, claim.clock_id)
    if claim.settled and clock.stop(max(at, clock.started_at)):
        work.commitments.save(clock)
        item.due_at = work.now
    elif not claim.settled and clock.reopen():
        work.commitments.save(clock)
        item.due_at = clock.due_at
