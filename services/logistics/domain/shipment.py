"""A shipment: what leaves the warehouse together for one order, and its parcels on the way to the customer.

    queued → sorting → packed → dispatched        the warehouse's steps; recalled before dispatch only
                                    └ parcels     each with its own status (tracking.py); the last one delivered ends it

Standard, section 2: sorting, packaging and hand-over within 1 to 3 working days after the review; section 3: free
shipping, delivered within 6 to 12 working days. The window is fixed at dispatch; it ends earlier, never later, when the
hand-over turns out to have been earlier (hand_over.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.common.basics.clock import rfc3339
from services.common.basics.events import Event
from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import DEFAULT_PLACE
from services.logistics.api import events
from services.logistics.api.parts import Promise, Rest, ShipmentLine, fold_number
from services.logistics.api.refusals import (
    AlreadyDelivered,
    ImpossibleTime,
    NotDelivered,
    ParcelNotFound,
    ShipmentOnHold,
    WrongShipmentStatus,
)
from services.logistics.api.statuses import Cause, Health, Missing, ParcelStatus, ShipmentStatus
from services.logistics.domain import contents, missing
from services.logistics.domain.lines import Destination, apply_change
from services.logistics.domain.parcel import LATE, STUCK, TOO_EARLY, NewParcel, Parcel
from services.logistics.domain.tracking import (
    CLOCK_DIFFERENCE,
    FINISHED,
    NEEDS_A_PERSON,
    Place,
    Track,
    TrackingEvent,
)

NEXT: Mapping[ShipmentStatus, frozenset[ShipmentStatus]] = {
    ShipmentStatus.QUEUED: frozenset({ShipmentStatus.SORTING, ShipmentStatus.RECALLED}),
    ShipmentStatus.SORTING: frozenset({ShipmentStatus.PACKED, ShipmentStatus.RECALLED}),
    ShipmentStatus.PACKED: frozenset({ShipmentStatus.DISPATCHED, ShipmentStatus.RECALLED}),
    ShipmentStatus.DISPATCHED: frozenset(),
    ShipmentStatus.RECALLED: frozenset(),
}

SOON = timedelta(minutes=1)


def require_time(at: datetime, earliest: datetime, now: datetime) -> None:
    """Raise ImpossibleTime for what cannot have happened by now, or not before `earliest`."""
    if not earliest <= at <= now + CLOCK_DIFFERENCE:
        raise ImpossibleTime(details={"earliest": rfc3339(earliest), "latest": rfc3339(now)})


@dataclass(eq=False)
class Shipment:
    """dispatch_due_at moves with its clock, which a hold makes stand still; the promise is fixed when it is given.

    dispatched_at: the hand-over that counts; stated_at: the one that the warehouse stated, if that is another one.
    check_at: when to look whether a parcel is late or stuck. ask_at: after a broken promise, when to give up waiting.
    closed_at: since when it is not awaited, because the customer decided what is done instead. customer_charged: what
    the customer pays for all this is nothing, and the table holds it to that. labelled: a label was wanted for it.
    place: the stock place that it leaves from.
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
    version: int = 1
    recorded_at: datetime | None = None
    first_scan_at: datetime | None = None
    doubted: bool = False
    stated_at: datetime | None = None
    parcels: list[Parcel] = field(default_factory=list)
    photos: tuple[str, ...] | None = None
    gross_weight_g: int | None = None
    labelled: bool = False
    place: str = DEFAULT_PLACE

    def created(self) -> Event:
        return events.ShipmentCreated(**self.ids, at=self.review_passed_at, lines=self.lines)

    def sort(self, now: datetime) -> Event:
        """Begin to sort. Conflict: `wrong_shipment_status`."""
        self._step_to(ShipmentStatus.SORTING)
        self.sorted_at = now
        return events.ShipmentSorted(**self.ids, at=now)

    def pack(self, now: datetime) -> Event:
        """Record that the goods are in their boxes. Raise Conflict `wrong_shipment_status` in another status."""
        self._step_to(ShipmentStatus.PACKED)
        self.packed_at = now
        return events.ShipmentPacked(**self.ids, at=now)

    def dispatch(
        self,
        parcels: Sequence[NewParcel],
        promise: Promise,
        handed_over_at: datetime,
        origin: Place,
        *,
        on_hold: bool,
        recorded_at: datetime | None = None,
        rest: Rest | None = None,
    ) -> Event:
        """Record that all its parcels were handed to their carriers, the last one at `handed_over_at`. rest: follows.

        Raise Conflict `wrong_shipment_status`, or `shipment_on_hold` while a change awaits the customer's answer.
        """
        self._require(ShipmentStatus.DISPATCHED)
        if on_hold:
            raise ShipmentOnHold
        assert parcels, "a dispatch without parcels"
        self._step_to(ShipmentStatus.DISPATCHED)
        self.dispatched_at, self.promise = handed_over_at, promise
        self.recorded_at = recorded_at or handed_over_at
        silent_until = Track().stuck_at(handed_over_at, origin)
        self.parcels = [
            new.handed_over(self.number, place, handed_over_at, silent_until) for place, new in enumerate(parcels, 1)
        ]
        self.plan_check()
        handed = contents.handed_over(self.lines, self.parcels)
        return events.ShipmentDispatched(
            **self.ids,
            dispatched_at=handed_over_at,
            parcels=handed,
            promise=promise,
            recorded_at=self.recorded_at,
            rest=rest,
            zone=self.destination.time_zone,
        )

    def recall(self, cause: Cause, now: datetime) -> Event | None:
        """Keep it in the warehouse; refused, as an event, when it has left. None: it was recalled, or is closed."""
        if self.status is ShipmentStatus.RECALLED or self.closed_at is not None:
            return None
        if self.status is ShipmentStatus.DISPATCHED:
            return events.RecallRefused(**self.ids, reason="already handed to the carrier", cause=cause)
        self._step_to(ShipmentStatus.RECALLED)
        self.recalled_at = now
        return events.ShipmentRecalled(**self.ids)

    def correct(self, parcel: Parcel, carrier: str, tracking_number: str, reason: str) -> Event:
        """Correct the carrier and number of a parcel. What was announced of it is announced again."""
        was = {"previous_carrier": parcel.carrier, "previous_tracking_number": parcel.tracking_number}
        parcel.carrier, parcel.tracking_number = carrier, tracking_number
        parcel.tracking_key, parcel.told = fold_number(tracking_number), ""
        self.version += 1
        return events.ParcelCorrected(**self.of(parcel), **was, reason=reason)

    def attach(self, parcel: Parcel, carrier: str, number: str, reason: str | None) -> Event:
        """Attach what is scanned under another number to this parcel."""
        parcel.attached = (*(parcel.attached or ()), f"{carrier} {number}")
        self.version += 1
        return events.ScansAttached(**self.of(parcel), scanned_carrier=carrier, scanned_number=number, reason=reason)

    def record_delivery(self, parcel: Parcel, delivered_at: datetime, evidence: str, now: datetime) -> Event:
        """Note that a person knows of a delivery. Conflict: `already_delivered`; Invalid: `impossible_time`."""
        self.require_dispatched()
        if parcel.status is ParcelStatus.DELIVERED and parcel.delivered_at is not None:
            raise AlreadyDelivered(details={"delivered_at": rfc3339(parcel.delivered_at)})
        earliest = self._sent - CLOCK_DIFFERENCE
        require_time(delivered_at, max(earliest, parcel.last_event_at or earliest), now)
        return events.DeliveryRecorded(**self.of(parcel), delivered_at=delivered_at, evidence=evidence)

    def deny_delivery(self, parcel: Parcel, evidence: str) -> Event:
        """Note that a person knows that a delivery is none. Conflict: `not_delivered`, `wrong_shipment_status`."""
        self.require_dispatched()
        if parcel.status is not ParcelStatus.DELIVERED or parcel.delivered_at is None:
            raise NotDelivered(details={"status": parcel.status.value})
        return events.DeliveryDenied(**self.of(parcel), delivered_at=parcel.delivered_at, evidence=evidence)

    def require_dispatched(self) -> None:
        """Raise Conflict `wrong_shipment_status` while it has no parcels on their way."""
        if self.status is not ShipmentStatus.DISPATCHED:
            details = {"status": self.status.value, "wanted": ShipmentStatus.DISPATCHED.value}
            raise WrongShipmentStatus(f"a shipment that is {self.status} has no parcels", details=details)

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
        self.lines, self.destination, self.version = lines, destination, self.version + 1
        self.gross_weight_g = None
        if self.status is ShipmentStatus.PACKED:
            self.status, self.packed_at = ShipmentStatus.SORTING, None
        adjusted = events.ShipmentAdjusted(**self.ids, lines=lines, redirected=redirected)
        return [adjusted] if lines else [adjusted, _one(self.recall(Cause.CHANGE, now))]

    def track(self, parcel: Parcel, track: Track, now: datetime, origin: Place) -> list[Event]:
        """Take over what a parcel's scans add up to, and tell what is new: nothing twice.

        An announced delivery that does not hold is taken back, and announced when it is true. Of a parcel
        that is not awaited it is only told that it has turned up. origin: where it is while nothing says so.
        """
        before, delivery = parcel.status, parcel.delivery
        told: list[Event] = []
        news, awaited = parcel.take(track, self._sent, origin), parcel.closed_at is None
        if delivery is not None and (parcel.delivered_at is None or parcel.delivered_at > delivery):
            told.append(self._take_back(parcel, delivery, track))
        if news is not None and awaited:
            told.append(self._updated(parcel, before, news, now))
        if awaited and parcel.status in NEEDS_A_PERSON and (news is not None or parcel.status is not before):
            told += self._exception(parcel, (news.reason if news else None) or parcel.status.value)
        if awaited and track.too_early is not None and parcel.status not in FINISHED:
            told += self._exception(parcel, TOO_EARLY)
        told += missing.tell_missing(self, parcel, missing.by_scan(track), now)
        if parcel.status is ParcelStatus.DELIVERED and awaited:
            told += self._delivered(parcel)
        self.plan_check()
        self.version += bool(told)
        return told

    def check(self, now: datetime, may_raise: missing.MayRaise = lambda parcel, at: True) -> list[Event]:
        """Raise, once each, what goes wrong by itself: parcels past their promise, parcels without news.

        may_raise: whether what is due since a moment may be raised yet; if not, look again soon.
        """
        found: list[Event] = []
        for parcel in self.parcels:
            if parcel.is_late(self.promised, now) and may_raise(parcel, self.promised.due_at):
                found += self._exception(parcel, LATE)
            stuck = parcel.is_stuck(self._sent, now) and may_raise(parcel, parcel.stuck_at(self._sent))
            if stuck and parcel.alert(STUCK):
                found.append(events.ParcelStuck(**self.of(parcel), last_event_at=parcel.last_event_at))
        found += missing.given_up(self, now, may_raise)
        self.plan_check()
        if self.check_at is not None and self.check_at < now:
            self.check_at = now + SOON
        return found

    def wait_until(self, ask_at: datetime) -> None:
        """Note until when to wait for what was promised until earlier."""
        self.ask_at = ask_at
        self.plan_check()

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
            parcel.closed_at, parcel.missing = now, parcel.missing or Missing.NOT_RECEIVED
        self.plan_check()
        self.version += bool(closing)
        arrived = [each for each in self.parcels if each.closed_at is None]
        if not closing or any(each.status is not ParcelStatus.DELIVERED for each in arrived):
            return []
        if arrived:
            return self._delivered(arrived[-1])
        self.closed_at = now
        return [events.ShipmentClosed(**self.ids, closed_at=now)]

    def ask_from(self, parcel: Parcel) -> datetime | None:
        """Return from when on to ask the carrier for this parcel if there is no news of it. None means never."""
        return min(parcel.stuck_at(self._sent), self.promised.due_at) if parcel.is_awaited else None

    def parcel(self, parcel_id: str) -> Parcel:
        """Return the parcel of that id. Raise NotFound `parcel_not_found` if there is none."""
        for parcel in self.parcels:
            if parcel.id == parcel_id:
                return parcel
        raise ParcelNotFound

    def health_of(self, parcel: Parcel, now: datetime, *, by_lane: bool = False) -> Health:
        return parcel.health(self._sent, self.promised, now, by_lane=by_lane)

    def health(self, now: datetime, *, by_lane: bool = False) -> Health | None:
        """Return the health of its worst parcel, or None before dispatch. by_lane: judged by what is usual, too."""
        worst_last = list(Health)
        awaited = [parcel for parcel in self.parcels if parcel.closed_at is None]
        found = (self.health_of(parcel, now, by_lane=by_lane) for parcel in awaited)
        return max(found, key=worst_last.index, default=None)

    def _updated(self, parcel: Parcel, before: ParcelStatus, scan: TrackingEvent, now: datetime) -> Event:
        return events.TrackingUpdated(
            **self.of(parcel),
            status=parcel.status,
            previous_status=before,
            occurred_at=scan.occurred_at,
            local_time=scan.local_time,
            location=scan.location,
            message=scan.message,
            health=self.health_of(parcel, now),
            time_zone=scan.time_zone,
            taken_back=parcel.taken_back,
            pick_up=None,
        )

    def _delivered(self, parcel: Parcel) -> list[Event]:
        """Announce that this parcel, and perhaps the shipment, is delivered: once each, while that holds."""
        assert parcel.delivered_at is not None
        told: list[Event] = []
        if not parcel.delivery_told:
            parcel.delivery_told = True
            at, again = parcel.delivered_at, parcel.taken_back
            told.append(events.ParcelDelivered(**self.of(parcel), delivered_at=at, taken_back=again))
        awaited = [each for each in self.parcels if each.closed_at is None]
        if all(each.status is ParcelStatus.DELIVERED for each in awaited):
            last = max(each.delivered_at for each in awaited if each.delivered_at)
            if self.delivered_at != last:
                where = {"country": self.destination.country, "time_zone": self.destination.time_zone}
                told.append(events.ShipmentDelivered(**self.ids, delivered_at=last, **where))
            self.delivered_at = last
        return told

    def _take_back(self, parcel: Parcel, delivery: datetime, track: Track) -> Event:
        """Announce that a reported delivery did not happen, so that nothing is counted from it any more."""
        parcel.delivery_told, self.delivered_at = False, None
        parcel.taken_back += 1
        found = track.last if track.reopened_at is not None else None
        why = found.as_told if found else "what was reported of it was corrected"
        return events.DeliveryTakenBack(**self.of(parcel), delivered_at=delivery, status=parcel.status, why=why)

    def _exception(self, parcel: Parcel, reason: str) -> list[Event]:
        if not parcel.alert(reason):
            return []
        return [events.ParcelException(**self.of(parcel), status=parcel.status, reason=reason)]

    def plan_check(self) -> None:
        """Note when a parcel can turn late, stuck or hopeless next."""
        times = [parcel.next_check(self._sent, self.promised, self.ask_at) for parcel in self.parcels]
        self.check_at = min((at for at in times if at), default=None)

    def _require(self, wanted: ShipmentStatus) -> None:
        if wanted not in NEXT[self.status]:
            details = {"status": self.status.value, "wanted": wanted.value}
            raise WrongShipmentStatus(f"a shipment that is {self.status} cannot be {wanted}", details=details)

    def _step_to(self, wanted: ShipmentStatus) -> None:
        self._require(wanted)
        self.status = wanted
        self.version += 1

    @property
    def _sent(self) -> datetime:
        assert self.dispatched_at is not None, "not dispatched"
        return self.dispatched_at

    @property
    def stated(self) -> datetime:
        """The hand-over as the warehouse stated it."""
        return self.stated_at or self._sent

    @property
    def promised(self) -> Promise:
        assert self.promise is not None, "not dispatched"
        return self.promise

    @property
    def ids(self) -> dict[str, str]:
        return {"shipment_number": self.number, "order_number": self.order_number}

    def of(self, parcel: Parcel) -> dict[str, str]:
        names = {"parcel_id": parcel.id, "carrier": parcel.carrier, "tracking_number": parcel.tracking_number}
        return {**self.ids, **names}


def _one(event: Event | None) -> Event:
    assert event is not None
    return event
