"""A language made for tests: each sentence of a catalogue with its letters marked, to see what is not translated.

    with spoken(TEXTS, template, folder): …        # speaking(PSEUDO) then gives "Ỹõũř õřđẽř: ORD-…"

Its tag is that of Esperanto, so that there are dates and plurals for it. What is read in plain letters then has not
come out of the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.language import Texts

PSEUDO = "eo"
HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
_MARKED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ãƀçđẽƒğħĩĵķłɱñõƥɋřšŧũṽŵẋỹžÃƁÇĐẼƑĞĦĨĴĶŁṀÑÕƤɊŘŠŦŨṼŴẊỸŽ",
)


def marked(sentence: str) -> str:
    """Mark the letters of a sentence, but for the names of its values."""
    return "".join(
        part if part.startswith("{") else part.translate(_MARKED) for part in re.split(r"(\{\w+\})", sentence)
    )


def catalogue(template: str) -> str:
    """Return the catalogue of the language, made of the text of a template."""
    return (
        HEAD
        + "\n"
        + re.sub(r"(?m)^msgid.*(?:\n(?:\"|msgid_plural).*)*\nmsgstr.*(?:\nmsgstr.*)*", _translated, template)
    )


def _translated(entry: re.Match[str]) -> str:
    one, many = re.fullmatch(r"(?s)msgid (.*?)(?:\nmsgid_plural (.*?))?\nmsgstr.*", entry[0]).groups()  # type: ignore[union-attr]
    said = [_lines(each) for each in (one, many) if each]
    numbered = [f"msgstr[{number}] {each}" for number, each in enumerate(said)] if many else [f"msgstr {said[0]}"]
    return "\n".join([entry[0].partition("\nmsgstr")[0], *numbered])


def _lines(quoted: str) -> str:
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda line: '"' + _escaped(line[1]) + '"', quoted)


def _escaped(text: str) -> str:
    return "".join(part if part.startswith("\\") else marked(part) for part in re.split(r"(\\.)", text))


@contextmanager
def spoken(texts: Texts, template: Path, folder: Path) -> Iterator[None]:
    """Let a room know the language within the block."""
    file = folder / f"{PSEUDO}.po"
    file.write_text(catalogue(template.read_text("utf-8")), "utf-8")
    texts.add(file)
    try:
        yield
    finally:
        texts.forget(PSEUDO)
