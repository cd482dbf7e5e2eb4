"""Read the rows of a CSV, numbered as a spreadsheet numbers them: a cell may hold several lines, and is one row's."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator


class BrokenRow(ValueError):
    """A row cannot be read; says which, and why."""


class UnusableTable(ValueError):
    """A table cannot be taken as a whole; says why."""


def numbered_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its number, the first is 1, empty ones too. Raise BrokenRow where one cannot be read."""
    number = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, record
    except csv.Error as problem:
        raise BrokenRow(f"{problem}, in row {number + 1}") from None


def named_rows(text: str, needed: Collection[str], most: int) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row that says something, its cells by the names of the first row in lower case, with its number.

    The columns stand in any order, separated by commas, semicolons or tabs. Raise UnusableTable where a row cannot be
    read, a column that is needed has no name, or more than `most` rows say something.
    """
    first = text.partition("\n")[0]
    records = numbered_rows(text, max(",;\t", key=first.count))
    try:
        names = [cell.strip().casefold() for cell in next(records, (0, []))[1]]
        if missing := sorted({*needed} - {*names}):
            raise UnusableTable(f"the first row names no column {' and no '.join(missing)}")
        found = 0
        for number, record in records:
            if not any(cell.strip() for cell in record):
                continue
            found += 1
            if found > most:
                raise UnusableTable(f"a file has at most {most} rows")
            yield number, dict(zip(names, record, strict=False))
    except BrokenRow as broken:
        raise UnusableTable(f"not a CSV: {broken}") from None
