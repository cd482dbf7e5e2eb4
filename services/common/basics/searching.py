"""Split texts into what they are found by, and what people type into what they look for.

    terms("Grace O’Hopper, ORD-7K3M-9Q2X-C")    # grace ohopper hopper ord7k3m9q2xc 7k3m9q2xc 9q2xc c
    wanted("grace hop")                         # all of its words must begin a term; words are folded (`folding`)

A term is found by its beginning, never by its middle: to keep each part of each word would cost a row more for each
character of an order. Where people search, they are told so.

A word that has marks inside is kept from each of its parts on, without the marks. So a number is found with dashes or
without, a name with an apostrophe or without, and both by their later parts. Scripts that put no blanks between words
(Chinese, Japanese, Thai) are kept in pairs of characters. Both sides use this module, so what is equal to a
person is equal here, whatever the database. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from services.common.basics.folding import fold

SHORTEST, LONGEST, MOST_TERMS, MOST_WORDS = 2, 64, 2000, 12
"""Characters of what is looked for; of a term; terms of one text, the first; words of one search, the first."""

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, kana, Han."""
_PLAIN = re.compile(r"[a-z0-9]+\Z")
_DIGITS = re.compile(r"\+?[0-9]+\Z")
_TRUNK = re.compile(r"\(0\)")

Prefixes = tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What is looked for.

    whole: texts of which one may begin a term: the search as one number. words: for each word the ways to hold it, each
    with what must begin terms.
    """

    whole: Prefixes
    words: tuple[tuple[Prefixes, ...], ...]


def terms(*texts: str | None) -> list[str]:
    """Return the terms of these texts, each once, in their order; at most `MOST_TERMS`."""
    found: dict[str, None] = {}
    for text in texts:
        for word in fold(text or "").split():
            found.update(dict.fromkeys(_terms_of(word)))
            if len(found) >= MOST_TERMS:
                return list(found)[:MOST_TERMS]
    return list(found)


def phone_terms(phone: str | None) -> list[str]:
    """Return what a phone number is found by: its digits, and their ends of 6 or more, as it is dialled nearer by."""
    digits = "".join(_runs(_TRUNK.sub("", phone or "")))[:20]
    return [digits[start:] for start in range(max(len(digits) - 5, 0))]


def number_terms(number: str) -> list[str]:
    """Return what a number of others (a tracking number) is found by, blanks and marks left out."""
    return terms("-".join(number.split()))


def wanted(text: str, *numbers: str | None) -> Wanted:
    """Return what a person looks for. numbers: our own numbers that the text may be, as `ids.fold_number` reads it."""
    folded = fold(_TRUNK.sub("", text))
    joined = "".join(_runs(folded))[:LONGEST]
    words = tuple(ways for word in folded.split()[:MOST_WORDS] if (ways := tuple(_ways(word))))
    whole = {"".join(_runs(fold(number))): None for number in numbers if number}
    if any(char.isdigit() for char in joined) or not words:
        whole[joined] = None
        if _DIGITS.match(joined):
            whole[joined.lstrip("0")] = None
    return Wanted(tuple(each for each in whole if len(each) >= SHORTEST), words)


def _terms_of(word: str) -> Iterator[str]:
    runs = _runs(word)
    for place, run in enumerate(runs):
        if _UNSPACED.match(run):
            yield from (run[start : start + SHORTEST] for start in range(len(run)))
        else:
            yield "".join(runs[place : place + LONGEST])[:LONGEST]


def is_unspaced(term: str) -> bool:
    """Return whether a term is of a script that is written without spaces: it is kept in short pieces."""
    return _UNSPACED.match(term) is not None


def _ways(word: str) -> Iterator[Prefixes]:
    """Yield the ways in which a text may hold this word: as one, or in its parts; none if it says too little."""
    runs = _runs(word)
    if any(_UNSPACED.match(run) for run in runs):
        pairs = [pair for run in runs for pair in _pairs(run)]
        if pairs:
            yield tuple(dict.fromkeys(pairs))
        return
    joined = "".join(runs)[:LONGEST]
    if len(joined) >= SHORTEST:
        yield (joined,)
    parts = tuple(dict.fromkeys(run[:LONGEST] for run in runs if len(run) >= SHORTEST))
    if parts and parts != (joined,) and "@" not in word:  # an address is one thing
        yield parts


def _pairs(run: str) -> Iterator[str]:
    if _UNSPACED.match(run):
        yield from (run[start : start + SHORTEST] for start in range(max(len(run) - 1, 1)))
    elif len(run) >= SHORTEST:
        yield run[:LONGEST]


def _runs(word: str) -> list[str]:
    """Split a word at its marks, and where a script begins or ends that puts no blanks; digits become 0 to 9."""
    if _PLAIN.match(word):
        return [word]
    chars = "".join(str(unicodedata.decimal(char, char)) if _belongs(char) else " " for char in word)
    return [run for run in _UNSPACED.sub(lambda found: f" {found.group()} ", chars).split(" ") if run]


def _belongs(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")
