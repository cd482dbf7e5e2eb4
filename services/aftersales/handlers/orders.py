"""What orders and logistics tell of an order: placed, changed, cancelled, delivered."""

from __future__ import annotations

from collections.abc import Iterable

from services.aftersales.domain import Order, OrderUnit
from services.aftersales.handlers import exchanges
from services.aftersales.repository import Work
from services.common.basics.message import Message
from services.logistics.api.events import DeliveryTakenBack, ShipmentDelivered
from services.orders.api.events import OrderCancelled, OrderChanged, OrderDivided, OrderPlaced, RemedyAccepted
from services.orders.api.parts import BoughtLine, ShipmentPart


def on_order_placed(work: Work, event: OrderPlaced, message: Message) -> None:
    """Keep what a later return needs: the pieces, what was paid for each, and the policy of that day."""
    order = Order(
        order_number=event.order_number,
        email=event.customer.email,
        time_zone=event.customer.time_zone,
        policy_version=event.return_policy.version,
        policy_days=event.return_policy.days,
        placed_at=event.placed_at,
        country=event.delivery.country,
    )
    order.add(_units(order.order_number, event.lines))
    work.orders.remember(order)


def on_order_changed(work: Work, event: OrderChanged, message: Message) -> None:
    """Note a change to which the customer agreed. Pieces only leave or join, so changes may come in any order."""
    order = work.orders.get(event.order_number, lock=True)
    order.add(_units(order.order_number, event.lines))
    order.remove((line.line_id, unit) for line in event.removed for unit in line.units)
    for part in event.parts:
        order.await_with(part.shipment_number, _keys(part))


def on_remedy_accepted(work: Work, event: RemedyAccepted, message: Message) -> None:
    """Note what never arrived and was refunded, as the customer chose: it cannot be returned as well.

    What was sent in exchange may be lost as well: another shipment brings it then, or it was paid back.
    """
    exchanges.follow_remedy(work, event)
    work.session.flush()  # the order is read again, with what was written of it
    units = [(line.line_id, unit) for line in event.lines for unit in line.units]
    if event.option == "refund":
        work.orders.get(event.order_number, lock=True).remove(units)
    elif event.replacement is not None:
        work.orders.get(event.order_number, lock=True).send_again(event.shipment_number, event.replacement, units)


def on_order_divided(work: Work, event: OrderDivided, message: Message) -> None:
    """Note which pieces each shipment brings; none can come back before it is there."""
    order = work.orders.get(event.order_number, lock=True)
    for part in event.parts:
        order.divide(part.shipment_number, _keys(part))


def on_order_cancelled(work: Work, event: OrderCancelled, message: Message) -> None:
    work.orders.get(event.order_number, lock=True).cancel(message.occurred_at)


def on_shipment_delivered(work: Work, event: ShipmentDelivered, message: Message) -> None:
    """Open the return window, which runs from the delivery of the last parcel; or end an exchange."""
    if exchanges.take_delivery(work, event, message):
        return
    order = work.orders.get(event.order_number, lock=True)
    order.deliver(event.delivered_at, event.time_zone, event.country, event.shipment_number, message.subject_seq)


def on_delivery_taken_back(work: Work, event: DeliveryTakenBack, message: Message) -> None:
    """Count the return window from what was truly delivered; it waits for the true delivery of the rest."""
    brought = work.returns.brought_by(event.order_number, event.shipment_number)
    order = work.orders.get(event.order_number, lock=True)
    if order.take_back(event.shipment_number, message.subject_seq):
        exchanges.await_again(work, brought, event.shipment_number)


def _keys(part: ShipmentPart) -> list[tuple[int, int]]:
    return [(line.line_id, unit) for line in part.lines for unit in line.units]


def _units(order_number: str, lines: Iterable[BoughtLine]) -> list[OrderUnit]:
    """Return the pieces of these lines, each with what was paid for it."""
    return [
        OrderUnit(order_number, line.line_id, unit, line.sku, line.title, paid)
        for line in lines
        for unit, paid in zip(line.units, line.paid, strict=True)
    ]
