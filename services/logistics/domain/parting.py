"""An order that leaves in several shipments: its parts, each with what it holds, its clocks and its promise. Pure.

A part is what a review led to, or what the warehouse left behind of another part. Its number follows from the order's
and its place among the order's shipments, so that it is the same if it has to be made again. What is sent again or in
exchange is no part: it brings just what was decided about.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from services.common.basics import ids
from services.common.commitments import Clock
from services.logistics.api.parts import Rest, ShipmentLine
from services.logistics.api.refusals import LeavesWhole
from services.logistics.domain.contents import divide, in_words
from services.logistics.domain.parcel import NewParcel
from services.logistics.domain.shipment import Shipment

MOST_PARTS = 200
"""More stock places than there can be."""


def is_part(shipment: Shipment) -> bool:
    """Return whether it brings what was bought, and not something for what had been sent."""
    return shipment.number == ids.shipment_of(shipment.order_number, shipment.part)


def require_part(shipment: Shipment) -> None:
    """Raise Conflict `leaves_whole` for what is sent again or in exchange."""
    if not is_part(shipment):
        raise LeavesWhole


def leave_behind(shipment: Shipment, parcels: Sequence[NewParcel], part: int) -> Shipment:
    """Take out of a shipment what is in none of its parcels. Return the shipment as which that follows.

    It goes where the other goes, and is due when the other was.
    """
    shipment.lines, rest = divide(shipment.lines, parcels)
    shipment.gross_weight_g = None  # what was weighed was all of it
    return Shipment(
        number=ids.shipment_of(shipment.order_number, part),
        order_number=shipment.order_number,
        review_passed_at=shipment.review_passed_at,
        dispatch_due_at=shipment.dispatch_due_at,
        lines=rest,
        destination=shipment.destination,
        part=part,
        place=shipment.place,
    )


def for_another_place(shipment: Shipment, number: str, place: str, lines: tuple[ShipmentLine, ...]) -> Shipment:
    """Return the part that another place sends of what was to leave with a shipment. It is due when that is."""
    parts = (part for part in range(2, MOST_PARTS) if ids.shipment_of(shipment.order_number, part) == number)
    return Shipment(
        number=number,
        order_number=shipment.order_number,
        review_passed_at=shipment.review_passed_at,
        dispatch_due_at=shipment.dispatch_due_at,
        lines=lines,
        destination=shipment.destination,
        part=next(parts),
        place=place,
    )


def move(shipment: Shipment, place: str) -> bool:
    """Have a shipment leave from another place. Return True if that is news."""
    moves = place != shipment.place and not (shipment.dispatched_at or shipment.recalled_at)
    if moves:
        shipment.place, shipment.version = place, shipment.version + 1
    return moves


def rest_of(shipment: Shipment) -> Rest:
    """Return how the dispatch of another shipment tells of the one that follows it."""
    return Rest(shipment.number, in_words(shipment.lines), shipment.dispatch_due_at)


def clock_for(rest: Shipment, clock: Clock, clock_id: str) -> Clock:
    """Return the dispatch clock of what follows: it runs as the one of the whole did, and was told what that was."""
    return replace(clock, id=clock_id, subject=rest.number, stopped_at=None)


def names_all_here(shipments: Sequence[Shipment], named: Container[str]) -> bool:
    """Return whether an order's parts that are still here are just those that are named."""
    parts = [each for each in shipments if is_part(each) and each.closed_at is None and each.recalled_at is None]
    return all((each.number in named) is (each.dispatched_at is None) for each in parts)


def share_out(shipments: Sequence[Shipment], lines: Sequence[ShipmentLine]) -> dict[str, tuple[ShipmentLine, ...]]:
    """Return, for an order of several parts, what those bring of its lines that are still here.

    What has left has its pieces; those that are here keep theirs as far as there are any, and the last has the others.
    """
    parts = [each for each in shipments if is_part(each) and each.closed_at is None and each.recalled_at is None]
    here = [each for each in parts if each.dispatched_at is None]
    if len(parts) < 2 or not here:
        return {}
    held: dict[str, list[ShipmentLine]] = {each.number: [] for each in here}
    for line in lines:
        left = line.quantity - sum(_pieces_of(each, line.line_id) for each in parts if each not in here)
        for each in here:
            pieces = max(left if each is here[-1] else min(left, _pieces_of(each, line.line_id)), 0)
            held[each.number] += [line.pieces(pieces)] if pieces else []
            left -= pieces
    return {number: tuple(kept) for number, kept in held.items()}


def _pieces_of(shipment: Shipment, line_id: int) -> int:
    return sum(line.quantity for line in shipment.lines if line.line_id == line_id)
