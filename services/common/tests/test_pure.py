"""Money, numbers, events, errors, callers: small, pure, and relied upon everywhere."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock, errors, ids
from services.common.basics.caller import Caller
from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.csv_rows import BrokenRow, numbered_rows
from services.common.basics.errors import Conflict, Forbidden, ServiceError, from_wire
from services.common.basics.events import Event, to_json
from services.common.basics.money import MAX_CENTS, MAX_SUM, Money, split

pytestmark = pytest.mark.pure

amounts = st.integers(-MAX_CENTS, MAX_CENTS).map(Money)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)


@given(amounts, weights)
def test_the_parts_of_a_split_add_up_to_the_whole(total: Money, shares: list[int]) -> None:
    parts = split(total, shares)

    assert Money.total(parts) == total
    assert len(parts) == len(shares)


@given(st.integers(0, MAX_CENTS).map(Money), weights)
def test_each_part_of_a_split_is_within_a_cent_of_its_share(total: Money, shares: list[int]) -> None:
    exact = shares if any(shares) else [1] * len(shares)

    for part, share in zip(split(total, shares), exact, strict=True):
        assert abs(part.cents * sum(exact) - total.cents * share) < sum(exact)


@given(amounts)
def test_money_reads_what_it_writes(amount: Money) -> None:
    if abs(amount.cents) < 10**12:
        assert Money.parse(str(amount)) == amount


@pytest.mark.parametrize(
    "text", ["", "1.2", "1.234", "1,20", "1e3", "NaN", " 1", "1.00 ", "+1", "١", "--1", "99999999999999"]
)
def test_money_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text)


@pytest.mark.parametrize("cents", [1.0, True, MAX_SUM + 1, "1", None])
def test_money_is_made_of_whole_cents_only(cents: Any) -> None:
    with pytest.raises(ValueError, match="cents"):
        Money(cents)


@given(st.integers(0, ids.COUNT - 1))
def test_a_number_is_recognized_and_a_slip_of_the_pen_is_not(entropy: int) -> None:
    number = ids.number(ids.ORDER, entropy)

    assert ids.is_number(number, ids.ORDER)
    assert not ids.is_number(number, ids.RETURN)
    for place in (4, 7, 9, 12, 14):
        other = "0" if number[place] != "0" else "1"
        assert not ids.is_number(number[:place] + other + number[place + 1 :], ids.ORDER)


@given(st.integers(min_value=0, max_value=ids.COUNT - 1))
def test_a_number_can_be_made_into_one_of_another_kind_and_back(entropy: int) -> None:
    number = ids.number(ids.ORDER, entropy)

    other = ids.renamed(number, ids.SHIPMENT)

    assert ids.is_number(other, ids.SHIPMENT)
    assert ids.renamed(other, ids.ORDER) == number


def test_a_number_after_a_cause_is_the_same_each_time() -> None:
    first, again = ids.number_after(ids.REFUND, "PAY-1", 0), ids.number_after(ids.REFUND, "PAY-1", 0)

    assert first == again != ids.number_after(ids.REFUND, "PAY-1", 1)
    assert ids.is_number(first, ids.REFUND)


@given(st.integers(0, ids.COUNT - 1), st.sampled_from([(4, 5), (6, 7), (7, 9), (10, 11)]))
def test_two_characters_swapped_are_noticed(entropy: int, places: tuple[int, int]) -> None:
    number = ids.number(ids.ORDER, entropy)
    swapped = list(number)
    swapped[places[0]], swapped[places[1]] = swapped[places[1]], swapped[places[0]]

    assert ids.is_number("".join(swapped), ids.ORDER) == (swapped == list(number))


def test_entry_ids_grow_with_time() -> None:
    earlier = ids.new_id()
    later = max(ids.new_id() for _ in range(2000))

    assert earlier < later
    assert len({ids.new_id() for _ in range(2000)}) == 2000


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class PaintDried(Event):
    order_number: str
    colour: Colour
    at: datetime
    on: date
    price: Money
    layers: tuple[Money, ...]


def test_an_event_names_itself_and_turns_into_plain_json() -> None:
    event = PaintDried(
        order_number="ORD-1",
        colour=Colour.RED,
        at=datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=8))),
        on=date(2026, 3, 2),
        price=Money(1234),
        layers=(Money(1),),
    )

    assert (event.type, event.subject, event.order) == ("paint_dried", "ORD-1", "ORD-1")
    assert event.body() == {
        "order_number": "ORD-1",
        "colour": "red",
        "at": "2026-03-02T02:00:00Z",
        "on": "2026-03-02",
        "price": {"amount": "12.34", "currency": "USD"},
        "layers": [{"amount": "0.01", "currency": "USD"}],
    }


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json(object())
    with pytest.raises(ValueError, match="zone"):
        to_json(datetime(2026, 3, 2))  # noqa: DTZ001


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_read_as_they_were_written(moment: datetime) -> None:
    assert parse_rfc3339(rfc3339(moment)) == moment


def test_blocks_of_frozen_time_are_left_in_any_order() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    first, second = clock.frozen(early), clock.frozen(late)
    first.__enter__(), second.__enter__()

    first.__exit__(None, None, None)
    assert clock.now() == late

    second.__exit__(None, None, None)
    assert clock.now() > datetime(2026, 11, 1, tzinfo=UTC)


def test_the_clock_can_be_frozen_and_shifted() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    with clock.frozen(noon):
        assert clock.now() == noon
    with clock.shifted(timedelta(days=365)):
        assert clock.now() > datetime.now(UTC) + timedelta(days=364)


def subclasses(kind: type[ServiceError]) -> list[type[ServiceError]]:
    return [kind, *(each for direct in kind.__subclasses__() for each in subclasses(direct))]


def test_every_error_has_a_known_kind_and_a_stable_code() -> None:
    for found in pkgutil.walk_packages(import_module("services").__path__, "services."):
        if not any(part in found.name for part in (".tests", ".migrations", ".runner", ".testing")):
            import_module(found.name)
    crossing = [error for error in subclasses(ServiceError) if error.__module__.startswith("services.")]

    assert len(crossing) > 50
    for error in crossing:
        if error is ServiceError:
            continue
        assert error.kind in errors.KINDS, error
        assert error.code == error.code.lower().replace(" ", "_"), error
        assert error().message, f"{error.__name__} says nothing"


def test_an_error_crosses_the_wire_with_all_its_parts() -> None:
    sent = Conflict("gone", code="out_of_stock", details={"sku": "A-1"})

    received = from_wire(sent.to_wire())

    assert type(received) is Conflict
    assert (received.code, received.message, received.details) == ("out_of_stock", "gone", {"sku": "A-1"})


def test_an_error_of_an_unknown_kind_is_an_internal_one() -> None:
    assert type(from_wire({"kind": "odd", "code": "x"})) is ServiceError


def test_a_caller_travels_whole_and_gains_no_unknown_role() -> None:
    caller = Caller("staff:a@b.c", "a@b.c", frozenset({"agent"}), frozenset({"order:ORD-1"}), "t", "c", "k")

    assert Caller.from_headers(caller.to_headers()) == caller
    assert Caller.from_headers({**caller.to_headers(), "roles": ["agent", "root"]}).roles == {"agent"}
    assert Caller.from_headers(None).roles == frozenset()


def test_an_admin_has_every_role_of_staff_but_is_no_customer() -> None:
    admin = Caller("staff:a@b.c", roles=frozenset({"admin"}))

    admin.require("agent")
    assert not admin.has("customer")
    with pytest.raises(Forbidden, match="role"):
        Caller("guest").require("agent", "lead")


def test_things_belong_to_link_holders_and_their_customer() -> None:
    signed_in = Caller("customer:a@b.c", "a@b.c", frozenset({"customer"}))

    assert signed_in.owns("order:ORD-1", "a@b.c")
    assert not signed_in.owns("order:ORD-1", "other@b.c")
    assert not signed_in.owns("order:ORD-1", None)
    assert not Caller("guest", "a@b.c").owns("order:ORD-1", "a@b.c")
    assert Caller("guest", grants=frozenset({"order:ORD-1"})).owns("order:ORD-1", "a@b.c")
    assert not Caller("guest", grants=frozenset({"order:ORD-2"})).owns("order:ORD-1", "a@b.c")


def test_a_row_of_a_csv_is_named_by_its_own_number() -> None:
    given = 'sku,title\nMUG,"one\ntwo\nthree"\n\n'

    rows = list(numbered_rows(given, ","))
    with pytest.raises(BrokenRow, match="in row 4"):
        list(numbered_rows(given + 'CUP,"never\nends\n', ","))

    assert rows == [(1, ["sku", "title"]), (2, ["MUG", "one\ntwo\nthree"]), (3, [])]
