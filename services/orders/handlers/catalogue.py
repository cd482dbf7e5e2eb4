"""The catalogue and its stock: everybody reads, admins write."""

from __future__ import annotations

import re

from services.common.basics.caller import ADMIN
from services.common.basics.errors import Invalid
from services.common.basics.shapes import SKU_PATTERN, Page
from services.orders import views
from services.orders.api import (
    AdjustStock,
    ListProducts,
    ProductNotFound,
    ProductView,
    SaveProduct,
    StockAdjusted,
    StockLevel,
)
from services.orders.domain import Product
from services.orders.repository import Work


def list_products(work: Work, query: ListProducts) -> Page[ProductView]:
    return work.products.page(views.product_view, q=query.q, cursor=query.cursor, limit=query.limit)


def get_product(work: Work, sku: str) -> ProductView:
    product, level = work.products.get(sku), work.stock.levels([sku])[sku]
    return views.product_page(product, max(level.on_hand - level.reserved, 0))


def put_product(work: Work, sku: str, wanted: SaveProduct) -> ProductView:
    """Add or replace a product; with `version`, only if nobody changed it meanwhile (VersionMoved)."""
    work.caller.require(ADMIN)
    product = work.products.find(sku, lock=True)
    if product is None:
        _check_sku(sku)
        product = Product(sku, wanted.title, wanted.price, wanted.weight_g, wanted.origin_country)
        work.journal.record(product.revise(wanted))
        work.products.add(product)
    else:
        work.journal.record(product.revise(wanted))
    return views.product_view(product)


def adjust_stock(work: Work, sku: str, adjustment: AdjustStock) -> StockLevel:
    """Goods came in or were counted anew; what is missing then is found by `shortages.check_stock`."""
    work.caller.require(ADMIN)
    delta, reason = adjustment.delta, adjustment.reason
    level = work.stock.adjust(sku, delta, reason)
    if level is None:
        raise ProductNotFound
    work.journal.record(
        StockAdjusted(sku=sku, delta=delta, on_hand=level.on_hand, reserved=level.reserved, reason=reason)
    )
    return {"sku": sku, "on_hand": level.on_hand, "reserved": level.reserved}


def _check_sku(sku: str) -> None:
    if not re.fullmatch(SKU_PATTERN, sku, re.ASCII):
        errors = [{"field": "sku", "message": "Not a SKU."}]
        raise Invalid("some fields are wrong", code="validation_failed", details={"errors": errors})
