"""From the review to the carrier's van: what the warehouse and the order's changes do to a shipment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.common.basics import ids
from services.common.basics.caller import AGENT, LEAD, WAREHOUSE
from services.common.basics.errors import Conflict
from services.common.calendar import calendar_id, zone_of
from services.common.commitments import Clock, start, terms_for
from services.logistics import views
from services.logistics.domain import Cause, Destination, KnownOrder, NewParcel, Promise, Shipment
from services.logistics.handlers.tracking import DELIVERY, follow
from services.logistics.repository import ShipmentNotFound, Work
from services.logistics.settings import LogisticsSettings

OWNER = "logistics"
DISPATCH = "dispatch"
ON_HOLD = "a change of the order waits"


class TrackingNumberTaken(Conflict):
    """Another parcel of this year has this carrier and tracking number."""

    code = "tracking_number_taken"
    message = "Another parcel of this year has this carrier and tracking number."


def create_shipment(work: Work, event: Mapping[str, Any], seq: int, settings: LogisticsSettings) -> None:
    """The review was passed: the warehouse has work, and its clock has been running since then.

    Once per order, whatever is delivered how often; its number follows from the order's, so that others know it again
    should a restored backup have us do this again. What was agreed to after `seq`, or that the order was cancelled, may
    have been heard of first: it takes effect as if it had come in its turn.
    """
    order = work.orders.remember(event["order_number"])
    order.email = event["customer"]["email"]
    order.time_zone = event["customer"]["time_zone"]
    if work.shipments.of_order(order.order_number):
        return
    number, passed_at = ids.renamed(order.order_number, ids.SHIPMENT), event["passed_at"]
    clock = start(
        DISPATCH,
        number,
        passed_at,
        id=ids.new_id(),
        owner=OWNER,
        terms=terms_for(DISPATCH),
        calendar=settings.origin_calendar,
        zone=settings.origin_zone,
        order_number=order.order_number,
    )
    shipment = Shipment(
        number=number,
        order_number=order.order_number,
        review_passed_at=passed_at,
        dispatch_due_at=clock.due_at,
        lines=tuple(event["lines"]),
        destination=_destination(order, event["delivery"]),
    )
    if work.orders.held([order.order_number]):
        clock.pause(clock.started_at, ON_HOLD)
    work.shipments.add(shipment)
    work.commitments.start(clock)
    work.journal.record(shipment.created())
    _catch_up(work, order, shipment, seq)


def _catch_up(work: Work, order: KnownOrder, shipment: Shipment, seq: int) -> None:
    if order.changed_seq > seq:
        work.journal.record(*shipment.adjust(order.changed_lines, order.changed_destination, work.now))
        _stop_clock_of_recalled(work, shipment)
    if order.cancelled:
        _recall(work, [shipment])


def hold(work: Work, order_number: str, change_id: str, at: datetime) -> None:
    """Since `at` a change waits for the customer's answer: nothing of the order leaves, and its clock stands still."""
    work.orders.remember(order_number)
    work.orders.hold(order_number, change_id)
    if work.orders.held([order_number]):
        for shipment in work.shipments.of_order(order_number, lock=True):
            work.commitments.pause(DISPATCH, shipment.number, ON_HOLD, at)


def release(work: Work, order_number: str, change_id: str, at: datetime) -> None:
    """The change waits no longer since `at`: when no other does, the clock goes on with the time that was left."""
    work.orders.remember(order_number)
    work.orders.release(order_number, change_id)
    if work.orders.held([order_number]):
        return
    for shipment in work.shipments.of_order(order_number, lock=True):
        clock = work.commitments.resume(DISPATCH, shipment.number, at)
        if clock is not None:
            shipment.dispatch_due_at = clock.due_at


def change(work: Work, event: Mapping[str, Any], seq: int, at: datetime) -> None:
    """The customer agreed to a change: send what the order consists of now, where it goes now; nothing is a recall."""
    release(work, event["order_number"], event["change_id"], at)
    order = work.orders.remember(event["order_number"])
    destination = _destination(order, event["delivery"]) if event["delivery"] else None
    if not order.change(seq, event["lines"], destination):
        return
    for shipment in work.shipments.of_order(order.order_number, lock=True):
        work.journal.record(*shipment.adjust(event["lines"], destination, work.now))
        _stop_clock_of_recalled(work, shipment)


