"""Tracking: what carriers report of a parcel, and what follows from it (standard, section 3: real-time status).

A parcel's status is a fold over its scans in the order of their times, so it makes no difference in which order they
arrive, how often, or how they were split over reports. Of one scan that is reported in two ways the later report holds.

Only a delivery to the customer is a delivery: once a return began, what arrives arrives at the sender, and what was
delivered before it was handed over is shown to a person. `delivered` can be taken back by a later scan: that is a
correction, kept with its time. A code we do not know changes nothing, and is counted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from services.common.calendar import local_date, working_days
from services.logistics.api.parts import fold_number
from services.logistics.api.statuses import Health, ParcelStatus

CLOCK_DIFFERENCE = timedelta(minutes=5)
"""How far the clocks of a carrier and ours may differ. What claims to be later than that happened when we heard it."""
LABEL_AGE = timedelta(days=30)
"""A number may be scanned that long before we dispatch it; what is older was another parcel's."""
USED_AGAIN = timedelta(days=180)
"""After so long a carrier may have given the number to a parcel of somebody else."""
BEFORE_HAND_OVER = timedelta(minutes=10)
"""So long before the stated hand-over a delivery still counts: with other clocks, it may have been after it."""
STUCK_AFTER = 5
"""A parcel of which nothing is heard for so many working days of the place where it is needs a person."""
STUCK_BEFORE_PLACES = timedelta(days=7)
"""The same for a parcel that was dispatched before we kept where its scans are."""
AT_RISK_SHARE = 4
"""A promise is at risk when a quarter of its time is left."""
NO_SEQUENCE = 0
STAFF = "staff"
"""The source of a scan that a person recorded, with evidence: it holds even where a carrier's would not."""


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
    # on its way back to us, it is not brought to the customer any more
    S.RETURNING: frozenset({S.LOST, S.RETURNED}),
    # only as a correction, by a scan that is later than the delivery
    S.DELIVERED: _UNDER_WAY - {S.CUSTOMS, S.CUSTOMS_HOLD},
    S.RETURNED: frozenset(),
    S.CANCELLED: _UNDER_WAY,  # what is scanned moves, whatever became of its label
}
FINISHED = frozenset({S.DELIVERED, S.RETURNED, S.CANCELLED})
TROUBLED = frozenset({S.CUSTOMS_HOLD, S.ATTEMPT_FAILED, S.EXCEPTION, S.LOST, S.RETURNING, S.RETURNED, S.CANCELLED})
_BACK = frozenset({S.RETURNING, S.RETURNED})
_OF_A_RETURN = _BACK | {S.LOST, S.CANCELLED}
_ARRIVED = frozenset({S.DELIVERED, S.RETURNED})
_IN_HANDS = _UNDER_WAY - {S.EXCEPTION, S.LOST}
NEEDS_A_PERSON = frozenset({S.EXCEPTION, S.LOST, S.RETURNING, S.RETURNED, S.CANCELLED})


RANK: Mapping[ParcelStatus | None, int] = {
    status: place
    for place, status in enumerate(
        (None, S.LABEL_CREATED, S.IN_TRANSIT, S.CUSTOMS, S.CUSTOMS_HOLD, S.OUT_FOR_DELIVERY, S.ATTEMPT_FAILED,
         S.AVAILABLE_FOR_PICKUP, S.EXCEPTION, S.LOST, S.CANCELLED, S.RETURNING, S.RETURNED, S.DELIVERED)
    )
}  # fmt: skip
"""Which of two scans of one moment came first; returns before deliveries, so that the return is not overlooked."""
_NO_CODE = frozenset(S) | {"unknown", "pre_transit", "return_to_sender", "failure", "error", ""}
"""Codes that only repeat the status, and say nothing about which scan it is."""


@dataclass(frozen=True)
class Place:
    """The working days that count where a parcel is: a calendar ("CN", "US-CA") and an IANA time zone."""

    calendar: str
    zone: str


