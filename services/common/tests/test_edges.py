"""What comes from outside: fields, cursors, signatures, tokens. Anything may come; nothing but sense gets in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema

from services.common.basics.api import BadCursor
from services.common.basics.errors import Invalid
from services.common.basics.money import Money
from services.common.basics.rules import Ruled, Some
from services.common.basics.shapes import SKU_PATTERN, Length, Line, PageQuery, Pattern, Sku, Version
from services.common.edge import bounds, fields, keys, signatures, tokens
from services.common.edge.schemas import Matches, load
from services.common.store import pages, tables
from services.common.store.database import Store, Work
from services.common.testing import fresh_store

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Everything(Schema):
    """Refuses what it does not know, as marshmallow does by itself."""

    line = fields.LineField(20)
    text = fields.TextField(40)
    email = fields.EmailField()
    country = fields.CountryField()
    sku = fields.CodeField(validate=[Matches(Pattern(SKU_PATTERN, "Not a SKU."))])
    quantity = fields.QuantityField()
    money = fields.MoneyField()
    time = fields.TimeField()
    number = fields.NumberField("ORD")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(Everything._declared_fields)), anything)
def test_input_is_taken_or_refused_with_the_fields_name(name: str, value: Any) -> None:
    refusal = None
    try:
        fields.load(Everything(), {name: value})
    except Invalid as exc:
        refusal = exc

    assert refusal is None or refusal.code == "validation_failed"
    assert refusal is None or refusal.details["errors"][0]["field"].startswith(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("line", "\u200b\ufeff"), ("line", "\u3164"), ("line", "a\x00b"), ("line", "\ud800"), ("line", "   "),
        ("line", "x" * 21), ("line", 5),
        ("text", "\x07"), ("text", "\u202e\n"), ("email", "a b@c.d"), ("email", "我買@example.com"),
        ("email", "ada@shop.test"), ("email", "a" * 65 + "@example.com"), ("email", "a@b\r\nBcc: c@d.e"),
        ("email", "@"),
        ("email", "a" * 300 + "@b.cd"), ("country", "XX"), ("country", "USA"), ("sku", " "),
        ("sku", "\x01a"), ("sku", "../x"), ("sku", "x" * 65), ("quantity", 0), ("quantity", 1000), ("quantity", 1.0),
        ("quantity", "1"), ("quantity", True), ("quantity", 10**400), ("money", "1.00"),
        ("money", {"amount": 1, "currency": "USD"}), ("money", {"amount": "1.00", "currency": "EUR"}),
        ("money", {"amount": "-1.00", "currency": "USD"}), ("money", {"amount": "1.00"}), ("time", "yesterday"),
        ("time", "2026-03-02T10:00:00"), ("time", 5), ("number", "ORD-0000-0000-1"), ("number", "RET-0000-0000-0"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(name: str, value: Any) -> None:
    with pytest.raises(Invalid):
        fields.load(Everything(), {name: value})


def test_what_makes_sense_comes_out_clean() -> None:
    found = fields.load(
        Everything(),
        {
            "line": "  Ada  ",
            "text": "one\r\ntwo",
            "email": "Ada@Example.COM",
            "money": {"amount": "12.30", "currency": "USD"},
            "time": "2026-03-02T10:00:00+08:00",
        },
    )

    assert found == {
        "line": "Ada",
        "text": "one\ntwo",
        "email": "ada@example.com",
        "money": Money(1230),
        "time": datetime(2026, 3, 2, 2, tzinfo=UTC),
    }


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        fields.load(Everything(), {"surprise": 1})

    assert refusal.value.details["errors"] == [{"field": "surprise", "message": "Unknown field."}]


def collect(store: Store, limit: int, *, descending: bool = False) -> list[str]:
    row, found, cursor = tables.schedule.c, [], None
    while True:
        with store.work(Work, reading=True) as work:
            query, keys = sa.select(row.next_at, row.name), (row.next_at, row.name)
            page = pages.page(
                work.session, query, keys, lambda item: {"name": item.name},
                cursor=cursor, limit=limit, descending=descending,
            )  # fmt: skip
        found += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_pages_together_are_the_list_whatever_their_size(tmp_path: Path) -> None:
    with fresh_store("toy", tmp_path) as store:
        rows = [{"name": f"job-{n:02}", "next_at": NOW + timedelta(minutes=n // 3)} for n in range(25)]
        with store.work(Work) as work:
            work.session.execute(sa.insert(tables.schedule), rows)
        names = [row["name"] for row in rows]

        for limit in (1, 2, 3, 7, 25, 100):
            assert collect(store, limit) == names
            assert collect(store, limit, descending=True) == names[::-1]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "e30",
        "W10",
        "WzFd",
        "WzEsMl0",
        "WyJhIiwiYiJd",
        "\ud800",
        "é",
        "W3sidCI6IngifSwiYSJd",
        "A" * 5000,
        "bnVsbA",
        "W3sidCI6IjAwMDEtMDEtMDFUMDA6MDA6MDArMjM6NTkifSwiYSJd",
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(tmp_path: Path, cursor: str) -> None:
    row = tables.schedule.c
    with fresh_store("toy", tmp_path) as store, store.work(Work, reading=True) as work:
        query = sa.select(row.next_at, row.name)

        with pytest.raises(BadCursor):
            pages.page(work.session, query, (row.next_at, row.name), lambda item: {}, cursor=cursor)


@given(st.binary(max_size=200), st.text(min_size=1, max_size=40))
def test_a_signature_fits_its_body_and_nothing_else(body: bytes, secret: str) -> None:
    header = signatures.sign(secret, body, NOW)

    assert signatures.verify(secret, header, body, NOW)
    assert not signatures.verify(secret, header, body + b" ", NOW)
    assert not signatures.verify(secret + "x", header, body, NOW)
    assert not signatures.verify("", header, body, NOW)


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=aa", "t=1,v1=zz", "t=99999999999999,v1=" + "0" * 64])
def test_a_malformed_signature_is_refused(header: str | None) -> None:
    assert not signatures.verify("secret", header, b"", NOW)


def test_a_signature_holds_for_five_minutes_either_way() -> None:
    header = signatures.sign("secret", b"x", NOW)

    for seconds, fits in ((300, True), (301, False), (-300, True), (-301, False)):
        assert signatures.verify("secret", header, b"x", NOW + timedelta(seconds=seconds)) is fits


SIGNING = keys.Signing.parse(keys.DEVELOPMENT_SUPPORT_KEYS)
KNOWN = keys.Verifying.parse(keys.DEVELOPMENT_PUBLIC_KEYS)
GRACE = tokens.Access("s1", "a@b.c", ["agent"])


def test_tokens_open_what_they_were_made_for_until_they_expire() -> None:
    access = tokens.access_token(SIGNING, GRACE, NOW)
    order = tokens.order_token(SIGNING, "ORD-1", NOW)

    assert tokens.read_access(KNOWN, access, NOW) == GRACE
    assert tokens.read_order(KNOWN, order, NOW) == ("ORD-1", tokens.CHECKOUT)
    assert tokens.read_access(KNOWN, access, NOW + tokens.ACCESS_LIFETIME) is None
    assert tokens.read_order(KNOWN, order, NOW + tokens.ORDER_LIFETIME) is None


def test_a_token_of_another_kind_key_or_form_opens_nothing() -> None:
    access = tokens.access_token(SIGNING, GRACE, NOW)
    order = tokens.order_token(SIGNING, "ORD-1", NOW)
    stranger = keys.Signing.parse(keys.private_keys(keys.OF_SUPPORT, "development", b"another seed"))

    assert tokens.read_order(KNOWN, tokens.ORDER_PREFIX + access.removeprefix(tokens.ACCESS_PREFIX), NOW) is None
    assert tokens.read_access(KNOWN, tokens.ACCESS_PREFIX + order.removeprefix(tokens.ORDER_PREFIX), NOW) is None
    assert tokens.read_access(KNOWN, tokens.access_token(stranger, GRACE, NOW), NOW) is None
    for broken in ("", "x", access[:-1], access[:20] + "A" + access[21:], "\ud800", access + "é"):
        assert tokens.read_access(KNOWN, broken, NOW) is None


@given(st.integers(min_value=0), st.sampled_from("ABCdef012-_."))
def test_a_token_with_one_other_character_opens_nothing(place: int, other: str) -> None:
    access = tokens.access_token(SIGNING, GRACE, NOW)
    place = len(tokens.ACCESS_PREFIX) + place % (len(access) - len(tokens.ACCESS_PREFIX))
    changed = access[:place] + other + access[place + 1 :]

    assert (tokens.read_access(KNOWN, changed, NOW) is not None) == (changed == access)


def test_keys_are_changed_with_overlap() -> None:
    old, new = (keys.private_keys(keys.OF_SUPPORT, name, name.encode()) for name in ("2026-01-01", "2026-07-01"))
    both = keys.Verifying.parse(f"{keys.public_keys(old)}, {keys.public_keys(new)}")
    signed = [tokens.access_token(keys.Signing.parse(each), GRACE, NOW) for each in (old, f"{new}, {old}")]

    assert [tokens.read_access(both, token, NOW) for token in signed] == [GRACE, GRACE]
    after = keys.Verifying.parse(keys.public_keys(new))
    assert [tokens.read_access(after, token, NOW) for token in signed] == [None, GRACE]
    assert {str(made) for _, _, made in keys.birthdays(f"{new}, {old}")} == {"2026-07-01"}


def test_a_ticket_token_is_long_stable_and_new_with_each_serial() -> None:
    first = tokens.ticket_token("secret", "TIC-1", 1)

    assert first == tokens.ticket_token("secret", "TIC-1", 1)
    assert len({first, tokens.ticket_token("secret", "TIC-1", 2), tokens.ticket_token("other", "TIC-1", 1)}) == 3
    assert len(first) >= 43


class Watched(dict[str, object]):
    """An object that counts how often anybody looks at what is in it."""

    looks = 0

    def values(self) -> Any:
        Watched.looks += 1
        return super().values()


@pytest.mark.parametrize("nodes", [0, 100, bounds.NODES - 1, bounds.NODES + 1, 10 * bounds.NODES])
def test_no_more_of_a_document_is_looked_at_than_is_allowed(nodes: int) -> None:
    Watched.looks = 0
    document = [[Watched() for _ in range(99)] for _ in range(nodes // 100)] + [0] * (nodes % 100)

    if nodes < bounds.NODES:
        assert bounds.check(document) == nodes + 1
    else:
        with pytest.raises(bounds.TooLarge):
            bounds.check(document)
    assert Watched.looks <= bounds.NODES


@pytest.mark.parametrize(
    ("levels", "fits"), [(1, True), (bounds.DEPTH, True), (bounds.DEPTH + 1, False), (10**5, False)]
)
def test_no_more_levels_are_looked_into_than_are_allowed(levels: int, fits: bool) -> None:
    document: object = 0
    for _ in range(levels - 1):
        document = [document]

    if fits:
        assert bounds.check(document) == levels
    else:
        with pytest.raises(bounds.TooDeep):
            bounds.check(document)


def test_complaints_are_told_up_to_a_bound_in_number_and_length() -> None:
    found = ({"field": f"{number}" * 1000, "message": "wrong " * 1000} for number in range(1000))

    told = bounds.complaints(found)

    assert len(orjson.dumps(told)) < 16_384
    assert told["errors_left_out"] == 980
    assert bounds.complaints([{"field": "a", "message": "b"}]) == {"errors": [{"field": "a", "message": "b"}]}


@pytest.mark.parametrize(
    ("document", "code"),
    [([0] * 6000, "json_too_large"), ({f"k{n}": 0 for n in range(3000)}, "json_too_large")],
)
def test_a_service_counts_what_it_is_asked_before_it_loads_it(document: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        load(PageQuery, document)

    assert refused.value.code == code


@pytest.mark.parametrize("typed", [" MUG-1", "MUG-1\t", "\ufeffMUG-1\u200b", "\u00a0\u3000MUG-1\r\n"])
def test_a_code_is_what_stands_between_blanks(typed: str) -> None:
    assert fields.load(Everything(), {"sku": typed}) == {"sku": "MUG-1"}


@dataclass(frozen=True)
class Wish(Ruled):
    rules = (Some(("sku", "topic"), "Say something."),)

    sku: Sku | None = None
    topic: Annotated[str, Line(9)] | None = None
    words: Annotated[tuple[str, ...], Length(1, 3)] | None = None
    language: Annotated[str, Line(9)] = "en"
    version: Version | None = None


def test_null_is_like_leaving_out_but_a_check_is_never_left_out() -> None:
    assert load(Wish, {"sku": None, "topic": "mugs", "words": None}) == load(Wish, {"topic": "mugs"})
    for wrong, field in (({"version": None}, "version"), ({"language": None}, "language"), ({"topic": None}, "")):
        with pytest.raises(Invalid) as refusal:
            load(Wish, {"topic": "mugs", **wrong})
        assert [each["field"] for each in refusal.value.details["errors"]] == [field]
