"""Change requests in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.orders import tables
from services.orders.api import ChangeNotFound, ChangeStatus
from services.orders.domain import Change

_ROW = tables.changes.c
_OF_ORDER = (
    sa.select(Change).where(_ROW.order_number == sa.bindparam("order")).order_by(_ROW.created_at, _ROW.change_id)
)


class Changes:
    """Change requests."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, change: Change) -> None:
        self._session.add(change)
        self._session.flush()

    def order_of(self, change_id: str) -> str | None:
        """Return the order a change belongs to, without a lock, so that the order can be locked first."""
        row = tables.changes.c
        return self._session.scalar(sa.select(row.order_number).where(row.change_id == change_id))

    def get(self, change_id: str) -> Change:
        """Return one change, locked. Raise ChangeNotFound if there is none."""
        change = self._session.get(Change, change_id, with_for_update=True)
        if change is None:
            raise ChangeNotFound
        return change

    def of_order(self, order_number: str, status: ChangeStatus | None = None) -> list[Change]:
        """Return all changes of an order, oldest first, or those in one status."""
        found = self._session.scalars(_OF_ORDER, {"order": order_number})
        return [change for change in found if status is None or change.status is status]

    def expired(self, now: datetime, limit: int = 100) -> list[tuple[str, str]]:
        """Return (change, order) of the changes that were not answered in time."""
        row = tables.changes.c
        query = (
            sa.select(row.change_id, row.order_number)
            .where(row.status == "awaiting_customer", row.expires_at <= now)
            .order_by(row.expires_at)
            .limit(limit)
        )
        return [(change_id, number) for change_id, number in self._session.execute(query)]

    def waited_for(self, skus: Iterable[str]) -> list[str]:
        """Return those of these products that a customer waits for or is asked about, because some are missing."""
        row, waits, wanted = tables.changes.c, tables.backorders.c, sorted(skus)
        open_ = sa.or_(row.status == "awaiting_customer", row.waiting)
        asked = sa.select(row.sku).where(row.sku.in_(wanted), open_)
        ordered = sa.select(waits.sku).where(waits.sku.in_(wanted), waits.here_at.is_(None))
        return sorted(str(sku) for sku in self._session.scalars(asked.union(ordered)))

    def waiting_for(self, sku: str, limit: int = 500) -> list[tuple[str, str]]:
        """Return (order, change) of the customers who were told that this product is missing and still want it.

        Without those asked about goods that they knew to wait for: they have what they want when the goods are here.
        """
        row = tables.changes.c
        query = (
            sa.select(row.order_number, row.change_id)
            .where(row.sku == sku, row.short > 0, sa.or_(row.status == "awaiting_customer", row.waiting))
            .order_by(row.order_number)
            .limit(limit)
        )
        return [(number, change_id) for number, change_id in self._session.execute(query)]
