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

    def find_all(self, skus: Iterable[str], *, lock: bool = False) -> dict[str, Product]:
        """Find what `find` finds of each of these SKUs, in one statement; locked in the order of their SKUs."""
        asked = {*skus}
        keys = sorted({key for sku in asked for key in code_keys(sku)})
        query = sa.select(Product).where(sa.or_(_ROW.sku.in_(sorted(asked)), _ROW.sku_key.in_(keys))).order_by(_ROW.sku)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        found = list(self._session.scalars(query))
        exact, by_key = {each.sku: each for each in found}, {each.sku_key: each for each in reversed(found)}
        named = {sku: exact.get(sku) or _first(by_key.get(key) for key in code_keys(sku)) for sku in asked}
        return {sku: product for sku, product in named.items() if product is not None}

    def add(self, *products: Product) -> None:
        """Add products that have no stock."""
        self._session.add_all(products)
        self._session.flush()
        if products:
            self._session.execute(sa.insert(tables.stock), [{"sku": each.sku} for each in products])

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


def _first(products: Iterable[Product | None]) -> Product | None:
    """Return the one of them that comes first by its SKU."""
    return min((each for each in products if each is not None), key=lambda each: each.sku, default=None)
