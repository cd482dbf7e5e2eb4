"""Stock in the database: counts per SKU, and the ledger that says why each of them moved.

on_hand = Σ on_hand_delta and reserved = Σ reserved_delta, always: each movement writes both in one transaction. A
reservation is one conditional UPDATE, which locks its SKUs in their order: nothing is sold twice and no lock waits in a
circle.

A row counts a product at all places; under its lock `spread` says at which of them. Of a product that is at the default
place alone (not `split`) nothing more is read or written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import DEFAULT_PLACE, Page
from services.common.store import pages
from services.common.store.statements import add_rows
from services.orders import tables
from services.orders.api import OutOfStock, StockTooLow
from services.orders.domain import Cause
from services.orders.domain.places import Level, PlaceLevel
from services.orders.repository.spread import AtPlaces, ByPlace, Spread

Shown = TypeVar("Shown")
_ROW = tables.stock.c
_CHANGE = tables.changes.c
_ASKED = (
    sa.select(sa.func.coalesce(sa.func.sum(_CHANGE.short), 0))
    .where(_CHANGE.sku == _ROW.sku, sa.or_(_CHANGE.status == "awaiting_customer", _CHANGE.waiting))
    .scalar_subquery()
)
_WAIT = tables.backorders.c
_WAITED_FOR = (
    sa.select(sa.func.coalesce(sa.func.sum(_WAIT.quantity), 0))
    .where(_WAIT.sku == _ROW.sku, _WAIT.here_at.is_(None))
    .scalar_subquery()
)
_MISSING = _ROW.reserved - _ROW.on_hand - _ASKED - _WAITED_FOR
_COVERED = sa.select(_ROW.on_hand >= _ROW.reserved - _WAITED_FOR).where(_ROW.sku == sa.bindparam("sku"))
_UNCOVERED = sa.select(_ROW.sku, _MISSING.label("missing")).where(
    _ROW.sku.in_(sa.bindparam("skus", expanding=True)), _MISSING > 0
)
_STANDING = (
    sa.select(tables.products.c.sku, _MISSING.label("missing"), _ROW.split)
    .outerjoin_from(tables.products, tables.stock, _ROW.sku == tables.products.c.sku)
    .where(tables.products.c.sku.in_(sa.bindparam("skus", expanding=True)))
)


MOST_AT_ONCE = 100
"""Products that one statement changes: each is compared with each."""
Move = tuple[str, int, int]
"""(SKU, change of what is on hand, change of what is promised)"""


class Standing(NamedTuple):
    """Of some SKUs: those that the catalogue has, how many pieces are missing, and of which some are elsewhere."""

    known: set[str]
    missing: dict[str, int]
    split: set[str]


class Reserved(NamedTuple):
    """The levels of what was promised, and the places that it was promised from."""

    levels: dict[str, Level]
    places: list[str]


class Stock:
    """The stock as one unit of work sees it."""

    def __init__(self, session: Session, actor: str, now: datetime):
        self._session, self._actor, self._now = session, actor, now
        self._spread = Spread(session)

    def levels(self, skus: Iterable[str], *, lock: bool = False) -> dict[str, Level]:
        query = sa.select(_ROW.sku, _ROW.on_hand, _ROW.reserved, _ROW.split)
        query = query.where(_ROW.sku.in_(sorted(skus))).order_by(_ROW.sku)
        found = self._session.execute(query.with_for_update() if lock else query)
        return {row.sku: Level(row.on_hand, row.reserved, row.split) for row in found}

    def by_place(self, levels: Mapping[str, Level]) -> dict[str, list[PlaceLevel]]:
        """Return, per SKU, what is at each place, the default place first. levels: of now."""
        return self._spread.levels(levels)

    def adjust(self, sku: str, delta: int, reason: str, place: str = DEFAULT_PLACE) -> Level | None:
        """Change the stock of a place, because goods came in or were counted again.

        Return None for an unknown SKU; raise StockTooLow below zero.
        """
        level = self.levels([sku], lock=True).get(sku)
        if level is None:
            return None
        return self.adjust_all({(place, sku): delta}, {sku: level}, reason)[sku]

    def adjust_all(
        self, deltas: Mapping[tuple[str, str], int], levels: Mapping[str, Level], reason: str
    ) -> dict[str, Level]:
        """Change the stock of many known products, by place and SKU. Return what there is of each now.

        levels: of these products, locked. Raise StockTooLow below zero.
        """
        totals: dict[str, int] = {}
        there = self._spread.on_hand({sku: levels[sku] for _, sku in deltas})
        for (place, sku), delta in sorted(deltas.items()):
            if there[place, sku] + delta < 0:
                raise StockTooLow(details={"sku": sku, **({} if place == DEFAULT_PLACE else {"place": place})})
            totals[sku] = totals.get(sku, 0) + delta
        moves = [(sku, delta, 0) for sku, delta in sorted(totals.items())]
        after: dict[str, Level] = {}
        for start in range(0, len(moves), MOST_AT_ONCE):
            after |= self._move(moves[start : start + MOST_AT_ONCE])
        changed = {key: (delta, 0) for key, delta in deltas.items()}
        self._spread.change(changed)
        self._write({key: move for key, move in changed.items() if move[0] > 0}, Cause.RECEIVED, reason)
        self._write({key: move for key, move in changed.items() if move[0] < 0}, Cause.CORRECTED, reason)
        return after

    def carry(self, sku: str, count: int, from_place: str, to_place: str, reason: str) -> None:
        """Move pieces of a product, whose level is locked, from one place to another."""
        moved = {(from_place, sku): (-count, 0), (to_place, sku): (count, 0)}
        self._spread.change(moved)
        self._write(moved, Cause.MOVED, reason)

    def restock(self, sku: str, count: int, return_number: str) -> Level | None:
        """Add pieces that came back and can be sold again. Return None for an unknown SKU."""
        after = self._move([(sku, count, 0)]).get(sku)
        if after is not None:
            self._write({(DEFAULT_PLACE, sku): (count, 0)}, Cause.RESTOCKED, return_number)
        return after

    def scrap(self, sku: str, count: int, return_number: str) -> bool:
        """Record pieces that came back and cannot be sold, as a return and a scrapping.

        Return False for an unknown SKU.
        """
        if not self.levels([sku]):
            return False
        self._write({(DEFAULT_PLACE, sku): (count, 0)}, Cause.RETURNED, return_number)
        self._write({(DEFAULT_PLACE, sku): (-count, 0)}, Cause.SCRAPPED, return_number)
        return True

    def reserve(
        self,
        counts: Mapping[str, int],
        order_number: str,
        beyond: Mapping[str, int] | None = None,
        one_of: Sequence[str] | None = None,
    ) -> Reserved:
        """Promise these pieces to an order; OutOfStock names the first SKU of which there are not enough.

        beyond: so many pieces may be promised of a SKU that are not in stock, of all orders. one_of: all from one of
        these places (of all places, if none is named), as they leave together; what it lacks is brought there.
        """
        wanted = [(sku, 0, count) for sku, count in sorted(counts.items())]
        reserved = self._move(wanted, least={sku: count - (beyond or {}).get(sku, 0) for sku, count in counts.items()})
        for sku, _, count in wanted:
            if sku not in reserved:
                raise OutOfStock(f"not enough of {sku} is left", details={"sku": sku, "wanted": count})
        moves = self._spread.promise(counts, reserved, one_of)
        self._write(moves, Cause.RESERVED, order_number)
        return Reserved(reserved, sorted({place for place, _ in moves}))

    def release(self, counts: Mapping[str, int], order_number: str, at: AtPlaces | None = None) -> None:
        """Release pieces that are not promised to the order any more. at: by place, where that was decided for all."""
        after = self._move([(sku, 0, -count) for sku, count in sorted(counts.items())])
        # the table refuses less than nothing
        decided = sum((Counter(there) for there in (at or {}).values()), Counter[str]())
        if at is None or decided != Counter(counts):
            moves = self._spread.release(counts, after, order_number)
        else:
            moves = {(place, sku): (0, -count) for place, there in at.items() for sku, count in there.items()}
            self._spread.change(moves)
        self._write(moves, Cause.RELEASED, order_number)

    def dispatch(self, counts: Mapping[str, int], order_number: str, place: str | None = None) -> None:
        """Take pieces that left off the books. If the books had fewer, record the correction as well.

        place: where they left; None: each where the order was promised it, wherever it was packed.
        """
        levels = self.levels(counts, lock=True)
        left, there = self._spread.send(counts, levels, order_number, place), self._spread.on_hand(levels)
        found = {key: (-gone - there[key], 0) for key, (gone, _) in left.items() if -gone > there[key]}
        self._spread.change(found)
        self._write(found, Cause.CORRECTED, order_number)
        self._spread.change(left)
        more = {sku: sum(missing for (_, each), (missing, _) in found.items() if each == sku) for sku in counts}
        self._move([(sku, more[sku] - count, -count) for sku, count in sorted(counts.items())])
        self._write(left, Cause.DISPATCHED, order_number)

    def settle(self, sku: str, count: int, waiting: int, order_number: str) -> bool:
        """Promise pieces that are here by now from where they are; `waiting`: those that are still waited for.

        Return True if that is another place than they were promised from. The product is locked. What is waited for is
        promised from the default place, whatever that has.
        """
        moved = self._spread.settle(sku, count, waiting, self.levels([sku]))
        self._write(moved, Cause.MOVED, order_number)
        return bool(moved)

    def promised(self, order_number: str, skus: Iterable[str]) -> dict[str, dict[str, int]]:
        """Return, per SKU, from which places an order is promised pieces that have not left; none: from no place."""
        return self._spread.promised(order_number, skus)

    def begin_low(self, skus: Iterable[str]) -> set[str]:
        """Note that little is left of these products. Return those of which that is news."""
        return self._note_low(skus, _ROW.low_since.is_(None), since=self._now)

    def end_low(self, skus: Iterable[str]) -> None:
        """Note that there is enough of them again."""
        self._note_low(skus, _ROW.low_since.is_not(None), since=None)

    def is_low(self, sku: str) -> bool:
        query = sa.select(_ROW.low_since.is_not(None)).where(_ROW.sku == sku)
        return bool(self._session.scalar(query))

    def _note_low(self, skus: Iterable[str], which: sa.ColumnElement[bool], *, since: datetime | None) -> set[str]:
        concerned = _ROW.sku.in_(sorted(skus))
        update = sa.update(tables.stock).where(concerned, which).values(low_since=since).returning(_ROW.sku)
        return {row.sku for row in self._session.execute(update)}

    def scrapped(self, sku: str) -> int:
        """Count the pieces that came back and could not be sold again."""
        row = tables.stock_ledger.c
        query = sa.select(sa.func.coalesce(sa.func.sum(-row.on_hand_delta), 0))
        return int(self._session.scalar(query.where(row.sku == sku, row.cause == Cause.SCRAPPED)) or 0)

    def ledger(
        self, show: Callable[[sa.Row[tuple[object, ...]]], Shown], sku: str, *, cursor: str | None, limit: int
    ) -> Page[Shown]:
        """Return a page of a product's movements, the newest first."""
        row = tables.stock_ledger.c
        query = sa.select(tables.stock_ledger).where(row.sku == sku)
        return pages.page(self._session, query, (row.id,), show, cursor=cursor, limit=limit, descending=True)

    def uncovered(self, skus: Iterable[str]) -> dict[str, int]:
        """Count, per SKU with more promised than there is, the missing pieces that no customer was asked about yet."""
        self._session.flush()
        return {row.sku: int(row.missing) for row in self._session.execute(_UNCOVERED, {"skus": sorted(skus)})}

    def standing(self, skus: Iterable[str]) -> Standing:
        """Return those of these SKUs that the catalogue has, for sale or not, and what `uncovered` counts of them."""
        self._session.flush()
        found = self._session.execute(_STANDING, {"skus": sorted(skus)}).all()
        missing = {row.sku: int(row.missing) for row in found if (row.missing or 0) > 0}
        return Standing({row.sku for row in found}, missing, {row.sku for row in found if row.split})

    def is_covered(self, sku: str) -> bool:
        """Return whether everything that is promised is in stock, but for what customers knew to wait for."""
        self._session.flush()
        return bool(self._session.scalar(_COVERED, {"sku": sku}))

    def _move(self, moves: Sequence[Move], *, least: Mapping[str, int] | None = None) -> dict[str, Level]:
        """Change the numbers of these products, each of a SKU of its own, and return the new ones by SKU.

        least: so many pieces must not be promised; a product that has fewer is left alone, as an unknown one is. Less
        than 0: so many may be promised that are not there.
        """
        if not moves:
            return {}
        given: dict[str, object] = {}
        for place, (sku, on_hand, reserved) in enumerate(moves):
            given |= {f"sku_{place}": sku, f"more_{place}": on_hand, f"promised_{place}": reserved}
            if least is not None:
                given[f"least_{place}"] = least[sku]
        found = self._session.execute(_move_all(len(moves), guarded=least is not None), given)
        return {row.sku: Level(row.on_hand, row.reserved, row.split) for row in found}

    def _write(self, moves: ByPlace, cause: Cause, reference: str) -> None:
        rows = [
            {
                "sku": sku,
                "on_hand_delta": on_hand,
                "reserved_delta": reserved,
                "cause": cause,
                "reference": reference,
                "actor": self._actor,
                "at": self._now,
                "place": place,
            }
            for (place, sku), (on_hand, reserved) in sorted(moves.items(), key=lambda move: move[0][::-1])
        ]
        add_rows(self._session, tables.stock_ledger, rows)


@cache
def _move_all(count: int, *, guarded: bool) -> sa.Executable:
    """Build the UPDATE of so many products. Their rows are locked in the order of their SKUs.

    guarded: a row changes only if it has `least_…` pieces that are not promised.
    """

    def given(name: str) -> sa.Case[int]:
        return sa.case(*((_ROW.sku == sku, sa.bindparam(f"{name}_{place}")) for place, sku in enumerate(skus)))

    skus = [sa.bindparam(f"sku_{place}", type_=tables.SKU) for place in range(count)]
    locked = sa.select(_ROW.sku).where(_ROW.sku.in_(skus)).order_by(_ROW.sku).with_for_update().cte("locked")
    update = sa.update(tables.stock).where(_ROW.sku == locked.c.sku)
    if guarded:
        update = update.where(_ROW.on_hand - _ROW.reserved >= given("least"))
    update = update.values(on_hand=_ROW.on_hand + given("more"), reserved=_ROW.reserved + given("promised"))
    return update.returning(_ROW.sku, _ROW.on_hand, _ROW.reserved, _ROW.split)
