"""The text of a mail, from whatever characters and markup it has. Pure.

    decoded(b"\\xfc", "iso-8859-1")        # "ü"; characters that a mail names wrongly are read as they most likely are
    text_of_page("<p>Hello<br>you</p>")   # "Hello\\nyou"

Of a page nothing is kept but text, and that is shown as text: no markup of a stranger is ever shown as such. Scripts,
styles and comments go with all that they hold. One pass over the page makes it, whatever the page is: a parser that
builds a tree, as the one that cleans articles, takes minutes for half a megabyte of nested elements. What a page marks
as quoted gets ">" or the line that `cutting` knows.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import unescape

from services.support.adapters.mailbox.cutting import QUOTED_FROM_HERE

PAGE_LIMIT = 500_000
"""Characters of a page that are looked at."""
_ALIASES = {
    "us-ascii": "utf-8", "ascii": "utf-8", "ansi_x3.4-1968": "utf-8", "unknown-8bit": "utf-8", "utf8": "utf-8",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "iso-8859-8-i": "iso-8859-8", "gb2312": "gb18030", "gbk": "gb18030",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "unicode-1-1-utf-7": "utf-7", "windows-31j": "cp932", "cp-850": "cp850",
}  # fmt: skip
_BLOCKS = frozenset(
    {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "section", "article"}
)
_APART = frozenset({"p", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_SILENT = frozenset({"script", "style", "title", "textarea", "noscript", "template"})
_TAG = re.compile(r"<(?=/?[A-Za-z]|[!?])")
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_ATTRIBUTE = re.compile(r"""\b(class|id|href)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_QUOTES = re.compile(
    r"\b(?:gmail_quote|gmail_extra|yahoo_quoted|protonmail_quote|moz-cite-prefix|zmail_extra|appendonsend|divRplyFwdMsg|"
    r"ymail_android_signature_quote|mail-editor-reference-message-container|isReplyContent|OutlookMessageHeader)\b"
)
_VOID = frozenset({"br", "hr"})


def decoded(raw: bytes, charset: str | None) -> str:
    """Return the text; bytes that are none in that character set stand as U+FFFD, none is lost."""
    named = (charset or "utf-8").strip("\"' ").lower()
    for name in (_ALIASES.get(named, named), "utf-8"):
        try:
            return raw.decode(codecs.lookup(name).name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Join the lines that a program broke (format=flowed, RFC 3676)."""
    joined: list[str] = []
    open_quote: str | None = None
    for line in text.split("\n"):
        quote, rest = _depth(line)
        flows = rest.endswith(" ") and rest != "-- "
        if open_quote == quote:
            joined[-1] += rest if not quote else rest.lstrip(" ")
        else:
            joined.append(f"{quote}{' ' if quote and not rest.startswith(' ') else ''}{rest}")
        if flows and delete_space:
            joined[-1] = joined[-1][:-1]
        open_quote = quote if flows else None
    return "\n".join(line if line == "-- " else line.rstrip() for line in joined)


def _depth(line: str) -> tuple[str, str]:
    rest = line.lstrip(">")
    return line[: len(line) - len(rest)], rest[1:] if rest.startswith(" ") and len(rest) < len(line) else rest


def text_of_page(page: str) -> str:
    """Return what a page says, a line for each block."""
    reader = _Reader()
    for tag, text in _pieces(page[:PAGE_LIMIT]):
        if not tag:
            reader.read(unescape(text))
        elif text.startswith("/"):
            reader.end(tag)
        else:
            reader.begin(
                tag, {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(text[:2000])}
            )
    return reader.text()


def _pieces(page: str) -> Iterator[tuple[str, str]]:
    """Yield the name and inside of each tag, and ("", text) for what stands between them."""
    place, end = 0, len(page)
    while place < end:
        found = _TAG.search(page, place)
        if found is None:
            yield "", page[place:]
            return
        begin = found.start()
        if begin > place:
            yield "", page[place:begin]
        if page.startswith("<!--", begin):
            close = page.find("-->", begin + 4)
            place = close + 3 if close >= 0 else end
            continue
        name = _NAME.match(page, begin + 1)
        close = page.find(">", begin)
        if close < 0:
            return
        place = close + 1
        if name is None:
            continue
        tag = name[1].lower()
        if tag in _SILENT and page[begin + 1] != "/":
            over = re.compile(rf"</{tag}\b[^>]*>", re.I).search(page, place)
            place = over.end() if over else end
            continue
        yield tag, page[begin + 1 : close]


class _Reader:
    """Writes down the lines of a page."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, list[str]]] = [(0, [])]
        self._quotes, self._link, self._in_quote = 0, "", False

    def begin(self, tag: str, given: dict[str, str]) -> None:
        marks = f"{given.get('class', '')} {given.get('id', '')}"
        if tag in ("div", "hr", "blockquote") and not self._in_quote and _QUOTES.search(marks):
            self._in_quote = True
            self._break()
            self._lines[-1][1].append(QUOTED_FROM_HERE)
            self._break()
        if tag == "blockquote":
            self._break()
            self._quotes += 1
            self._lines.append((self._quotes, []))
        elif tag == "br":
            self._lines.append((self._quotes, []))
        elif tag in _BLOCKS:
            self._break(apart=tag in _APART)
        if tag == "li":
            self._lines[-1][1].append("- ")
        if tag == "a":
            self._link = given.get("href", "")

    def end(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
            self._break(apart=True)
        elif tag in _BLOCKS and tag not in _VOID:
            self._break(apart=tag in _APART)
        elif tag in ("td", "th"):
            self._lines[-1][1].append(" ")
        elif tag == "a":
            said = "".join(self._lines[-1][1])
            if self._link.startswith("http") and not said.rstrip().endswith((self._link, self._link.rstrip("/"))):
                self._lines[-1][1].append(f" <{self._link}>")
            self._link = ""

    def read(self, data: str) -> None:
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        if words != " " or self._lines[-1][1]:
            self._lines[-1][1].append(words)

    def text(self) -> str:
        """Return the lines, those that are quoted marked, with one blank line at most between two."""
        found: list[str] = []
        for depth, pieces in self._lines:
            words = "".join(pieces).strip(" ")
            line = f"{'>' * min(depth, 5)} {words}".rstrip() if depth else words
            if line.strip("> ") or (found and found[-1].strip("> ")):
                found.append(line)
        return "\n".join(found).strip("\n")

    def _break(self, *, apart: bool = False) -> None:
        depth, pieces = self._lines[-1]
        if any(piece.strip() for piece in pieces):
            self._lines.append((self._quotes, []))
        elif depth != self._quotes:
            self._lines[-1] = (self._quotes, pieces)
        if apart and len(self._lines) > 1 and self._lines[-2][1]:
            self._lines.append((self._quotes, []))
