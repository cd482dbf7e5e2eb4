"""The parts of an order: shipments that a review led to, and what the warehouse left behind of one (`domain.parting`).

Who makes one holds the lock of the order, or of a shipment of it that becomes two: a part has its place once.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.common.basics import ids
from services.logistics.api.parts import ShipmentLine
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
    _begin(work, rest, shipment)
    return rest


def begin_elsewhere(
    work: Work, shipment: Shipment, number: str, place: str, lines: tuple[ShipmentLine, ...]
) -> Shipment:
    """Give another place the part that it sends of what was to leave with a shipment, due when that is."""
    made = parting.for_another_place(shipment, number, place, lines)
    _begin(work, made, shipment)
    work.journal.record(made.created())
    return made


def _begin(work: Work, made: Shipment, shipment: Shipment) -> None:
    clock = work.commitments.find(DISPATCH, shipment.number, lock=True)
    assert clock is not None, "each shipment has its dispatch clock"
    work.shipments.add(made)
    work.commitments.start(parting.clock_for(made, clock, ids.new_id()))
    costs.begin(work, made, made.lines)
