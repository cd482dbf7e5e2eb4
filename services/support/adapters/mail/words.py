"""The words of mails: the catalogues of this room, and what is written alike in all of them.

from services.support.adapters.mail.words import _, in_words, money, ngettext
"""

from __future__ import annotations

from pathlib import Path

from services.common.language import Texts, decimal
from services.common.language import term_in_words as in_words

TEXTS = Texts(Path(__file__).parent / "locale")
_, ngettext = TEXTS.say, TEXTS.count
__all__ = ["TEXTS", "_", "capital", "in_words", "money", "ngettext", "paid_back"]


def money(amount: object, currency: str = "USD") -> str:
    """Write an amount: "12.50 USD"."""
    return f"{decimal(amount)} {currency}"


def capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"


def paid_back(*, credit_note: bool) -> str:
    """Say what comes after a refund, and where its credit note is, if it has one."""
    slow = _("depending on your bank it may take a few days until you see it. You need do nothing.")
    return f"{slow} {_('Your credit note is on the page of your order, as PDF.')}" if credit_note else slow
