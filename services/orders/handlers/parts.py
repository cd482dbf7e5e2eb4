"""Parts of an order: what the warehouse left behind of a shipment follows as another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from services.logistics.api.events import ShipmentDispatched
from services.logistics.api.parts import Rest
from services.orders.api import ReviewStatus, StockFreed
from services.orders.api.events import OrderChanged, OrderDivided
from services.orders.domain import Change, Fulfillment, Order
from services.orders.domain.parting import leave_behind as divide
from services.orders.domain.parting import order_here, part_of, parts_here, settle
from services.orders.handlers.remedy_units import pool_of
from services.orders.repository import Work


def leave_behind(
    work: Work, order: Order, event: ShipmentDispatched, rest: Rest, shipment: Fulfillment, shipments: list[Fulfillment]
) -> None:
    """Note, once, what a shipment left behind, and tell others which pieces each of the two brings.

    That the other was created may have been told before; then it is there, and here it is said what it brings.
    """
    known = next((each for each in shipments if each.shipment_number == rest.shipment_number), None)
    if known is not None and known.units is not None:
        return
    left: Counter[int] = Counter()
    for parcel in event.parcels:  # what is in each is known: nothing follows otherwise
        for line in parcel.lines or ():
            left[line.line_id] += line.quantity
    pool = pool_of(work, order, shipment.shipment_number)
    made = divide(shipment, order, pool, rest.shipment_number, left)
    if known is None:
        work.fulfillments.add(made)
        shipments.append(made)
    else:
        known.keys, known.lines = made.keys, made.lines
    parts = part_of(shipment, order), part_of(made, order)
    work.journal.record(OrderDivided(order_number=order.order_number, parts=parts))


def here(work: Work, order: Order) -> Order:
    """Return the order as far as it has not left: itself, or a copy of which what is asked is about the rest."""
    if order.review is not ReviewStatus.PASSED:
        return order
    return order_here(order, work.fulfillments.of_order(order.order_number))


def change_parts(work: Work, order: Order, changed: OrderChanged) -> OrderChanged:
    """Settle what each part brings after a change. Return the event, which tells it to the warehouse."""
    shipments = work.fulfillments.of_order(order.order_number)
    settle(order, shipments)
    return replace(changed, parts=parts_here(order, shipments))


def look_again(work: Work, change: Change, shipments: Iterable[Fulfillment]) -> None:
    """Have missing goods asked about again, because the question ended with a part that left."""
    if change.sku is not None and any(each.is_here for each in shipments):
        with work.as_ourselves():
            work.journal.record(StockFreed(sku=change.sku))


def numbers_here(work: Work, order: Order) -> list[str]:
    """Return the parts that are here of an order of which another has left; none of one that is here as a whole."""
    shipments = work.fulfillments.of_order(order.order_number)
    gone = any(each.units is not None and not each.is_here for each in shipments)
    return [each.shipment_number for each in shipments if each.units is not None and each.is_here] if gone else []
