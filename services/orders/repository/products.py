"""The catalogue in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.folding import code_keys, fold
from services.common.basics.shapes import Page
from services.common.store import pages
from services.orders import tables
from services.orders.api import ProductNotFound
from services.orders.domain import Product

Shown = TypeVar("Shown")
_ROW = tables.products.c
_FOR_SALE = sa.select(Product).where(_ROW.sku.in_(sa.bindparam("skus", expanding=True)), _ROW.active)


class Products:
    """The catalogue."""

    def __init__(self, session: Session):
        self._session = session

    def find(self, sku: str, *, lock: bool = False) -> Product | None:
        """Find the product of this SKU, or of one that is the same to a reader."""
        found = self._session.get(Product, sku, with_for_update=lock or None)
        if found is not None:
            return found
        query = sa.select(Product).where(_ROW.sku_key.in_(sorted(code_keys(sku)))).order_by(_ROW.sku)
        return self._session.scalars(query.with_for_update() if lock else query).first()

    def get(self, sku: str) -> Product:
        product = self.find(sku)
        if product is None:
            raise ProductNotFound
        return product

    def add(self, product: Product) -> None:
        """Add a product that has no stock."""
        self._session.add(product)
        self._session.flush()
        self._session.execute(sa.insert(tables.stock).values(sku=product.sku))

    def for_sale(self, skus: Iterable[str]) -> dict[str, Product]:
        """Return those of these products that can be bought, by the SKU as it was asked for, in any spelling."""
        asked = {*skus}
        found = {product.sku: product for product in self._session.scalars(_FOR_SALE, {"skus": sorted(asked)})}
        keys = {key: sku for sku in asked - found.keys() for key in code_keys(sku)}
        if keys:
            query = sa.select(Product).where(_ROW.sku_key.in_(sorted(keys)), _ROW.active)
            found |= {keys[str(product.sku_key)]: product for product in self._session.scalars(query)}
        return found

    def page(self, show: Callable[[Product], Shown], *, q: str | None, cursor: str | None, limit: int) -> Page[Shown]:
        """Return a page of the products for sale, in SKU order.

        `q` is searched in title, SKU and description, in any spelling.
        """
        query = sa.select(Product).where(tables.products.c.active)
        if q:
            columns = (_ROW.title, _ROW.sku, _ROW.description)
            plainly = sa.or_(*(column.icontains(q, autoescape=True) for column in columns))
            folded = _ROW.search.contains(fold(q), autoescape=True) if fold(q) else sa.false()
            query = query.where(sa.or_(folded, sa.and_(_ROW.search.is_(None), plainly)))
        return pages.page(self._session, query, (tables.products.c.sku,), show, cursor=cursor, limit=limit)
