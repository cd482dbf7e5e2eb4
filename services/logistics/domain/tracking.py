"""Tracking: what carriers report of a parcel, and what follows from it (standard, section 3: real-time status).

A parcel's status is a fold over its events in the carrier's own order (occurred_at, carrier sequence, received_at), so
it makes no difference in which order they arrive, or how often. `delivered` can be taken back by a later scan: that is
a correction, kept with its time. A code we do not know changes nothing, and is counted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from services.logistics.api.statuses import Health, ParcelStatus

MAX_AHEAD = timedelta(days=1)
"""A scan further in the future than that, by our clock, has a wrong time and counts for nothing."""
STUCK_AFTER = timedelta(days=7)
"""A parcel of which nothing is heard for so long needs a person."""
AT_RISK_SHARE = 4
"""A promise is at risk when a quarter of its time is left."""
NO_SEQUENCE = 0


S = ParcelStatus
_UNDER_WAY = frozenset(S) - {S.LABEL_CREATED, S.CANCELLED}
MOVES: Mapping[ParcelStatus, frozenset[ParcelStatus]] = {
    S.LABEL_CREATED: _UNDER_WAY | {S.CANCELLED},
    S.IN_TRANSIT: _UNDER_WAY,
    S.CUSTOMS: _UNDER_WAY,
    S.CUSTOMS_HOLD: _UNDER_WAY,
    S.OUT_FOR_DELIVERY: _UNDER_WAY,
    S.AVAILABLE_FOR_PICKUP: _UNDER_WAY,
    S.ATTEMPT_FAILED: _UNDER_WAY,
    S.EXCEPTION: _UNDER_WAY,
    S.LOST: _UNDER_WAY,
    S.RETURNING: _UNDER_WAY,
    # only as a correction, by a scan that is later than the delivery
    S.DELIVERED: _UNDER_WAY - {S.CUSTOMS, S.CUSTOMS_HOLD},
    S.RETURNED: frozenset(),
    S.CANCELLED: frozenset(),
}
FINISHED = frozenset({S.DELIVERED, S.RETURNED, S.CANCELLED})
TROUBLED = frozenset({S.CUSTOMS_HOLD, S.ATTEMPT_FAILED, S.EXCEPTION, S.LOST, S.RETURNING, S.RETURNED, S.CANCELLED})
NEEDS_A_PERSON = frozenset({S.EXCEPTION, S.LOST, S.RETURNING, S.RETURNED, S.CANCELLED})


@dataclass(frozen=True)
class TrackingEvent:
    """One scan, as a carrier reported it.

    carrier, source  who carries ("fedex"), and through whom we heard of it ("easypost")
    occurred_at      in UTC; local_time: the same moment as the clocks showed where it was scanned, with its offset
    sequence         the carrier's own count, to order scans of one moment
    code, status     what the carrier calls it, and what that means; None: nothing we act on
    unmapped         the code is one we have never heard of
    """

    carrier: str
    source: str
    tracking_number: str
    occurred_at: datetime
    local_time: str
    received_at: datetime
    code: str
    status: ParcelStatus | None
    message: str = ""
    reason: str | None = None
    location: str | None = None
    sequence: int = NO_SEQUENCE
    unmapped: bool = False

    @cached_property
    def digest(self) -> str:
        """What makes it the same scan when it is reported again: all but when and through whom we heard of it."""
        text = re.sub(r"\W+", " ", self.message).strip().casefold()
        facts = (self.carrier, self.tracking_number, self._moment(self.occurred_at), self.code, self.location, text)
        return hashlib.sha256("\n".join(str(fact) for fact in facts).encode()).hexdigest()

    @cached_property
    def place(self) -> str:
        """Where it stands in its parcel's timeline: texts that sort as (occurred_at, sequence, received_at)."""
        times = self._moment(self.occurred_at), self._moment(self.received_at)
        return f"{times[0]} {self.sequence:010} {times[1]} {self.digest[:16]}"

    @property
    def counts(self) -> bool:
        """Whether it can change a status: its code means something and its time is not in the future."""
        return self.status is not None and self.occurred_at <= self.received_at + MAX_AHEAD

    @staticmethod
    def _moment(at: datetime) -> str:
        return at.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True)
class Track:
    """What the events of one parcel add up to.

    timeline     all of them, once each, in order
    last         the newest that counted
    delivered_at of the delivery that holds, or that was taken back at `reopened_at`
    """

    timeline: tuple[TrackingEvent, ...] = ()
    status: ParcelStatus = ParcelStatus.LABEL_CREATED
    last: TrackingEvent | None = None
    delivered_at: datetime | None = None
    reopened_at: datetime | None = None


def fold(events: Iterable[TrackingEvent]) -> Track:
    """The state that follows from these events, whatever their order and however often each is there."""
    once: dict[str, TrackingEvent] = {}
    for event in events:
        known = once.get(event.digest)
        once[event.digest] = event if known is None else min(known, event, key=lambda each: (each.place, repr(each)))
    timeline = tuple(sorted(once.values(), key=_place))
    status, last, delivered_at, reopened_at = ParcelStatus.LABEL_CREATED, None, None, None
    for event in timeline:
        if not event.counts or not _follows(event, status, delivered_at):
            continue
        assert event.status is not None
        if event.status is S.DELIVERED and status is not S.DELIVERED:
            delivered_at = event.occurred_at
        elif status is S.DELIVERED and event.status is not S.DELIVERED:
            reopened_at = event.occurred_at
        status, last = event.status, event
    return Track(timeline, status, last, delivered_at, reopened_at)


def _place(event: TrackingEvent) -> str:
    return event.place


def _follows(event: TrackingEvent, status: ParcelStatus, delivered_at: datetime | None) -> bool:
    if event.status is status:
        return True
    if status is S.DELIVERED and delivered_at is not None and event.occurred_at <= delivered_at:
        return False
    return event.status in MOVES[status]


def health(
    status: ParcelStatus,
    *,
    started_at: datetime,
    due_at: datetime,
    now: datetime,
    last_event_at: datetime | None,
    delivered_at: datetime | None,
) -> Health:
    """How a parcel is doing at `now` that was handed over at `started_at` and is promised until `due_at`."""
    if status is S.DELIVERED and delivered_at is not None:
        return Health.ON_TIME if delivered_at <= due_at else Health.LATE
    if now > due_at:
        return Health.LATE
    if status not in FINISHED and now >= stuck_at(started_at, last_event_at):
        return Health.STUCK
    if status in TROUBLED or (due_at - now) * AT_RISK_SHARE <= due_at - started_at:
        return Health.AT_RISK
    return Health.NO_DATA if last_event_at is None else Health.ON_TIME


def stuck_at(started_at: datetime, last_event_at: datetime | None) -> datetime:
    """When a parcel counts as stuck unless something is heard of it."""
    return max(started_at, last_event_at or started_at) + STUCK_AFTER
