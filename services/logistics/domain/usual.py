"""How long parcels usually take on a lane: from one origin to one country with one carrier. Pure.

It is what a parcel's shipment was told when it left, from our own deliveries, and only for staff: no customer is
promised anything by it. The promise is `parts.Promise`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.shares import reached_by

HALF, MOST = 0.5, 0.9
ENOUGH = 30
"""So many deliveries say something: at least three of them took longer than nine of ten did."""
LATEST = 300
"""So many of a lane are looked at, the latest ones: roads and seasons change."""
SINCE = timedelta(days=365)


@dataclass(frozen=True)
class ParcelLane:
    """origin: the calendar of the place that parcels leave from."""

    origin: str
    country: str
    carrier: str


@dataclass(frozen=True)
class Usual:
    """days_half, days_most: half of the `deliveries`, and nine of ten, took at most so many whole days."""

    days_half: int
    days_most: int
    deliveries: int

    @property
    def counts(self) -> bool:
        """Whether these are enough deliveries to judge a parcel by."""
        return self.deliveries >= ENOUGH

    def is_over(self, sent_at: datetime, now: datetime) -> bool:
        """Return whether a parcel is on its way for longer than nine of ten were."""
        return self.counts and now >= sent_at + timedelta(days=self.days_most + 1)


def usual_of(days: Sequence[int]) -> Usual | None:
    """Return what is usual where deliveries took so many whole days; None without any."""
    counted = [(each, 1) for each in days]
    half, most = reached_by(HALF, counted), reached_by(MOST, counted)
    return None if half is None or most is None else Usual(half, most, len(counted))
