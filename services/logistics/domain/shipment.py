"""A shipment: what leaves the warehouse together for one order, and its parcels on the way to the customer.

    queued → sorting → packed → dispatched        the warehouse's steps; recalled before dispatch only
                                    └ parcels     each with its own status (tracking.py); the last one delivered ends it

Standard, section 2: sorting, packaging and hand-over within 1 to 3 working days after the review; section 3: free
shipping, delivered within 6 to 12 working days. The window is fixed at dispatch and never computed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.common.basics.events import Event
from services.common.basics.money import ZERO, Money
from services.logistics.api import events
from services.logistics.api.parts import HandedOver, Promise, ShipmentLine
from services.logistics.api.refusals import ShipmentOnHold, WrongShipmentStatus
from services.logistics.api.statuses import Cause, Health, Missing, ParcelStatus, ShipmentStatus
from services.logistics.domain.lines import Destination, apply_change
from services.logistics.domain.parcel import LATE, STUCK, NewParcel, Parcel, missing_by_scan, missing_by_status
from services.logistics.domain.tracking import NEEDS_A_PERSON, Track, TrackingEvent

NEXT: Mapping[ShipmentStatus, frozenset[ShipmentStatus]] = {
    ShipmentStatus.QUEUED: frozenset({ShipmentStatus.SORTING, ShipmentStatus.RECALLED}),
    ShipmentStatus.SORTING: frozenset({ShipmentStatus.PACKED, ShipmentStatus.RECALLED}),
    ShipmentStatus.PACKED: frozenset({ShipmentStatus.DISPATCHED, ShipmentStatus.RECALLED}),
    ShipmentStatus.DISPATCHED: frozenset(),
    ShipmentStatus.RECALLED: frozenset(),
}


@dataclass(eq=False)
class Shipment:
    """dispatch_due_at moves with its clock, which a hold makes stand still; the promise is fixed when it is given.

    check_at: when to look whether a parcel is late or stuck. ask_at: after a broken promise, when to give up waiting.
    closed_at: since when nobody waits for it, because the customer decided what is done instead. customer_charged: what
    the customer pays for all this is nothing, and the table holds it to that.
    """

    number: str
    order_number: str
    review_passed_at: datetime
    dispatch_due_at: datetime
    lines: tuple[ShipmentLine, ...]
    destination: Destination
    part: int = 1
    status: ShipmentStatus = ShipmentStatus.QUEUED
    sorted_at: datetime | None = None
    packed_at: datetime | None = None
    dispatched_at: datetime | None = None
    recalled_at: datetime | None = None
    delivered_at: datetime | None = None
    promise: Promise | None = None
    check_at: datetime | None = None
    ask_at: datetime | None = None
    closed_at: datetime | None = None
    customer_charged: Money = ZERO
    parcels: list[Parcel] = field(default_factory=list)

    def created(self) -> Event:
        return events.ShipmentCreated(**self._ids, at=self.review_passed_at, lines=self.lines)

    def sort(self, now: datetime) -> Event:
        """Begin to sort. Conflict: `wrong_shipment_status`."""
        self._step_to(ShipmentStatus.SORTING)
        self.sorted_at = now
        return events.ShipmentSorted(**self._ids, at=now)

    def pack(self, now: datetime) -> Event:
        """The goods are in their boxes. Conflict: `wrong_shipment_status`."""
        self._step_to(ShipmentStatus.PACKED)
        self.packed_at = now
        return events.ShipmentPacked(**self._ids, at=now)

    def dispatch(self, parcels: Sequence[NewParcel], promise: Promise, now: datetime, *, on_hold: bool) -> Event:
        """All its parcels were handed to their carriers, the last one now.

        Conflict: `wrong_shipment_status`; `shipment_on_hold` while a change awaits the customer's answer.
        """
        self._require(ShipmentStatus.DISPATCHED)
        if on_hold:
            raise ShipmentOnHold
        assert parcels, "a dispatch without parcels"
        self._step_to(ShipmentStatus.DISPATCHED)
        self.dispatched_at, self.promise = now, promise
        self.parcels = [
            Parcel(f"{self.number}-{place:02}", self.number, new.carrier, new.tracking_number, now.year, new.weight_g)
            for place, new in enumerate(parcels, 1)
        ]
        self._plan_check()
        handed = tuple(HandedOver(parcel.id, parcel.carrier, parcel.tracking_number) for parcel in self.parcels)
        return events.ShipmentDispatched(**self._ids, dispatched_at=now, parcels=handed, promise=promise)

    def recall(self, cause: Cause, now: datetime) -> Event | None:
        """Keep it in the warehouse; refused, as an event, when it has left. None: it was recalled, or is closed."""
        if self.status is ShipmentStatus.RECALLED or self.closed_at is not None:
            return None
        if self.status is ShipmentStatus.DISPATCHED:
            return events.RecallRefused(**self._ids, reason="already handed to the carrier", cause=cause)
        self._step_to(ShipmentStatus.RECALLED)
        self.recalled_at = now
        return events.ShipmentRecalled(**self._ids)

    def adjust(self, after: Sequence[ShipmentLine], destination: Destination | None, now: datetime) -> list[Event]:
        """Send what the customer agreed to, where they agreed to; nothing left is a recall.

        What is packed is opened again: it goes back to sorting. Too late is a refusal, as an event.
        """
        lines, destination = apply_change(self.lines, after), destination or self.destination
        over = self.status is ShipmentStatus.RECALLED or self.closed_at is not None
        if over or (lines, destination) == (self.lines, self.destination):
            return []
        if self.status is ShipmentStatus.DISPATCHED:
            return [_one(self.recall(Cause.CHANGE, now))]
        redirected = destination != self.destination
        self.lines, self.destination = lines, destination
        if self.status is ShipmentStatus.PACKED:
            self.status, self.packed_at = ShipmentStatus.SORTING, None
        adjusted = events.ShipmentAdjusted(**self._ids, lines=lines, redirected=redirected)
        return [adjusted] if lines else [adjusted, _one(self.recall(Cause.CHANGE, now))]

    def track(self, parcel: Parcel, track: Track, now: datetime) -> list[Event]:
        """Take over what a parcel's scans add up to, and tell what is new: nothing twice, nothing backwards."""
        before, told = parcel.status, []
        news = parcel.take(track)
        if news is not None and parcel.closed_at is None:  # of what was given up only `_judge` tells
            told.append(self._updated(parcel, before, news, now))
            if parcel.status in NEEDS_A_PERSON:
                told += self._exception(parcel, news.reason or parcel.status.value)
        told += self._judge(parcel, missing_by_scan(track), now)
        if parcel.status is ParcelStatus.DELIVERED and parcel.closed_at is None:
            told += self._delivered(parcel)
        self._plan_check()
        return told

    def check(self, now: datetime) -> list[Event]:
        """Raise, once each, what goes wrong by itself: parcels past their promise, parcels nothing is heard of."""
        found: list[Event] = []
        for parcel in self.parcels:
            if parcel.is_late(self._promised, now):
                found += self._exception(parcel, LATE)
            if parcel.is_stuck(self._sent, now) and parcel.alert(STUCK):
                found.append(events.ParcelStuck(**self._of(parcel), last_event_at=parcel.last_event_at))
        found += self._given_up(now)
        self._plan_check()
        return found

    def wait_until(self, ask_at: datetime) -> None:
        """Note until when to wait for what was promised until earlier."""
        self.ask_at = ask_at
        self._plan_check()

    @property
    def is_awaited(self) -> bool:
        """Whether a parcel of it is still on its way."""
        return any(parcel.is_awaited for parcel in self.parcels)

    def close(self, parcel_ids: Sequence[str], now: datetime) -> list[Event]:
        """Wait no longer for these parcels (for all, if none is named); what was delivered meanwhile stays so.

        It is delivered when all others are; it is closed when there are no others.
        """
        chosen = [each for each in self.parcels if not parcel_ids or each.id in parcel_ids]
        closing = [each for each in chosen if each.status is not ParcelStatus.DELIVERED and each.closed_at is None]
        for parcel in closing:
            parcel.closed_at, parcel.missing = now, parcel.missing or Missing.LATE
        self._plan_check()
        arrived = [each for each in self.parcels if each.closed_at is None]
        if not closing or any(each.status is not ParcelStatus.DELIVERED for each in arrived):
            return []
        if arrived:
            return self._delivered(arrived[-1])
        self.closed_at = now
        return [events.ShipmentClosed(**self._ids, closed_at=now)]

    def health_of(self, parcel: Parcel, now: datetime) -> Health:
        return parcel.health(self._sent, self._promised, now)

    def health(self, now: datetime) -> Health | None:
        """That of its worst parcel; None before dispatch."""
        worst_last = list(Health)
        awaited = [parcel for parcel in self.parcels if parcel.closed_at is None]
        return max((self.health_of(parcel, now) for parcel in awaited), key=worst_last.index, default=None)

    def _updated(self, parcel: Parcel, before: ParcelStatus, scan: TrackingEvent, now: datetime) -> Event:
        return events.TrackingUpdated(
            **self._of(parcel),
            status=parcel.status,
            previous_status=before,
            occurred_at=scan.occurred_at,
            local_time=scan.local_time,
            location=scan.location,
            message=scan.message,
            health=self.health_of(parcel, now),
        )

    def _delivered(self, parcel: Parcel) -> list[Event]:
        """That this parcel, and with it perhaps the shipment, is delivered: each told once and for all.

        A scan that comes late may still say that it was earlier than we had heard; it is never made later.
        """
        assert parcel.delivered_at is not None
        told: list[Event] = []
        if not parcel.delivery_told:
            parcel.delivery_told = True
            told.append(events.ParcelDelivered(**self._of(parcel), delivered_at=parcel.delivered_at))
        awaited = [each for each in self.parcels if each.closed_at is None]
        if all(each.status is ParcelStatus.DELIVERED for each in awaited):
            last = max(each.delivered_at for each in awaited if each.delivered_at)
            if self.delivered_at is None:
                where = {"country": self.destination.country, "time_zone": self.destination.time_zone}
                told.append(events.ShipmentDelivered(**self._ids, delivered_at=last, **where))
            self.delivered_at = min(last, self.delivered_at or last)
        return told

    def _exception(self, parcel: Parcel, reason: str) -> list[Event]:
        if not parcel.alert(reason):
            return []
        return [events.ParcelException(**self._of(parcel), status=parcel.status, reason=reason)]

    def _judge(self, parcel: Parcel, reason: Missing | None, now: datetime) -> list[Event]:
        """Tell whether a parcel that was scanned will arrive, where that has changed."""
        if reason is not None:
            since = parcel.last_event_at or now
            return [self._not_arriving(parcel, reason, since)] if parcel.miss(reason) else []
        was = parcel.turn_up()
        if was is None:
            return []
        found: list[Event] = [events.ParcelTurnedUp(**self._of(parcel), reason=was, status=parcel.status)]
        left = next((each for each in self.parcels if each.missing and each.closed_at is None), None)
        if left is not None and left.missing is not None:  # what was said of both is not true of the other any more
            found.append(self._not_arriving(left, left.missing, now))
        return found

    def _given_up(self, now: datetime) -> list[Event]:
        """Tell, once for each reason, that parcels do not arrive of which nothing is heard any more."""
        found: list[Event] = []
        for parcel in self.parcels:
            known = missing_by_status(parcel.status)
            if known is not None and parcel.missing is None and parcel.miss(known):
                found.append(self._not_arriving(parcel, known, parcel.last_event_at or now))
        silent = [each for each in self.parcels if each.is_awaited and each.missing in (None, Missing.NEVER_SCANNED)]
        never = [each for each in silent if each.status is ParcelStatus.LABEL_CREATED and now > self._promised.due_at]
        late = [each for each in silent if self.ask_at is not None and now >= self.ask_at]
        for reason, parcels in ((Missing.LATE, late), (Missing.NEVER_SCANNED, [] if late else never)):
            news = [each for each in parcels if each.miss(reason)]
            if news:
                found.append(self._not_arriving(news[0], reason, now))
        return found

    def _not_arriving(self, parcel: Parcel, reason: Missing, since: datetime) -> Event:
        missing = [each for each in self.parcels if each.missing is not None and each.closed_at is None]
        whole = len(missing) == len(self.parcels)
        return events.ParcelNotArriving(
            **self._of(parcel),
            parcels=tuple(each.id for each in missing),
            reason=reason,
            since=since,
            lines=self.lines if whole else (),
        )

    def _plan_check(self) -> None:
        times = [parcel.next_check(self._sent, self._promised, self.ask_at) for parcel in self.parcels]
        self.check_at = min((at for at in times if at), default=None)

    def _require(self, wanted: ShipmentStatus) -> None:
        if wanted not in NEXT[self.status]:
            details = {"status": self.status.value, "wanted": wanted.value}
            raise WrongShipmentStatus(f"a shipment that is {self.status} cannot be {wanted}", details=details)

    def _step_to(self, wanted: ShipmentStatus) -> None:
        self._require(wanted)
        self.status = wanted

    @property
    def _sent(self) -> datetime:
        assert self.dispatched_at is not None, "not dispatched"
        return self.dispatched_at

    @property
    def _promised(self) -> Promise:
        assert self.promise is not None, "not dispatched"
        return self.promise

    @property
    def _ids(self) -> dict[str, str]:
        return {"shipment_number": self.number, "order_number": self.order_number}

    def _of(self, parcel: Parcel) -> dict[str, str]:
        names = {"parcel_id": parcel.id, "carrier": parcel.carrier, "tracking_number": parcel.tracking_number}
        return {**self._ids, **names}


def _one(event: Event | None) -> Event:
    assert event is not None
    return event
