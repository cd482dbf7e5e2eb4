"""Draw a document as PDF. A program: it runs alone, and knows nothing of ours.

    python -I draw.py < paper.json > document.pdf        see `paper.to_json`

Noto fonts are embedded, as much of them as the texts need: one for Latin, Greek and Cyrillic letters, one for each
other script that occurs, and a Japanese one for Han characters. Letters are joined and put in their order as their
script wants it. What no font has is said at the end of the document, so that no name is cut without a word.
"""

from __future__ import annotations

import json
import resource
import sys
import unicodedata
from pathlib import Path
from typing import TypedDict, cast

import manimgx_fonts
import pylopdf_fonts_jp
from fpdf import FPDF
from fpdf.fonts import TTFFont

MEMORY, SECONDS = 1 << 30, 20  # of processor time
NOTO = Path(manimgx_fonts.__file__).parent
HAN = Path(pylopdf_fonts_jp.__file__).parent / "NotoSansJP-Regular.otf"
HAN_SCRIPTS = frozenset({"CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC", "KATAKANA-HIRAGANA"})
MISSING = "Some characters of this document are in no font that we print with, and are shown as boxes: {}"
SHOWN_MISSING, BOX = 40, "\u25a1"
INK, SOFT, RULE = (20, 24, 28), (90, 98, 106), (200, 206, 212)


class PartData(TypedDict):
    """A part, as it is read: see `paper.Part`."""

    heading: str
    lines: list[str]
    rows: list[list[str]]
    strong: bool


class PaperData(TypedDict):
    """A document, as it is read: see `paper.Paper`."""

    title: str
    about: list[str]
    parts: list[PartData]
    foot: str


class Sheet(FPDF):
    """Pages with our margins, and the foot on each."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margins(20, 20)
        self.set_auto_page_break(True, margin=25)

    def footer(self) -> None:
        self.set_y(-18)
        _font(self, 8)
        self.set_text_color(*SOFT)
        self.multi_cell(0, 4, f"{self.foot} Page {self.page_no()} of {{nb}}")


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


def draw(paper: PaperData) -> bytes:
    """Return the document as PDF."""
    sheet = Sheet(paper["foot"])
    sheet.set_title(paper["title"])
    sheet.set_lang("en")
    missing = add_fonts(sheet, texts_of(paper))
    paper = cast(PaperData, without(paper, set(missing)))
    if len(sheet.fonts) > 1:  # it takes its time, and our Latin texts do without
        sheet.set_text_shaping(True)
    sheet.add_page()
    _line(sheet, paper["title"], size=20, height=10)
    for line in paper["about"]:
        _line(sheet, line)
    for part in paper["parts"]:
        _part(sheet, part)
    if missing:
        _line(sheet, MISSING.format(" ".join(f"U+{ord(each):04X}" for each in missing[:SHOWN_MISSING])), colour=SOFT)
    return bytes(sheet.output())


def _line(sheet: FPDF, text: str, *, size: float = 10, height: float = 5.5, colour: tuple[int, int, int] = INK) -> None:
    _font(sheet, size)
    sheet.set_text_color(*colour)
    sheet.multi_cell(0, height, text, new_x="LMARGIN", new_y="NEXT", align="L")


def _font(sheet: FPDF, size: float) -> None:
    """Set the font once more: after letters of another script fpdf2 takes the page for being at this one."""
    sheet.set_font("noto", size=size + 1)
    sheet.set_font("noto", size=size)


def _part(sheet: FPDF, part: PartData) -> None:
    sheet.ln(4)
    _line(sheet, part["heading"], size=13, height=8)
    for line in part["lines"]:
        _line(sheet, line)
    sheet.set_draw_color(*RULE)
    for place, row in enumerate(part["rows"]):
        strong = part["strong"] and place == len(part["rows"]) - 1
        _row(sheet, row, size=11.5 if strong else 10)


def _row(sheet: FPDF, row: list[str], *, size: float) -> None:
    """Write what it is at the left, wrapped, and the amount at the right."""
    _font(sheet, size)
    sheet.set_text_color(*INK)
    what, amount = "  ".join(row[:-1]), row[-1]
    right = 45.0
    if sheet.will_page_break(12):
        sheet.add_page()
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
