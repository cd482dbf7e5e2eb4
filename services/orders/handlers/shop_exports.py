"""Take the product exports of Shopify and WooCommerce as they come: which of their columns are ours, and which rows.

A variant is a product with a SKU of its own. What cannot be sold here is left out with a reason: products without SKU
or price, the parents of variants, groups, gift cards, downloads, what is sold elsewhere. Prices are taken as USD. Only
columns that are named here are read; nothing else of an export is published.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from services.common.basics.folding import fold
from services.orders.handlers.sheets import Row, Sheet

SHOPIFY, WOOCOMMERCE, OWN = "shopify", "woocommerce", "pledge"
_GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523125")}
_NEW_SHOPIFY = {
    "url handle": "handle", "description": "body (html)", "published on online store": "published",
    "sku": "variant sku", "price": "variant price", "weight value (grams)": "variant grams",
    "inventory tracker": "variant inventory tracker", "inventory quantity": "variant inventory qty",
    "requires shipping": "variant requires shipping",
}  # fmt: skip
"""Shopify's newer names of columns, and the older ones."""
_OPTIONS = ("option1", "option2", "option3")
_SHOPIFY_READ = {
    "handle", "title", "body (html)", "published", "status", "gift card", "variant sku", "variant price",
    "variant grams", "variant inventory tracker", "variant inventory qty", "variant requires shipping",
    *(f"{option} {part}" for option in _OPTIONS for part in ("name", "value")),
}  # fmt: skip
_WOO_READ = {
    "type", "sku", "name", "published", "short description", "description", "stock", "regular price", "sale price",
    "date sale price starts", "date sale price ends", "parent", "upsells", "cross-sells",
    *(f"weight ({unit})" for unit in _GRAMS),
}  # fmt: skip
_WOO_ATTRIBUTE = re.compile(r"attribute \d+ (name|value\(s\))")
_TAG = re.compile(r"<[^>]*>")
_END_OF_BLOCK = re.compile(r"(?i)<br\s*/?>|</(p|div|li|h[1-6]|tr)>")


@dataclass(frozen=True)
class Taken:
    """A row as ours: texts by our own columns; `parameters` by name. Left out: why."""

    number: int
    cells: Mapping[str, str]
    parameters: Mapping[str, str]
    left_out: str = ""


def kind_of(sheet: Sheet) -> str:
    """Return whose export a table is: OWN unless its header is Shopify's or WooCommerce's."""
    headers = sheet.headers.keys()
    if {"handle", "variant sku"} <= headers or {"url handle", "sku"} <= headers:
        return SHOPIFY
    return WOOCOMMERCE if {"type", "sku", "name", "regular price"} <= headers else OWN


def is_read(kind: str, header: str) -> bool:
    """Return whether a column of an export is read at all."""
    if kind == SHOPIFY:
        return _NEW_SHOPIFY.get(header, header) in _SHOPIFY_READ
    return header in _WOO_READ or bool(_WOO_ATTRIBUTE.fullmatch(header))


def take(kind: str, sheet: Sheet) -> Iterator[Taken]:
    """Read each row of an export as one of ours."""
    return _from_shopify(sheet) if kind == SHOPIFY else _from_woocommerce(sheet)


def _from_shopify(sheet: Sheet) -> Iterator[Taken]:
    new = "url handle" in sheet.headers
    first: dict[str, Mapping[str, str]] = {}
    for row in sheet.rows:
        cells = {_NEW_SHOPIFY.get(name, name) if new else name: cell for name, cell in row.cells.items()}
        product = first.setdefault(cells.get("handle", f"row {row.number}"), cells)
        yield _shopify_row(row.number, cells, product)


