"""Texts in the language of who reads them, from gettext catalogues.

    TEXTS = Texts(Path(__file__).parent / "locale")          # one catalogue for each language, <tag>.po
    _, ngettext = TEXTS.say, TEXTS.count

    with speaking("de-AT"):                                  # said once, where the reader is known
        _("Your parcel is with {carrier}.", carrier=name)    # the English sentence names its translation
        ngettext("{count} piece", "{count} pieces", 2)
        date_in_words(local), day_in_words(day), decimal(amount), term_in_words(terms)      # as it writes them

Outside of `speaking` all is English, and so is every sentence without a translation, or with one that cannot be filled
in. `N_` marks a sentence that stands in a table and is looked up later, with `_(TABLE[key])`. `make texts` collects the
sentences; what is in a catalogue is read at its first use.

speaking  which language is spoken now
texts     the catalogues of a room
values    dates and amounts
terms     terms of promises
"""

from services.common.language.speaking import ENGLISH, language, speaking
from services.common.language.terms import term_in_words
from services.common.language.texts import N_, Texts
from services.common.language.values import date_in_words, day_in_words, decimal, whole

__all__ = [
    "ENGLISH",
    "N_",
    "Texts",
    "date_in_words",
    "day_in_words",
    "decimal",
    "language",
    "speaking",
    "term_in_words",
    "whole",
]
