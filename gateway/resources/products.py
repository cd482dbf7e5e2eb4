"""The catalogue over HTTP (standard, section 1: product parameters, materials, usage, matching suggestions)."""

from __future__ import annotations

from typing import Any

from flask import request

from gateway.http import bodies
from gateway.http.calls import services
from gateway.http.errors import Refused
from gateway.http.resource import Resource
from gateway.http.schemas import page_of
from gateway.resources.schemas_orders import AdjustStock, Imported, Product, ProductFilter, SaveProduct, StockLevel
from services.common.basics.api import ANYONE
from services.common.basics.caller import ADMIN

CSV = {
    "description": "UTF-8, with a header row.",
    "required": True,
    "content": {"text/csv": {"schema": {"type": "string"}}},
}

blp = Resource("products", "The catalogue and its stock")


@blp.route("/products", methods=["GET"])
@blp.allows(ANYONE)
@blp.filters(ProductFilter)
@blp.answers(200, page_of(Product))
def list_products(query: dict[str, Any]) -> dict[str, Any]:
    """List what is for sale, in the order of SKUs."""
    return services().orders.list_products(query)  # type: ignore[no-any-return]


@blp.route("/products/<sku:sku>", methods=["GET"])
@blp.allows(ANYONE)
@blp.answers(200, Product)
def get_product(sku: str) -> dict[str, Any]:
    """Tell everything about a product."""
    return services().orders.get_product(sku)  # type: ignore[no-any-return]


@blp.route("/products/<sku:sku>", methods=["PUT"])
@blp.allows(ADMIN)
@blp.takes(SaveProduct)
@blp.answers(200, Product)
def put_product(body: dict[str, Any], sku: str) -> dict[str, Any]:
    """Add or replace a product.

    With If-Match (or `version`) only if nobody changed it meanwhile: 412 `version_moved`.
    """
    return services().orders.put_product(sku, bodies.versioned(body))  # type: ignore[no-any-return]


@blp.route("/products/<sku:sku>/stock", methods=["POST"])
@blp.allows(ADMIN)
@blp.takes(AdjustStock)
@blp.answers(200, StockLevel)
def adjust_stock(body: dict[str, Any], sku: str) -> dict[str, Any]:
    """Book goods in, or correct the count.

    When less is left than was promised, the customers concerned are asked; no order is changed by this.
    """
    return services().orders.adjust_stock(sku, body)  # type: ignore[no-any-return]


@blp.route("/products/import", methods=["POST"])
@blp.allows(ADMIN)
@blp.doc(requestBody=CSV)
@blp.answers(200, Imported)
def import_products() -> dict[str, Any]:
    """Import products from CSV, all of them or none.

    Columns: sku, title, price (12.34), weight_g, origin_country, hs_code, description, materials, usage, matches
    (separated by spaces), active, stock (as counted); any other column is a parameter.
    """
    raw = bodies.raw_body()
    if request.mimetype not in ("text/csv", "text/plain"):
        raise Refused(415, "unsupported_media_type", "Send text/csv.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(400, "malformed_csv", "The body is not text in UTF-8.") from None
    return services().orders.import_products(text)  # type: ignore[no-any-return]
