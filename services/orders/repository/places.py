"""Stock places in the database. In their order: the default place, then by rank and code."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import DEFAULT_PLACE
from services.orders import tables
from services.orders.api.places import MOST_PLACES, StockPlaceNotFound
from services.orders.domain.places import StockPlace

_PLACE = tables.stock_places.c
_ROW = tables.stock_elsewhere.c
IN_TURN = (_PLACE.code != DEFAULT_PLACE, _PLACE.rank, _PLACE.code)


class Places:
    """The stock places."""

    def __init__(self, session: Session):
        self._session = session

    def all(self) -> list[StockPlace]:
        """Return them in the order in which orders are promised from them."""
        return list(self._session.scalars(sa.select(StockPlace).order_by(*IN_TURN).limit(MOST_PLACES)))

    def find(self, code: str, *, lock: bool = False) -> StockPlace | None:
        return self._session.get(StockPlace, code, with_for_update=lock or None)

    def require_open(self, codes: Iterable[str]) -> None:
        """Raise StockPlaceNotFound for a code of no place, or of one that is closed. They stay open until the commit.

        The default place is always open.
        """
        asked = {*codes} - {DEFAULT_PLACE}
        if not asked:
            return
        query = sa.select(_PLACE.code).where(_PLACE.code.in_(sorted(asked)), _PLACE.active).order_by(_PLACE.code)
        missing = sorted(asked - {*self._session.scalars(query.with_for_update(read=True))})
        if missing:
            raise StockPlaceNotFound(details={"place": missing[0]})

    def add(self, place: StockPlace) -> None:
        self._session.add(place)
        self._session.flush()

    def is_empty(self, code: str) -> bool:
        """Return whether nothing is there, nor promised from there. The place is locked."""
        used = sa.select(sa.literal(1)).where(_ROW.place == code, sa.or_(_ROW.on_hand != 0, _ROW.reserved != 0))
        return self._session.scalar(used.limit(1)) is None