@dataclass(frozen=True)
class TrackingEvent:
    """One scan, as a carrier reported it.

    carrier, source  who carries ("fedex"), and through whom we were told ("easypost")
    occurred_at      in UTC; local_time: the same moment as the clocks showed where it was scanned, with its offset
    time_zone        of that place, "UTC" where nothing says where it was
    sequence         the carrier's own count, to order scans of one moment
    code, status     what the carrier calls it, and what that means; None: nothing we act on
    unmapped         the code is unknown to us
    reported_at      when the carrier said so; None: when we received it
    calendar         of the place, where that is known
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
    reported_at: datetime | None = None
    calendar: str | None = None
    time_zone: str | None = None

    @cached_property
    def identity(self) -> str:
        """What makes it the same scan when it is reported again, whatever it is said to mean then."""
        text = re.sub(r"\W+", " ", self.message).strip().casefold()
        code = "" if text and self.code.casefold() in _NO_CODE else self.code
        number, moment = fold_number(self.tracking_number), _moment(self.occurred_at)
        return _digest(number, moment, code, (self.location or "").casefold(), text)

    @cached_property
    def digest(self) -> str:
        """What makes it the same report: the scan, by whom it was made, and what it means."""
        return _digest(self.identity, self.carrier, self.status, self.reason, self.unmapped)

    @property
    def at(self) -> datetime:
        """When it happened; what claims to be in the future happened when we received it."""
        return self.occurred_at if self.occurred_at <= self.received_at + CLOCK_DIFFERENCE else self.received_at

    @cached_property
    def place(self) -> str:
        """Where it stands in its parcel's timeline: texts that sort as (time, sequence, rank, what it is)."""
        return f"{_moment(self.at)} {self.sequence:010} {RANK[self.status]:02} {self.identity[:16]}"

    @property
    def as_told(self) -> str:
        """Who reported what, in words."""
        who = "our team" if self.source == STAFF else "the carrier"
        return f"{who} reports: {self.message or self.status}"

    @property
    def said_at(self) -> datetime:
        return self.reported_at or self.received_at

    def settled(self) -> TrackingEvent:
        """Return the scan with the time that counts."""
        if self.at == self.occurred_at:
            return self
        zone = datetime.fromisoformat(self.local_time).tzinfo or UTC
        return replace(self, occurred_at=self.at, local_time=self.at.astimezone(zone).isoformat())


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _digest(*facts: object) -> str:
    return hashlib.sha256("\n".join(str(fact) for fact in facts).encode()).hexdigest()


@dataclass(frozen=True)
class Track:
    """What the events of one parcel add up to.

    timeline      all of them, once each, in order, as what they mean for this parcel
    last          the newest that counted
    delivered_at  of the delivery that holds, or that was taken back at `reopened_at`
    first_at      when the carrier first had it in hands
    too_early     a delivery from before the hand-over, which is none
    since         when it came to the status that it has
    """

    timeline: tuple[TrackingEvent, ...] = ()
    status: ParcelStatus = ParcelStatus.LABEL_CREATED
    last: TrackingEvent | None = None
    delivered_at: datetime | None = None
    reopened_at: datetime | None = None
    first_at: datetime | None = None
    too_early: TrackingEvent | None = None
    since: datetime | None = None

    def stuck_at(self, started_at: datetime, origin: Place) -> datetime:
        """Return when it counts as stuck unless there is news of it, in working days of the place of its last scan."""
        known = (each for each in reversed(self.timeline) if each.calendar is not None)
        there = next((Place(str(each.calendar), each.time_zone or "UTC") for each in known), origin)
        since = started_at if self.last is None else max(started_at, self.last.occurred_at)
        day = local_date(since, there.zone)
        return since + (working_days(there.calendar).nth_after(day, STUCK_AFTER) - day)


def fold(events: Iterable[TrackingEvent], handed_over_at: datetime | None = None) -> Track:
    """Compute the state that follows from these events. Their order and repetitions do not matter."""
    walk = _Walk(handed_over_at)
    return walk.over(sorted(_holding(events), key=_place))


def _holding(events: Iterable[TrackingEvent]) -> list[TrackingEvent]:
    """Return for each scan the report that holds: the last one, with the time when we first received the scan."""
    scans: dict[str, list[TrackingEvent]] = {}
    for event in events:
        scans.setdefault(event.identity, []).append(event)
    return [_of_reports(reports).settled() for reports in scans.values()]


