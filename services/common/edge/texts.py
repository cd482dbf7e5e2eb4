"""Make text as people see it: without what is invisible, reorders other text, or is no text at all. Pure.

    visible_line("Ada\\t\\u200bLovelace\\u2028")     # "Ada Lovelace"
    visible_text("one\\r\\ntwo\\x07")               # "one\\ntwo"

Both are idempotent. ValueError for a NUL or half a surrogate pair, which no one types and no file or mail can hold.
"""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile("\\r\\n?|[\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]")
_JOINERS = "\u200c\u200d"  # between letters of Persian or Hindi, and within pictures of several people: they are seen
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters and a pattern that show nothing
_KINDS = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def visible_line(text: str) -> str:
    """Return one line: breaks, tabs and every kind of blank are blanks, stripped at both ends."""
    if text.isascii() and text.isprintable():  # nearly always
        return text.strip()
    kept = "".join(map(_of_line, _BREAKS.sub(" ", text).replace("\t", " ").replace("\n", " ")))
    return _without_loose_joiners(kept).strip()


def visible_text(text: str) -> str:
    """Return several lines, ended by LF; tabs stay."""
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = _BREAKS.sub("\n", text).split("\n")
    kept = ("\t".join("".join(map(_of_line, part)) for part in line.split("\t")) for line in lines)
    return "\n".join(map(_without_loose_joiners, kept)).strip()


def within_blanks(text: str) -> str:
    """Return the text without blanks and signs that show nothing at its ends; what stands within is kept."""
    start, end = 0, len(text)
    while start < end and _shows_nothing(text[start]):
        start += 1
    while start < end and _shows_nothing(text[end - 1]):
        end -= 1
    return text[start:end]


def _shows_nothing(char: str) -> bool:
    return char in _BLANK_LETTERS or char in "\t\n\r" or unicodedata.category(char) in ("Cf", "Zs", "Zl", "Zp")


def _of_line(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cs" or char == "\0":
        raise ValueError("a NUL or half a surrogate pair")
    if category == "Zs" or char in _BLANK_LETTERS:
        return " "
    return char if category not in _KINDS or char in _JOINERS else ""


def _without_loose_joiners(text: str) -> str:
    """Leave joiners out where they join nothing: at an end, beside a blank or beside each other."""
    return re.sub(f"(?:(?<=\\s)|^)[{_JOINERS}]+|[{_JOINERS}]+(?=\\s|$)|(?<=[{_JOINERS}])[{_JOINERS}]+", "", text)
