"""Folding: what is the same to a reader is the same to a search, and codes are told apart where they must be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.folding import code_key, fold

pytestmark = pytest.mark.pure

texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("written", "looked_for"),
    [
        ("ÉCHARPE en  laine", "echarpe EN laine"), ("Кружка СИНЯЯ", "кружка синяя"), ("Ёлка", "елка"),
        ("Straße", "STRASSE"), ("Ｆｕｌｌ", "full"), ("Łódź", "lodz"), ("Ærø", "aero"), ("İstanbul", "istanbul"),
        ("ﬁne", "fine"), ("Ὀδυσσεύς", "οδυσσευσ"), ("O’Brien–Smith", "o'brien-smith"), ("مُحَمَّد", "محمد"),
        ("أحمـــد", "احمد"), ("שָׁלוֹם", "שלום"), ("علی\u200cرضا", "علیرضا"), ("DİYARBAKIR", "Diyarbakır"),
    ],
)  # fmt: skip
def test_a_text_is_found_as_people_type_it(written: str, looked_for: str) -> None:
    assert fold(written) == fold(looked_for)


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert code_key(code_key(text)) == code_key(text)


@given(texts, st.sampled_from(["NFC", "NFD"]))
def test_the_unicode_form_makes_no_difference(text: str, form: str) -> None:
    other = unicodedata.normalize(form, text)  # type: ignore[arg-type]

    assert fold(other) == fold(text)
    assert code_key(other) == code_key(text)


def test_letters_of_other_scripts_keep_their_marks() -> None:
    assert fold("が") != fold("か")
    assert fold("한국") == "한국"
    assert code_key("ÄB-1") == code_key("äb-1") != code_key("AB-1") == code_key("ＡＢ－1 ")
