"""Parcels that do not arrive: when to give up waiting, and what the customer decided is done instead.

Facts (lost, returned, refused) are told as they are scanned, in `Shipment.track`. What is not reported is found here: a
broken delivery promise starts the clock by which the parcel has arrived, or the customer is asked.
"""

from __future__ import annotations

from datetime import timedelta

from services.common.basics import ids
from services.common.basics.message import Message
from services.logistics.api.parts import ShipmentLine
from services.logistics.api.refusals import ShipmentNotFound
from services.logistics.api.terms import DELIVERY, REMEDY
from services.logistics.domain import Shipment
from services.logistics.domain.clocks import dispatch_clock, remedy_clock
from services.logistics.handlers import costs
from services.logistics.repository import Work
from services.orders.api.events import RemedyAccepted
from services.orders.api.parts import RemovedUnits

LAST_EVENING = timedelta(hours=6)
"""The question goes out so long before the clock's last day ends, so that it is asked in time."""


def watch_broken_promise(work: Work, shipment: Shipment) -> None:
    """Start, once, the clock by which a parcel past its promise has arrived, or its customer is asked."""
    promise = shipment.promise
    if promise is None or shipment.ask_at is not None or work.now <= promise.due_at or not shipment.is_awaited:
        return
    clock = remedy_clock(
        shipment.number,
        shipment.order_number,
        promise.due_at,
        promise.calendar,
        shipment.destination.time_zone,
        ids.new_id(),
    )
    work.commitments.start(clock)
    shipment.wait_until(clock.due_at - LAST_EVENING)


def stop_waiting(work: Work, shipment: Shipment) -> None:
    """Stop the clock of `watch_broken_promise`, if all that was awaited has arrived or was asked about."""
    awaited = [parcel for parcel in shipment.parcels if parcel.is_awaited and parcel.missing is None]
    if shipment.ask_at is not None and not awaited:
        work.commitments.stop(REMEDY, shipment.number, shipment.delivered_at or work.now)


def on_remedy_accepted(work: Work, event: RemedyAccepted, message: Message) -> None:
    """Do what the customer decided: wait on, or wait no longer, and perhaps send the goods again.

    What is sent again is a shipment of its own, with clocks that run from the decision. Its number is in the event, so
    that a repeat makes no second one.
    """
    work.orders.remember(event.order_number)
    shipments = work.shipments.of_order(event.order_number, lock=True)
    lost = next((each for each in shipments if each.number == event.shipment_number), None)
    if lost is None:
        raise ShipmentNotFound
    if event.option == "wait":
        return
    work.journal.record(*lost.close(event.parcels, work.now))
    if lost.delivered_at is not None:
        work.commitments.stop(DELIVERY, lost.number, lost.delivered_at)
    elif lost.closed_at is not None:
        work.commitments.recall(DELIVERY, lost.number, work.now)
    stop_waiting(work, lost)
    if event.replacement and all(each.number != event.replacement for each in shipments):
        _send_again(work, lost, event, message, part=1 + max(each.part for each in shipments))


def _send_again(work: Work, lost: Shipment, event: RemedyAccepted, message: Message, part: int) -> None:
    assert event.replacement is not None
    number, place, at = event.replacement, work.settings, message.occurred_at
    clock = dispatch_clock(number, lost.order_number, at, place.origin_calendar, place.origin_zone, ids.new_id())
    shipment = Shipment(
        number=number,
        order_number=lost.order_number,
        review_passed_at=at,
        dispatch_due_at=clock.due_at,
        lines=tuple(_line(lost, line) for line in event.lines),
        destination=lost.destination,
        part=part,
    )
    work.shipments.add(shipment)
    work.commitments.start(clock)
    work.journal.record(shipment.created())
    costs.begin(work, shipment, shipment.lines)


def _line(lost: Shipment, wanted: RemovedUnits) -> ShipmentLine:
    """Build the line from what the lost shipment says of it, with the pieces that are sent again."""
    new = ShipmentLine(wanted.line_id, wanted.sku)
    known = next((each for each in lost.lines if (each.line_id, each.sku) == (wanted.line_id, wanted.sku)), new)
    return known.pieces(wanted.quantity)
