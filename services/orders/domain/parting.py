"""An order that leaves in several shipments: which unit of it is in which. Pure.

    keep_part(shipment, order, units)       # from now on it brings these
    rest = leave_behind(shipment, order, pool, number, left)
    order_here(order, shipments)            # the order, as far as it has not left

A shipment that brings all of its order names no units.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from services.orders.api import LinesNotFewer
from services.orders.api.parts import RemovedUnits, ShipmentPart
from services.orders.domain.fulfillment import Fulfillment, PackedLine
from services.orders.domain.order import Order

Units = Collection[tuple[int, int]]


def keep_part(shipment: Fulfillment, order: Order, units: Units) -> None:
    """Note that a shipment brings just these units of its order."""
    shipment.keys = [list(unit) for unit in sorted(units)]
    shipment.lines = _packed(order, units)


def leave_behind(shipment: Fulfillment, order: Order, pool: Units, number: str, left: Mapping[int, int]) -> Fulfillment:
    """Keep with a shipment the first pieces of each line, as many as left. Return the one that brings the rest.

    pool: the units that may be in it now. What the customer gave up meanwhile is missing in the rest, for it has not
    left; what came instead is in the rest.
    """
    gone: set[tuple[int, int]] = set()
    for line_id, count in left.items():
        gone.update(sorted(unit for unit in pool if unit[0] == line_id)[:count])
    keep_part(shipment, order, gone)
    rest = Fulfillment(number, shipment.order_number, (), place=shipment.place)
    keep_part(rest, order, {*pool} - gone)
    return rest


def part_of(shipment: Fulfillment, order: Order) -> ShipmentPart:
    """Return how others are told what a shipment brings of its order, as the order is now."""
    mine = shipment.units or frozenset()
    found = (
        RemovedUnits(line.line_id, line.sku, len(units), units)
        for line in order.lines
        if (units := tuple(unit for unit in line.units if (line.line_id, unit) in mine))
    )
    return ShipmentPart(shipment.shipment_number, tuple(found), shipment.place)


def parts_here(order: Order, shipments: Iterable[Fulfillment]) -> tuple[ShipmentPart, ...]:
    """Return what the parts of an order bring that are still here; nothing of one that leaves as a whole."""
    return tuple(part_of(each, order) for each in shipments if each.is_part_here)


def settle(order: Order, shipments: Iterable[Fulfillment]) -> None:
    """Take what the order has no more out of the parts that are here. A line that came instead is with `first_here`."""
    parts = [each for each in shipments if each.units is not None]
    here, known = [each for each in parts if each.is_here], {line for each in parts for line, _ in each.units or ()}
    left = {(line.line_id, unit) for line in order.lines for unit in line.units}
    new, first = {unit for unit in left if unit[0] not in known}, first_here(shipments)
    for each in here:
        keep_part(each, order, ((each.units or frozenset()) & left) | (new if each is first else set()))


def first_here(shipments: Iterable[Fulfillment]) -> Fulfillment | None:
    """Return the first part that is here: one that brings something, for another will not leave; None if none is."""
    here = [each for each in shipments if each.is_part_here]
    return next((each for each in here if each.keys), here[0] if here else None)


def order_here(order: Order, shipments: Sequence[Fulfillment]) -> Order:
    """Return the order without the units that have left: what is asked about the rest is asked about this.

    It is a copy, and is never kept; or the order itself while nothing of it is away, as what was paid back is not.
    """
    away = {unit for each in shipments if each.units is not None and not each.is_here for unit in each.units}
    gone = away & {(line.line_id, unit) for line in order.lines for unit in line.units}
    if not gone:
        return order
    left = {
        line.line_id: {*line.removed, *(unit for line_id, unit in gone if line_id == line.line_id)}
        for line in order.lines
    }
    return replace(order, lines=[replace(line, removed=tuple(sorted(left[line.line_id]))) for line in order.lines])


def of_rest(order: Order, here: Order, quantities: Mapping[str, int]) -> Mapping[str, int]:
    """Return how many pieces of each product stay of what is here, where so many stay of the whole order.

    Raise LinesNotFewer for fewer than have left.
    """
    wanted, left = order.wanted(), here.wanted()
    stay = {sku: count - wanted.get(sku, 0) + left.get(sku, 0) for sku, count in quantities.items()}
    if any(count < 0 for count in stay.values()):
        raise LinesNotFewer("these pieces have left our warehouse")
    return {sku: count for sku, count in stay.items() if sku in left or sku not in wanted or count}


def counts_in(shipment: Fulfillment, order: Order) -> dict[str, int]:
    """Count the pieces per SKU that a part brings, without those that left the order."""
    return {line["sku"]: line["quantity"] for line in _packed(order, shipment.units or ())}


def _packed(order: Order, units: Units) -> tuple[PackedLine, ...]:
    counts: dict[str, int] = {}
    for line in order.lines:
        there = sum((line.line_id, unit) in units for unit in line.units)
        if there:
            counts[line.sku] = counts.get(line.sku, 0) + there
    return tuple({"sku": sku, "quantity": count} for sku, count in sorted(counts.items()))
