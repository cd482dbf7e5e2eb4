"""Compare what people write: names, titles and codes in any case, with or without accents, in any Unicode form.

    fold("Écharpe  en LAINE") == fold("echarpe en laine")       # for searching
    code_key("ÄB-1") == code_key("äb-1") != code_key("ab-1")    # for codes, where an accent makes a difference

Both are pure and idempotent. Neither is for showing: keep what was written beside it.
"""

from __future__ import annotations

import unicodedata

_FIRST_ACCENT, _LAST_ACCENT = "\u0300", "\u036f"
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "þ": "th", "ı": "i"}
)
"""Letters that Unicode does not take apart, as people type them without the key for it."""


def fold(text: str) -> str:
    """Return the text without case, accents and double spaces, in one Unicode form."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in apart if not _FIRST_ACCENT <= char <= _LAST_ACCENT)
    folded = unicodedata.normalize("NFKC", plain.casefold().translate(_LETTERS)).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def code_key(code: str) -> str:
    """Return the code without case, in one Unicode form: codes with the same key are the same code."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", code).casefold())
