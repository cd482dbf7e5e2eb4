"""The parts of an order: shipments that a review led to, and what the warehouse left behind of one (`domain.parting`).

Who makes one holds the lock of the order, or of a shipment of it that becomes two: a part has its place once.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.common.basics import ids
from services.logistics.api.terms import DISPATCH
from services.logistics.domain import NewParcel, Shipment, parting
from services.logistics.handlers import costs
from services.logistics.repository import Work


def lock_order(work: Work, number: str) -> None:
    """Lock the order of a shipment, before the shipment is: its shipments take their places one after the other."""
    work.orders.remember(work.shipments.get(number).order_number)


def leave_behind(work: Work, shipment: Shipment, parcels: Sequence[NewParcel]) -> Shipment:
    """Keep what is in none of the parcels as the order's next shipment. Its clock was started with the other's.

    The order is locked, by `lock_order`.
    """
    last = max(each.part for each in work.shipments.of_order(shipment.order_number))
    rest = parting.leave_behind(shipment, parcels, last + 1)
    clock = work.commitments.find(DISPATCH, shipment.number, lock=True)
    assert clock is not None, "each shipment has its dispatch clock"
    work.shipments.add(rest)
    work.commitments.start(parting.clock_for(rest, clock, ids.new_id()))
    costs.begin(work, rest, rest.lines)
    return rest
