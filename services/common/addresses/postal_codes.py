"""Write postal codes in their country's own form, and say which cannot be one.

fold_postal_code("GB", "sw1a  1aa")     # PostalCode("SW1A 1AA", Form.FITS)
fold_postal_code("SE", "SE-11122")      # PostalCode("111 22", Form.FITS)
fold_postal_code("HU", "ABCDEFGHIJ")    # PostalCode("ABCDEFGHIJ", Form.ODD)
fold_postal_code("HK", "0000")          # PostalCode("", Form.ABSENT): a filler for forms that insist
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cache
from typing import NamedTuple

from services.common.addresses import spelling
from services.common.addresses.countries import PostalRules, rules_of

_MARKS = re.compile("[^A-Z0-9]+")
_FILLER = re.compile("0*|X{2,}|NA|NONE|NULL|NIL|UNDEFINED|NOPOSTALCODE|NOZIP|NOZIPCODE", re.ASCII)
_PLAUSIBLE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 -]{1,10}[A-Z0-9]", re.ASCII)
_ALSO = {"KZ": r"[A-Z]\d{2}[A-Z]\d[A-Z]\d", "SA": r"\d{5}-\d{4}"}
"""Forms that are in use and that the data does not have yet."""

_ALIKE = {"O": "0", "0": "O", "I": "1", "L": "1", "1": "I"}
_LATIN = str.maketrans("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI")  # Cyrillic capitals that look like ours
_ROAD_CODES = {
    "AT": "A", "BE": "B", "CZ": "CZ", "DE": "D", "DK": "DK", "ES": "E", "FI": "FIN", "FR": "F", "GR": "GR", "HU": "H",
    "IS": "IS", "IT": "I", "LI": "FL", "LU": "L", "NL": "NL", "NO": "N", "PL": "PL", "PT": "P", "RO": "RO", "RU": "RUS",
    "SE": "S", "SG": "S", "SI": "SLO", "SK": "SK", "UA": "UA",
}  # fmt: skip
"""What stood on the cars, and still stands before postal codes: D-10115."""

_OWN_MARKS = {"SA": "-", "SE": " "}
"""Where people write a mark that the examples of the data do not have: 111 22."""


class Form(Enum):
    """Whether a postal code can be one."""

    ABSENT = auto()
    FITS = auto()
    LIKELY = auto()  # the data knows no form, and it looks like one
    ODD = auto()


class PostalCode(NamedTuple):
    """A postal code as its country writes it, or as it was typed where it is none."""

    text: str
    form: Form


def fold_postal_code(country: str, text: str, form: str = "") -> PostalCode:
    """Fold a postal code. `form`: the regular expression of its region's codes, where they differ."""
    rules = rules_of(country)
    typed = spelling.ascii_digits(spelling.tidy(text)).upper().translate(_LATIN)
    compact = _MARKS.sub("", typed)
    if _FILLER.fullmatch(compact):
        return PostalCode("", Form.ABSENT)
    wanted = form or rules.form
    if wanted is None:
        return PostalCode(typed, Form.LIKELY if _PLAUSIBLE.fullmatch(typed) else Form.ODD)
    wanted = f"{wanted}|{_ALSO[country]}" if country in _ALSO and not form else wanted
    for candidate in (compact, *_without_prefix(rules, compact), *_misread(compact)):
        found = _in_form(wanted, "" if form else country, candidate)
        if found:
            return PostalCode(found, Form.FITS)
    return PostalCode(typed, Form.ODD)


def _misread(compact: str) -> list[str]:
    """Return the codes that this may stand for: a zero that a spreadsheet took away, a letter taken for a digit."""
    whole = [f"0{compact}"] if compact.isdigit() and len(compact) > 2 else []
    return whole + [
        compact[:place] + _ALIKE[char] + compact[place + 1 :] for place, char in enumerate(compact) if char in _ALIKE
    ]


def _without_prefix(rules: PostalRules, compact: str) -> list[str]:
    """Return the code without its country's prefix, and with it where it belongs to the form (AD500, LV-1010)."""
    names = (rules.country, rules.prefix, _ROAD_CODES.get(rules.country, ""), rules.name)
    prefixes = {_MARKS.sub("", name) for name in names} - {""}
    bare = [compact.removeprefix(prefix) for prefix in sorted(prefixes, key=len, reverse=True)]
    return [each for each in bare if each and each != compact] + [rules.country + compact]


@cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(form, re.ASCII)


def _in_form(form: str, country: str, compact: str) -> str:
    """Return the characters with the marks that the form wants between them; "" where no marks make it fit."""
    fits = _pattern(form).fullmatch
    if len(compact) > 12:
        return ""
    marked = [
        f"{compact[:place]}{mark}{compact[place:]}" for mark in _marks(country) for place in range(1, len(compact))
    ]
    return next((each for each in [*marked, compact] if fits(each)), "")


@cache
def _marks(country: str) -> str:
    """Return the marks that the country's examples have, those first; a blank or a dash where there are no examples."""
    if country in _OWN_MARKS:
        return _OWN_MARKS[country]
    examples = "".join(rules_of(country).examples) if country else ""
    return "".join(mark for mark in "- " if mark in examples) if examples else " -"
