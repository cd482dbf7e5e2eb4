"""On the way: what carriers report, what follows from it, and what is found when they report nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.basics import ids
from services.common.basics.api import OrderNotFound
from services.common.basics.caller import CASE_STAFF
from services.common.basics.clock import rfc3339
from services.common.calendar import calendar_id, zone_of
from services.common.commitments import Clock
from services.logistics import views
from services.logistics.adapters.carriers import Webhook
from services.logistics.api.parts import fold_number
from services.logistics.api.replies import DeliveryEstimate, TrackingView
from services.logistics.api.terms import DELIVERY, REMEDY
from services.logistics.api.tracking import EstimateDelivery
from services.logistics.domain import Parcel, Shipment, TrackingEvent, fold
from services.logistics.domain.clocks import delivery_clock, dispatch_clock
from services.logistics.domain.facts import Notes, Told
from services.logistics.handlers import facts, hand_overs
from services.logistics.handlers.matching import Key, Scans, key_of
from services.logistics.handlers.remedies import stop_waiting, watch_broken_promise
from services.logistics.handlers.words import erase_words
from services.logistics.repository import Work


@dataclass(frozen=True)
class Received:
    """What a webhook brought: new scans, codes we don't know, and numbers no parcel has.

    numbers: all that it was about, folded. gone: those, and more, of parcels of customers who are erased.
    """

    duplicate: bool = False
    events: int = 0
    unmapped: int = 0
    unmatched: int = 0
    numbers: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


def receive_webhook(work: Work, carrier: str, webhook: Webhook) -> Received:
    """Keep the scans and let them take effect; a webhook that was handled before has none."""
    work.caller = replace(work.caller, actor=f"carrier:{carrier}")  # its signature proves it; the gateway has no caller
    if not work.tracking.accept(carrier, webhook.key, work.now):
        return Received(duplicate=True)
    return take_scans(work, webhook.events, webhook.told)


@dataclass(frozen=True)
class Taken:
    """The scans that are new, and the numbers among all of them that are no parcel's. numbers, gone: see `Received`."""

    added: Sequence[TrackingEvent] = ()
    nobodys: frozenset[Key] = frozenset()
    numbers: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


def take_scans(work: Work, events: Sequence[TrackingEvent], told: Sequence[Told] = ()) -> Received:
    """Take in scans, and what was told beside them. Return how many there are of what a person should know."""
    taken = take_in(work, events, told)
    unmatched = {key_of(scan) for scan in taken.added} & taken.nobodys
    unmapped = sum(scan.unmapped for scan in taken.added)
    return Received(False, len(taken.added), unmapped, len(unmatched), taken.numbers, taken.gone)


def take_in(work: Work, events: Sequence[TrackingEvent], told: Sequence[Told] = ()) -> Taken:
    """Add scans to the log, and let them take effect on the parcels they are of, with what was told beside them."""
    news = [folded(event) for event in events]
    numbers = {each.tracking_number for each in news} | {fold_number(each.tracking_number) for each in told}
    if not numbers:
        return Taken()
    work.tracking.lock(numbers)
    added = work.tracking.add(news)
    scans = Scans(work, numbers, lock=True)
    scans.keep(told)
    let_count(work, scans)
    return Taken(added, frozenset(scans.nobodys), frozenset(numbers), frozenset(scans.gone))


def folded(event: TrackingEvent) -> TrackingEvent:
    """Return a scan with its number in the one spelling that is kept."""
    return replace(event, tracking_number=fold_number(event.tracking_number))


def raise_alerts(work: Work, is_asked: Callable[[str], bool] = lambda carrier: False) -> int:
    """Find the parcels that are late or stuck by now, and tell it once; how many shipments were looked at.

    is_asked: whether a carrier is asked for its parcels; nothing is raised of one that was to be asked and was not.
    """
    due = work.shipments.to_check(work.now)
    watches = work.watches.of_parcels(parcel.id for shipment in due for parcel in shipment.parcels)

    def may_raise(parcel: Parcel, at: datetime) -> bool:
        watch = watches.get(parcel.id)
        return watch is None or not is_asked(parcel.carrier) or watch.lets_raise(at, work.now)

    for shipment in due:
        work.journal.record(*shipment.check(work.now, may_raise))
        watch_broken_promise(work, shipment)
        stop_waiting(work, shipment)
    return len(due)


def estimate_delivery(work: Work, wanted: EstimateDelivery) -> DeliveryEstimate:
    """Return when what is paid now would leave and arrive. The earliest: reviewed at once, sent on the first day."""
    place = {"postal_code": wanted.postal_code, "city": wanted.city}
    calendar = calendar_id(wanted.country, wanted.region, **place)
    zone = zone_of(wanted.country, wanted.region, **place)

    def leaving(reviewed_at: datetime) -> Clock:
        return dispatch_clock("", "", reviewed_at, work.origin.calendar, work.origin.zone, "")

    def arriving(handed_over_at: datetime) -> Clock:
        return delivery_clock("", "", handed_over_at, calendar, zone, "")

    soonest, latest = leaving(work.now), leaving(max(wanted.review_by, work.now))
    first, last = arriving(soonest.earliest_at or work.now), arriving(latest.due_at)
    return {
        "leaves_by": rfc3339(latest.due_at),
        "leaves_zone": work.origin.zone,
        "earliest_at": rfc3339(first.earliest_at or first.due_at),
        "due_at": rfc3339(last.due_at),
        "calendar": calendar,
        "time_zone": zone,
        "provisional": latest.provisional or last.provisional,
    }