def _of_reports(reports: Sequence[TrackingEvent]) -> TrackingEvent:
    if len(reports) == 1:
        return reports[0]  # as it is, with what it has already worked out
    return replace(max(reports, key=_authority), received_at=min(each.received_at for each in reports))


def _authority(event: TrackingEvent) -> tuple[datetime, int, str, str]:
    return event.said_at, RANK[event.status], event.digest, repr(event)


def _place(event: TrackingEvent) -> str:
    return event.place


class _Walk:
    """The way through a timeline, scan by scan."""

    def __init__(self, handed_over_at: datetime | None):
        self._handed_over_at = handed_over_at
        self._returning = False
        self._status = S.LABEL_CREATED
        self._last: TrackingEvent | None = None
        self._delivered_at: datetime | None = None
        self._reopened_at: datetime | None = None
        self._first_at: datetime | None = None
        self._too_early: TrackingEvent | None = None
        self._since: datetime | None = None

    def over(self, timeline: Iterable[TrackingEvent]) -> Track:
        seen = tuple(self._step(event) for event in timeline)
        return Track(
            seen, self._status, self._last, self._delivered_at, self._reopened_at, self._first_at, self._too_early,
            self._since,
        )  # fmt: skip

    def _step(self, event: TrackingEvent) -> TrackingEvent:
        """Take in a scan. Return it as it is to be read here."""
        if event.status is None:
            return event
        if self._returning and event.source != STAFF and event.status is S.DELIVERED:
            event = replace(event, status=S.RETURNED)  # it arrived, at the sender's
        said = event.status
        assert said is not None
        if said in _ARRIVED and self._before_hand_over(event):
            self._too_early = event if said is S.DELIVERED else self._too_early
            return replace(event, status=None)  # it changes nothing
        if self._returning and event.source != STAFF and said not in _OF_A_RETURN:
            said = S.RETURNING
        if self._first_at is None and said in _IN_HANDS:
            self._first_at = event.occurred_at
        if self._follows(event, said):
            self._be(event, said)
        return event

    def _be(self, event: TrackingEvent, said: ParcelStatus) -> None:
        if said is S.DELIVERED and self._status is not S.DELIVERED:
            self._delivered_at = max(event.occurred_at, self._handed_over_at or event.occurred_at)
        elif self._status is S.DELIVERED and said is not S.DELIVERED:
            self._reopened_at = event.occurred_at
        if said is not self._status or self._since is None:
            self._since = event.occurred_at
        self._returning = said in _BACK or (self._returning and said is not S.DELIVERED)
        self._status, self._last = said, event

    def _follows(self, event: TrackingEvent, said: ParcelStatus) -> bool:
        if said is self._status or (event.source == STAFF and said is S.DELIVERED):
            return True
        delivered = self._status is S.DELIVERED and self._delivered_at is not None
        if delivered and self._delivered_at is not None and event.occurred_at <= self._delivered_at:
            return False
        return said in MOVES[self._status]

    def _before_hand_over(self, event: TrackingEvent) -> bool:
        return self._handed_over_at is not None and event.occurred_at < self._handed_over_at - BEFORE_HAND_OVER


def health(
    status: ParcelStatus,
    *,
    started_at: datetime,
    due_at: datetime,
    now: datetime,
    stuck_at: datetime,
    last_event_at: datetime | None,
    delivered_at: datetime | None,
) -> Health:
    """Judge how a parcel is doing at `now` that was handed over at `started_at` and is promised until `due_at`."""
    if status is S.DELIVERED and delivered_at is not None:
        return Health.ON_TIME if delivered_at <= due_at else Health.LATE
    if now > due_at:
        return Health.LATE
    if status not in FINISHED and now >= stuck_at:
        return Health.STUCK
    if status in TROUBLED or (due_at - now) * AT_RISK_SHARE <= due_at - started_at:
        return Health.AT_RISK
    return Health.NO_DATA if last_event_at is None else Health.ON_TIME
