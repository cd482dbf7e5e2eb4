"""Leave out of a text what names a person, so that an article can be made of a conversation. Pure.

    without_personal_data("Dear José, 小明 asked about it", "Jose García", "王小明")      # ("[…] asked about it", 2)

Names are found in any case, with or without accents, by each of their words; in scripts that put no blanks between
words by what they are written of, within other text. It is a help for the person who reads the proposal, no proof.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from services.common.basics.folding import fold

LEFT_OUT = "[…]"
_NAMING = re.compile(
    r"https?://\S+|www\.\S+"  # an address may have a token
    r"|[^\s<>@]+@[^\s<>@]+"
    r"|\b[A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b"  # our numbers
    r"|\+?\d[\d\s()./-]{5,}\d"  # telephone and account numbers, dates of birth
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])\w{8,}\b",  # tracking numbers, codes
    re.IGNORECASE,
)
_GREETING = re.compile(r"^[ \t]*(?:dear|hi|hello|hey|good (?:morning|day|evening))\b[^\n]{0,80}?[,!\n]\s*", re.I)
_FAREWELL = re.compile(
    r"\n[ \t]*(?:(?:kind|best|warm) (?:regards|wishes)|regards|sincerely|yours|cheers|many thanks|thank you)[^\n]*"
    r"(?:\n[^\n]{0,60}){0,3}\s*\Z", re.I,
)  # fmt: skip


_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
"""Thai, Lao, Burmese, Khmer, kana, Han, Hangul: a name stands in the midst of other words."""
_SHORT = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3]{2,4}")
"""A name of a family name and a given name in Han or Hangul: the last two characters, or one, are the given name."""
_TITLES = "先生|女士|小姐|太太|同学|さん|様|氏|씨|님"
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa"})
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")


def without_personal_data(text: str, *names: str) -> tuple[str, int]:
    """Return the text without what names a person, and how many places were taken out.

    names: of the customer, of their mailbox, of who gets the parcel. Greetings, farewells, mail addresses,
    links, numbers of ours and telephone numbers go too.
    """
    text = unicodedata.normalize("NFC", text)
    text, greetings = _GREETING.subn("", text)
    text, farewells = _FAREWELL.subn("", text)
    text, naming = _NAMING.subn(LEFT_OUT, text)
    count, known = greetings + farewells + naming, [unicodedata.normalize("NFC", name) for name in names]
    for pattern in _unspaced(known):
        text, found = re.subn(pattern, LEFT_OUT, text)
        count += found
    words = {form for name in known for word in _words(name) for form in _forms(word)}

    def replace(found: re.Match[str]) -> str:
        nonlocal count
        if not words & _forms(found.group()):
            parts = re.split(r"(['’ʼ-])", found.group())
            if len(parts) == 1 or not any(words & _forms(part) for part in parts):
                return found.group()
            count += 1
            return "".join(LEFT_OUT if words & _forms(part) else part for part in parts)
        count += 1
        return LEFT_OUT

    return _WORD.sub(replace, text).strip(), count


def _words(name: str) -> Iterator[str]:
    for word in _WORD.findall(name):
        yield from (part for part in (word, *re.split(r"['’ʼ-]", word)) if len(part) > 1)


def _forms(word: str) -> set[str]:
    """Return how a word may be typed: without its accents, or with the letters that stand for them."""
    return {fold(word), fold(word.translate(_WRITTEN_OUT))} - {""}


def _unspaced(names: Iterable[str]) -> list[str]:
    """Return patterns of names in scripts without blanks, the longest first."""
    found: set[str] = set()
    for name in names:
        if not re.search(f"[{_UNSPACED}]", name):
            continue
        parts = [part for part in re.split(r"[\s·・]+", name) if re.search(f"[{_UNSPACED}]", part)]
        found.add(r"[\s·・]*".join(map(re.escape, parts)))
        found |= {re.escape(part) for part in parts if len(part) > 1}
        for part in parts:
            if _SHORT.fullmatch(part):
                family = part[: max(len(part) - 2, 1)]
                found.add(f"{re.escape(family)}(?:{_TITLES})")
                found.add(rf"{re.escape(family)}[\s·・]*{re.escape(part[len(family) :])}")
                if len(part) > 2:
                    found.add(re.escape(part[len(family) :]))
    return sorted(found, key=len, reverse=True)
