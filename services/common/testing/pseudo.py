"""A language made for tests: each sentence of a catalogue with its letters marked, to see what is not translated.

    with spoken(TEXTS, template, folder): …        # speaking(PSEUDO) then gives "Ỹõũř õřđẽř: ORD-…"

Its tag is that of Esperanto, so that there are dates and plurals for it. What is read in plain letters then has not
come out of the catalogue.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.pofile import read_po, write_po

from services.common.language import Texts

PSEUDO = "eo"
_MARKED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ãƀçđẽƒğħĩĵķłɱñõƥɋřšŧũṽŵẋỹžÃƁÇĐẼƑĞĦĨĴĶŁṀÑÕƤɊŘŠŦŨṼŴẊỸŽ",
)
_KEPT = re.compile(r"(\{\w+\}|<[^>]*>)")


def marked(sentence: str) -> str:
    """Mark the letters of a sentence, but for the names of its values and its markup."""
    return "".join(part if _KEPT.fullmatch(part) else part.translate(_MARKED) for part in _KEPT.split(sentence))


def catalogue(template: Path) -> bytes:
    """Return the catalogue of the language, made of a template."""
    with template.open("rb") as opened:
        found, made = read_po(opened, locale=PSEUDO), io.BytesIO()
    for message in found:
        if message.id:
            sentences = message.id
            message.string = tuple(map(marked, sentences)) if isinstance(sentences, tuple) else marked(str(sentences))
    found.fuzzy = False
    write_po(made, found)
    return made.getvalue()


@contextmanager
def spoken(texts: Texts, template: Path, folder: Path) -> Iterator[None]:
    """Let a room know the language within the block."""
    file = folder / f"{PSEUDO}.po"
    file.write_bytes(catalogue(template))
    texts.add(file)
    try:
        yield
    finally:
        texts.forget(PSEUDO)
