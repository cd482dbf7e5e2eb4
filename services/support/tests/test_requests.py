"""What the forms refuse, field by field."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.errors import Invalid
from services.common.edge.schemas import load
from services.support import api
from services.support.api import SupportApi
from services.support.tests.builders import form_json

pytestmark = pytest.mark.pure

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
ASKED = sorted(
    {declared.request for declared in SupportApi.methods.values() if declared.request}, key=lambda kind: kind.__name__
)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "gossip"}, "category"),
        ({"topic": "weather"}, "topic"),
        ({"email": "ada@example.com\r\nBcc: eve@example.com"}, "email"),
        ({"email": 7}, "email"),
        ({"name": "A\u0000da"}, "name"),
        ({"name": ""}, "name"),
        ({"subject": "\u200b"}, "subject"),
        ({"message": "x" * 10_001}, "message"),
        ({"message": "\ud800"}, "message"),
        ({"order_number": "ORD-1"}, "order_number"),
        ({"sku": "../x"}, "sku"),
        ({"attachments": ["no id"]}, "attachments.0"),
        ({"files": []}, "files"),
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_a_wrong_form_is_refused_with_the_field_at_fault(change, field):
    with pytest.raises(Invalid) as refused:
        load(api.ContactForm, {**form_json(), **change})

    assert [error["field"] for error in refused.value.details["errors"]] == [field]


@pytest.mark.parametrize(("score", "fits"), [(0, False), (1, True), (5, True), (6, False), (4.0, False), (True, False)])
def test_a_rating_is_a_whole_number_from_one_to_five(score, fits):
    try:
        load(api.RateTicket, {"score": score})
    except Invalid:
        assert not fits
    else:
        assert fits


def test_an_address_is_the_same_in_whatever_case_it_is_written():
    assert load(api.RequestSignIn, {"email": " Ada@Example.COM "}) == api.RequestSignIn("ada@example.com")


@pytest.mark.parametrize("kind", ASKED)
@given(data=JSON)
def test_whatever_is_sent_is_understood_or_refused_as_invalid(kind, data):
    def fill(value: Any) -> Any:
        return {each.name: value for each in fields(kind)}

    for asked in (data, fill(data)):
        try:
            load(kind, asked)
        except Invalid as refused:
            own = {rule.refusal.code for rule in getattr(kind, "rules", ()) if rule.refusal}
            assert refused.code in {"validation_failed", *own}  # noqa: PT017 (either outcome is right)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_form_may_send_fields_left_empty(nothing: str | None) -> None:
    """As HTML forms do; `form_json` leaves out what is None, so it is put in here."""
    form = form_json() | dict.fromkeys(("topic", "order_number", "sku"), nothing)

    assert load(api.ContactForm, form) == load(api.ContactForm, form_json())
