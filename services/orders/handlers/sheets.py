"""Read a table of products as people and programs write it.

Comma, semicolon, tab or bar between the cells; a byte order mark, a line `sep=;` or a title above the header; headers
in any case; empty rows and empty columns: none of it matters. Rows are numbered as a spreadsheet numbers them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.common.basics.csv_rows import BrokenRow, numbered_rows
from services.common.basics.folding import fold
from services.orders.api import BadCsv

MAX_ROWS = 1000
DELIMITERS = ",;\t|"
SKU_COLUMNS = {"sku", "variant sku"}
_HEADER_WITHIN = 5
"""Rows among which the header must be."""


@dataclass(frozen=True)
class Row:
    """One row: its number, its cells that are not empty by folded header, and how many stand beyond the header."""

    number: int
    cells: Mapping[str, str]
    beyond: int = 0


@dataclass(frozen=True)
class Sheet:
    """A table. `headers` are as they were written, by their folded form."""

    headers: Mapping[str, str]
    rows: Sequence[Row]
    twice: Sequence[str]
    decimal_comma: bool


def read_sheet(text: str) -> Sheet:
    """Return the table. Raise BadCsv for what is none, or one without a column of SKUs, without rows or with too many.

    `twice` names the headers that stand there more than once; the first of them has the cells.
    """
    text = text.lstrip("\ufeff")
    if "\0" in text:
        raise BadCsv("not a CSV: it holds characters that are not text")
    first, _, rest = text.partition("\n")
    if fold(first).startswith("sep=") and len(first.strip()) == 5:
        text = "\n" + rest  # the line stays counted
    delimiter, above = _find_header(text)
    records = list(_records(text, delimiter))
    names = [cell.strip() for cell in records[above]]
    keys = [fold(name) for name in names]
    rows = [_row(number, keys, record) for number, record in enumerate(records[above + 1 :], above + 2) if any(record)]
    if not 1 <= len(rows) <= MAX_ROWS:
        raise BadCsv(f"a CSV has 1 to {MAX_ROWS} rows below its header")
    given = [key for key in keys if key]
    return Sheet(
        headers={key: name for key, name in zip(reversed(keys), reversed(names), strict=True) if key},
        rows=rows,
        twice=sorted({key for key in given if given.count(key) > 1}),
        decimal_comma=delimiter != ",",
    )


def _find_header(text: str) -> tuple[str, int]:
    """Return the delimiter, and how many rows stand above the header: the one that makes the most columns."""
    found: list[tuple[int, str, int]] = []
    for delimiter in DELIMITERS:
        try:
            for above, record in zip(range(_HEADER_WITHIN), _records(text, delimiter), strict=False):
                if SKU_COLUMNS & {fold(cell) for cell in record}:
                    found.append((len(record), delimiter, above))
                    break
        except BadCsv:
            continue
    if not found:
        raise BadCsv("no row of the first five names a column sku")
    _, delimiter, above = max(found, key=lambda each: each[0])
    return delimiter, above


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        for _, record in numbered_rows(text, delimiter):
            yield [cell.strip() for cell in record]
    except BrokenRow as broken:
        raise BadCsv(f"not a CSV: {broken}") from None


def _row(number: int, keys: Sequence[str], record: Sequence[str]) -> Row:
    cells: dict[str, str] = {}
    beyond = sum(1 for cell in record[len(keys) :] if cell)
    for key, cell in zip(keys, record, strict=False):
        if cell and key:
            cells.setdefault(key, cell)
        elif cell:
            beyond += 1
    return Row(number, cells, beyond)
