"""Import products from CSV: what the file names is changed, and nothing else; all of the file, or none of it.

A cell that is empty says nothing. A column that is not ours is not read, and named in the reply. Every row that is
wrong is complained about, up to a limit; what can be read in two ways is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Annotated

from services.common.basics.errors import Invalid
from services.common.basics.folding import code_key
from services.common.basics.money import CURRENCY, Money
from services.common.basics.shapes import DEFAULT_PLACE, Between, Country, Length, PlaceCode, Sku, Text, Wrong
from services.common.edge.schemas import load
from services.orders.api import ImportedProducts, ImportPreview, LeftOut, SaveProduct
from services.orders.api.backorders import AtMost, Threshold, WantedDay
from services.orders.api.catalogue import FieldChange, HsCode, Parameters, ProductChange, Title, WeightG
from services.orders.domain import Product
from services.orders.domain.places import NOTHING, Level
from services.orders.handlers import catalogue, low_stock
from services.orders.handlers.sheets import SKU_COLUMNS, Sheet, read_sheet
from services.orders.handlers.shop_exports import OWN, Taken, is_read, kind_of, take
from services.orders.repository import Work

MOST_COMPLAINTS = 20
MOST_CHANGES = 500
SHOWN = 200  # characters of a fact in the preview
PARAMETER, STOCK_AT = "parameter:", "stock:"
_NUMBERS = ("weight_g", "stock", "backorder_at_most", "low_stock")
_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_DECIMAL_COMMA = re.compile(r"\d{1,10},\d{1,2}", re.ASCII)
_ONE_DECIMAL = re.compile(r"\d{1,10}\.\d", re.ASCII)
_SHORTENED = re.compile(r"\d([.,]\d+)?E[+-]?\d+", re.ASCII | re.IGNORECASE)
"""What a spreadsheet makes of a long number: its last digits are lost."""
_WHOLE = re.compile(r"\d{1,9}(\.0)?", re.ASCII)
Complaint = tuple[str, str]
Counted = Annotated[int, Between(0, 1_000_000)]


@dataclass(frozen=True, kw_only=True)
class ProductRow:
    """What one row says of a product; None: nothing. `stock` is what is on the shelf, counted: at the default place."""

    sku: Sku
    title: Title | None = None
    price: Money | None = None
    weight_g: WeightG | None = None
    origin_country: Country | None = None
    hs_code: HsCode | None = None
    description: Annotated[str, Text(10_000)] | None = None
    parameters: Parameters | None = None
    materials: Annotated[str, Text(4000)] | None = None
    usage: Annotated[str, Text(10_000)] | None = None
    matches: Annotated[tuple[Sku, ...], Length(0, 20)] | None = None
    active: bool | None = None
    backorder_until: WantedDay | None = None
    backorder_at_most: AtMost | None = None
    low_stock: Threshold | None = None
    stock: Counted | None = None
    stock_at: Mapping[PlaceCode, Counted] | None = None

    def __post_init__(self) -> None:
        if self.price is not None and not self.price:
            raise Wrong({"price": "Must be more than 0.00."})

    def counted(self) -> dict[str, int]:
        """Return what was counted, by place."""
        default = {} if self.stock is None else {DEFAULT_PLACE: self.stock}
        return {**(self.stock_at or {}), **default}


COLUMNS = {each.name for each in fields(ProductRow)} - {"parameters", "stock_at"}
CURRENCY_COLUMNS = ("currency", "price_currency")


@dataclass(frozen=True)
class _File:
    """What stands in a file: rows by SKU, with their numbers, and what was found about the others."""

    kind: str
    rows: Mapping[str, tuple[int, ProductRow]]
    complaints: list[Complaint]
    left_out: list[LeftOut]
    ignored: list[str]

    def answer(self, changed: int) -> ImportedProducts:
        """Refuse the file for what is wrong with it, or say what it did."""
        if self.complaints:
            _refuse(self.complaints)
        return {
            "imported": len(self.rows),
            "unchanged": len(self.rows) - changed,
            "format": self.kind,
            "left_out": self.left_out,
            "ignored_columns": self.ignored,
        }


def import_products(work: Work, csv_text: str) -> ImportedProducts:
    """Add and change the products of a CSV. Invalid (`validation_failed`) names the rows that are wrong."""
    file = _read_file(csv_text)
    return file.answer(_apply(work, file.rows, file.complaints))


def preview_import(work: Work, csv_text: str) -> ImportPreview:
    """Say what `import_products` would do with a CSV, and refuse what it would refuse."""
    file = _read_file(csv_text)
    changes: list[ProductChange] = []
    known = _Known.of(work, file.rows)
    for number, row in file.rows.values():
        with _complaining(number, file.complaints):
            changes += _change(known, row)
            catalogue.require_savable(work, row.sku, row.backorder_until, known.products.get(row.sku))
    return {
        **file.answer(len(changes)),
        "changes": changes[:MOST_CHANGES],
        "more": max(len(changes) - MOST_CHANGES, 0),
    }


def _read_file(csv_text: str) -> _File:
    sheet = read_sheet(csv_text)
    kind = kind_of(sheet)
    taken = list(_own(sheet) if kind == OWN else take(kind, sheet))
    complaints: list[Complaint] = list(_about_sheet(kind, sheet))
    left_out: list[LeftOut] = [
        {"row": each.number, "sku": each.cells.get("sku"), "reason": each.left_out} for each in taken if each.left_out
    ]
    rows: dict[str, tuple[int, ProductRow]] = {}
    for each in taken:
        if each.left_out:
            continue
        row = _read(each, sheet.decimal_comma, complaints)
        if row is None:
            continue
        key = code_key(row.sku)
        if key in rows:
            complaints.append((f"{each.number}.sku", f"The same SKU as in row {rows[key][0]}."))
        rows.setdefault(key, (each.number, row))
    ignored = [name for key, name in sheet.headers.items() if not _is_ours(kind, key)]
    return _File(kind, rows, complaints, left_out, ignored[::-1])


def _own(sheet: Sheet) -> Iterator[Taken]:
    for row in sheet.rows:
        cells = {_name(key): cell for key, cell in row.cells.items()}
        parameters = {
            sheet.headers[key][len(PARAMETER) :].strip(): cell
            for key, cell in row.cells.items()
            if key.startswith(PARAMETER)
        }
        ours = {name: cell for name, cell in cells.items() if name in COLUMNS}
        elsewhere = {key: cell for key, cell in row.cells.items() if key.startswith(STOCK_AT)}
        yield Taken(row.number, {**ours, **elsewhere}, parameters)


def _name(key: str) -> str:
    return key.replace(" ", "_").replace("-", "_")


def _is_ours(kind: str, key: str) -> bool:
    if kind == OWN:
        return _name(key) in (*COLUMNS, *CURRENCY_COLUMNS) or key.startswith((PARAMETER, STOCK_AT))
    return is_read(kind, key)


def _about_sheet(kind: str, sheet: Sheet) -> Iterator[Complaint]:
    named = [_name(key) for key in sheet.headers] if kind == OWN else []
    twice = {*sheet.twice, *(name for name in named if named.count(name) > 1 and name in COLUMNS)}
    for key in sorted(twice):
        if kind == OWN or is_read(kind, key):
            yield f"header.{key}", "There are two columns of this name."
    for row in sheet.rows:
        if any(_SHORTENED.fullmatch(row.cells.get(key, "")) for key in SKU_COLUMNS):
            yield f"{row.number}.sku", "A spreadsheet has shortened this number; format the column as text."
        if kind == OWN and any(_is_foreign(_name(key), cell) for key, cell in row.cells.items()):
            yield f"{row.number}.currency", "All amounts are in USD."
        if row.beyond:
            yield str(row.number), "There are cells without a column."


def _is_foreign(name: str, cell: str) -> bool:
    return name in CURRENCY_COLUMNS and cell.upper() != CURRENCY


def _read(taken: Taken, decimal_comma: bool, complaints: list[Complaint]) -> ProductRow | None:
    try:
        return load(ProductRow, _document(taken, decimal_comma))
    except Invalid as exc:
        for error in exc.details.get("errors", []):
            complaints.append((f"{taken.number}.{error['field']}", str(error["message"])))
    return None


def _document(taken: Taken, decimal_comma: bool) -> dict[str, object]:
    """Return the cells as JSON."""
    cells = taken.cells
    data: dict[str, object] = {name: cell for name, cell in cells.items() if not name.startswith(STOCK_AT)}
    if "price" in cells:
        data["price"] = {"amount": _amount(cells["price"], decimal_comma), "currency": CURRENCY}
    if "matches" in cells:
        bar = re.search(r"[|\n]", cells["matches"])
        parts = re.split(r"[|\n]", cells["matches"]) if bar else cells["matches"].split()
        data["matches"] = [part.strip() for part in parts if part.strip()]
    if "active" in cells:
        data["active"] = _TRUTH.get(cells["active"].lower(), "?")
    if len(cells.get("origin_country", "")) == 2:
        data["origin_country"] = cells["origin_country"].upper()
    for name in _NUMBERS:
        if name in cells:
            data[name] = _number(cells[name])
    elsewhere = {name[len(STOCK_AT) :].strip(): _number(cells[name]) for name in cells if name.startswith(STOCK_AT)}
    if elsewhere:
        data["stock_at"] = elsewhere
    if taken.parameters:
        data["parameters"] = dict(taken.parameters)
    return data


def _number(cell: str) -> int | str:
    return int(cell.partition(".")[0]) if _WHOLE.fullmatch(cell) else cell


def _amount(cell: str, decimal_comma: bool) -> str:
    """Return 12.3 as 12.30, and 12,30 as 12.30 where commas do not part the cells; anything else as it is."""
    if decimal_comma and _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    return f"{cell}0" if _ONE_DECIMAL.fullmatch(cell) else cell


def _apply(work: Work, rows: Mapping[str, tuple[int, ProductRow]], complaints: list[Complaint]) -> int:
    """Change the products, all of them by a few statements, however many they are. Return how many.

    Products and then levels are locked in the order of their SKUs, so that two imports cannot wait for each other. With
    complaints nothing is kept, whatever was changed here: the transaction ends with them.
    """
    known = _Known.of(work, rows, lock=True)
    changed: set[str] = set()
    new: list[Product] = []
    counted: dict[tuple[str, str], int] = {}
    watched: list[Product] = []
    for key, (number, row) in sorted(rows.items()):
        with _complaining(number, complaints):
            product = known.products.get(row.sku)
            wanted = _wanted(row, product)
            before = None if product is None else product.low_stock
            if product is None:
                product = catalogue.begin_product(work, row.sku, wanted)
                new.append(product)
                changed.add(key)
            elif product.facts() != {name: getattr(wanted, name) for name in catalogue.FACTS}:
                catalogue.save_product(work, row.sku, wanted, product)
                changed.add(key)
            found = {place: count - known.on_hand(product, place) for place, count in row.counted().items()}
            if any(found.values()):
                counted |= {(place, product.sku): delta for place, delta in found.items() if delta}
                changed.add(key)
            elif product.low_stock != before:
                watched.append(product)
    if not complaints:
        work.products.add(*new)
        products = {each.sku: each for each in (*known.products.values(), *new)}
        skus = {sku for _, sku in counted}
        levels = {sku: known.levels.get(sku, NOTHING) for sku in skus}
        catalogue.count_stock(work, counted, [products[sku] for sku in sorted(skus)], levels, "counted (import)")
        if watched:
            low_stock.look_at(work, watched)
    return len(changed)


@dataclass(frozen=True)
class _Known:
    """What is there of the products that a file names: by SKU as it stands in the file, and the levels by their own."""

    products: Mapping[str, Product]
    levels: Mapping[str, Level]
    there: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, work: Work, rows: Mapping[str, tuple[int, ProductRow]], *, lock: bool = False) -> _Known:
        work.places.require_open({place for _, row in rows.values() for place in row.counted()})
        products = work.products.find_all((row.sku for _, row in rows.values()), lock=lock)
        levels = work.stock.levels((each.sku for each in products.values()), lock=lock)
        places = work.stock.by_place(levels)
        return cls(
            products, levels, {(each.place, sku): each.on_hand for sku, there in places.items() for each in there}
        )

    def on_hand(self, product: Product | None, place: str) -> int:
        return 0 if product is None else self.there.get((place, product.sku), 0)


@contextmanager
def _complaining(number: int, complaints: list[Complaint]) -> Iterator[None]:
    """Note what is wrong with a row, by its number."""
    try:
        yield
    except Wrong as wrong:
        named = wrong.complaint if isinstance(wrong.complaint, Mapping) else {"": wrong.complaint}
        complaints.extend((f"{number}.{name}".rstrip("."), text) for name, text in named.items())
    except Invalid as exc:
        errors: Sequence[Mapping[str, str]] = exc.details.get("errors", [])
        complaints.extend((f"{number}.{error['field']}", error["message"]) for error in errors)


def _change(there: _Known, row: ProductRow) -> list[ProductChange]:
    """Return what a row would change, nothing if all of it is so already."""
    product = there.products.get(row.sku)
    wanted, known = _wanted(row, product), {} if product is None else product.facts()
    found = {
        name: (known.get(name, ""), getattr(wanted, name))
        for name in catalogue.FACTS
        if product is None or known[name] != getattr(wanted, name)
    }
    if product is None:
        found = {name: each for name, each in found.items() if getattr(row, name) is not None}
    for place, count in row.counted().items():
        if count != (on_hand := there.on_hand(product, place)):
            found["stock" if place == DEFAULT_PLACE else f"{STOCK_AT}{place}"] = (on_hand, count)
    if product is not None and not found:
        return []
    fields_: list[FieldChange] = [
        {"field": name, "before": _shown(before), "after": _shown(after)} for name, (before, after) in found.items()
    ]
    sku = row.sku if product is None else product.sku
    return [{"sku": sku, "title": wanted.title, "is_new": product is None, "fields": fields_}]


def _shown(value: object) -> str:
    """Return a fact as the preview shows it: one line, shortened."""
    if isinstance(value, Mapping):
        value = ", ".join(f"{name}: {each}" for name, each in value.items())
    elif isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _wanted(row: ProductRow, product: Product | None) -> SaveProduct:
    """Return all that would be known of the product. Raise Wrong where a new one says too little."""
    named = {name: value for name in catalogue.FACTS if (value := getattr(row, name)) is not None}
    known = {} if product is None else product.facts()
    if product is None:
        missing = {name: "Needed for a new product." for name in ("title", "price") if name not in named}
        if missing:
            raise Wrong(missing)
    if "parameters" in named:
        named["parameters"] = {**known.get("parameters", {}), **named["parameters"]}
    return SaveProduct(**{**known, **named})


def _refuse(complaints: Sequence[Complaint]) -> None:
    errors = [{"field": field, "message": message} for field, message in complaints[:MOST_COMPLAINTS]]
    rows = len({field.partition(".")[0] for field, _ in complaints})
    details = {"errors": errors, "more": max(len(complaints) - MOST_COMPLAINTS, 0)}
    are_wrong = "1 row is wrong" if rows == 1 else f"{rows} rows are wrong"
    raise Invalid(f"{are_wrong}; nothing was imported", code="validation_failed", details=details)
