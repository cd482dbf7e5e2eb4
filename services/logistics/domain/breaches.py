"""Who broke the promise of a hand-over or of a delivery, by holds and scans. Pure.

    review passed ─ warehouse, or platform while staff hold the order ─ handed over ─ carrier, customs or customer, by
    the latest scan ─ delivered

Until its first scan a parcel is the carrier's, unless that came so late that the hand-over is doubted; of one that was
never scanned the facts say nothing. On its way back it is with whom it was when it turned round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.common.basics.shapes import BreachCause
from services.common.commitments import Clock
from services.common.commitments.causes import Attribution, Span, attribute
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain.parcel import Parcel
from services.logistics.domain.tracking import TrackingEvent

S = ParcelStatus
_OF_CUSTOMS = frozenset({S.CUSTOMS, S.CUSTOMS_HOLD})
_OF_THE_CUSTOMER = frozenset({Reason.ADDRESS, Reason.AT_PICKUP, Reason.NOBODY, Reason.REFUSED, Reason.UNCLAIMED})
_UNSAID = frozenset({S.ATTEMPT_FAILED, S.CANCELLED})
"""Statuses that say nothing of who is at fault unless a reason does."""
_BACK = frozenset({S.RETURNING, S.RETURNED})


def holder(scan: TrackingEvent, before: BreachCause) -> BreachCause:
    """Return with whom a parcel is after this scan. before: with whom it was until then."""
    if scan.status in _OF_CUSTOMS:
        return BreachCause.CUSTOMS
    if scan.status is S.AVAILABLE_FOR_PICKUP or scan.reason in _OF_THE_CUSTOMER:
        return BreachCause.CUSTOMER
    if scan.status in _BACK:
        return before
    if scan.status in _UNSAID and scan.reason is None:
        return BreachCause.UNKNOWN
    return BreachCause.CARRIER


def spans_of(scans: Iterable[TrackingEvent], begin: datetime, end: datetime, *, doubted: bool) -> list[Span]:
    """Return with whom a parcel was between the hand-over and `end`. scans: its timeline, in order."""
    found: list[Span] = []
    since, cause, told = begin, BreachCause.UNKNOWN, False
    back = False
    for scan in scans:
        if scan.status is None or scan.status is S.LABEL_CREATED:
            continue
        at = min(max(scan.occurred_at, since), end)
        if not told:
            cause, told = (BreachCause.UNKNOWN if doubted else BreachCause.CARRIER), True
        found.append(Span(since, at, cause))
        back = back or scan.status in _BACK
        since, cause = at, cause if back and scan.reason is None else holder(scan, cause)
    return [*found, Span(since, end, cause)]


def cause_of_delivery(
    parcels: Sequence[tuple[Parcel, Sequence[TrackingEvent]]], clock: Clock, now: datetime, *, doubted: bool
) -> Attribution:
    """Return who broke the promise of a delivery: by the parcel that came last, or one that has not come."""
    if not parcels:
        return Attribution(BreachCause.UNKNOWN)
    parcel, scans = max(
        parcels, key=lambda each: (each[0].delivered_at is None, each[0].delivered_at or now, each[0].id)
    )
    end = parcel.delivered_at or clock.stopped_at or now
    spans = spans_of(scans, clock.started_at, end, doubted=doubted)
    ended = parcel.delivered_at is not None
    return attribute(spans, BreachCause.CARRIER, clock.due_at, end, ended=ended)


def _arrival(parcel: Parcel, now: datetime) -> tuple[bool, datetime, str]:
    """Order parcels by their delivery; one that has not come is the last."""
    return parcel.delivered_at is None, parcel.delivered_at or now, parcel.id


def cause_of_dispatch(holds: Iterable[tuple[datetime, datetime | None]], clock: Clock, now: datetime) -> Attribution:
    """Return who broke the promise of a hand-over. holds: from when until when staff kept the order back."""
    end = clock.stopped_at or now
    spans, since = [], clock.started_at
    for begin, until in sorted(holds, key=lambda each: each[0]):
        begin = min(max(begin, since), end)
        until = min(max(until or end, begin), end)
        spans += [Span(since, begin, BreachCause.WAREHOUSE), Span(begin, until, BreachCause.PLATFORM)]
        since = until
    spans.append(Span(since, end, BreachCause.WAREHOUSE))
    return attribute(spans, BreachCause.WAREHOUSE, clock.due_at, end, ended=clock.stopped_at is not None)
