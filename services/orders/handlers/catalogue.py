"""The catalogue and its stock: everybody reads, admins write."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from services.common.basics.caller import ADMIN
from services.common.basics.errors import Invalid
from services.common.edge.fields import load
from services.orders import schemas, views
from services.orders.domain import Product
from services.orders.domain.events import StockAdjusted
from services.orders.repository import ProductNotFound, Work

MAX_ROWS = 1000
_NUMBERS = ("weight_g", "stock")


def list_products(work: Work, query: Mapping[str, Any]) -> dict[str, Any]:
    return work.products.page(views.product_view, query.get("q"), query.get("cursor"), query.get("limit"))


def get_product(work: Work, sku: str) -> dict[str, Any]:
    product, level = work.products.get(sku), work.stock.levels([sku])[sku]
    return views.product_view(product, max(level.on_hand - level.reserved, 0))


def put_product(work: Work, sku: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Add or replace a product; with `version`, only if nobody changed it meanwhile (VersionMoved)."""
    work.caller.require(ADMIN)
    values = {name: value for name, value in facts.items() if name != "version"}
    values["matches"] = tuple(values["matches"])
    product = work.products.find(sku, lock=True)
    if product is None:
        product = Product(sku, values["title"], values["price"], values["weight_g"], values["origin_country"])
        work.journal.record(product.revise(values, facts.get("version")))
        work.products.add(product)
    else:
        work.journal.record(product.revise(values, facts.get("version")))
    return views.product_view(product)


def adjust_stock(work: Work, sku: str, delta: int, reason: str) -> dict[str, Any]:
    """Goods came in or were counted anew; what is missing then is found by `shortage.look`."""
    work.caller.require(ADMIN)
    level = work.stock.adjust(sku, delta, reason)
    if level is None:
        raise ProductNotFound
    work.journal.record(
        StockAdjusted(sku=sku, delta=delta, on_hand=level.on_hand, reserved=level.reserved, reason=reason)
    )
    return {"sku": sku, "on_hand": level.on_hand, "reserved": level.reserved}


def import_products(work: Work, csv_text: str) -> dict[str, Any]:
    """Add or replace the products of a CSV, all or none; `stock`, where given, is what was counted on the shelf.

    Columns are the fields of a product; `price` is 12.34, `matches` is separated by spaces, other columns are
    parameters. Invalid (`validation_failed`) names row and field.
    """
    work.caller.require(ADMIN)
    rows = _read(csv_text)
    for row in rows:
        sku, counted = row.pop("sku"), row.pop("stock", None)
        put_product(work, sku, row)
        if counted is not None:
            level = work.stock.levels([sku], lock=True)[sku]
            if counted != level.on_hand:
                adjust_stock(work, sku, counted - level.on_hand, "counted (import)")
    return {"imported": len(rows)}


def _read(csv_text: str) -> list[dict[str, Any]]:
    try:
        found = list(csv.DictReader(io.StringIO(csv_text), strict=True))
    except csv.Error as exc:
        raise Invalid(f"not a CSV: {exc}", code="bad_csv") from None
    if not 1 <= len(found) <= MAX_ROWS:
        raise Invalid(f"a CSV has 1 to {MAX_ROWS} rows below its header", code="bad_csv")
    return [_row(line, row) for line, row in enumerate(found, 2)]


def _row(line: int, row: Mapping[str | None, Any]) -> dict[str, Any]:
    known = set(schemas.ImportedProduct().fields) - {"parameters", "version"}
    if None in row or None in row.values():
        raise Invalid(f"row {line} does not have as many cells as the header", code="bad_csv")
    cells = {str(name).strip(): str(cell).strip() for name, cell in row.items() if str(cell).strip()}
    data: dict[str, Any] = {name: cell for name, cell in cells.items() if name in known}
    data["parameters"] = {name: cell for name, cell in cells.items() if name not in known}
    if "price" in data:
        data["price"] = {"amount": data["price"], "currency": "USD"}
    if "matches" in data:
        data["matches"] = data["matches"].split()
    if "active" in data:
        data["active"] = {"1": True, "true": True, "0": False, "false": False}.get(data["active"].lower(), "?")
    for name in _NUMBERS:
        if name in data and data[name].isascii() and data[name].isdecimal() and len(data[name]) < 10:
            data[name] = int(data[name])
    try:
        return dict(load(schemas.ImportedProduct, data))
    except Invalid as exc:
        errors = [{**error, "field": f"{line}.{error['field']}"} for error in exc.details.get("errors", [])]
        raise Invalid(f"row {line} is wrong", code="validation_failed", details={"errors": errors}) from None
