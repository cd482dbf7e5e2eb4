"""Parts of an order: what the warehouse left behind of a shipment follows as another one."""

from __future__ import annotations

from services.logistics.api.parts import Rest
from services.orders.api.events import OrderDivided
from services.orders.domain import Fulfillment, Order
from services.orders.domain.parting import leave_behind as divide
from services.orders.domain.parting import part_of
from services.orders.handlers.remedy_units import pool_of
from services.orders.repository import Work


def leave_behind(work: Work, order: Order, shipment: Fulfillment, shipments: list[Fulfillment], rest: Rest) -> None:
    """Note, once, what a shipment left behind, and tell others which pieces each of the two brings.

    That the other was created may have been told before; then it is there, and here it is said what it brings.
    """
    known = next((each for each in shipments if each.shipment_number == rest.shipment_number), None)
    if known is not None and known.units is not None:
        return
    counts: dict[int, int] = {}
    for line in rest.lines:
        counts[line.line_id] = counts.get(line.line_id, 0) + line.quantity
    pool = pool_of(work, order, shipment.shipment_number)
    made = divide(shipment, order, pool, rest.shipment_number, counts)
    if known is None:
        work.fulfillments.add(made)
        shipments.append(made)
    else:
        known.keys, known.lines = made.keys, made.lines
    parts = part_of(shipment, order), part_of(made, order)
    work.journal.record(OrderDivided(order_number=order.order_number, parts=parts))
