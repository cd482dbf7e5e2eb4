"""Discount codes in the database, and how many orders have each.

Who takes or frees a use locks its row after everything else (`repository`); a use is taken by one conditional UPDATE.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store import pages
from services.orders import tables
from services.orders.domain import Discount

Shown = TypeVar("Shown")
_ROW = tables.discounts.c


class Discounts:
    """The codes."""

    def __init__(self, session: Session):
        self._session = session

    def find(self, code: str, *, lock: bool = False) -> Discount | None:
        return self._session.get(Discount, code, with_for_update=lock or None)

    def add(self, discount: Discount) -> None:
        self._session.add(discount)
        self._session.flush()

    def take_use(self, code: str) -> bool:
        """Count one more order with this code. Return False if it may not be used any more often."""
        free = sa.or_(_ROW.uses.is_(None), _ROW.used < _ROW.uses)
        return self._count(sa.update(tables.discounts).where(_ROW.code == code, free).values(used=_ROW.used + 1))

    def is_endless(self, code: str) -> bool:
        """Return whether any number of orders may have it."""
        return self._session.scalar(sa.select(_ROW.uses).where(_ROW.code == code)) is None

    def most_of_one(self, code: str) -> int | None:
        """Return how many orders of one customer may have it, or None for any number."""
        return self._session.scalar(sa.select(_ROW.uses_per_customer).where(_ROW.code == code))

    def keep_use(self, code: str) -> None:
        """Count an order again that had given its use back, whatever others took meanwhile."""
        self._count(sa.update(tables.discounts).where(_ROW.code == code).values(used=_ROW.used + 1))

    def free_use(self, code: str) -> None:
        """Count an order no more that ended unpaid."""
        counted = sa.update(tables.discounts).where(_ROW.code == code, _ROW.used > 0)
        self._count(counted.values(used=_ROW.used - 1))

    def page(self, show: Callable[[Discount], Shown], *, cursor: str | None, limit: int) -> Page[Shown]:
        return pages.page(self._session, sa.select(Discount), (_ROW.code,), show, cursor=cursor, limit=limit)

    def _count(self, change: sa.Update) -> bool:
        done = self._session.execute(change.execution_options(synchronize_session=False))
        return bool(done.rowcount)  # type: ignore[attr-defined]
