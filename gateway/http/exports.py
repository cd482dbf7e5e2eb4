"""Lists as CSV files, sent as they are read: memory holds one page, however long the list is.

    pages = exports.every_page(lambda cursor: services().orders.list_orders_to_export(ListOrders(cursor=cursor)))
    return exports.stream("orders.csv", "export_orders", {"number": lambda order: order["number"]}, pages)

The first page is read before the answer begins, so a refusal is a problem document. What staff read is recorded before
each page leaves (`reads`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from itertools import chain
from typing import TypeVar

from flask import Response, request, stream_with_context

from gateway.http import reads
from services.common.basics.shapes import Page

T = TypeVar("T")
Columns = Mapping[str, Callable[[T], object]]
"""The name of each column, and what stands there for an item."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for the beginning of a formula; full width too."""


def every_page(ask: Callable[[str | None], Page[T]]) -> Iterator[Page[T]]:
    """Yield all pages of a list. ask: returns the page at a cursor, the first one at None."""
    page = ask(None)
    yield page
    while page["next_cursor"] is not None:
        page = ask(page["next_cursor"])
        yield page


def stream(name: str, operation: str, columns: Columns[T], pages: Iterator[Page[T]]) -> Response:
    """Answer with a file of that name: a row for each item of the pages."""
    first = next(pages)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if request.method == "HEAD":
        return Response(b"", headers=headers, content_type=CSV)
    reads.record(operation, {}, first)
    rows = stream_with_context(_rows(operation, columns, first, pages))
    return Response(rows, headers=headers, content_type=CSV)


CSV = "text/csv; charset=utf-8"


def _rows(operation: str, columns: Columns[T], first: Page[T], pages: Iterator[Page[T]]) -> Iterator[str]:
    yield row(columns)
    for page in chain([first], pages):
        if page is not first:
            reads.record(operation, {}, page)
        if page["items"]:
            yield "".join(row(column(item) for column in columns.values()) for item in page["items"])


def row(cells: Iterator[object] | Mapping[str, object]) -> str:
    """Return one row of CSV (RFC 4180), with what may be a formula made text."""
    written = StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue()


def harmless(cell: object) -> str:
    """Return a cell that no spreadsheet computes: what may begin a formula is led by an apostrophe."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text.startswith(FORMULA) else text