def get_tracking(work: Work, order_number: str) -> TrackingView:
    """Return the parcels of an order to its customer and to staff. Raise NotFound `order_not_found` for anyone else.

    The warehouse knows an order by its shipments: without one there is none for it.
    """
    if not ids.is_number(order_number, ids.ORDER) or not may_see_order(work, order_number):
        raise OrderNotFound
    shipments = work.shipments.of_order(order_number)
    if not shipments and work.caller.is_staff and not work.caller.has(*CASE_STAFF):
        raise OrderNotFound
    clocks = work.commitments.of_order(order_number)
    return views.tracking_view(order_number, shipments, _scans_of(work, shipments), clocks, work.now)


def may_see_order(work: Work, order_number: str) -> bool:
    """Return whether the caller is staff, holds the order's link, or is its customer."""
    grant = f"order:{order_number}"
    if work.caller.is_staff or work.caller.owns(grant, None):
        return True
    email = work.caller.email
    return email is not None and work.orders.is_of(order_number, email) and work.caller.owns(grant, email)


def follow(work: Work, numbers: Iterable[str], *, settle: bool = False) -> None:
    """Let all that is known of these numbers take effect on their parcels.

    settle: a parcel is new to a number, so what was listed may have found it.
    """
    let_count(work, Scans(work, numbers, lock=True), settle=settle)


def let_count(work: Work, scans: Scans, *, settle: bool = False) -> None:
    """Let locked scans take effect on their parcels; list what has none.

    What is said in words of an erased customer's parcel is forgotten.
    """
    with work.session.no_autoflush:  # a flush in between only writes rows twice
        moved = [
            each
            for shipment, parcel in scans.concerned()
            for each in retrace(work, shipment, parcel, scans.of(parcel), scans.said_of(parcel))
        ]
    work.unmatched.note(scans.nobodys.values())
    if settle:
        work.unmatched.settle(scans.found, work.now)
    if scans.gone:  # they are locked: an erasure at the same moment has ended, or waits and finds the words
        erase_words(work, scans.gone)
    if moved:
        follow(work, moved)


def retrace(
    work: Work, shipment: Shipment, parcel: Parcel, scans: Sequence[TrackingEvent], said: Sequence[Notes]
) -> set[str]:
    """Bring a parcel to what its scans add up to, and its shipment's clocks in line with it. said: beside the scans.

    The numbers of the shipment's other parcels are returned when the scans have moved its hand-over: what came too
    early before may count now.
    """
    before, awaited, stated = shipment.delivered_at, parcel.is_awaited, shipment.stated
    track = fold(scans, stated)
    parcel.first_scan_at = track.first_at
    moved = hand_overs.settle(work, shipment, hand_overs.SCANNED)
    if shipment.dispatched_at != stated:
        track = fold(scans, shipment.dispatched_at)
    news = facts.settle(shipment, parcel, said, track)
    told = facts.completed(shipment.track(parcel, track, work.now, work.origin_of(shipment)), parcel)
    work.journal.record(*told, *([news] if news else []))
    if parcel.is_awaited and not awaited:
        _watch_again(work, shipment, parcel)
    if shipment.delivered_at != before:
        if before is not None:
            work.commitments.reopen(DELIVERY, shipment.number)
            work.commitments.reopen(REMEDY, shipment.number)
        if shipment.delivered_at is not None:
            work.commitments.stop(DELIVERY, shipment.number, shipment.delivered_at)
    stop_waiting(work, shipment)
    return {each.tracking_number for each in shipment.parcels if each is not parcel} if moved else set()


def _watch_again(work: Work, shipment: Shipment, parcel: Parcel) -> None:
    """Watch a finished parcel that is on its way again: ask its carrier when it becomes silent."""
    watch = work.watches.of_parcels([parcel.id], lock=True).get(parcel.id)
    if watch is not None:
        watch.expect(shipment.ask_from(parcel))


def _scans_of(work: Work, shipments: Iterable[Shipment]) -> dict[str, list[TrackingEvent]]:
    """Return the scans of these shipments' parcels, by parcel. Every parcel that ever had the number is compared."""
    parcels = [parcel for shipment in shipments for parcel in shipment.parcels]
    scans = Scans(work, [parcel.tracking_number for parcel in parcels]) if parcels else None
    return {parcel.id: scans.of(parcel) for parcel in parcels} if scans else {}
