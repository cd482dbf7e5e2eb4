"""The warehouse's steps with a shipment, and its queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.logistics import views
from services.logistics.adapters.carriers import Carriers
from services.logistics.api.photos import AddPhotos
from services.logistics.api.refusals import TrackingNumberTaken, WrongShipmentStatus
from services.logistics.api.replies import ShipmentView, WarningView
from services.logistics.api.shipments import ListShipments, MarkDispatched, Step
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.api.terms import DISPATCH
from services.logistics.domain import NewParcel, Shipment, Watch, leaving, photos
from services.logistics.domain.parting import rest_of
from services.logistics.domain.shipment import require_time
from services.logistics.domain.watch import warnings_of
from services.logistics.handlers import costs, label_use, parts
from services.logistics.handlers.hand_overs import delivery_clock_of, promise_of
from services.logistics.handlers.lanes import enter_lanes
from services.logistics.handlers.tracking import follow
from services.logistics.repository import Work


def list_shipments(work: Work, wanted: ListShipments) -> Page[ShipmentView]:
    """List by the time at which they must have left; without a filter those still in the warehouse."""
    found = work.shipments.page(wanted, work.now)
    held = work.orders.held(item.order_number for item in found["items"])
    watches = work.watches.of_parcels(parcel.id for item in found["items"] for parcel in item.parcels)
    items = [
        views.shipment_view(item, work.now, on_hold=item.order_number in held, warnings=_warnings(work, item, watches))
        for item in found["items"]
    ]
    return {"items": items, "next_cursor": found["next_cursor"]}


def get_shipment(work: Work, number: str) -> Shipment:
    return work.shipments.get(number)


def show(work: Work, shipment: Shipment) -> ShipmentView:
    """Show a shipment as the warehouse sees it, and whether it is on hold."""
    on_hold = bool(work.orders.held([shipment.order_number]))
    watches = work.watches.of_parcels(parcel.id for parcel in shipment.parcels)
    return views.shipment_view(shipment, work.now, on_hold=on_hold, warnings=_warnings(work, shipment, watches))


def mark_sorted(work: Work, number: str, step: Step) -> Shipment:
    shipment = _for_the_warehouse(work, number, step)
    work.journal.record(shipment.sort(work.now))
    return shipment


def mark_packed(work: Work, number: str, step: Step) -> Shipment:
    shipment = _for_the_warehouse(work, number, step)
    work.journal.record(shipment.pack(work.now))
    return shipment


def add_photos(work: Work, number: str, added: AddPhotos) -> Shipment:
    """Keep photos of a box with its shipment; of an erased order none are kept any more."""
    shipment = work.shipments.get(number, lock=True)
    if work.orders.is_erased(shipment.order_number):
        raise WrongShipmentStatus("its order is erased", details={"status": shipment.status.value})
    require_version(added.version, shipment.version, lambda: show(work, shipment))
    work.journal.record(*photos.add_photos(shipment, added.photos))
    return shipment


def mark_dispatched(work: Work, number: str, handed_over: MarkDispatched) -> Shipment:
    """Note when the last parcel was handed over: then the dispatch clock stops, and the delivery clock starts.

    The window is fixed with it. Scans that came before the parcel was known are its own from now on.
    """
    parcels = label_use.parcels_of(work, number, handed_over)
    numbers = [parcel.tracking_number for parcel in parcels]
    if handed_over.rest_follows:
        parts.lock_order(work, number)
    work.tracking.lock(numbers)
    shipment = work.shipments.get(number, lock=True)
    require_version(handed_over.version, shipment.version, lambda: show(work, shipment))
    at = (handed_over.handed_over_at or work.now).astimezone(UTC)
    if shipment.status is ShipmentStatus.PACKED:
        require_time(at, shipment.review_passed_at, work.now)
    at = min(at, work.now)
    follows = bool(handed_over.rest_follows)
    require_leaving(work, shipment, parcels, at, rest_follows=follows)
    rest = parts.leave_behind(work, shipment, parcels) if follows else None
    clock = delivery_clock_of(shipment, at)
    told = shipment.dispatch(
        parcels,
        promise_of(clock),
        at,
        work.origin_of(shipment),
        on_hold=False,
        recorded_at=work.now,
        rest=None if rest is None else rest_of(rest),
    )
    work.journal.record(told, None if rest is None else rest.created())
    enter_lanes(work, shipment, shipment.parcels)
    label_use.hand_over(work, shipment, parcels, rest_follows=follows)
    costs.accrue(work, shipment)
    work.commitments.stop(DISPATCH, number, at)
    work.commitments.start(clock)
    for parcel in shipment.parcels:
        watch = Watch(parcel.id, parcel.carrier, parcel.tracking_number)
        watch.follow(parcel.carrier, parcel.tracking_number, work.now)
        watch.expect(shipment.ask_from(parcel))
        work.watches.add(watch)
    if work.tracking.has_heard_of(numbers):
        work.session.flush()
        follow(work, numbers, settle=True)
    return shipment


def require_leaving(
    work: Work,
    shipment: Shipment,
    parcels: tuple[NewParcel, ...],
    at: datetime,
    *,
    but: Sequence[NewParcel] = (),
    rest_follows: bool = False,
) -> None:
    """Raise what refuses that it leaves with these parcels. but: what leaves before it, though it is not kept yet."""
    on_hold = bool(work.orders.held([shipment.order_number]))
    leaving.require_leaving(shipment, parcels, on_hold=on_hold, rest_follows=rest_follows)
    taken = work.shipments.taken(parcels, at) or leaving.also_in(parcels, but)
    if taken:
        raise TrackingNumberTaken(details={"tracking_numbers": taken})
    label_use.require_usable(work, shipment, parcels, rest_follows=rest_follows)


def _for_the_warehouse(work: Work, number: str, step: Step) -> Shipment:
    shipment = work.shipments.get(number, lock=True)
    require_version(step.version, shipment.version, lambda: show(work, shipment))
    return shipment


def _warnings(work: Work, shipment: Shipment, watches: Mapping[str, Watch]) -> list[WarningView]:
    """Return what a person should look at: parcels that send us no news, a hand-over that is doubted."""
    if not shipment.parcels:
        return []
    listens_only = not Carriers.of(work.settings).can_be_asked and not work.settings.development
    found = [
        views.warning(code, parcel)
        for parcel in shipment.parcels
        for code in warnings_of(parcel, watches.get(parcel.id), listens_only=listens_only)
    ]
    return [*found, *([views.warning("hand_over_doubted")] if shipment.doubted else [])]
