"""Parcels that will not arrive: why, by what their scans say or because there is no news, and those that turn up.

Facts (lost, returning, returned, cancelled, refused) are told as they are scanned: `tell_missing`. What is not reported
is found by looking: `given_up`. Each reason is told once, until the parcel turns up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.common.basics.events import Event
from services.logistics.api import events
from services.logistics.api.parts import Promise, ShipmentLine
from services.logistics.api.statuses import Missing, ParcelStatus
from services.logistics.domain import contents
from services.logistics.domain.parcel import Parcel
from services.logistics.domain.tracking import Track

MayRaise = Callable[[Parcel, datetime], bool]
"""Whether what is due of a parcel since a moment may be raised yet."""
_OF_STATUS: Mapping[ParcelStatus, Missing] = {
    ParcelStatus.LOST: Missing.LOST,
    ParcelStatus.RETURNING: Missing.RETURNING,
    ParcelStatus.RETURNED: Missing.RETURNED,
    ParcelStatus.CANCELLED: Missing.CANCELLED,
}


class Sent(Protocol):
    """What is looked at of a shipment that was dispatched."""

    @property
    def parcels(self) -> Sequence[Parcel]: ...

    @property
    def lines(self) -> tuple[ShipmentLine, ...]: ...

    @property
    def promised(self) -> Promise: ...

    @property
    def ask_at(self) -> datetime | None: ...

    def of(self, parcel: Parcel) -> dict[str, str]: ...


def by_scan(track: Track) -> Missing | None:
    """Return why a parcel with these scans will not arrive, or None if it may."""
    if track.status is ParcelStatus.EXCEPTION and track.last is not None and track.last.reason == Missing.REFUSED:
        return Missing.REFUSED
    return _OF_STATUS.get(track.status)


def tell_missing(shipment: Sent, parcel: Parcel, reason: Missing | None, now: datetime) -> list[Event]:
    """Tell whether a parcel that was scanned will arrive, where that has changed."""
    if reason is not None:
        since = parcel.last_event_at or now
        return [_not_arriving(shipment, parcel, reason, since)] if parcel.miss(reason) else []
    was = parcel.turn_up()
    if was is None:
        return []
    found: list[Event] = [events.ParcelTurnedUp(**shipment.of(parcel), reason=was, status=parcel.status)]
    left = next((each for each in shipment.parcels if each.missing and each.closed_at is None), None)
    if left is not None and left.missing is not None:  # what was said of both is not true of the other any more
        found.append(_not_arriving(shipment, left, left.missing, now))
    return found


def given_up(shipment: Sent, now: datetime, may_raise: MayRaise) -> list[Event]:
    """Announce, once for each reason, that parcels without further news do not arrive.

    may_raise is asked for the moment when the promise broke: what goes out in time for its clock waits for no more.
    """
    found: list[Event] = []
    for parcel in shipment.parcels:
        known = _OF_STATUS.get(parcel.status)
        if known is not None and parcel.missing is None and parcel.miss(known):
            found.append(_not_arriving(shipment, parcel, known, parcel.last_event_at or now))
    silent = [each for each in shipment.parcels if each.is_awaited and each.missing in (None, Missing.NEVER_SCANNED)]
    unscanned = [each for each in silent if each.status is ParcelStatus.LABEL_CREATED]
    ask_at, due_at = shipment.ask_at, shipment.promised.due_at
    late = [each for each in silent if ask_at is not None and now >= ask_at and may_raise(each, due_at)]
    never = [each for each in unscanned if now > due_at and may_raise(each, due_at)]
    for reason, parcels in ((Missing.LATE, late), (Missing.NEVER_SCANNED, [] if late else never)):
        news = [each for each in parcels if each.miss(reason)]
        if news:
            found.append(_not_arriving(shipment, news[0], reason, now))
    return found


def _not_arriving(shipment: Sent, parcel: Parcel, reason: Missing, since: datetime) -> Event:
    missing = [each for each in shipment.parcels if each.missing is not None and each.closed_at is None]
    return events.ParcelNotArriving(
        **shipment.of(parcel),
        parcels=tuple(each.id for each in missing),
        reason=reason,
        since=since,
        lines=contents.lines_in(shipment.lines, shipment.parcels, missing),
    )
