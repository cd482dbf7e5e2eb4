"""Phone numbers in the form in which they can be called from anywhere.

fold_phone("020 7946 0018", "GB")     # Phone("+44 20 7946 0018", Reach.KNOWN)
fold_phone("123", "GB")               # Phone("123", Reach.NONE)
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from services.common.addresses import spelling

FEWEST_DIGITS, MOST_DIGITS = 6, 17  # of what may be a number with a slip: less is an extension or an emergency call
_OLD_MEXICAN = re.compile(r"^(\+52[ -]*)?(?:04[45]|01|1)[ -]*(?=[2-9])")  # dialled until 2019, and still written
_SEVERAL = re.compile(r"\s*[/;,|]\s*|\s+[^\W\d_]{1,4}\s+")


class Reach(Enum):
    """Whether a number can be called."""

    KNOWN = auto()  # the numbering plan has it, or the first of several
    DOUBTFUL = auto()  # the plan does not have it, or the area code is missing: a person asks
    NONE = auto()  # it cannot be one


class Phone(NamedTuple):
    """A phone number: international with the grouping of its country, or as typed where it is none."""

    text: str
    reach: Reach


@lru_cache(256)  # one request looks at the same number several times
def fold_phone(text: str, country: str) -> Phone:
    """Fold a phone number; one without its country's prefix is taken for one of `country`."""
    typed = spelling.ascii_digits(spelling.tidy(text))
    found = _parsed(typed, country)
    if not _is_valid(found) and typed.lstrip("( ").startswith("00"):
        abroad = _parsed("+" + typed.lstrip("( ").removeprefix("00"), country)
        found = abroad if _is_valid(abroad) else found
    if not _is_valid(found) and country == "MX":
        now = _parsed(_OLD_MEXICAN.sub(r"\1", typed), country)
        found = now if _is_valid(now) else found
    if not _is_valid(found) and any(_is_valid(_parsed(part, country)) for part in _SEVERAL.split(typed)[:3]):
        return Phone(typed, Reach.KNOWN)
    if found is None:
        return Phone(typed, _by_its_digits(typed))
    length = phonenumbers.is_possible_number_with_reason(found)
    if length != ValidationResult.IS_POSSIBLE:
        return Phone(typed, _by_its_digits(typed))
    written = phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL)
    reach = Reach.KNOWN if _is_valid(found) else _by_its_digits(typed)
    return Phone(typed if reach is Reach.NONE else written, reach)


def phone_prefix(country: str) -> str:
    """Return the prefix of a country's phone numbers, "+49"; "" where there is none."""
    code = phonenumbers.country_code_for_region(country)
    return f"+{code}" if code else ""


def _by_its_digits(typed: str) -> Reach:
    """Tell what no plan has a place for: a slip that a person can ask about, or no number at all."""
    digits = sum(map(str.isdigit, typed))
    return Reach.DOUBTFUL if FEWEST_DIGITS <= digits <= MOST_DIGITS else Reach.NONE


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def _is_valid(found: phonenumbers.PhoneNumber | None) -> bool:
    return found is not None and phonenumbers.is_valid_number(found)
