"""Draw a document as PDF. A program: it runs alone, and knows nothing of ours.

    python -I draw.py < papers.json > document.pdf       a list; see `paper.to_json`

Noto fonts are embedded, as much of them as the texts need: one for Latin, Greek and Cyrillic letters, one for each
other script that occurs, and a Japanese one for Han characters. Letters are joined and put in their order as their
script wants it. What no font has is said at the end of the document, so that no name is cut without a word.
"""

from __future__ import annotations

import json
import resource
import sys
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TypedDict, cast

import manimgx_fonts
import pylopdf_fonts_jp
import segno
from barcode.codex import Code128
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace, TTFFont

MEMORY, SECONDS = 1 << 30, 20  # of processor time
NOTO = Path(manimgx_fonts.__file__).parent
HAN = Path(pylopdf_fonts_jp.__file__).parent / "NotoSansJP-Regular.otf"
HAN_SCRIPTS = frozenset({"CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC", "KATAKANA-HIRAGANA"})
MISSING = "Some characters of this document are in no font that we print with, and are shown as boxes: {}"
SHOWN_MISSING, BOX = 40, "\u25a1"
INK, SOFT, RULE = (20, 24, 28), (90, 98, 106), (200, 206, 212)
SIZES = {"A4": ((210.0, 297.0), 20.0), "A6": ((105.0, 148.0), 6.0)}  # of a page and its margins, in millimetres
BAR, QUIET, BARS_HIGH, DOTS_WIDE = 0.33, 10, 13.0, 22.0  # the narrowest bar (GS1: 0.25 to 1.0), and what is beside it


class CodeData(TypedDict):
    """A code for scanners, as it is read: see `paper.ScanCode`."""

    kind: str
    text: str


class ColumnData(TypedDict):
    """A column, as it is read: see `paper.Column`."""

    head: str
    share: int
    right: bool


class PartData(TypedDict):
    """A part, as it is read: see `paper.Part`."""

    heading: str
    lines: list[str]
    rows: list[list[str]]
    strong: bool
    columns: list[ColumnData]
    large: bool


class PaperData(TypedDict):
    """A document, as it is read: see `paper.Paper`."""

    title: str
    about: list[str]
    parts: list[PartData]
    foot: str
    size: str
    codes: list[CodeData]
    lang: str


class Sheet(FPDF):
    """The pages of one paper or of several, each with its own size, margins and foot."""

    foot, first, small, alone = "", 1, False, True

    def begin(self, paper: PaperData, *, alone: bool) -> None:
        """Begin the first page of a paper. alone: no other is printed with it."""
        size, margin = SIZES[paper["size"]]
        self.add_page(format=size)  # which writes the foot of the page before, in the words of its paper
        self.foot, self.first, self.alone = paper["foot"], self.page, alone
        self.small = paper["size"] != "A4"
        self.set_margins(margin, margin)
        self.set_auto_page_break(True, margin=12 if self.small else 25)
        self.set_xy(margin, margin)

    def footer(self) -> None:
        of_all = " of {nb}" if self.alone else ""
        self.set_y(-10 if self.small else -18)
        _font(self, 6 if self.small else 8)
        self.set_text_color(*SOFT)
        text = f"{self.foot} Page {self.page - self.first + 1}{of_all}"
        self.multi_cell(0, 3 if self.small else 4, text)


def texts_of(value: object) -> str:
    """Return all texts of a document in one."""
    if isinstance(value, dict):
        return "".join(map(texts_of, value.values()))
    return "".join(map(texts_of, value)) if isinstance(value, list) else str(value)


def scripts_of(text: str) -> list[str]:
    """Return the scripts that a text has beside Latin, Greek and Cyrillic: ["ARABIC", "CJK"]."""
    names = {unicodedata.name(char, "").partition(" ")[0] for char in set(text) if ord(char) > 0x24F}
    return sorted(names)


def add_fonts(sheet: FPDF, text: str) -> str:
    """Add the fonts that a text needs. Return the characters that none of them has."""
    sheet.add_font("noto", fname=NOTO / "NotoSans[wght].ttf")
    others = []
    for script in scripts_of(text):
        file = HAN if script in HAN_SCRIPTS else NOTO / f"NotoSans{script.title()}[wght].ttf"
        name = "han" if file == HAN else script.lower()
        if name not in others and file.exists():
            sheet.add_font(name, fname=file)
            others.append(name)
    sheet.set_fallback_fonts(others, exact_match=False)
    known = [set(font.cmap) for font in sheet.fonts.values() if isinstance(font, TTFFont)]
    return "".join(
        sorted({char for char in text if char.isprintable() and not any(ord(char) in each for each in known)})
    )


def without(value: object, missing: set[str]) -> object:
    """Return a document with a box for each character that is missing."""
    if isinstance(value, dict):
        return {name: without(inner, missing) for name, inner in value.items()}
    if isinstance(value, list):
        return [without(inner, missing) for inner in value]
    return "".join(BOX if char in missing else char for char in value) if isinstance(value, str) else value


