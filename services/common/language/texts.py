"""The catalogues of one room: `locale/<tag>.po`, as translators edit them."""

from __future__ import annotations

import io
import re
from functools import cached_property
from gettext import GNUTranslations, NullTranslations, c2py
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.common.language.speaking import ENGLISH, language

LONGEST_TAG = 35  # characters: no registered tag is longer, and each part of it is looked up
LONGEST_RETOLD = 1_000  # characters: no sentence of ours is longer with its values
IN_CONTEXT = "\x04"
"""What stands between the context of a sentence and the sentence, as in the files of gettext."""
_VALUE = re.compile(r"\{\w+\}")


def N_(sentence: str) -> str:
    """Mark a sentence that is looked up later."""
    return sentence


class Texts:
    """The sentences of one room, in every language for which its folder has a catalogue."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._read: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
        self._forms: dict[tuple[str, str], list[tuple[re.Pattern[str], str]]] = {}

    def say(self, sentence: str, **values: object) -> str:
        """Return the sentence in the language that is spoken, with its values."""
        return _filled(self._spoken().gettext(sentence), sentence, values) if sentence else ""

    def retell(self, context: str, said: str) -> str:
        """Return a sentence that was filled in elsewhere, in the language that is spoken; as it is, if it is unknown.

        context: of the sentences that it may be, as in gettext (`msgctxt`). The values are found in what was said.
        """
        spoken = self._spoken()
        if len(said) > LONGEST_RETOLD or not isinstance(spoken, GNUTranslations):
            return said
        if (told := spoken.pgettext(context, said)) != said:
            return told
        for form, sentence in self._forms_of(context):
            if found := form.fullmatch(said):
                return _filled(spoken.pgettext(context, sentence), sentence, found.groupdict())
        return said

    def count(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the sentence for so many, as the language counts. `{count}` is one of its values."""
        values = {"count": count, **values}
        return _filled(self._spoken().ngettext(one, many, count), one if count == 1 else many, values)

    def best(self, wanted: str | None) -> str:
        """Return the tag of the catalogue nearest to the wanted language: `de-AT`, else `de`, else English."""
        parts = (wanted or "")[:LONGEST_TAG].split("-")
        nearer = ("-".join(parts[:length]).lower() for length in range(len(parts), 0, -1))
        return next((self._files[each].stem for each in nearer if each in self._files), ENGLISH)

    @property
    def tags(self) -> list[str]:
        """The tags of its languages besides English."""
        return [path.stem for path in self._files.values()]

    @property
    def translated(self) -> bool:
        """Whether there is any language besides English."""
        return bool(self._files)

    def add(self, catalogue: Path) -> None:
        """Know one more language, from a file elsewhere."""
        self._files[catalogue.stem.lower()] = catalogue
        self._read.pop(catalogue.stem, None)
        self._forms.clear()

    def forget(self, tag: str) -> None:
        """Know a language no more."""
        self._read.pop(self._files.pop(tag.lower()).stem, None)

    def file(self, tag: str) -> Path | None:
        """Return the file of a language; none for English."""
        return self._files.get(tag.lower())

    def translations(self, tag: str, without: str = "") -> dict[str, str | tuple[str, ...]]:
        """Return the translations of a language by their English, for what looks them up elsewhere: a script.

        One with a context is found by the context, IN_CONTEXT and its English. without: a context that is left out.
        """
        known = (
            (f"{each.context}{IN_CONTEXT}" if each.context else "", _all(each.id), _all(each.string))
            for each in self._catalogue(tag)
            if each.id and not each.fuzzy and not (each.context and each.context == without)
        )
        return {begin + said[0]: told if len(said) > 1 else told[0] for begin, said, told in known if all(told)}

    def forms(self, tag: str, most: int) -> str:
        """Return which plural form each number below `most` has in a language, as digits."""
        form = c2py(self._catalogue(tag).plural_expr)
        return "".join(str(form(number)) for number in range(most))

    def _catalogue(self, tag: str) -> Catalog:
        with self._files[tag.lower()].open("rb") as file:
            return read_po(file)

    @cached_property
    def _files(self) -> dict[str, Path]:
        return {path.stem.lower(): path for path in sorted(self._folder.glob("*.po"))}

    def _forms_of(self, context: str) -> list[tuple[re.Pattern[str], str]]:
        """Return the sentences with values of a context, each with a pattern; the one with most words comes first."""
        tag = self.best(language())
        if (tag, context) not in self._forms:
            known = (str(each.id) for each in self._catalogue(tag) if each.context == context)
            valued = sorted((each for each in known if "{" in each), key=lambda each: -len(_VALUE.sub("", each)))
            self._forms[tag, context] = [(_pattern(each), each) for each in valued]
        return self._forms[tag, context]

    def _spoken(self) -> NullTranslations:
        tag = language()
        if tag not in self._read:
            tag = self.best(tag)
        if tag not in self._read:
            self._read[tag] = _translations(self._files[tag.lower()])
        return self._read[tag]


def _translations(path: Path) -> GNUTranslations:
    """Read a catalogue. What its translator has marked as unsure is left out."""
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return a pattern that finds the values of a sentence."""
    parts, seen = [], set[str]()
    for text, name in zip([*_VALUE.split(sentence)], [*_VALUE.findall(sentence), ""], strict=True):
        known = name[1:-1]
        parts += [re.escape(text), f"(?P={known})" if known in seen else f"(?P<{known}>.+?)" if known else ""]
        seen.add(known)
    return re.compile("".join(parts), re.DOTALL)


def _all(words: object) -> tuple[str, ...]:
    return tuple(words) if isinstance(words, tuple | list) else (str(words or ""),)


def _filled(translated: str, english: str, values: dict[str, object]) -> str:
    if not values:
        return translated
    try:
        return translated.format(**values)
    except (KeyError, IndexError, ValueError, AttributeError):
        return english.format(**values)
