"""Shipments on their way, as logistics reports them.

The shipment that a passed review leads to has a number that follows from the order's, so the review writes it down.
One that a release before this one did not write yet is written when something is first reported of it.
"""

from __future__ import annotations

from datetime import datetime

from services.common.basics.errors import NotFound
from services.common.basics.message import Message
from services.logistics.api.events import (
    DeliveryTakenBack,
    ParcelCorrected,
    RecallRefused,
    ShipmentAdjusted,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentEvent,
    ShipmentPacked,
    ShipmentRecalled,
    ShipmentSorted,
    TrackingUpdated,
)
from services.logistics.api.statuses import Cause
from services.orders.api import ChangeStatus, OrderStatus, ReviewStatus
from services.orders.domain import Fulfillment, Order, PackedLine, stage_of_shipments
from services.orders.domain.fulfillment import OF_TRACKING, number_of_review, shipment_of_review
from services.orders.domain.parting import counts_in
from services.orders.handlers import backorders, cancellations, changes, claims, exchanges, order_holds, parts, remedies
from services.orders.repository import Work


class ShipmentUnknown(NotFound):
    """This shipment is not known yet. The report is handled again later."""

    code = "shipment_unknown"
    message = "We have not heard of this shipment yet; the report is looked at again later."


def is_beside_review(event: ShipmentCreated, _: Message) -> bool:
    """Return whether a shipment is not the one that the order's review led to, of which we know."""
    return event.shipment_number != number_of_review(event.order_number)


def on_shipment_created(work: Work, event: ShipmentCreated, message: Message) -> None:
    order = work.orders.get(event.order_number, lock=True)
    shipments = work.fulfillments.of_order(order.order_number)
    if all(shipment.shipment_number != event.shipment_number for shipment in shipments):
        lines: tuple[PackedLine, ...] = tuple({"sku": line.sku, "quantity": line.quantity} for line in event.lines)
        shipment = Fulfillment(event.shipment_number, order.order_number, lines, seq=message.subject_seq)
        work.fulfillments.add(shipment)
        order.stage = stage_of_shipments([*shipments, shipment])


def on_shipment_sorted(work: Work, event: ShipmentSorted, message: Message) -> None:
    """Change nothing: the order says that it is prepared since its shipment was created.

    The inbox remembers the step. A restore of logistics asks there what others know (docs/operations-backup.md).
    """


def on_shipment_packed(work: Work, event: ShipmentPacked, message: Message) -> None:
    """Note that its customer cannot change the order without asking us any more."""
    order, shipment, shipments = find_shipment(work, event)
    shipment.pack(message.subject_seq, packed=True)
    order.stage = stage_of_shipments(shipments)


def on_shipment_adjusted(work: Work, event: ShipmentAdjusted, message: Message) -> None:
    """Note that it was opened again, if it was packed."""
    _, shipment, _ = find_shipment(work, event)
    shipment.pack(message.subject_seq, packed=False)


def on_shipment_dispatched(work: Work, event: ShipmentDispatched, message: Message) -> None:
    """Take the goods off the shelf, because they left. The order cannot be changed any more."""
    order, shipment, shipments = find_shipment(work, event)
    work.found.by_parcels(order, [parcel.tracking_number for parcel in event.parcels])
    shipment.parcels = shipment.parcels or tuple(parcel.parcel_id for parcel in event.parcels)
    if event.rest is not None:
        parts.leave_behind(work, order, event, event.rest, shipment, shipments)
    if shipment.dispatch(event.dispatched_at, message.subject_seq):
        for change in work.changes.of_order(order.order_number):
            change.waiting = False
            if change.status is ChangeStatus.AWAITING_CUSTOMER:
                changes.close_change(work, change, ChangeStatus.STALE)
                parts.look_again(work, change, shipments)
        whole = shipment.units is None and shipment.shipment_number == number_of_review(order.order_number)
        place = None if whole else shipment.place
        work.stock.dispatch(_content(order, shipment, shipments), order.order_number, place)
        if order.goods_by is not None:
            backorders.end(work, order)
        if all(each.has_left or each.is_over for each in shipments):
            order_holds.end_hold(work, order)
    order.stage = stage_of_shipments(shipments)


def moves_on(event: TrackingUpdated, _: Message) -> bool:
    """Return whether a scan says how far the goods of an order are."""
    return event.status in OF_TRACKING


