"""The catalogues of texts for customers: `make texts`, or `python -m deploy.checks.texts [LANGUAGE]`.

A room whose texts are translated has a folder `locale`. There, this writes

    texts.pot     every sentence of the room, in the order of its files; a test sees that it is up to date
    <tag>.po      one for each language; what is new has no translation yet, what is gone is left out

With a language, by its tag (`de`, `pt-BR`), each room that has no catalogue for it gets one.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from deploy.checks import codes, refusals
from gateway.http.words import TOLD

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "gateway"
TEMPLATE = "texts.pot"
KEYWORDS = {
    "_": None,
    "N_": None,
    "rich": None,
    "ngettext": (1, 2),
    "t": None,
    "parts": None,
    "tn": (1, 2),
    "tc": ((1, "c"), 2),
}
_MARKUP = re.compile(r"<[^>]*>?")
_NAMED = re.compile(r"\{([\w.]+)\}")  # "{ticket.number}" is shown as it is: agents write it so


def rooms() -> list[Path]:
    """Return the folders of code whose texts are translated."""
    return sorted(path.parent for top in ("services", "gateway") for path in (ROOT / top).rglob("locale"))


def calls(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str, object, list[str]]]:
    """Yield the sentences of a Python file, also those within f-strings, which Babel reads from Python 3.12 on only."""
    found = (node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call))
    for node in sorted(found, key=lambda call: (call.lineno, call.col_offset)):
        name = getattr(node.func, "id", "")
        given = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if name in KEYWORDS and given:
            yield node.lineno, name, given[0] if KEYWORDS[name] is None else tuple(given), []


JINJA = "jinja2.ext:babel_extract"
METHODS = [
    ("**/tests/**", "ignore"),
    ("**/vendor/**", "ignore"),
    ("web/desk/**", "ignore"),  # a room of its own
    ("**.py", "deploy.checks.texts:calls"),
    ("**.js", "deploy.checks.scripts:calls"),
    ("index.html", JINJA),
    ("**/customer/**.html", JINJA),
    ("**/templates/**.html", JINJA),
    ("**/frame/**.html", JINJA),
]


def template(room: Path) -> Catalog:
    """Collect the sentences of a room."""
    found = Catalog(fuzzy=False)
    for _file, _line, message, comments, context in extract_from_dir(room, METHODS, keywords=KEYWORDS):
        found.add(message, auto_comments=comments, context=context)
    for code in codes.in_words() if room == codes.DESK else ():
        found.add(code)
    for said in refusals.sentences() if room == PAGES else ():
        found.add(said, context=TOLD)
    return found


def written(catalogue: Catalog, *, head: bool) -> str:
    """Return a catalogue as the text of its file. Times and line numbers are left out: they change and say nothing."""
    file = io.BytesIO()
    write_po(file, catalogue, width=110, no_location=True, omit_header=not head, ignore_obsolete=True)
    text = file.getvalue().decode()
    return re.sub(r'(?m)^"(POT-Creation-Date|PO-Revision-Date|Generated-By): .*\n', "", text)


def renewed(file: Path, sentences: Catalog) -> Catalog:
    """Return the translations of a file, for the sentences that there are now."""
    with file.open("rb") as opened:
        known = read_po(opened, locale=_locale(file.stem))
    known.update(sentences, no_fuzzy_matching=True, update_creation_date=False)
    return known


def problems(catalogue: Catalog) -> Iterator[str]:
    """Yield what is wrong in translations: a value or markup that the sentence does not have."""
    for message in catalogue:
        if not message.id:
            continue
        named = {name for each in _each(message.id) for name in _NAMED.findall(each)}
        for said in _each(message.string):
            if unknown := {*re.findall(r"\{([^}]*)\}?", said)} - named:
                yield f"{_each(message.id)[0]!r} has no {', '.join(sorted(unknown))}"
            if strange := {*_MARKUP.findall(said)} - {*_MARKUP.findall(" ".join(_each(message.id)))}:
                yield f"{_each(message.id)[0]!r} has no {', '.join(sorted(strange))}"


def _each(words: object) -> tuple[str, ...]:
    return words if isinstance(words, tuple) else (str(words),)


def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


def main(language: str | None = None) -> None:
    """Write the templates and bring the catalogues up to date; begin those of a new language."""
    for room in rooms():
        folder, sentences = room / "locale", template(room)
        (folder / TEMPLATE).write_text(written(sentences, head=False), "utf-8")
        if language and not (folder / f"{language}.po").exists():
            empty = Catalog(_locale(language), header_comment=f"# Texts of {room.relative_to(ROOT)}", fuzzy=False)
            (folder / f"{language}.po").write_text(written(empty, head=True), "utf-8")
        for file in sorted(folder.glob("*.po")):
            file.write_text(written(renewed(file, sentences), head=True), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