def recall(work: Work, order_number: str) -> None:
    """The customer asks to cancel: keep it in the warehouse, or say that it has left.

    NotFound when there is no shipment yet, so that the event is handled again when there is.
    """
    shipments = work.shipments.of_order(order_number, lock=True)
    order = work.orders.find(order_number)
    if not shipments and not (order and order.cancelled):
        raise ShipmentNotFound
    _recall(work, shipments)


def cancel(work: Work, order_number: str) -> None:
    """The order is cancelled: nothing of it is sent any more, nor begun to be."""
    work.orders.remember(order_number).cancelled = True
    _recall(work, work.shipments.of_order(order_number, lock=True))


def mark_sorted(work: Work, number: str) -> dict[str, Any]:
    shipment = _for_the_warehouse(work, number)
    work.journal.record(shipment.sort(work.now))
    return show(work, shipment)


def mark_packed(work: Work, number: str) -> dict[str, Any]:
    shipment = _for_the_warehouse(work, number)
    work.journal.record(shipment.pack(work.now))
    return show(work, shipment)


def mark_dispatched(work: Work, number: str, parcels: Sequence[NewParcel]) -> dict[str, Any]:
    """The last parcel was handed over: the dispatch clock stops, the delivery clock starts, the window is fixed.

    Scans that came before the parcel was known are its own from now on.
    """
    work.caller.require(WAREHOUSE)
    numbers = [parcel.tracking_number for parcel in parcels]
    work.tracking.lock(numbers)
    shipment = work.shipments.get(number, lock=True)
    clock = _delivery_clock(shipment, work.now)
    on_hold = bool(work.orders.held([shipment.order_number]))
    taken = work.shipments.taken(parcels, work.now.year)
    work.journal.record(shipment.dispatch(parcels, _promise(clock), work.now, on_hold=on_hold))
    if taken:
        raise TrackingNumberTaken(details={"tracking_numbers": taken})
    work.commitments.stop(DISPATCH, number, work.now)
    work.commitments.start(clock)
    if work.tracking.of_numbers(numbers):
        work.session.flush()
        follow(work, numbers)
    return show(work, shipment)


def list_shipments(work: Work, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """By the time at which they must have left; without a filter those still in the warehouse."""
    work.caller.require(WAREHOUSE, AGENT, LEAD)
    found = work.shipments.page(lambda each: views.shipment(each, work.now, on_hold=False), **wanted)
    held = work.orders.held(item["order_number"] for item in found["items"])
    for item in found["items"]:
        item["on_hold"] = item["order_number"] in held
    return found


def get_shipment(work: Work, number: str) -> dict[str, Any]:
    work.caller.require(WAREHOUSE, AGENT, LEAD)
    return show(work, work.shipments.get(number))


def show(work: Work, shipment: Shipment) -> dict[str, Any]:
    """The shipment as the warehouse sees it, and whether it is on hold."""
    on_hold = bool(work.orders.held([shipment.order_number]))
    return views.shipment(shipment, work.now, on_hold=on_hold)


def _for_the_warehouse(work: Work, number: str) -> Shipment:
    work.caller.require(WAREHOUSE)
    return work.shipments.get(number, lock=True)


def _recall(work: Work, shipments: Iterable[Shipment]) -> None:
    for shipment in shipments:
        work.journal.record(shipment.recall(Cause.CANCELLATION, work.now))
        _stop_clock_of_recalled(work, shipment)


def _stop_clock_of_recalled(work: Work, shipment: Shipment) -> None:
    """Nobody waits any more for what was recalled."""
    if shipment.recalled_at is not None:
        work.commitments.stop(DISPATCH, shipment.number, shipment.recalled_at)


def _destination(order: KnownOrder, delivery: Mapping[str, Any]) -> Destination:
    country, region = delivery["country"], delivery["region"] or ""
    return Destination(delivery, country, region, zone_of(country, region, order.time_zone))


def _delivery_clock(shipment: Shipment, at: datetime) -> Clock:
    where = shipment.destination
    return start(
        DELIVERY,
        shipment.number,
        at,
        id=ids.new_id(),
        owner=OWNER,
        terms=terms_for(DELIVERY),
        calendar=calendar_id(where.country, where.region or None),
        zone=where.time_zone,
        order_number=shipment.order_number,
    )


def _promise(clock: Clock) -> Promise:
    assert clock.earliest_at is not None, "delivery has an earliest day"
    return Promise(clock.earliest_at, clock.due_at, clock.calendar, clock.calendar_version, clock.provisional)
