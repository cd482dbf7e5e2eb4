"""On the way: what carriers report, what follows from it, and what is found when they report nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.basics import ids
from services.common.basics.api import OrderNotFound
from services.logistics import views
from services.logistics.adapters.carriers import Webhook
from services.logistics.api.replies import TrackingView
from services.logistics.api.statuses import ParcelStatus
from services.logistics.api.terms import DELIVERY
from services.logistics.domain import Parcel, Shipment, TrackingEvent, fold, owner
from services.logistics.handlers.remedies import stop_waiting, watch_broken_promise
from services.logistics.repository import Work


@dataclass(frozen=True)
class Received:
    """What a webhook brought: new scans, codes we don't know, and numbers no parcel has."""

    duplicate: bool = False
    events: int = 0
    unmapped: int = 0
    unmatched: int = 0


def receive_webhook(work: Work, carrier: str, webhook: Webhook) -> Received:
    """Keep the scans and let them take effect; a webhook that was handled before has none."""
    work.caller = replace(work.caller, actor=f"carrier:{carrier}")  # its signature says so; the gateway knows nobody
    if not work.tracking.accept(carrier, webhook.key, work.now):
        return Received(duplicate=True)
    return take_scans(work, webhook.events)


def take_scans(work: Work, events: Sequence[TrackingEvent]) -> Received:
    """Add scans to the log, and let the new ones take effect on the parcels they are of."""
    work.tracking.lock(event.tracking_number for event in events)
    added = work.tracking.add(events)
    numbers = {event.tracking_number for event in added}
    known = follow(work, numbers) if numbers else set()
    unmapped = sum(event.unmapped for event in added)
    return Received(events=len(added), unmapped=unmapped, unmatched=len(numbers - known))


def numbers_to_ask(work: Work) -> list[str]:
    """The tracking numbers of which something should have been heard by now."""
    due = [parcel for shipment in work.shipments.to_check(work.now) for parcel in shipment.parcels]
    return sorted({parcel.tracking_number for parcel in due if parcel.status is not ParcelStatus.DELIVERED})


def raise_alerts(work: Work) -> int:
    """Find the parcels that are late or stuck by now, and tell it once; how many shipments were looked at."""
    due = work.shipments.to_check(work.now)
    for shipment in due:
        work.journal.record(*shipment.check(work.now))
        watch_broken_promise(work, shipment)
        stop_waiting(work, shipment)
    return len(due)


def get_tracking(work: Work, order_number: str) -> TrackingView:
    """The parcels of an order, for its customer and for staff; NotFound `order_not_found` for a stranger."""
    if not ids.is_number(order_number, ids.ORDER) or not may_see_order(work, order_number):
        raise OrderNotFound
    shipments = work.shipments.of_order(order_number)
    numbers = [parcel.tracking_number for shipment in shipments for parcel in shipment.parcels]
    clocks = work.commitments.of_order(order_number)
    return views.tracking_view(order_number, shipments, _scans_of(work, numbers), clocks, work.now)


def may_see_order(work: Work, order_number: str) -> bool:
    """Staff, who holds the order's link, and the customer whose order it is."""
    grant = f"order:{order_number}"
    if work.caller.is_staff or work.caller.owns(grant, None):
        return True
    order = work.orders.find(order_number)
    return order is not None and work.caller.owns(grant, order.email)


def follow(work: Work, numbers: Iterable[str]) -> set[str]:
    """Let all that is known of these numbers take effect on their parcels; the numbers that have a parcel."""
    shipments = work.shipments.with_numbers(numbers, lock=True)
    if not shipments:
        return set()
    scans = _by_parcel(shipments, work.tracking.of_numbers(numbers))
    wanted, known = set(numbers), set()
    for shipment in shipments:
        before = shipment.delivered_at
        for parcel in shipment.parcels:
            if parcel.tracking_number in wanted:
                known.add(parcel.tracking_number)
                work.journal.record(*shipment.track(parcel, fold(scans[parcel.id]), work.now))
        if shipment.delivered_at is not None and shipment.delivered_at != before:
            work.commitments.stop(DELIVERY, shipment.number, shipment.delivered_at)
        stop_waiting(work, shipment)
    return known


def _scans_of(work: Work, numbers: Sequence[str]) -> dict[str, list[TrackingEvent]]:
    """The scans of these numbers by parcel; all parcels that ever had one are asked whose each is."""
    return _by_parcel(work.shipments.with_numbers(numbers), work.tracking.of_numbers(numbers)) if numbers else {}


def _by_parcel(shipments: Iterable[Shipment], events: Iterable[TrackingEvent]) -> dict[str, list[TrackingEvent]]:
    parcels: list[tuple[Parcel, datetime]] = [
        (parcel, shipment.dispatched_at)
        for shipment in shipments
        for parcel in shipment.parcels
        if shipment.dispatched_at is not None
    ]
    scans: dict[str, list[TrackingEvent]] = {parcel.id: [] for parcel, _ in parcels}
    for event in events:
        parcel = owner(event, parcels)
        if parcel is not None:
            scans[parcel.id].append(event)
    return scans
