"""How a scan becomes one of ours: what it means, whose parcel it is of, what the clocks showed where it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.logistics.adapters.carriers.where import UTC_ZONE, Where
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import TrackingEvent
from services.logistics.domain.facts import Told


class Meaning(NamedTuple):
    """What a carrier's code means to us. unknown: we do not know the code, or only the kind of it."""

    status: ParcelStatus | None
    reason: str | None = None
    unknown: bool = False


UNKNOWN = Meaning(None, unknown=True)


@dataclass(frozen=True)
class ScanReport:
    """What the scans of one report have in common."""

    source: str
    carrier: str
    number: str
    received_at: datetime
    reported_at: datetime | None = None

    @property
    def said_at(self) -> datetime:
        return self.reported_at or self.received_at

    def told(self) -> Told:
        """Return what the report says beside its scans, which is nothing so far."""
        return Told(self.carrier, self.source, self.number, self.said_at)

    def scan(
        self, at: datetime, there: Where, code: str, meaning: Meaning, *,
        message: str = "", location: str | None = None, reported_at: datetime | None = None,
    ) -> TrackingEvent:  # fmt: skip
        """Return the scan. Where nothing says where it was, an offset that they wrote themselves tells the clocks."""
        written = there.zone == UTC_ZONE and bool(at.utcoffset())
        local = at if written else at.astimezone(ZoneInfo(there.zone))
        return TrackingEvent(
            carrier=self.carrier,
            source=self.source,
            tracking_number=self.number,
            occurred_at=at.astimezone(UTC),
            local_time=local.isoformat(),
            received_at=self.received_at,
            code=code,
            status=meaning.status,
            message=message,
            reason=meaning.reason,
            location=location,
            unmapped=meaning.unknown,
            reported_at=reported_at or self.reported_at,
            calendar=there.calendar,
            time_zone=None if written else there.zone,
        )
