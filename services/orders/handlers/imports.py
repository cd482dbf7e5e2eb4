"""Importing products from CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated

from services.common.basics.caller import ADMIN
from services.common.basics.errors import Invalid
from services.common.basics.money import CURRENCY
from services.common.basics.shapes import Between, Sku
from services.common.edge.schemas import load
from services.orders.api import AdjustStock, BadCsv, ImportedProducts, SaveProduct
from services.orders.handlers import catalogue
from services.orders.repository import Work

MAX_ROWS = 1000
_NUMBERS = ("weight_g", "stock")
_TRUTH = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, kw_only=True)
class ImportedProduct(SaveProduct):
    """One row of the CSV; `stock` is what is on the shelf, counted."""

    sku: Sku
    stock: Annotated[int, Between(0, 1_000_000)] | None = None


def import_products(work: Work, csv_text: str) -> ImportedProducts:
    """Add or replace the products of a CSV, all or none; `stock`, where given, is what was counted on the shelf.

    Columns are the fields of a product; `price` is 12.34, `matches` is separated by spaces, other columns are
    parameters. Invalid (`validation_failed`) names row and field.
    """
    work.caller.require(ADMIN)
    rows = _read(csv_text)
    for row in rows:
        catalogue.put_product(work, row.sku, row)
        if row.stock is not None:
            level = work.stock.levels([row.sku], lock=True)[row.sku]
            if row.stock != level.on_hand:
                adjustment = AdjustStock(row.stock - level.on_hand, "counted (import)")
                catalogue.adjust_stock(work, row.sku, adjustment)
    return {"imported": len(rows)}


def _read(csv_text: str) -> list[ImportedProduct]:
    try:
        found = list(csv.DictReader(io.StringIO(csv_text), strict=True))
    except csv.Error as exc:
        raise BadCsv(f"not a CSV: {exc}") from None
    if not 1 <= len(found) <= MAX_ROWS:
        raise BadCsv(f"a CSV has 1 to {MAX_ROWS} rows below its header")
    return [_row(line, row) for line, row in enumerate(found, 2)]


def _row(line: int, row: Mapping[str | None, str | None]) -> ImportedProduct:
    known = {each.name for each in fields(ImportedProduct)} - {"parameters", "version"}
    if None in row or None in row.values():  # how csv marks cells that are too many or too few
        raise BadCsv(f"row {line} does not have as many cells as the header")
    cells = {str(name).strip(): str(cell).strip() for name, cell in row.items() if str(cell).strip()}
    data: dict[str, object] = {name: cell for name, cell in cells.items() if name in known}
    data["parameters"] = {name: cell for name, cell in cells.items() if name not in known}
    if "price" in cells:
        data["price"] = {"amount": cells["price"], "currency": CURRENCY}
    if "matches" in cells:
        data["matches"] = cells["matches"].split()
    if "active" in cells:
        data["active"] = _TRUTH.get(cells["active"].lower(), "?")
    for name in _NUMBERS:
        cell = cells.get(name, "")
        if cell.isascii() and cell.isdecimal() and len(cell) < 10:
            data[name] = int(cell)
    try:
        return load(ImportedProduct, data)
    except Invalid as exc:
        errors = [{**error, "field": f"{line}.{error['field']}"} for error in exc.details.get("errors", [])]
        raise Invalid(f"row {line} is wrong", code="validation_failed", details={"errors": errors}) from None
