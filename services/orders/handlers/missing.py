"""What logistics tells of parcels that do not arrive, or turn up, or are not awaited any more."""

from __future__ import annotations

from services.common.basics.message import Message
from services.logistics.api.events import ParcelNotArriving, ParcelTurnedUp, ShipmentClosed
from services.orders.api import OrderStatus
from services.orders.api.statuses import RemedyReason, RemedyStatus
from services.orders.domain import Fulfillment, stage_of_shipments
from services.orders.domain.remedy import DECIDED, SOFT, UNSETTLED
from services.orders.handlers import remedies, shipments
from services.orders.repository import Work

REASONS = {reason.value: reason for reason in RemedyReason}


def on_parcel_not_arriving(work: Work, event: ParcelNotArriving, message: Message) -> None:
    """Ask the customer, unless that was asked, or decided; a customer who waits is asked when there is worse news."""
    order, shipment, _ = shipments.find_shipment(work, event)
    if shipment.dispatched_at is None:
        raise shipments.ShipmentUnknown("missing before we heard that it was dispatched")
    if order.status is not OrderStatus.CONFIRMED or not shipment.is_on_its_way:
        return
    reason = REASONS.get(event.reason, RemedyReason.NOT_RECEIVED)
    if _is_known(work, shipment, event, reason):
        return
    for remedy in remedies.questions_of_shipment(work, shipment):
        if remedy.status in UNSETTLED:
            remedies.end_question(work, remedy, RemedyStatus.STALE)
    pieces: dict[int, int] = {}
    for line in event.lines:
        pieces[line.line_id] = pieces.get(line.line_id, 0) + line.quantity
    # the promise runs from when we knew: a carrier may tell late of what was long ago
    known_at = message.occurred_at
    remedies.open_question(work, order, shipment, reason, parcels=event.parcels, pieces=pieces, since=known_at)


def _is_known(work: Work, shipment: Fulfillment, event: ParcelNotArriving, reason: RemedyReason) -> bool:
    """Return whether the customer was asked about these parcels, and this report does not change the question."""
    for remedy in remedies.questions_of_shipment(work, shipment):
        if not remedy.concerns(event.parcels):
            continue
        if remedy.status in DECIDED or (remedy.status in UNSETTLED and remedy.status is not RemedyStatus.WAITING):
            return True
        if remedy.status is RemedyStatus.WAITING and (reason in SOFT or reason is remedy.reason):
            return True
    return False


def on_parcel_turned_up(work: Work, event: ParcelTurnedUp, message: Message) -> None:
    """Close the question. Where the customer had decided, a person is told (support follows)."""
    order, shipment, every = shipments.find_shipment(work, event)
    for remedy in remedies.withdraw_questions(work, shipment, [event.parcel_id], delivered=event.status == "delivered"):
        work.journal.record(remedy.overtaken(event.parcel_id, event.status))
    order.stage = stage_of_shipments(every)


def on_shipment_closed(work: Work, event: ShipmentClosed, message: Message) -> None:
    """Stop waiting for the shipment. What is left of the order may be complete with that."""
    order, shipment, every = shipments.find_shipment(work, event)
    shipment.close(event.closed_at)
    order.stage = stage_of_shipments(every)
    shipments.complete_order(work, order, every, event.closed_at)
