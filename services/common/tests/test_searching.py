"""What texts are split into to be found, and what becomes of a search: bounded, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.searching import (
    LONGEST,
    MOST_TERMS,
    MOST_WORDS,
    SHORTEST,
    Wanted,
    number_terms,
    phone_terms,
    terms,
    wanted,
)

pytestmark = pytest.mark.pure


def finds(found_by: list[str], looked_for: Wanted) -> bool:
    """Return what the store's statement returns for these terms."""

    def begins(start: str) -> bool:
        return any(term.startswith(start) for term in found_by)

    each = [any(all(begins(start) for start in way) for way in ways) for ways in looked_for.words]
    return any(begins(start) for start in looked_for.whole) or (bool(each) and all(each))


@pytest.mark.parametrize(
    ("found_by", "typed"),
    [
        (terms("Lovelace-O’Hara"), ["lovelace ohara", "ohara", "o'hara", "hara", "LOVELACEOHARA"]),
        (terms("grace.hopper@example.com"), ["grace.hopper@example.com", "hopper@example", "HOPPER", "@example.com"]),
        (terms("ORD-7K3M-9Q2X-C"), ["ord7k3m9q2xc", "7k3m 9q2x c", "9Q2X-C", "ORD 7K3M", "7k3m\u20139q2x"]),
        (terms("iPhone手机壳 を買う"), ["手机壳", "机壳", "iphone", "買う", "手机 iphone"]),
        (terms("سعر ١٢٣٤"), ["1234", "١٢٣", "سعر"]),
        (terms("กรุงเทพมหานคร"), ["มหานคร", "กรุงเทพ"]),
        (terms("दिल्ली"), ["दिल्ली", "दिल्"]),
        (phone_terms("+49 (0)171 234-5678"), ["0171 2345678", "+49 171 2345678", "00491712345678", "2345678"]),
        (number_terms("1z 999 aa1-01"), ["1Z999AA101", "1Z 999 AA1 01", "999aa1"]),
    ],
)  # fmt: skip
def test_what_people_type_finds_what_is_there(found_by: list[str], typed: list[str]) -> None:
    assert [each for each in typed if not finds(found_by, wanted(each))] == []


@pytest.mark.parametrize("typed", ["", "-", "a", "%%", " \u0301 ", "ab cd", "手壳"])
def test_what_is_not_there_is_not_found(typed: str) -> None:
    assert not finds(terms("abc 手机壳"), wanted(typed))


@given(st.text(max_size=300))
def test_what_is_kept_and_asked_is_bounded(text: str) -> None:
    kept, looked_for = terms(text), wanted(text)

    assert all(0 < len(term) <= LONGEST for term in kept)
    assert len(looked_for.words) <= MOST_WORDS
    asked = [start for ways in looked_for.words for way in ways for start in way]
    assert all(len(start) <= LONGEST for start in (*asked, *looked_for.whole))
    assert all(len(start) >= SHORTEST for start in looked_for.whole)


def test_a_long_text_has_many_terms_and_no_more() -> None:
    assert len(terms(" ".join(f"w{each}" for each in range(9000)))) == MOST_TERMS
    assert len(terms("a-" * 5000)) <= MOST_TERMS