def on_tracking_updated(work: Work, event: TrackingUpdated, message: Message) -> None:
    stage = OF_TRACKING.get(event.status)
    if stage is not None:
        order, shipment, shipments = find_shipment(work, event)
        shipment.report(stage, message.subject_seq)
        order.stage = stage_of_shipments(shipments)


def on_parcel_corrected(work: Work, event: ParcelCorrected, message: Message) -> None:
    """Let the order be found by the number that is right as well."""
    work.found.by_parcels(work.orders.get(event.order_number, lock=True), [event.tracking_number])


def on_shipment_delivered(work: Work, event: ShipmentDelivered, message: Message) -> None:
    """Record that all parcels of a shipment arrived. With the last shipment the order is complete."""
    order, shipment, shipments = find_shipment(work, event)
    if shipment.dispatched_at is None:
        raise ShipmentUnknown("delivered before we heard that it was dispatched")
    if shipment.deliver(event.delivered_at, message.subject_seq):
        remedies.withdraw_questions(work, shipment, [], delivered=True)
        order.stage = stage_of_shipments(shipments)
        complete_order(work, order, shipments, event.delivered_at)
        claims.look_again(work, order)


def complete_order(work: Work, order: Order, shipments: list[Fulfillment], at: datetime) -> None:
    """End the order if something of it was delivered and nothing is to come any more."""
    arrived = any(item.delivered_at for item in shipments)
    if arrived and all(item.is_over for item in shipments) and order.status is not OrderStatus.CANCELLED:
        work.journal.record(order.complete(at))


def on_delivery_taken_back(work: Work, event: DeliveryTakenBack, message: Message) -> None:
    """Reopen the order, because a parcel reported as delivered is not.

    It completes when the parcel is really delivered.
    """
    order, shipment, shipments = find_shipment(work, event)
    if shipment.take_back(message.subject_seq):
        order.stage = stage_of_shipments(shipments)
        work.journal.record(order.reopen(event.why))


def on_shipment_recalled(work: Work, event: ShipmentRecalled, message: Message) -> None:
    """Put the goods back on the shelf. If the customer wanted to cancel, the order ends here."""
    order, shipment, shipments = find_shipment(work, event)
    shipment.recall(message.occurred_at, message.subject_seq)
    order.stage = stage_of_shipments(shipments)
    exchanges.end_recalled(work, order, shipment.shipment_number)
    complete_order(work, order, shipments, message.occurred_at)
    if order.cancellation_open and all(item.recalled_at or item.closed_at for item in shipments):
        cancellations.finish_cancellation(work, order)


def on_recall_refused(work: Work, event: RecallRefused, message: Message) -> None:
    """Refuse what needed the shipment stopped, because logistics could not stop it."""
    order = work.orders.get(event.order_number, lock=True)
    if event.cause is Cause.CANCELLATION:
        cancellations.refuse_cancellation(work, order, event.reason)
        return
    if event.cause is Cause.EXCHANGE:
        return  # it left, and its customer is told; what they sent back is exchanged as they had wanted
    for change in work.changes.of_order(order.order_number, ChangeStatus.AWAITING_CUSTOMER):
        changes.close_change(work, change, ChangeStatus.STALE)


def find_shipment(work: Work, event: ShipmentEvent) -> tuple[Order, Fulfillment, list[Fulfillment]]:
    """Return the order (locked), the shipment of the event, and all shipments of the order."""
    order = work.orders.get(event.order_number, lock=True)
    shipments = work.fulfillments.of_order(order.order_number)
    for shipment in shipments:
        if shipment.shipment_number == event.shipment_number:
            return order, shipment, shipments
    if event.shipment_number != number_of_review(order.order_number) or order.review is not ReviewStatus.PASSED:
        raise ShipmentUnknown
    shipment = shipment_of_review(order)
    work.fulfillments.add(shipment)
    shipments.append(shipment)
    order.stage = stage_of_shipments(shipments)
    return order, shipment, shipments


def _content(order: Order, shipment: Fulfillment, shipments: list[Fulfillment]) -> dict[str, int]:
    """Count the pieces per SKU that left. An order's only shipment holds what the order holds now, changes included."""
    if shipment.units is not None:
        return counts_in(shipment, order)
    if order.status is OrderStatus.CONFIRMED and len([item for item in shipments if not item.recalled_at]) == 1:
        return order.wanted()
    counts: dict[str, int] = {}
    for line in shipment.lines:
        counts[line["sku"]] = counts.get(line["sku"], 0) + line["quantity"]
    return counts
