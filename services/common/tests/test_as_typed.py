"""What people type, folded: numbers, texts, zones, languages. Folding is idempotent and never guesses."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.common.addresses import countries, fold_phone, fold_postal_code, spelling
from services.common.basics import ids
from services.common.edge import fields, texts

pytestmark = pytest.mark.pure

numbers = st.integers(0, ids.COUNT - 1).map(lambda which: ids.number(ids.ORDER, which))
PREFIXES = (ids.ORDER, ids.SHIPMENT, ids.RETURN, ids.TICKET, ids.CHANGE, ids.PAYMENT, ids.REFUND)
anything = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


def respelled(draw: st.DrawFn, number: str) -> str:
    """Spell the number in another case, with other marks and letters that look like its digits."""
    alike = {"0": "0OoОο", "1": "1IiLl", "2": "2zZ", "V": "VvUu"}
    chars = [draw(st.sampled_from(alike.get(char, char + char.lower()))) for char in number.replace("-", "")[3:]]
    mark = st.sampled_from(["", "-", " ", "–", "\u2011", ".", "/", "\u00a0"])
    prefix = draw(st.sampled_from(["", number[:3], number[:3].lower()]))
    marks = [draw(mark) for _ in range(3)]
    return f"{prefix}{marks[0]}{''.join(chars[:4])}{marks[1]}{''.join(chars[4:8])}{marks[2]}{chars[8]}"


@given(st.data(), st.integers(0, ids.COUNT - 1), st.sampled_from(PREFIXES))
def test_a_number_is_known_however_it_is_typed(data: st.DataObject, which: int, prefix: str) -> None:
    number = ids.number(prefix, which)

    typed = data.draw(st.composite(respelled)(number))

    assert ids.fold_number(typed, prefix) == number


@given(numbers, st.sampled_from(["7", "A", "X"]), st.integers(4, 14))
def test_a_slip_in_a_number_finds_no_other(number: str, wrong: str, place: int) -> None:
    slipped = number[:place] + wrong + number[place + 1 :]

    assert ids.fold_number(slipped, ids.ORDER) in (None, number)


@given(anything)
def test_no_text_becomes_a_number_by_chance(text: str) -> None:
    found = ids.fold_number(text, ids.ORDER)

    assert found is None or ids.fold_number(found, ids.ORDER) == found


def test_a_number_of_another_kind_is_not_folded_to_ours() -> None:
    assert ids.fold_number(ids.number(ids.RETURN, 7), ids.ORDER) is None


@given(anything)
def test_a_line_is_folded_once_and_is_visible(text: str) -> None:
    line = texts.visible_line(text)

    assert texts.visible_line(line) == line
    assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in line)
    assert not any(char in "\u200b\ufeff\u202e\u2066\u00ad" for char in line)
    assert not line or any(unicodedata.category(char)[0] in "LNPSMC" for char in line)


@given(anything)
def test_a_text_is_folded_once_and_keeps_its_lines(text: str) -> None:
    folded = texts.visible_text(text)

    assert texts.visible_text(folded) == folded
    assert not any(unicodedata.category(char) == "Cc" for char in folded.replace("\n", "").replace("\t", ""))


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Ada\tLovelace", "Ada Lovelace"),
        ("Ada\r\nLovelace", "Ada Lovelace"),
        ("\u202a+44 20 7946 0018\u202c", "+44 20 7946 0018"),
        ("Ada\u200b Lovelace\ufeff", "Ada Lovelace"),
        ("Ada\u2028", "Ada"),
        ("abc\u202efed", "abcfed"),
        ("\u3164", ""),
        ("نامه\u200cای", "نامه\u200cای"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\u200d", ""),
        ("12\u00a0rue de l’Église", "12 rue de l’Église"),
    ],
)
def test_a_line_is_what_people_see(typed: str, seen: str) -> None:
    assert texts.visible_line(typed) == seen


@given(anything)
def test_keys_of_names_are_folded_once(text: str) -> None:
    for fold in (spelling.tidy, spelling.key, spelling.words, spelling.ascii_digits):
        assert fold(fold(text)) == fold(text)


@given(st.sampled_from(sorted(countries())), anything)
def test_postal_codes_and_phones_are_folded_once(country: str, text: str) -> None:
    code, phone = fold_postal_code(country, text), fold_phone(text, country)

    assert fold_postal_code(country, code.text) == code
    assert fold_phone(phone.text, country) == phone


@pytest.mark.parametrize("name", ["Etc/Unknown", "", "Moon/Base", "../etc/passwd", "GMT+2", "Europe/london", "x" * 999])
def test_a_zone_that_is_none_is_as_if_absent(name: str) -> None:
    assert fields.ZoneField().deserialize(name) == ""


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"), ("pt-BR", "pt-BR"), ("PT_br.UTF-8", "pt-br"), ("de_DE@euro", "de-DE"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("und", "en"), ("C", "en"), ("POSIX", "en"), ("", "en"), ("english please", "en"), ("x" * 999, "en"),
        ("de-DE-u-co-phonebk", "de-DE"), ("*", "en"), ("undefined", "en"), ("null", "en"),
    ],
)  # fmt: skip
def test_a_language_that_is_none_is_as_if_absent(tag: str, language: str) -> None:
    found = fields.LanguageField().deserialize(tag)

    assert found == language
    assert fields.LANGUAGE.fullmatch(found)


@pytest.mark.parametrize("value", [5, [], {}, True])
def test_what_is_no_text_is_refused(value: Any) -> None:
    for field in (fields.ZoneField(), fields.LanguageField(), fields.EmailField(), fields.CountryField()):
        with pytest.raises(ValidationError):
            field.deserialize(value)
