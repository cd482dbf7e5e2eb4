"""The catalogue over HTTP (standard, section 1: product parameters, materials, usage, matching suggestions)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.sheets import MOST_BYTES, MalformedCsv, csv_body, csv_text
from services.common.basics.errors import NotFound
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

CSV = csv_body("sku,title,price,materials\nMUG-CLAY-350,Mug of clay,12.50,stoneware\n")

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


@blp.post("/products/import", OrdersApi.import_products, errors=(MalformedCsv,), body=CSV, body_limit=MOST_BYTES)
def import_products() -> ImportedProducts:
    return services().orders.import_products(csv_text())


@blp.post("/products/import/preview", OrdersApi.preview_import, errors=(MalformedCsv,), body=CSV, body_limit=MOST_BYTES)
def preview_import() -> ImportPreview:
    return services().orders.preview_import(csv_text())
