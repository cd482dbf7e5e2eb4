"""Compare what people write: names, titles and codes in any case, with or without accents, in any Unicode form.

    fold("Écharpe  en LAINE") == fold("echarpe en laine")       # for searching
    code_key(" ＡB-1") == code_key("ab-1") != code_key("äb-1")    # for codes, where an accent makes a difference

Both are pure and idempotent. Neither is for showing: keep what was written beside it.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u200c\u200d]"
)
"""Accents; vowel points of Hebrew and Arabic, and the Arabic stroke that only makes a word longer; joiners."""

_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "þ": "th", "ı": "i"}
    | dict.fromkeys("\u2018\u2019\u02bc\u02bb\u2032\u00b4`", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)  # fmt: skip
"""Letters that Unicode does not take apart, apostrophes and dashes: as people type them without the key for it."""


def fold(text: str) -> str:
    """Return the text without case, accents and double spaces, in one Unicode form."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold())
    plain = _MARKS.sub("", apart)
    folded = unicodedata.normalize("NFKC", plain.casefold().translate(_LETTERS)).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def code_key(code: str) -> str:
    """Return the code without blanks at its ends, case and width, in one Unicode form.

    Codes with the same key are the same code, whatever keyboard they were typed with.
    """
    if code.isascii():  # which has one form only; nearly always
        return code.lower().strip()
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", code).casefold())
    return unicodedata.normalize("NFKC", wide.casefold()).strip()


def code_keys(code: str) -> frozenset[str]:
    """Return the keys under which a code may be kept: its own, and the one of releases that told widths apart."""
    return frozenset({code_key(code), unicodedata.normalize("NFC", unicodedata.normalize("NFC", code).casefold())})
