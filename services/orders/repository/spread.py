"""At which places the pieces of products are, and from which of them they are promised.

`stock_elsewhere` has what is at other places than the default, which has the rest of what `stock` counts. A row changes
only while that of its product in `stock` is locked, where it is decided whether there is enough: so this only divides
what is there. From where an order is promised pieces is what the ledger says of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import DEFAULT_PLACE
from services.orders import tables
from services.orders.domain.places import Level, PlaceLevel, complete, fullest, give_up
from services.orders.repository.places import IN_TURN

ByPlace = Mapping[tuple[str, str], tuple[int, int]]
"""By place and SKU: the change of what is there, and of what is promised from there."""
AtPlaces = Mapping[str, Mapping[str, int]]
"""Counts of pieces by place and SKU."""
_ROW, _PLACE, _LEDGER = tables.stock_elsewhere.c, tables.stock_places.c, tables.stock_ledger.c


class Spread:
    """The pieces of products over their places."""

    def __init__(self, session: Session):
        self._session = session

    def levels(self, totals: Mapping[str, Level]) -> dict[str, list[PlaceLevel]]:
        """Return, per SKU, what is at each place, the default place first."""
        elsewhere = self._elsewhere([sku for sku, total in totals.items() if total.split])
        found: dict[str, list[PlaceLevel]] = {}
        for sku, total in totals.items():
            others = elsewhere.get(sku, [])
            on_hand = total.on_hand - sum(each.on_hand for each in others)
            reserved = total.reserved - sum(each.reserved for each in others)
            found[sku] = [PlaceLevel(DEFAULT_PLACE, on_hand, reserved), *others]
        return found

    def on_hand(self, totals: Mapping[str, Level]) -> Counter[tuple[str, str]]:
        """Count, by place and SKU, the pieces that are there."""
        levels = self.levels(totals)
        return Counter({(each.place, sku): each.on_hand for sku, there in levels.items() for each in there})

    def promised(self, order_number: str, skus: Iterable[str]) -> dict[str, dict[str, int]]:
        """Return, per SKU, from which places an order is promised pieces that have not left."""
        promised = sa.func.sum(_LEDGER.reserved_delta)
        query = (
            sa.select(_LEDGER.sku, _LEDGER.place, promised.label("promised"))
            .where(
                _LEDGER.reference == order_number, _LEDGER.sku.in_(asked := sorted(skus)), _LEDGER.reserved_delta != 0
            )
            .group_by(_LEDGER.sku, _LEDGER.place)
        )
        found: dict[str, dict[str, int]] = {sku: {} for sku in asked}
        for row in self._session.execute(query) if asked else ():
            if row.promised > 0:
                found[row.sku][row.place] = int(row.promised)
        return found

    def promise(
        self, counts: Mapping[str, int], after: Mapping[str, Level], one_of: Sequence[str] | None = None
    ) -> ByPlace:
        """Choose from where these pieces are promised. after: what is there, with them promised.

        one_of: all from one of these places, whatever it has; of all places, if none is named.
        """
        is_default = not one_of or DEFAULT_PLACE in one_of
        if is_default and not any(after[sku].split for sku in counts):
            return {(DEFAULT_PLACE, sku): (0, count) for sku, count in counts.items()}
        levels = self.levels({sku: after[sku] for sku in counts})
        before = {sku: [_more(levels[sku][0], -count), *levels[sku][1:]] for sku, count in counts.items()}
        chosen = complete(counts, before) if one_of is None else {fullest(counts, before, one_of): counts}
        moves = {(place, sku): (0, count) for place, there in chosen.items() for sku, count in there.items()}
        self.change(moves)
        return moves

    def release(self, counts: Mapping[str, int], after: Mapping[str, Level], order_number: str) -> ByPlace:
        """Choose from where an order is promised fewer pieces. after: what is there, with them free."""
        split = [sku for sku in counts if after[sku].split]
        moves = {(DEFAULT_PLACE, sku): (0, -count) for sku, count in counts.items() if sku not in split}
        if split:
            promised, levels = self.promised(order_number, split), self.levels({sku: after[sku] for sku in split})
            for sku in split:
                before = [_more(levels[sku][0], counts[sku]), *levels[sku][1:]]
                given = give_up(counts[sku], promised[sku], before)
                moves |= {(place, sku): (0, -count) for place, count in given.items()}
            self.change(moves)
        return moves

    def send(
        self, counts: Mapping[str, int], totals: Mapping[str, Level], order_number: str, place: str | None
    ) -> ByPlace:
        """Say what changes when pieces leave: from a place, or each from where the order was promised it.

        What was promised elsewhere than at the place that they leave is free there.
        """
        split = [sku for sku in counts if totals[sku].split or place not in (None, DEFAULT_PLACE)]
        moves = {(DEFAULT_PLACE, sku): (-count, -count) for sku, count in counts.items() if sku not in split}
        promised = self.promised(order_number, split)
        for sku in split:
            if place is None:
                given = Counter(give_up(counts[sku], promised[sku], ()))
                moves |= {(at, sku): (-count, -count) for at, count in given.items()}
                continue
            given = Counter({place: min(counts[sku], promised[sku].pop(place, 0))})
            given.update(give_up(counts[sku] - given[place], promised[sku], ()))
            moves |= {(at, sku): (-counts[sku] if at == place else 0, -count) for at, count in given.items()}
        return moves

    def settle(self, sku: str, count: int, waiting: int, totals: Mapping[str, Level]) -> ByPlace:
        """Promise pieces that were waited for from where they are, if the default place has not got them."""
        if not totals[sku].split:
            return {}
        default, *others = self.levels(totals)[sku]
        chosen = complete({sku: count}, {sku: [_more(default, -count - waiting), *others]})
        moved = {(place, sku): (0, there[sku]) for place, there in chosen.items() if place != DEFAULT_PLACE}
        if moved:
            moved[DEFAULT_PLACE, sku] = (0, -sum(promised for _, promised in moved.values()))
            self.change(moved)
        return moved

    def change(self, moves: ByPlace) -> None:
        """Change what is at other places than the default, and promised from there; the products are locked."""
        for (place, sku), (on_hand, reserved) in sorted(moves.items()):
            if place == DEFAULT_PLACE or not (on_hand or reserved):
                continue
            here = sa.and_(_ROW.sku == sku, _ROW.place == place)
            values = {"on_hand": _ROW.on_hand + on_hand, "reserved": _ROW.reserved + reserved}
            update = sa.update(tables.stock_elsewhere).where(here).values(values).returning(_ROW.sku)
            if self._session.execute(update).first() is None:
                row = {"sku": sku, "place": place, "on_hand": on_hand, "reserved": reserved}
                self._session.execute(sa.insert(tables.stock_elsewhere).values(row))
                split = sa.update(tables.stock).where(tables.stock.c.sku == sku).values(split=True)
                self._session.execute(split)

    def _elsewhere(self, skus: Iterable[str]) -> dict[str, list[PlaceLevel]]:
        found: dict[str, list[PlaceLevel]] = {sku: [] for sku in sorted(skus)}
        query = (
            sa.select(_ROW.sku, _ROW.place, _ROW.on_hand, _ROW.reserved)
            .join(tables.stock_places, _PLACE.code == _ROW.place)
            .where(_ROW.sku.in_([*found]))
            .order_by(*IN_TURN)
        )
        for row in self._session.execute(query) if found else ():
            found[row.sku].append(PlaceLevel(row.place, row.on_hand, row.reserved))
        return found


def _more(level: PlaceLevel, reserved: int) -> PlaceLevel:
    """Return the level with so many more pieces promised."""
    return level._replace(reserved=level.reserved + reserved)
