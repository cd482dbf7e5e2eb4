"""Which pieces of a shipment are in which of its parcels.

Nothing need be said of it. A shipment in one parcel has all in it; where it goes in several, what is in each is known
if it was said at the hand-over, and then of all pieces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from services.logistics.api.parts import HandedOver, Packed, PackedLine, ShipmentLine
from services.logistics.api.refusals import NothingFollows, NotInShipment, PartOfShipment


class Holds(Protocol):
    """A parcel, as far as what is in it goes."""

    @property
    def contents(self) -> tuple[Packed, ...] | None: ...


class Sent(Holds, Protocol):
    """A parcel that has left."""

    @property
    def id(self) -> str: ...

    @property
    def carrier(self) -> str: ...

    @property
    def tracking_number(self) -> str: ...


def require_all(lines: Iterable[ShipmentLine], parcels: Sequence[Holds], *, rest_follows: bool = False) -> None:
    """Raise NotInShipment or PartOfShipment unless the parcels that say what is in them hold just these lines.

    rest_follows: they hold a part of them. Raise NothingFollows if they hold all.
    """
    if not parcels or any(each.contents is None for each in parcels):
        return
    given = _counted(parcels)
    wanted: Counter[int] = Counter()
    for line in lines:
        wanted[line.line_id] += line.quantity
    if too_much := given - wanted:
        raise NotInShipment(details=_details(too_much))
    left = wanted - given
    if left and not rest_follows:
        raise PartOfShipment(details=_details(left))
    if rest_follows and not left:
        raise NothingFollows


def divide(
    lines: Iterable[ShipmentLine], parcels: Sequence[Holds]
) -> tuple[tuple[ShipmentLine, ...], tuple[ShipmentLine, ...]]:
    """Return what the parcels hold of the lines, and what they do not. Nothing of what they are worth is lost."""
    left, given, kept = _counted(parcels), list[ShipmentLine](), list[ShipmentLine]()
    for line in lines:
        pieces = min(left[line.line_id], line.quantity)
        left[line.line_id] -= pieces
        leaves = line.pieces(pieces)
        given += [leaves] if pieces else []
        stays, worth = line.quantity - pieces, line.worth - leaves.worth
        kept += [replace(line, quantity=stays, value=worth)] if stays else []
    return tuple(given), tuple(kept)


def lines_in(lines: Sequence[ShipmentLine], every: Sequence[Holds], some: Sequence[Holds]) -> tuple[ShipmentLine, ...]:
    """Return what is in some of the parcels of a shipment; nothing where that is not known."""
    if len(some) == len(every):
        return tuple(lines)
    if any(each.contents is None for each in some):
        return ()
    left = _counted(some)
    found: list[ShipmentLine] = []
    for line in lines:
        pieces = min(left[line.line_id], line.quantity)
        left[line.line_id] -= pieces
        found += [line.pieces(pieces)] if pieces else []
    return tuple(found)


def told_of(lines: Sequence[ShipmentLine], parcels: Sequence[Holds], parcel: Holds) -> tuple[PackedLine, ...] | None:
    """Return what is in a parcel, in words; None where that is not known."""
    return in_words(lines_in(lines, parcels, [parcel])) or None


def in_words(lines: Iterable[ShipmentLine]) -> tuple[PackedLine, ...]:
    """Return lines as events and pages tell of them."""
    return tuple(PackedLine(each.line_id, each.sku, each.title, each.quantity) for each in lines)


def handed_over(lines: Sequence[ShipmentLine], parcels: Sequence[Sent]) -> tuple[HandedOver, ...]:
    """Return the parcels as their dispatch tells of them."""
    return tuple(
        HandedOver(each.id, each.carrier, each.tracking_number, told_of(lines, parcels, each)) for each in parcels
    )


def _counted(parcels: Iterable[Holds]) -> Counter[int]:
    counted: Counter[int] = Counter()
    for parcel in parcels:
        for each in parcel.contents or ():
            counted[each.line_id] += each.quantity
    return counted


def _details(counted: Counter[int]) -> dict[str, object]:
    return {"lines": [{"line_id": line, "quantity": pieces} for line, pieces in sorted(counted.items())]}
