"""Terms of promises in words, in the language that is spoken: "1 to 3 working days"."""

from __future__ import annotations

from pathlib import Path

from services.common.commitments.terms import HOUR, MINUTE, Terms, TimeUnit
from services.common.language.texts import Texts

TEXTS = Texts(Path(__file__).parent / "locale")
ngettext = TEXTS.count


def term_in_words(terms: Terms) -> str:
    """Say a term as `commitments.in_words` does in English."""
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
