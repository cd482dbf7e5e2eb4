"""Read the rows of a CSV, numbered as a spreadsheet numbers them: a cell may hold several lines, and is one row's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator


class BrokenRow(ValueError):
    """A row cannot be read; says which, and why."""


def numbered_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its number, the first is 1, empty ones too. Raise BrokenRow where one cannot be read."""
    number = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, record
    except csv.Error as problem:
        raise BrokenRow(f"{problem}, in row {number + 1}") from None
