"""The catalogue and its stock: all may read, admins write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from services.common.basics.errors import Invalid
from services.common.basics.folding import code_key
from services.common.basics.shapes import DEFAULT_PLACE, SKU_PATTERN, Page
from services.common.basics.states import require_version
from services.orders import views
from services.orders.api import (
    AdjustStock,
    ListProducts,
    ProductNotFound,
    ProductView,
    SaveProduct,
    StockAdjusted,
    StockLevel,
    VersionMoved,
)
from services.orders.domain import Product
from services.orders.domain.catalogue import FACTS
from services.orders.domain.places import Level
from services.orders.handlers import backorders, low_stock
from services.orders.repository import Work

__all__ = [
    "FACTS", "adjust_stock", "begin_product", "count_stock", "get_product", "list_products", "put_product",
    "save_product",
]  # fmt: skip


def list_products(work: Work, query: ListProducts) -> Page[ProductView]:
    """List the products for sale, each with what can be ordered of it now."""
    page = work.products.page(lambda product: product, q=query.q, cursor=query.cursor, limit=query.limit)
    levels, today = work.stock.levels([product.sku for product in page["items"]]), backorders.today(work)
    items = [_page(each, levels[each.sku], today) for each in page["items"]]
    return {"items": items, "next_cursor": page["next_cursor"]}


def get_product(work: Work, sku: str) -> ProductView:
    product = work.products.get(sku)
    return _page(product, work.stock.levels([product.sku])[product.sku], backorders.today(work))


def _page(product: Product, level: Level, today: str) -> ProductView:
    return views.product_page(product, level.on_hand, level.reserved, today)


def put_product(work: Work, sku: str, wanted: SaveProduct) -> ProductView:
    """Add or replace a product; with `version`, only if it has not changed meanwhile (VersionMoved)."""
    known = work.products.find(sku, lock=True)
    before = None if known is None else known.low_stock
    product = save_product(work, sku, wanted, known)
    if wanted.low_stock is not None or before is not None:
        low_stock.look_at(work, [product])
    return views.product_view(product)


def save_product(work: Work, sku: str, wanted: SaveProduct, product: Product | None) -> Product:
    """Add the product, or replace the one that has this SKU in any spelling."""
    if product is not None:
        _same_version(product, wanted.version)
        require_savable(work, sku, wanted.backorder_until, product)
        work.journal.record(product.revise(wanted))
        return product
    require_version(wanted.version, 0, lambda: None, VersionMoved)
    product = begin_product(work, sku, wanted)
    work.products.add(product)
    return product


def require_savable(work: Work, sku: str, backorder_until: str | None, known: Product | None) -> None:
    """Refuse what cannot be saved of a product, though each field is right by itself. known: None for a new one."""
    if known is None:
        _check_sku(unicodedata.normalize("NFC", sku))
    backorders.require_to_come(work, backorder_until, known)


def begin_product(work: Work, sku: str, wanted: SaveProduct) -> Product:
    """Return a new product, which is to be added."""
    sku = unicodedata.normalize("NFC", sku)
    require_savable(work, sku, wanted.backorder_until, None)
    product = Product(sku, wanted.title, wanted.price, wanted.weight_g, wanted.origin_country, sku_key=code_key(sku))
    work.journal.record(product.revise(wanted))
    return product


def adjust_stock(work: Work, sku: str, adjustment: AdjustStock) -> StockLevel:
    """Change the stock, because goods came in or were counted again.

    `shortages.check_stock` finds what is missing then.
    """
    delta, reason, place = adjustment.delta, adjustment.reason, adjustment.place or DEFAULT_PLACE
    product = work.products.find(sku, lock=True)
    if product is None:
        raise ProductNotFound
    sku = product.sku
    _same_version(product, adjustment.version)
    work.places.require_open([place])
    level = work.stock.adjust(sku, delta, reason, place)
    if level is None:
        raise ProductNotFound
    product.version += 1  # what is available is part of what is shown of it
    work.journal.record(_adjusted(sku, place, delta, level, reason))
    return {"sku": sku, "version": product.version, "on_hand": level.on_hand, "reserved": level.reserved}


def count_stock(
    work: Work,
    counted: Mapping[tuple[str, str], int],
    products: Iterable[Product],
    levels: Mapping[str, Level],
    why: str,
) -> None:
    """Change the stock of many products, by place and SKU, each by so much.

    products, levels: those that are counted; locked.
    """
    after = work.stock.adjust_all(counted, levels, why)
    for product in products:
        product.version += 1
    for (place, sku), delta in counted.items():
        work.journal.record(_adjusted(sku, place, delta, after[sku], why))


def _adjusted(sku: str, place: str, delta: int, level: Level, reason: str) -> StockAdjusted:
    return StockAdjusted(
        sku=sku, delta=delta, on_hand=level.on_hand, reserved=level.reserved, reason=reason, place=place
    )


def _same_version(product: Product, seen: int | None) -> None:
    """Raise VersionMoved, with the product as it is now, if the caller saw another version of it."""
    require_version(seen, product.version, lambda: views.product_view(product), VersionMoved)


def _check_sku(sku: str) -> None:
    """Refuse what is no SKU, or one that could not be reached by its own address (…/stock is the stock of another)."""
    parts = sku.lower().split("/")
    reachable = not {"", ".", ".."} & {*parts} and (len(parts) == 1 or parts[-1] != "stock")
    if not reachable or not re.fullmatch(SKU_PATTERN, sku, re.ASCII):
        errors = [{"field": "sku", "message": "Not a SKU."}]
        raise Invalid("some fields are wrong", code="validation_failed", details={"errors": errors})
