"""A parcel on its way: what its scans say of it, how it is doing, and what was already told about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.logistics.api.parts import Packed, Promise, fold_number
from services.logistics.api.statuses import Health, Missing, ParcelStatus
from services.logistics.domain.facts import Facts
from services.logistics.domain.tracking import (
    FINISHED,
    STUCK_BEFORE_PLACES,
    Place,
    Track,
    TrackingEvent,
    health,
)
from services.logistics.domain.usual import Usual

LATE, STUCK, TOO_EARLY = "late", "stuck", "delivered_before_hand_over"
NOT_ARRIVING, TURNED_UP = "not_arriving:", "turned_up:"
UNWORRIED = frozenset({Health.ON_TIME, Health.NO_DATA})


@dataclass(frozen=True)
class NewParcel:
    """A box as the warehouse hands it over."""

    carrier: str
    tracking_number: str
    weight_g: int | None = None
    contents: tuple[Packed, ...] | None = None

    def handed_over(self, shipment_number: str, place: int, at: datetime, silent_until: datetime) -> Parcel:
        """Return it as the parcel at that place of its shipment."""
        return Parcel(
            f"{shipment_number}-{place:02}",
            shipment_number,
            self.carrier,
            self.tracking_number,
            at.year,
            self.weight_g,
            tracking_key=fold_number(self.tracking_number),
            silent_until=silent_until,
            contents=self.contents,
        )


@dataclass(eq=False)
class Parcel:
    """One box on its way.

    told         the place of the newest scan that was told
    alerts       what was already raised about it, once each
    missing      why it will not arrive; None while it may
    closed_at    since when it is not awaited, because the customer has decided what is done instead
    tracking_key its number, folded: what scans are found by
    taken_back   how often a delivery of it was told that turned out to be none
    attached     numbers that a person said are this parcel's, each as "carrier number"
    silent_until when it counts as stuck unless there is news of it; None: dispatched by an older release
    first_scan_at when its carrier first had it, by its scans
    facts        what its carriers tell of it beside its scans; None: nothing yet
    contents     what is in it; None: that was not said
    origin       the calendar of the place that it left from, and `country` where it goes to; None: an older release
    usual        how long parcels took on its lane when it left; None: none had arrived
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
    tracking_key: str | None = None
    taken_back: int = 0
    silent_until: datetime | None = None
    attached: tuple[str, ...] | None = None
    first_scan_at: datetime | None = None
    facts: Facts | None = None
    contents: tuple[Packed, ...] | None = None
    origin: str | None = None
    country: str | None = None
    usual: Usual | None = None

    def take(self, track: Track, started_at: datetime, origin: Place) -> TrackingEvent | None:
        """Take over what the scans add up to. Return the newest if it is news, None if it changes nothing."""
        before, self.status = self.status, track.status
        self.delivered_at = track.delivered_at if track.status is ParcelStatus.DELIVERED else None
        self.reopened_at = track.reopened_at
        newest = track.last
        last_event_at = newest.occurred_at if newest else None
        if last_event_at != self.last_event_at:
            self.last_event_at = last_event_at
            self.alerts = tuple(alert for alert in self.alerts if alert != STUCK)
        self.silent_until = track.stuck_at(started_at, origin)
        if newest is None or (newest.place <= self.told and before is self.status):
            return None
        self.told = max(self.told, newest.place)
        return newest

    @property
    def delivery(self) -> datetime | None:
        """When it was delivered, as it was told; None when no delivery was told, or it was taken back."""
        return self.delivered_at if self.delivery_told else None

    @property
    def attached_keys(self) -> list[tuple[str, str]]:
        """(folded number, carrier) of what a person said is this parcel's."""
        return [(number, carrier) for carrier, _, number in (each.partition(" ") for each in self.attached or ())]

    @property
    def own_key(self) -> str:
        """The number under which is kept what people record of it, whatever its tracking number was or will be."""
        return fold_number(self.id)

    @property
    def numbers(self) -> set[str]:
        """All the numbers under which it may be scanned, folded."""
        return {fold_number(self.tracking_number), *(number for number, _ in self.attached_keys)}

    def alert(self, reason: str) -> bool:
        """Return whether to raise this alert now.

        Each reason is raised once; stuck, once for each period without news.
        """
        if reason in self.alerts:
            return False
        self.alerts += (reason,)
        return True

    @property
    def is_awaited(self) -> bool:
        """Whether news of it is awaited."""
        return self.status not in FINISHED and self.closed_at is None

    def is_late(self, promise: Promise, now: datetime) -> bool:
        return self.is_awaited and now > promise.due_at

    def is_stuck(self, dispatched_at: datetime, now: datetime) -> bool:
        return self.is_awaited and now >= self.stuck_at(dispatched_at)

    def stuck_at(self, dispatched_at: datetime) -> datetime:
        """Return when it counts as stuck unless there is news of it."""
        if self.silent_until is not None:
            return self.silent_until
        return max(dispatched_at, self.last_event_at or dispatched_at) + STUCK_BEFORE_PLACES

    def miss(self, reason: Missing) -> bool:
        """Note that it will not arrive. Return True if that is to be told now: once for each reason."""
        if self.closed_at is not None:
            return False
        self.missing = reason
        return self.alert(f"{NOT_ARRIVING}{reason}")

    def turn_up(self) -> Missing | None:
        """Note that it is there after all. Return why it was missing; None if it was not, or if that was told.

        A late parcel is found when it is delivered; until then it is on its way, and late. What is not awaited any
        more is told twice: that it moves, and that it was delivered. Should it be missed again, that is news.
        """
        was, delivered = self.missing, self.status is ParcelStatus.DELIVERED
        if was is None or self.status is ParcelStatus.LABEL_CREATED:
            return None
        if self.closed_at is not None:
            return was if self.alert(f"{TURNED_UP}{'delivered' if delivered else 'moving'}") else None
        if was is Missing.LATE and not delivered:
            return None
        self.missing = None
        over = {ParcelStatus.LOST.value, *(f"{NOT_ARRIVING}{reason}" for reason in Missing)}
        self.alerts = tuple(alert for alert in self.alerts if alert not in over)
        return was

    def next_check(self, dispatched_at: datetime, promise: Promise, ask_at: datetime | None) -> datetime | None:
        """Return when it can next become late, stuck or hopeless without any news of it."""
        if not self.is_awaited:
            return None
        turns = {LATE: promise.due_at, STUCK: self.stuck_at(dispatched_at)}
        if ask_at is not None:
            turns[f"{NOT_ARRIVING}{Missing.LATE}"] = ask_at
        return min((at for alert, at in turns.items() if alert not in self.alerts), default=None)

    def health(self, dispatched_at: datetime, promise: Promise, now: datetime, *, by_lane: bool = False) -> Health:
        """Judge it against the promise. by_lane: at risk, too, once it takes longer than is usual on its lane."""
        judged = health(
            self.status,
            started_at=dispatched_at,
            due_at=promise.due_at,
            now=now,
            stuck_at=self.stuck_at(dispatched_at),
            last_event_at=self.last_event_at,
            delivered_at=self.delivered_at,
        )
        over = by_lane and self.is_awaited and self.usual is not None and self.usual.is_over(dispatched_at, now)
        return Health.AT_RISK if over and judged in UNWORRIED else judged
