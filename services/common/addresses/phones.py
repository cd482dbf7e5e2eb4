"""Phone numbers in the form in which they can be called from anywhere.

fold_phone("020 7946 0018", "GB")     # Phone("+44 20 7946 0018", Reach.KNOWN)
fold_phone("123", "GB")               # Phone("123", Reach.NONE)
"""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from services.common.addresses import spelling


class Reach(Enum):
    """Whether a number can be called."""

    KNOWN = auto()  # the numbering plan has it
    DOUBTFUL = auto()  # it is as long as one, but the plan does not have it, or the area code is missing
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
    if found is None:
        return Phone(typed, Reach.NONE)
    length = phonenumbers.is_possible_number_with_reason(found)
    if length == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return Phone(typed, Reach.DOUBTFUL)
    if length != ValidationResult.IS_POSSIBLE:
        return Phone(typed, Reach.NONE)
    written = phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL)
    return Phone(written, Reach.KNOWN if _is_valid(found) else Reach.DOUBTFUL)


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def _is_valid(found: phonenumbers.PhoneNumber | None) -> bool:
    return found is not None and phonenumbers.is_valid_number(found)
