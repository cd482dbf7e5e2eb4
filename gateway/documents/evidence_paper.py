"""The evidence file on paper: all that its page says (`evidence.document`), part by part, so that both say the same.

A bank's form takes one PDF. Each chapter has a bound and says what it leaves out: long talks leave room for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

from gateway.documents.evidence import Evidence, document
from gateway.documents.paper import Column, Paper, Part

MOST_LETTERS, MOST_IN_ALL = 24_000, 72_000  # of a chapter, and of all: drawing letters of other scripts takes long
MOST_LINES, MOST_OF_CHAPTER = 2_000, 400  # of the document, and of a chapter
LONGEST = 4_000  # letters of one line; a longer one goes on in the next
LONGEST_CELL = 200  # beyond it a table is written as lines: a row has to fit on a page
WIDEST, NARROWEST = 36, 8  # shares of a column
LEFT_OUT = "Not printed here: {} more of this chapter; the file as a page has all of it."
TEXTS = frozenset({"h1", "h2", "h3", "p", "li", "blockquote", "td", "th"})


def paper(evidence: Evidence) -> Paper:
    """Return the file as a paper."""
    reader = _Reader()
    reader.feed(document(evidence))
    reader.close()
    reader.end_chapter()
    foot = f"Evidence about {evidence.dispute['reference']}, made {evidence.made_at}."
    return Paper(reader.title, (), reader.parts, foot=foot, most=MOST_LINES, longest=LONGEST)


class _Reader(HTMLParser):
    """Reads our own page: headings, texts, quotes and tables, and no other markup."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.parts = "", [Part("")]
        self._said: list[str] = []
        self._heads: list[str] = []
        self._rows: list[list[str]] = []
        self._letters = self._left_out = self._in_all = self._height = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in TEXTS:
            self._said = []
        elif tag == "table":
            self._heads, self._rows = [], []
        elif tag == "tr":
            self._rows.append([])
        if tag == "th" and ("scope", "col") in attrs:
            self._heads.append("")

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._said).strip()
        if tag in ("td", "th"):
            self._rows[-1].append(text)
        elif tag == "table":
            self._table()
        elif tag == "h1":
            self.title = text
        elif tag == "h2":
            self.end_chapter()
            self.parts.append(Part(text))
        elif tag == "h3" and self._fits([text]):
            self.parts.append(Part(text))
        elif tag in ("p", "li", "blockquote"):
            self._lines([{"li": f"• {text}", "blockquote": f"“{text}”"}.get(tag, text)])

    def end_chapter(self) -> None:
        """Say what of the chapter had no room."""
        if self._left_out:
            self._add(LEFT_OUT.format(self._left_out))
        self._letters = self._left_out = self._height = 0

    def _table(self) -> None:
        heads = self._rows.pop(0) if self._heads else []
        if not heads or any(len(cell) > LONGEST_CELL or "\n" in cell for row in self._rows for cell in row):
            marks = [": ".join(row) if not heads else _led(heads, row) for row in self._rows]
            return self._lines(marks)
        kept = [row for row in self._rows if self._fits(row)]
        widths = [max(map(len, cells)) for cells in zip(heads, *kept, strict=True)]
        columns = [Column(head, min(max(width, NARROWEST), WIDEST)) for head, width in zip(heads, widths, strict=True)]
        self.parts.append(Part("", rows=kept, columns=columns))

    def _lines(self, texts: Sequence[str]) -> None:
        for text in texts:
            if self._fits([text]):
                self._add(*(piece for line in text.splitlines() for piece in _pieces(line)))

    def _fits(self, texts: Sequence[str]) -> bool:
        """Return whether there is room for these; count what there is none for. After a gap nothing more is shown."""
        letters = sum(map(len, texts))
        height = max((len([*filter(None, text.splitlines())]) for text in texts), default=0)
        fits = not self._left_out and self._letters + letters <= MOST_LETTERS and self._in_all + letters <= MOST_IN_ALL
        fits = fits and self._height + height <= MOST_OF_CHAPTER
        if fits:
            self._height += height
            self._letters += letters
            self._in_all += letters
        else:
            self._left_out += 1
        return fits

    def _add(self, *lines: str) -> None:
        last = self.parts[-1]
        if last.columns:
            self.parts.append(Part("", lines))
        else:
            self.parts[-1] = Part(last.heading, (*last.lines, *lines))


def _led(heads: Sequence[str], row: Sequence[str]) -> str:
    return "\n".join(f"{head}: {cell}" for head, cell in zip(heads, row, strict=True))


def _pieces(line: str) -> Sequence[str]:
    """Return a line in pieces that are not cut."""
    return [line[start : start + LONGEST] for start in range(0, len(line), LONGEST)]
