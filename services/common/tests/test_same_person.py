"""Where two people are needed, who made a key of the shop's back end and the key are one."""

from __future__ import annotations

import pytest

from services.common.basics.caller import is_same_person, key_actor, kind_told, person_of

pytestmark = pytest.mark.pure
KEY, OTHER_KEY = key_actor("stock-system", "ada@shop.example"), key_actor("back-end", "ada@shop.example")


@pytest.mark.parametrize("other", ["staff:ada@shop.example", "ada@shop.example", KEY, OTHER_KEY])
def test_a_key_and_its_maker_are_one_person(other: str) -> None:
    assert is_same_person(KEY, None, "staff:bob@shop.example", other)
    assert is_same_person(other, KEY)


@pytest.mark.parametrize(
    "other",
    ["staff:bob@shop.example", "bob@shop.example", key_actor("stock-system", "bob@shop.example"),
     "customer:ada@shop.example", "system", "service:orders", "guest", None],
)  # fmt: skip
def test_all_others_are_other_people(other: str | None) -> None:
    assert not is_same_person(KEY, other)


def test_only_staff_and_keys_are_told_by_their_person() -> None:
    assert [person_of(each) for each in ("system", "guest", "provider:stripe", "customer:ada@x.example")] == [
        "system", "guest", "provider:stripe", "customer:ada@x.example",
    ]  # fmt: skip
    assert [kind_told(each) for each in (KEY, "staff:ada@x.example", "system")] == ["staff", "staff", "system"]