def draw(papers: Sequence[PaperData]) -> bytes:
    """Return the documents as one PDF, one after the other."""
    sheet = Sheet(format="A4")
    sheet.set_title(papers[0]["title"])
    sheet.set_lang(papers[0]["lang"])
    missing = add_fonts(sheet, texts_of([*papers]))
    if len(sheet.fonts) > 1:  # it takes its time, and our Latin texts do without
        sheet.set_text_shaping(True)
    for paper in cast("list[PaperData]", without([*papers], set(missing))):
        sheet.begin(paper, alone=len(papers) == 1)
        _paper(sheet, paper)
    if missing:
        _line(sheet, MISSING.format(" ".join(f"U+{ord(each):04X}" for each in missing[:SHOWN_MISSING])), colour=SOFT)
    return bytes(sheet.output())


def _paper(sheet: Sheet, paper: PaperData) -> None:
    small = sheet.small
    _line(sheet, paper["title"], size=13 if small else 20, height=6 if small else 10)
    for code in paper["codes"]:
        _code(sheet, code)
    for line in paper["about"]:
        _line(sheet, line, size=7.5 if small else 10, height=3.6 if small else 5.5)
    for part in paper["parts"]:
        _part(sheet, part)


def _code(sheet: Sheet, code: CodeData) -> None:
    """Draw a code: dots in the corner at the top right, bars where the page is, with what they say below them."""
    sheet.set_fill_color(0, 0, 0)
    if code["kind"] == "qr":
        dots = [*segno.make_qr(code["text"], error="m").matrix]
        side = DOTS_WIDE / len(dots)
        left, top = sheet.w - sheet.r_margin - DOTS_WIDE, sheet.t_margin
        for y, row in enumerate(dots):
            _bars(sheet, "".join("1" if dot else "0" for dot in row), left, top + y * side, side, side)
        return
    bars = Code128(code["text"]).build()[0]
    width = min(BAR, (sheet.epw - 2) / (len(bars) + QUIET))
    top = sheet.get_y() + 1
    _bars(sheet, bars, sheet.l_margin + (QUIET - 6) * width, top, width, BARS_HIGH)
    sheet.set_xy(sheet.l_margin, top + BARS_HIGH + 1)
    _line(sheet, code["text"], size=8.5, height=4.5)


def _bars(sheet: FPDF, bars: str, left: float, top: float, width: float, height: float) -> None:
    """Draw the ones of a row of ones and zeros, those side by side in one piece."""
    at = left
    for bit, run in groupby(bars):
        wide = len([*run]) * width
        if bit == "1":
            sheet.rect(at, top, wide, height, style="F")
        at += wide


def _line(sheet: FPDF, text: str, *, size: float = 10, height: float = 5.5, colour: tuple[int, int, int] = INK) -> None:
    _font(sheet, size)
    sheet.set_text_color(*colour)
    sheet.multi_cell(0, height, text, new_x="LMARGIN", new_y="NEXT", align="L")


def _font(sheet: FPDF, size: float) -> None:
    """Set the font once more: after letters of another script fpdf2 takes the page for being at this one."""
    sheet.set_font("noto", size=size + 1)
    sheet.set_font("noto", size=size)


def _part(sheet: Sheet, part: PartData) -> None:
    small = sheet.small
    sheet.ln(2 if small else 4)
    if part["heading"]:
        _line(sheet, part["heading"], size=9 if small else 13, height=5 if small else 8)
    size, height = (14.0, 7.0) if part["large"] else (7.5, 3.6) if small else (10.0, 5.5)
    for line in part["lines"]:
        _line(sheet, line, size=size, height=height)
    sheet.set_draw_color(*RULE)
    if part["columns"]:
        return _table(sheet, part)
    for place, row in enumerate(part["rows"]):
        strong = part["strong"] and place == len(part["rows"]) - 1
        _row(sheet, row, size=11.5 if strong else 10)


def _table(sheet: Sheet, part: PartData) -> None:
    """Draw the rows between lines, the heads of the columns above them on each page."""
    size, columns = 7.0 if sheet.small else 9.0, part["columns"]
    _font(sheet, size)
    sheet.set_text_color(*INK)
    aligned = tuple("RIGHT" if column["right"] else "LEFT" for column in columns)
    heads = FontFace(emphasis=None, color=SOFT, size_pt=size - 1)
    shares = tuple(column["share"] for column in columns)
    with sheet.table(
        col_widths=shares, text_align=aligned, headings_style=heads, line_height=size * 0.5, padding=0.8,
        borders_layout=TableBordersLayout.ALL,
    ) as table:  # fmt: skip
        table.row([column["head"] for column in columns])
        for row in part["rows"]:
            table.row(row)
    sheet.ln(1)


def _row(sheet: FPDF, row: list[str], *, size: float) -> None:
    """Write what it is at the left, wrapped, and the amount at the right."""
    _font(sheet, size)
    sheet.set_text_color(*INK)
    what, amount = "  ".join(row[:-1]), row[-1]
    right = 45.0
    if sheet.will_page_break(12):
        sheet.add_page(same=True)
    top = sheet.get_y()
    sheet.multi_cell(sheet.epw - right, 6, what, new_x="RIGHT", new_y="NEXT", align="L")
    bottom = sheet.get_y()
    _font(sheet, size)
    sheet.set_xy(sheet.l_margin + sheet.epw - right, top)
    sheet.cell(right, 6, amount, align="R")
    sheet.line(sheet.l_margin, bottom, sheet.l_margin + sheet.epw, bottom)
    sheet.set_xy(sheet.l_margin, bottom)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.buffer.write(draw(json.load(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
