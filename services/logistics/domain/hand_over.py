"""When the carrier took a shipment over: what the warehouse states, held against what carriers scan.

A scan proves that a parcel had been handed over by then. So when all parcels of a shipment were scanned well before the
stated hand-over, the last of their first scans is the hand-over, and the clocks follow it. A first scan that comes late
proves nothing, for carriers leave scans out: it is a doubt, shown until a person corrects what was stated or the parcel
is scanned earlier after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.events import Event
from services.common.calendar import end_of_day, local_date, working_days
from services.logistics.api import events
from services.logistics.api.parts import Promise
from services.logistics.domain.shipment import Shipment, require_time
from services.logistics.domain.tracking import LABEL_AGE, Place

SCANNED_WITHIN = 2
"""Within so many working days a carrier first scans what it was handed."""
SCANNED_BEFORE = timedelta(hours=1)
"""A carrier that has scanned a parcel so long before had it then."""


@dataclass(frozen=True)
class HandOver:
    """at: the hand-over that counts; doubted: the scans do not fit it."""

    at: datetime
    doubted: bool = False


def judge(stated: datetime, firsts: Sequence[datetime | None], earliest: datetime, origin: Place) -> HandOver:
    """Hold the stated hand-over against each parcel's first scan, None for one that was never scanned.

    earliest: what was scanned before then cannot be this shipment, so it proves nothing and is doubted.
    """
    found = [first for first in firsts if first is not None]
    if not found:
        return HandOver(stated)
    proven = max(found)
    if len(found) == len(firsts) and proven < stated - SCANNED_BEFORE:
        return HandOver(stated, doubted=True) if proven < earliest else HandOver(proven)
    latest = working_days(origin.calendar).nth_after(local_date(stated, origin.zone), SCANNED_WITHIN)
    return HandOver(stated, doubted=proven > end_of_day(latest, origin.zone))


def judge_shipment(shipment: Shipment, origin: Place) -> HandOver:
    """Hold what the warehouse stated of a shipment against what was scanned of its parcels."""
    earliest = max(shipment.review_passed_at, shipment.stated - LABEL_AGE)
    return judge(shipment.stated, _firsts(shipment), earliest, origin)


def settle(shipment: Shipment, found: HandOver, promise: Promise, reason: str) -> list[Event]:
    """Have a shipment be handed over when it was; what is new is told, and so is a doubt, once.

    promise: the window as counted from then. What was promised ends earlier by it, never later.
    """
    told: list[Event] = []
    before = shipment.dispatched_at
    assert before is not None, "not dispatched"
    shipment.first_scan_at = min((first for first in _firsts(shipment) if first is not None), default=None)
    if found.at != before:
        shipment.stated_at, shipment.dispatched_at = shipment.stated, found.at
        shipment.promise = min(promise, shipment.promised, key=lambda each: each.due_at)
        shipment.plan_check()
        told.append(
            events.HandOverCorrected(
                **shipment.ids,
                handed_over_at=found.at,
                previous_at=before,
                promise=shipment.promise,
                reason=reason,
            )
        )
    if found.doubted and not shipment.doubted and shipment.first_scan_at is not None:
        first = shipment.first_scan_at
        told.append(events.HandOverDoubted(**shipment.ids, handed_over_at=found.at, first_scan_at=first))
    shipment.doubted = found.doubted
    shipment.version += bool(told)
    return told


def state(shipment: Shipment, at: datetime, now: datetime) -> None:
    """Record the warehouse's corrected time; what was scanned outweighs it. Invalid: `impossible_time`."""
    shipment.require_dispatched()
    require_time(at, shipment.review_passed_at, now)
    shipment.stated_at = at


def _firsts(shipment: Shipment) -> list[datetime | None]:
    return [parcel.first_scan_at for parcel in shipment.parcels]
