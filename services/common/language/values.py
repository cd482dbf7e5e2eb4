"""Dates and amounts as the language that is spoken writes them. The clock has 24 hours everywhere."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from services.common.language.speaking import ENGLISH, language

OUR_ENGLISH = "EEEE d MMMM y"
"""With the day before the month, so that it is read alike on both sides of the Atlantic."""


def date_in_words(local: datetime) -> str:
    """Write a time of the reader's own zone: "Wednesday 4 March 2026, 18:00"."""
    locale, naive = _locale(language()), local.replace(tzinfo=None)
    day = format_date(naive, OUR_ENGLISH if locale.language == ENGLISH else "full", locale)
    return f"{day}, {format_time(naive, 'HH:mm', locale=locale)}"


def day_in_words(day: date) -> str:
    """Write a day that is that day wherever it is read: "Wednesday 4 March 2026"."""
    locale = _locale(language())
    return str(format_date(day, OUR_ENGLISH if locale.language == ENGLISH else "full", locale))


def decimal(amount: object) -> str:
    """Write an amount with its two decimals: "12.50", "12,50"."""
    locale = _locale(language())
    return str(amount) if locale.language == ENGLISH else format_decimal(Decimal(str(amount)), "0.00", locale)


def whole(number: int) -> str:
    """Write a whole number: "1,250", "1.250"."""
    return str(format_decimal(number, locale=_locale(language())))


@cache
def _locale(tag: str) -> Locale:
    """Return what is known of the language, the nearest that there is."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        shorter = tag.rpartition("-")[0]
        return _locale(shorter) if shorter else Locale(ENGLISH)