def _shopify_row(number: int, cells: Mapping[str, str], product: Mapping[str, str]) -> Taken:
    sku = cells.get("variant sku", "").lstrip("'")  # Shopify's mark for "this is a text"
    variant = {
        product[f"{option} name"]: cells[f"{option} value"]
        for option in _OPTIONS
        if f"{option} name" in product and cells.get(f"{option} value", "Default Title") != "Default Title"
    }
    title = " – ".join(part for part in (product.get("title", ""), " / ".join(variant.values())) if part)
    is_active = fold(product.get("published", "true")) in ("true", "1", "yes") and fold(
        product.get("status", "active")
    ) in ("active", "")
    found = {"sku": sku, "title": title, "price": cells.get("variant price", ""), "active": str(int(is_active))}
    found["description"] = _plain(product.get("body (html)", ""))
    grams = _weight(cells.get("variant grams", ""), "g")
    found |= {"weight_g": grams} if grams else {}
    quantity = cells.get("variant inventory qty", "")
    if cells.get("variant inventory tracker") and quantity.isdecimal():
        found["stock"] = quantity
    why = ""
    if not sku and not cells.get("variant price") and not variant:
        why = "an image, no product"
    elif fold(product.get("gift card", "")) == "true":
        why = "a gift card, not goods"
    elif fold(cells.get("variant requires shipping", "true")) == "false":
        why = "not shipped"
    return Taken(number, _given(found), variant, why or _unsellable(found))


def _from_woocommerce(sheet: Sheet) -> Iterator[Taken]:
    by_name = {row.cells[name]: row.cells for row in sheet.rows for name in ("sku",) if name in row.cells}
    by_id = {f"id:{row.cells['id']}": row.cells for row in sheet.rows if "id" in row.cells}
    for row in sheet.rows:
        parent = row.cells.get("parent", "")
        yield _woo_row(row, by_name.get(parent) or by_id.get(parent) or {})


def _woo_row(row: Row, parent: Mapping[str, str]) -> Taken:
    cells = row.cells
    kinds = {fold(kind) for kind in cells.get("type", "simple").split(",")}
    text = {**parent, **cells} if "variation" in kinds else cells
    dated = cells.keys() & {"date sale price starts", "date sale price ends"}
    price = cells.get("regular price", "") if dated else cells.get("sale price") or cells.get("regular price", "")
    is_active = cells.get("published", "1") == "1" and (not parent or parent.get("published", "1") == "1")
    found = {"sku": cells.get("sku", ""), "title": cells.get("name", ""), "price": price, "active": str(int(is_active))}
    found["description"] = _plain(text.get("description") or text.get("short description", ""))
    for unit in _GRAMS:
        grams = _weight(text.get(f"weight ({unit})", ""), unit)
        found |= {"weight_g": grams} if grams else {}
    if cells.get("stock", "").isdecimal():
        found["stock"] = cells["stock"]
    related = [each.strip() for name in ("cross-sells", "upsells") for each in cells.get(name, "").split(",")]
    found["matches"] = "|".join(each for each in dict.fromkeys(related) if each and not each.startswith("id:"))
    reasons = {
        "variable": "the parent of variants, which are products of their own",
        "grouped": "a group of other products", "external": "sold elsewhere",
        "virtual": "not shipped",
    }  # fmt: skip
    why = next((reason for kind, reason in reasons.items() if kind in kinds), "")
    attributes = {} if why else dict(_attributes(cells))
    return Taken(row.number, _given(found), attributes, why or _unsellable(found))


def _attributes(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for place in range(1, 21):
        name, value = cells.get(f"attribute {place} name"), cells.get(f"attribute {place} value(s)")
        if name and value:
            yield name, value


def _given(found: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in found.items() if cell}


def _unsellable(found: Mapping[str, str]) -> str:
    if not found["sku"]:
        return "no SKU"
    try:
        free = not Decimal(found["price"] or "0")
    except InvalidOperation:
        return ""  # is complained about with the others
    return "no price" if free else ""


def _weight(cell: str, unit: str) -> str:
    """Return a weight in whole grams, rounded, as text; nothing for what is none."""
    try:
        grams = Decimal(cell) * _GRAMS[unit]
    except InvalidOperation:
        return ""
    return str(round(grams)) if grams.is_finite() and 1 <= round(grams) <= 1_000_000 else ""


def _plain(text: str) -> str:
    """Return the text of HTML."""
    lines = html.unescape(_TAG.sub("", _END_OF_BLOCK.sub("\n", text.replace("\\n", "\n")))).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())
