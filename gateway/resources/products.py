"""The catalogue over HTTP (standard, section 1: product parameters, materials, usage, matching suggestions)."""

from __future__ import annotations

import codecs

from flask import request

from gateway.http import bodies
from gateway.http.calls import services
from gateway.http.errors import Refused
from gateway.http.resource import Resource
from services.common.basics.errors import Invalid, NotFound
from services.common.basics.shapes import Page, PageQuery
from services.orders.api import (
    AdjustStock,
    ImportedProducts,
    ImportPreview,
    ListProducts,
    OrdersApi,
    ProductView,
    SaveProduct,
    StockLevel,
    StockView,
)

CSV = {
    "description": "At most 1 MiB. UTF-8, or UTF-16 with a byte order mark; with a header row.",
    "required": True,
    "content": {
        "text/csv": {
            "schema": {"type": "string"},
            "example": "sku,title,price,materials\nMUG-CLAY-350,Mug of clay,12.50,stoneware\n",
        }
    },
}

IMPORT_LIMIT = 1 << 20
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class MalformedCsv(Invalid):
    """The body is not text."""

    code = "malformed_csv"
    message = "The body is not text in UTF-8 or UTF-16."


blp = Resource("products", "The catalogue and its stock")


@blp.get("/products", OrdersApi.list_products)
def list_products(query: ListProducts) -> Page[ProductView]:
    return services().orders.list_products(query)


@blp.get("/products/<sku:sku>", OrdersApi.get_product)
def get_product(sku: str) -> ProductView:
    return services().orders.get_product(sku)


def title_of(sku: str) -> str | None:
    """Return what the catalogue calls it, by its SKU in any spelling; None for what it does not have."""
    try:
        return services().orders.get_product(sku)["title"]
    except NotFound:
        return None


@blp.get("/products/<sku:sku>/stock", OrdersApi.get_stock)
def get_stock(sku: str, query: PageQuery) -> StockView:
    return services().orders.get_stock(sku, query)


@blp.put("/products/<sku:sku>", OrdersApi.put_product)
def put_product(sku: str, product: SaveProduct) -> ProductView:
    return services().orders.put_product(sku, product)


@blp.post("/products/<sku:sku>/stock", OrdersApi.adjust_stock)
def adjust_stock(sku: str, adjustment: AdjustStock) -> StockLevel:
    return services().orders.adjust_stock(sku, adjustment)


@blp.post("/products/import", OrdersApi.import_products, errors=(MalformedCsv,), body=CSV, body_limit=IMPORT_LIMIT)
def import_products() -> ImportedProducts:
    return services().orders.import_products(_csv())


@blp.post(
    "/products/import/preview", OrdersApi.preview_import, errors=(MalformedCsv,), body=CSV, body_limit=IMPORT_LIMIT
)
def preview_import() -> ImportPreview:
    return services().orders.preview_import(_csv())


def _csv() -> str:
    raw = bodies.raw_body()
    if request.mimetype not in ("text/csv", "text/plain") or bodies.charset() not in ("utf-8", "utf-16"):
        raise Refused(415, "unsupported_media_type", "Send text/csv in UTF-8 or UTF-16.")
    try:
        return raw.decode("utf-16" if raw[:2] in BYTE_ORDER_MARKS else "utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedCsv from None
