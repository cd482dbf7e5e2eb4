"""Parcels that do not arrive: when to give up waiting, and what the customer decided is done instead.

Facts (lost, returned, refused) are told as they are scanned, in `Shipment.track`. What is not reported is found here: a
broken delivery promise starts the clock by which the parcel has arrived, or the customer is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from services.common.basics import ids
from services.common.basics.message import Message
from services.logistics.api.parts import ShipmentLine
from services.logistics.api.refusals import ShipmentNotFound
from services.logistics.api.statuses import Cause
from services.logistics.api.terms import DELIVERY, REMEDY
from services.logistics.domain import Shipment
from services.logistics.domain.clocks import remedy_clock
from services.logistics.handlers.orders import begin_shipment, recall_shipment
from services.logistics.repository import Work
from services.orders.api.events import ExchangeArranged, ExchangeStopped, RemedyAccepted
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
        lines = tuple(_line(lost.lines, line) for line in event.lines)
        _send_again(
            work, lost, event.replacement, lines, message, 1 + max(each.part for each in shipments), event.place
        )


def on_exchange_arranged(work: Work, event: ExchangeArranged, message: Message) -> None:
    """Send the same pieces once more, in exchange for what came back, where the order went before."""
    work.orders.remember(event.order_number)
    shipments = work.shipments.of_order(event.order_number, lock=True)
    if not shipments:
        raise ShipmentNotFound
    if any(each.number == event.shipment_number for each in shipments):
        return
    known = [line for each in shipments for line in each.lines]
    lines = tuple(_line(known, line) for line in event.lines)
    last = max(shipments, key=lambda each: each.part)
    _send_again(work, last, event.shipment_number, lines, message, 1 + last.part, event.place)


def on_exchange_stopped(work: Work, event: ExchangeStopped, message: Message) -> None:
    """Keep here what was to be sent in exchange, or say that it has left."""
    shipments = work.shipments.of_order(event.order_number, lock=True)
    shipment = next((each for each in shipments if each.number == event.shipment_number), None)
    if shipment is None:
        raise ShipmentNotFound
    recall_shipment(work, shipment, Cause.EXCHANGE)


def _send_again(
    work: Work, before: Shipment, number: str, lines: tuple[ShipmentLine, ...], message: Message, part: int, place: str
) -> None:
    begin_shipment(work, number, before.order_number, message.occurred_at, lines, before.destination, part, place)


def _line(sent: Iterable[ShipmentLine], wanted: RemovedUnits) -> ShipmentLine:
    """Build the line from what was sent of it before, with the pieces that are sent again."""
    new = ShipmentLine(wanted.line_id, wanted.sku)
    known = next((each for each in sent if (each.line_id, each.sku) == (wanted.line_id, wanted.sku)), new)
    return known.pieces(wanted.quantity)
