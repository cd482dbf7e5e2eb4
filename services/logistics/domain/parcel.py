"""A parcel on its way: what its scans say of it, how it is doing, and what was already told about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.logistics.api.parts import Promise
from services.logistics.api.statuses import Health, Missing, ParcelStatus
from services.logistics.domain.tracking import FINISHED, Track, TrackingEvent, health, stuck_at

LABEL_AGE = timedelta(days=30)
"""A number may be scanned that long before we dispatch it; what is older was another parcel's."""
LATE, STUCK = "late", "stuck"
NOT_ARRIVING, TURNED_UP = "not_arriving:", "turned_up:"
_OF_STATUS = {
    ParcelStatus.LOST: Missing.LOST,
    ParcelStatus.RETURNING: Missing.RETURNING,
    ParcelStatus.RETURNED: Missing.RETURNED,
    ParcelStatus.CANCELLED: Missing.CANCELLED,
}


@dataclass(frozen=True)
class NewParcel:
    """A box as the warehouse hands it over."""

    carrier: str
    tracking_number: str
    weight_g: int | None = None


@dataclass(eq=False)
class Parcel:
    """told: the place of the newest scan that was told; alerts: what was already raised about it, once each.

    missing: why it will not arrive, None while it may. closed_at: since when nobody waits for it, because the customer
    has decided what is done instead.
    """

    id: str
    shipment_number: str
    carrier: str
    tracking_number: str
    shipped_year: int
    weight_g: int | None = None
    missing: Missing | None = None
    closed_at: datetime | None = None
    status: ParcelStatus = ParcelStatus.LABEL_CREATED
    last_event_at: datetime | None = None
    delivered_at: datetime | None = None
    reopened_at: datetime | None = None
    told: str = ""
    delivery_told: bool = False
    alerts: tuple[str, ...] = ()

    def take(self, track: Track) -> TrackingEvent | None:
        """Be what the scans add up to; the newest of them if it is news, None if it was told or is older."""
        self.status = track.status
        self.delivered_at, self.reopened_at = track.delivered_at, track.reopened_at
        newest = track.last
        if newest is not None and newest.occurred_at != self.last_event_at:
            self.last_event_at = newest.occurred_at
            self.alerts = tuple(alert for alert in self.alerts if alert != STUCK)
        if newest is None or newest.place <= self.told:
            return None
        self.told = newest.place
        return newest

    def alert(self, reason: str) -> bool:
        """Whether this is to be raised now; each reason is once (stuck: once for each time nothing is heard)."""
        if reason in self.alerts:
            return False
        self.alerts += (reason,)
        return True

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for news of it."""
        return self.status not in FINISHED and self.closed_at is None

    def is_late(self, promise: Promise, now: datetime) -> bool:
        return self.is_awaited and now > promise.due_at

    def is_stuck(self, dispatched_at: datetime, now: datetime) -> bool:
        return self.is_awaited and now >= stuck_at(dispatched_at, self.last_event_at)

    def miss(self, reason: Missing) -> bool:
        """Note that it will not arrive. Return True if that is to be told now: once for each reason."""
        if self.closed_at is not None:
            return False
        self.missing = reason
        return self.alert(f"{NOT_ARRIVING}{reason}")

    def turn_up(self) -> Missing | None:
        """Note that it is there after all. Return why it was missing; None if it was not, or if that was told.

        A late parcel is found when it is delivered; until then it is on its way, and late. What nobody waits for any
        more is told twice: that it moves, and that it was delivered.
        """
        was, delivered = self.missing, self.status is ParcelStatus.DELIVERED
        if was is None or self.status is ParcelStatus.LABEL_CREATED:
            return None
        if self.closed_at is not None:
            return was if self.alert(f"{TURNED_UP}{'delivered' if delivered else 'moving'}") else None
        if was is Missing.LATE and not delivered:
            return None
        self.missing = None
        self.alerts = tuple(alert for alert in self.alerts if not alert.startswith(NOT_ARRIVING))
        return was

    def next_check(self, dispatched_at: datetime, promise: Promise, ask_at: datetime | None) -> datetime | None:
        """When it can turn late, stuck or hopeless next without anything being heard of it."""
        if not self.is_awaited:
            return None
        turns = {LATE: promise.due_at, STUCK: stuck_at(dispatched_at, self.last_event_at)}
        if ask_at is not None:
            turns[f"{NOT_ARRIVING}{Missing.LATE}"] = ask_at
        return min((at for alert, at in turns.items() if alert not in self.alerts), default=None)

    def health(self, dispatched_at: datetime, promise: Promise, now: datetime) -> Health:
        return health(
            self.status,
            started_at=dispatched_at,
            due_at=promise.due_at,
            now=now,
            last_event_at=self.last_event_at,
            delivered_at=self.delivered_at,
        )


def missing_by_scan(track: Track) -> Missing | None:
    """Why a parcel with these scans will not arrive; None if it may."""
    if track.status is ParcelStatus.EXCEPTION and track.last is not None and track.last.reason == Missing.REFUSED:
        return Missing.REFUSED
    return missing_by_status(track.status)


def missing_by_status(status: ParcelStatus) -> Missing | None:
    """Why a parcel in this status will not arrive; None if it may."""
    return _OF_STATUS.get(status)


def owner(event: TrackingEvent, candidates: Iterable[tuple[Parcel, datetime]]) -> Parcel | None:
    """Which of the parcels (each with its dispatch) a scan is about, if any.

    Number and carrier decide, or number and the source we heard it from, where a parcel only names that. Carriers use
    numbers again: of two parcels it is the one that was dispatched last, unless the scan is too old to be its.
    """
    fitting = [
        (parcel.carrier == event.carrier, dispatched_at, parcel.id, parcel)
        for parcel, dispatched_at in candidates
        if parcel.tracking_number == event.tracking_number
        and parcel.carrier in (event.carrier, event.source)
        and event.occurred_at >= dispatched_at - LABEL_AGE
    ]
    return max(fitting, key=lambda each: each[:3])[3] if fitting else None
