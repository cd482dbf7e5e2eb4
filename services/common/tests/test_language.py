"""Texts in the language of their reader: what is known of it, and what happens where a catalogue has nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.common.language import Texts, date_in_words, decimal, language, speaking

pytestmark = pytest.mark.pure
GERMAN = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Your order: {number}"
msgstr "Ihre Bestellung: {number}"

msgid "{count} piece"
msgid_plural "{count} pieces"
msgstr[0] "{count} Stück"
msgstr[1] "{count} Stücke"

#, fuzzy
msgid "An unsure one"
msgstr "Etwas"

msgid "Wrong {name}"
msgstr "Falsch {namen}"

msgid "Broken {name}"
msgstr "Kaputt {name"
"""


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    (tmp_path / "de.po").write_text(GERMAN, "utf-8")
    return Texts(tmp_path)


def test_a_sentence_is_said_in_the_language_that_is_spoken(texts: Texts) -> None:
    with speaking("de-AT"):
        assert texts.say("Your order: {number}", number="ORD-1") == "Ihre Bestellung: ORD-1"
        assert [texts.count("{count} piece", "{count} pieces", count) for count in (1, 2)] == ["1 Stück", "2 Stücke"]
        with speaking(None):
            assert texts.say("Your order: {number}", number="{x}") == "Your order: {x}"

    assert language() == "en"
    assert [texts.count("{count} piece", "{count} pieces", count) for count in (1, 0)] == ["1 piece", "0 pieces"]


def test_what_cannot_be_said_in_it_is_said_in_english(texts: Texts) -> None:
    with speaking("de"):
        assert texts.say("Not translated {name}", name=1) == "Not translated 1"
        assert texts.say("An unsure one") == "An unsure one"
        assert texts.say("Wrong {name}", name=1) == "Wrong 1"
        assert texts.say("Broken {name}", name=1) == "Broken 1"
    with speaking("xx-nonsense"):
        assert texts.say("Your order: {number}", number=1) == "Your order: 1"


def test_the_nearest_catalogue_is_taken(texts: Texts) -> None:
    wanted = ["de", "DE-at", "de-Latn-CH", "en-US", "fr", "", None]

    assert [texts.best(each) for each in wanted] == ["de", "de", "de", "en", "en", "en", "en"]


def test_only_the_beginning_of_a_long_tag_is_looked_up(tmp_path: Path) -> None:
    far = "de-" + "-".join(["a"] * 20)
    for tag in ("de", far):
        (tmp_path / f"{tag}.po").write_text(GERMAN, "utf-8")
    texts = Texts(tmp_path)

    assert [texts.best(f"{each}{'-a' * 4000}") for each in ("de-AT", far, "fr")] == ["de", "de", "en"]


def test_dates_and_amounts_are_written_as_the_language_does() -> None:
    moment, said = datetime(2026, 3, 4, 18, 0, tzinfo=UTC), {}
    for tag in ("en", "en-US", "de-AT", "fr", "qps-ploc"):
        with speaking(tag):
            said[tag] = (date_in_words(moment), decimal("1012.50"))

    english = ("Wednesday 4 March 2026, 18:00", "1012.50")
    assert said == {
        "en": english,
        "en-US": english,
        "de-AT": ("Mittwoch, 4. März 2026, 18:00", "1012,50"),
        "fr": ("mercredi 4 mars 2026, 18:00", "1012,50"),
        "qps-ploc": english,
    }
