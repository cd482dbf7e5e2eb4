"""Orders that staff keep back, in the database. The lock of the order is what makes two colleagues meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store import pages
from services.orders import tables
from services.orders.domain.staff_hold import StaffHold

Shown = TypeVar("Shown")
_ROW = tables.order_holds.c


class OrderHolds:
    """The holds."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, hold: StaffHold) -> None:
        self._session.add(hold)
        self._session.flush()

    def there(self, order_number: str) -> StaffHold | None:
        """Return the hold that keeps the order back now."""
        query = sa.select(StaffHold).where(_ROW.order_number == order_number, _ROW.released_at.is_(None))
        return self._session.scalar(query)

    def page(
        self, show: Callable[[StaffHold], Shown], order_number: str | None, *, cursor: str | None, limit: int
    ) -> Page[Shown]:
        """Return a page of those that are there now, or of all of one order, the oldest first."""
        wanted = _ROW.released_at.is_(None) if order_number is None else _ROW.order_number == order_number
        query = sa.select(StaffHold).where(wanted)
        return pages.page(self._session, query, (_ROW.held_at, _ROW.id), show, cursor=cursor, limit=limit)
