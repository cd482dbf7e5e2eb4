"""An order whose pieces are at several stock places: one part for each of them. Pure.

    made = parts_of_places(order, promised)         # when its review has passed; none: it leaves as one
    begun = follow(order, shipments, promised)      # later: each piece is with the part of its place

Pieces of a product are alike: which of them a part brings only says what was paid for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from services.common.basics import ids
from services.common.basics.shapes import DEFAULT_PLACE
from services.orders.domain.fulfillment import Fulfillment
from services.orders.domain.order import Order
from services.orders.domain.parting import keep_part
from services.orders.domain.places import PlaceLevel, give_up

Unit = tuple[int, int]
Promised = Mapping[str, Mapping[str, int]]
"""Per SKU, from which places an order is promised how many pieces."""
Held = dict[str, Counter[str]]
"""Per place, how many pieces of each SKU the parts bring that are here."""


def parts_of_places(order: Order, promised: Promised) -> list[Fulfillment]:
    """Return a part for each place that the order is promised pieces from; none if that is the default place alone."""
    room, held = _room(promised), dict[str, set[Unit]]()
    for unit, sku in _skus(order).items():
        held.setdefault(_take(room, sku) or DEFAULT_PLACE, set()).add(unit)
    if held.keys() <= {DEFAULT_PLACE}:
        return []
    made = []
    for part, place in enumerate(sorted(held, key=_turn), 1):
        shipment = Fulfillment(ids.shipment_of(order.order_number, part), order.order_number, (), place=place)
        keep_part(shipment, order, held[place])
        made.append(shipment)
    return made


def follow(order: Order, shipments: Sequence[Fulfillment], promised: Promised) -> list[Fulfillment]:
    """Have the parts that are here bring what is promised from their places. Return those that are begun for others.

    One that would bring nothing any more leaves from the other place instead. Products that are not named, and what is
    promised from no place, stay where they are.
    """
    here, room, skus = [each for each in shipments if each.is_part_here and each.keys], _room(promised), _skus(order)
    kept: dict[str, set[Unit]] = {each.shipment_number: set() for each in here}
    moving: list[tuple[Unit, Fulfillment]] = []
    for each in here:
        for unit in sorted((each.units or frozenset()) & skus.keys()):
            if skus[unit] not in room or _take(room, skus[unit], each.place):
                kept[each.shipment_number].add(unit)
            else:
                moving.append((unit, each))
    places, begun = {each.place: each for each in here}, list[Fulfillment]()
    for unit, own in moving:
        place = _take(room, skus[unit]) or own.place
        if place not in places:
            idle = next((each for each in here if not kept[each.shipment_number]), None)
            if idle is None:
                begun.append(_begin(order, [*shipments, *begun], place))
                kept[begun[-1].shipment_number] = set()
            else:
                places.pop(idle.place, None)
                idle.place = place
            places[place] = idle or begun[-1]
        kept[places[place].shipment_number].add(unit)
    for each in (*here, *begun):
        keep_part(each, order, kept[each.shipment_number])
    return begun


def held_at(shipments: Iterable[Fulfillment]) -> Held:
    """Count what the parts that are here bring, by place."""
    held: Held = {}
    for each in shipments:
        if each.is_part_here:
            counts = held.setdefault(each.place, Counter())
            counts.update({line["sku"]: line["quantity"] for line in each.lines})
    return held


def fewer(before: Held, after: Held) -> Held:
    """Return what is not brought from a place any more."""
    return {place: counts - after.get(place, Counter()) for place, counts in before.items()}


def left_after(before: Held, gone: Held, levels: Mapping[str, Iterable[PlaceLevel]]) -> Promised:
    """Return from where pieces are still brought of what an order gives up: it gives them up where they lack most."""
    count: Counter[str] = Counter()
    for counts in gone.values():
        count.update(counts)
    left: dict[str, Counter[str]] = {}
    for sku, many in count.items():
        held = Counter({place: counts[sku] for place, counts in before.items()})
        left[sku] = held - Counter(give_up(many, held, levels.get(sku, ())))
    return left


def _begin(order: Order, shipments: Sequence[Fulfillment], place: str) -> Fulfillment:
    taken = {each.shipment_number for each in shipments}
    numbers = (ids.shipment_of(order.order_number, part) for part in range(2, len(taken) + 3))
    return Fulfillment(next(each for each in numbers if each not in taken), order.order_number, (), place=place)


def _skus(order: Order) -> dict[Unit, str]:
    return {(line.line_id, unit): line.sku for line in order.lines for unit in line.units}


def _room(promised: Promised) -> dict[str, Counter[str]]:
    return {sku: Counter(places) for sku, places in promised.items()}


def _take(room: Mapping[str, Counter[str]], sku: str, place: str | None = None) -> str | None:
    """Take one piece of what is promised, from this place or from the first one. Return the place, or None."""
    there = room.get(sku, Counter())
    found = next((each for each in sorted(there, key=_turn) if there[each] > 0 and place in (None, each)), None)
    if found is not None:
        there[found] -= 1
    return found


def _turn(place: str) -> tuple[bool, str]:
    return place != DEFAULT_PLACE, place
