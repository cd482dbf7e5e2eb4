"""Stock places: where goods lie, and from which of them an order is promised its pieces.

One place is the default. It has what is not said to be elsewhere, so a shop with one place needs no more than the
counts per SKU. An order is promised whole from the first place that has all of it, the default first; if none has, it
is split over as few places as a greedy choice finds. Equal places follow each other by rank and code, so that the same
stock always gives the same choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from services.common.basics.shapes import DEFAULT_PLACE
from services.orders.api.places import SaveStockPlace, StockPlaceSaved


class Level(NamedTuple):
    """How many there are, and how many of them are promised. split: not all of it is at the default place."""

    on_hand: int
    reserved: int
    split: bool = False

    @property
    def available(self) -> int:
        """How many can be ordered now."""
        return max(self.on_hand - self.reserved, 0)


NOTHING = Level(0, 0)


class PlaceLevel(NamedTuple):
    """How many pieces of a product are at a place, and how many are promised from there: more than there are, if some
    are to be brought from elsewhere."""

    place: str
    on_hand: int
    reserved: int

    @property
    def free(self) -> int:
        """How many are not promised; below 0: so many lack here."""
        return self.on_hand - self.reserved


@dataclass(eq=False)
class StockPlace:
    """A place with goods. Without an address it is where the platform itself sends from. rank: lower comes first."""

    code: str
    name: str = ""
    rank: int = 0
    line1: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None
    active: bool = True
    version: int = 0

    @property
    def is_default(self) -> bool:
        return self.code == DEFAULT_PLACE

    def save(self, to: SaveStockPlace) -> StockPlaceSaved:
        """Take all of it over."""
        for name in ("name", "rank", "line1", "city", "postal_code", "country", "active"):
            setattr(self, name, getattr(to, name))
        self.version += 1
        return StockPlaceSaved(
            place=self.code,
            name=self.name,
            line1=self.line1,
            city=self.city,
            postal_code=self.postal_code,
            country=self.country,
            active=self.active,
            place_version=self.version,
        )


def complete(wanted: Mapping[str, int], levels: Mapping[str, Iterable[PlaceLevel]]) -> dict[str, dict[str, int]]:
    """Choose the places that pieces are promised from. Return the counts by place and SKU.

    levels: by SKU, the default place first and the others in their order. What no place has is promised from the
    default, where it is to come in.
    """
    free = _by_place(levels)
    left, chosen = {sku: count for sku, count in wanted.items() if count}, dict[str, dict[str, int]]()
    while left:
        place, given = _best(free, left)
        if not given:
            _give(chosen, DEFAULT_PLACE, left)
            break
        del free[place]
        _give(chosen, place, given)
        left = {sku: count - given.get(sku, 0) for sku, count in left.items() if count > given.get(sku, 0)}
    return chosen


def fullest(wanted: Mapping[str, int], levels: Mapping[str, Iterable[PlaceLevel]], one_of: Collection[str]) -> str:
    """Return the place that can give most of it; of these places, if any is named."""
    free = {place: has for place, has in _by_place(levels).items() if not one_of or place in one_of}
    place, given = _best(free, wanted)
    return place if given or not one_of else min(one_of, key=lambda code: (code != DEFAULT_PLACE, code))


def give_up(count: int, promised: Mapping[str, int], levels: Iterable[PlaceLevel]) -> dict[str, int]:
    """Choose the places from which an order is promised fewer pieces of a product: where they lack most, then the last.

    promised: what it was promised from where.
    """
    there = list(levels)
    order = {level.place: index for index, level in enumerate(there)}
    free = {level.place: min(level.free, 0) for level in there}
    given: dict[str, int] = {}
    for place in sorted(promised, key=lambda place: (free.get(place, 0), -order.get(place, 0), place)):
        taken = min(count, promised[place])
        if taken > 0:
            given[place], count = taken, count - taken
    if count:
        given[DEFAULT_PLACE] = given.get(DEFAULT_PLACE, 0) + count
    return given


def _by_place(levels: Mapping[str, Iterable[PlaceLevel]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {DEFAULT_PLACE: {}}
    for sku, places in sorted(levels.items()):
        for level in places:
            found.setdefault(level.place, {})[sku] = max(level.free, 0)
    return found


def _best(free: Mapping[str, Mapping[str, int]], left: Mapping[str, int]) -> tuple[str, dict[str, int]]:
    """Return the first place that can give most of it, and what it gives."""
    best: tuple[str, dict[str, int]] = (DEFAULT_PLACE, {})
    for place, has in free.items():
        given = {sku: min(count, has.get(sku, 0)) for sku, count in left.items() if has.get(sku, 0) > 0}
        if sum(given.values()) > sum(best[1].values()):
            best = place, given
    return best


def _give(chosen: dict[str, dict[str, int]], place: str, counts: Mapping[str, int]) -> None:
    there = chosen.setdefault(place, {})
    for sku, count in counts.items():
        there[sku] = there.get(sku, 0) + count
