"""What stands in a document, before it is drawn: a title, lines, and parts with lines and tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from gateway.http.words import _
from services.common.basics.untyped import JsonDict
from services.common.language import ENGLISH

MOST_LINES = 300  # of a document, rows of tables too
LONGEST = 240  # characters of one line or cell


@dataclass(frozen=True)
class ScanCode:
    """A code for scanners, with its text in letters below it."""

    kind: Literal["code128", "qr"]
    text: str


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, its share of the width, and whether it is of numbers."""

    head: str
    share: int = 1
    right: bool = False


@dataclass(frozen=True)
class Part:
    """A part under its heading. Of `rows` the last cell is an amount, at the right; `strong`: the last row counts.

    columns: the rows are a table with lines around each cell, and a cell may have several lines. large: of a label.
    """

    heading: str
    lines: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    strong: bool = False
    columns: Sequence[Column] = ()
    large: bool = False


@dataclass(frozen=True)
class Paper:
    """A document. about: under its title; foot: on each page; size: of its pages; codes: at its top, or its end.

    lang: the tag of the language that it is in. most, longest: its bounds.
    """

    title: str
    about: Sequence[str] = ()
    parts: Sequence[Part] = field(default_factory=tuple)
    foot: str = ""
    size: Literal["A4", "A6"] = "A4"
    codes: Sequence[ScanCode] = ()
    lang: str = ENGLISH
    most: int = MOST_LINES
    longest: int = LONGEST


def to_json(paper: Paper) -> JsonDict:
    """Return it as the program reads it: within bounds, and saying so where something is left out."""
    left, longest = paper.most - len(paper.about), paper.longest
    parts = []
    for part in paper.parts:
        lines, rows = [*part.lines][: max(left, 0)], [*part.rows][: max(left - len(part.lines), 0)]
        left -= len(part.lines) + len(part.rows)
        more = len(part.lines) + len(part.rows) - len(lines) - len(rows)
        said = (
            [_("Not printed here: {count} more; the page that this comes from shows all.", count=more)] if more else []
        )
        parts.append({
            **asdict(part), "heading": _cut(part.heading),
            "lines": [_cut(each, longest) for each in (*lines, *said)],
            "rows": [[_cell(cell) for cell in row] for row in rows], "strong": part.strong and not more,
        })  # fmt: skip
    whole = asdict(paper)
    return {**whole, "about": [_cut(each) for each in paper.about], "parts": parts}


def _cell(text: str) -> str:
    return "\n".join(map(_cut, str(text).splitlines()))


def _cut(text: str, longest: int = LONGEST) -> str:
    plain = " ".join(str(text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
