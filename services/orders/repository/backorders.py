"""Goods that orders wait for, in the database.

The rows of a product change only while its stock is locked, so that what is waited for fits what is promised; placing,
which adds one, holds that lock as well, so that their order is that of their ids.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.orders import tables
from services.orders.domain.backorder import Backorder

_ROW = tables.backorders.c
_OPEN = _ROW.here_at.is_(None)
_ORDER, _PRODUCT = tables.orders.c, tables.products.c


class Backorders:
    """The pieces that orders wait for."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, rows: Iterable[Backorder]) -> None:
        self._session.add_all(rows)
        self._session.flush()

    def remove(self, row: Backorder) -> None:
        self._session.delete(row)

    def of_order(self, number: str) -> list[Backorder]:
        """Return what an order waits for, or waited."""
        self._session.flush()
        query = sa.select(Backorder).where(_ROW.order_number == number).order_by(_ROW.sku)
        return list(self._session.scalars(query.execution_options(populate_existing=True)))

    def waiting(self, sku: str, limit: int = 100) -> list[Backorder]:
        """Return who waits for pieces of a product, the oldest first, as it is now."""
        self._session.flush()
        query = sa.select(Backorder).where(_ROW.sku == sku, _OPEN).order_by(_ROW.id).limit(limit)
        return list(self._session.scalars(query.execution_options(populate_existing=True)))

    def pieces(self, sku: str) -> int:
        """Count the pieces of a product that are waited for."""
        self._session.flush()
        query = sa.select(sa.func.coalesce(sa.func.sum(_ROW.quantity), 0)).where(_ROW.sku == sku, _OPEN)
        return int(self._session.scalar(query) or 0)

    def with_news(self, today: str, limit: int = 100) -> list[tuple[str, str]]:
        """Return (order, SKU) of the paid orders to which `domain.backorder.news_of` has something to tell."""
        expected = sa.and_(_PRODUCT.backorder_until.is_not(None), _PRODUCT.backorder_until >= today)
        moved = sa.and_(expected, _PRODUCT.backorder_until.is_distinct_from(_ROW.told))
        no_day = sa.or_(_PRODUCT.backorder_until.is_(None), _PRODUCT.backorder_until < today)
        passed = sa.and_(no_day, _ROW.until < today, _ROW.told < today)
        query = (
            sa.select(_ROW.order_number, _ROW.sku)
            .join(tables.orders, _ORDER.order_number == _ROW.order_number)
            .join(tables.products, _PRODUCT.sku == _ROW.sku)
            .where(_OPEN, _ORDER.status == "confirmed", ~_ORDER.cancellation_open, sa.or_(moved, passed))
            .order_by(_ROW.id)
            .limit(limit)
        )
        return [(number, sku) for number, sku in self._session.execute(query)]
