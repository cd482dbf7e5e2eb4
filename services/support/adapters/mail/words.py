"""The words of mails: the catalogues of this room, and what is written alike in all of them.

from services.support.adapters.mail.words import _, in_words, money, ngettext
"""

from __future__ import annotations

from pathlib import Path

from services.common.commitments.terms import HOUR, MINUTE, Terms, TimeUnit
from services.common.language import Texts, decimal

TEXTS = Texts(Path(__file__).parent / "locale")
_, ngettext = TEXTS.say, TEXTS.count


def money(amount: object, currency: str = "USD") -> str:
    """Write an amount: "12.50 USD"."""
    return f"{decimal(amount)} {currency}"


def in_words(terms: Terms) -> str:
    """Say a term as `commitments.in_words` does, in the language that is spoken."""
    target, earliest = terms.target, terms.earliest
    if terms.unit is TimeUnit.CALENDAR_DAYS:
        return ngettext("{count} calendar day", "{count} calendar days", target)
    if terms.unit is TimeUnit.BUSINESS_SECONDS and target % HOUR:
        return ngettext("{count} business minute", "{count} business minutes", target // MINUTE)
    if terms.unit is TimeUnit.BUSINESS_SECONDS:
        return ngettext("{count} business hour", "{count} business hours", target // HOUR)
    if earliest not in (None, target):
        return ngettext(
            "{earliest} to {count} working day", "{earliest} to {count} working days", target, earliest=earliest
        )
    return ngettext("{count} working day", "{count} working days", target)


def capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"
