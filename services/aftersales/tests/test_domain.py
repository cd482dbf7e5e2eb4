"""The rules of returns, without a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aftersales.api.events import ReturnRejected
from services.aftersales.api.refusals import (
    NotDeliveredYet,
    OrderWasCancelled,
    ReturnWindowClosed,
    ReviewIncomplete,
    SecondPersonRequired,
    UnitNotExpected,
    UnitsNotReturnable,
)
from services.aftersales.api.statuses import Condition, Ground, Outcome, Part, ReturnStatus
from services.aftersales.domain import GROUND_PART, TRANSITIONS, Return
from services.aftersales.domain.states import LETTING_GO
from services.aftersales.tests.builders import (
    ADDRESS,
    ALAN,
    DELIVERED,
    EDSGER,
    GRACE,
    NOW,
    a_line,
    a_return,
    all_ok,
    an_order,
    at_noon,
    failing,
    judged,
    some,
)
from services.common.basics.states import WrongStatus

pytestmark = pytest.mark.pure

S = ReturnStatus
ZONES = ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]


# the window


@given(st.integers(min_value=0, max_value=60), st.sampled_from(ZONES))
def test_a_return_can_be_asked_for_on_each_of_sixty_days(days, zone):
    order = an_order(delivered_on=DELIVERED, zone=zone)

    order.require_open(at_noon(DELIVERED + timedelta(days), zone))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("delivered_on", [date(2026, 3, 2), date(2026, 8, 27), date(2023, 12, 31), date(2026, 9, 1)])
def test_the_window_closes_after_day_sixty_in_the_customers_zone(zone, delivered_on):
    order = an_order(delivered_on=delivered_on, zone=zone)
    midnight = datetime.combine(delivered_on + timedelta(days=61), datetime.min.time(), ZoneInfo(zone))

    order.require_open(midnight.astimezone(UTC) - timedelta(microseconds=1))

    with pytest.raises(ReturnWindowClosed):
        order.require_open(midnight.astimezone(UTC))


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Kiritimati", 2), ("Etc/GMT+12", 1)])
def test_the_day_of_delivery_is_the_customers_not_that_of_utc(zone, day):
    order = an_order(delivered_on=None, zone=zone)

    order.deliver(
        datetime(2026, 3, 1, 11, 30, tzinfo=UTC) if day == 2 else datetime(2026, 3, 2, 11, 30, tzinfo=UTC), zone
    )

    assert order.last_day == date(2026, 3, day) + timedelta(days=60)


def test_before_the_delivery_nothing_can_be_returned():
    order = an_order(delivered_on=None)

    with pytest.raises(NotDeliveredYet):
        order.require_open(NOW)


@given(st.permutations([0, 3, 20]))
def test_the_last_delivery_counts_in_any_order_of_reports(days):
    order = an_order(delivered_on=None)

    for day in days:
        order.deliver(at_noon(DELIVERED + timedelta(day)), "UTC")

    assert order.last_day == DELIVERED + timedelta(days=80)


def test_an_unknown_zone_never_closes_the_window_early():
    order = an_order(delivered_on=None, zone="Mars/Olympus_Mons")

    order.deliver(at_noon(DELIVERED), "Nowhere/Else")

    assert order.zone == "Etc/GMT+12"


def test_a_cancelled_order_cannot_be_returned():
    order = an_order()
    order.cancel(NOW)

    with pytest.raises(OrderWasCancelled):
        order.require_open(NOW)


# which pieces


@pytest.mark.parametrize(
    ("quantity", "sku", "why"),
    [(4, "LAMP-1", "more_than_bought"), (1, "OTHER", "not_in_order")],
)
def test_only_bought_pieces_can_be_returned_and_why_is_said(quantity, sku, why):
    with pytest.raises(UnitsNotReturnable) as refused:
        an_order().choose([a_line(quantity, sku)], taken=set(), now=NOW)

    assert [line["why"] for line in refused.value.details["lines"]] == [why]


def test_a_product_is_returned_in_whatever_case_it_is_typed():
    sku = an_order().units[0].sku

    chosen = an_order().choose([a_line(1, sku.lower())], taken=set(), now=NOW)

    assert [unit.sku for unit, _ in chosen] == [sku]
    with pytest.raises(UnitsNotReturnable):
        an_order().choose([a_line(99, sku.lower())], taken=set(), now=NOW)


def test_a_piece_removed_from_the_order_cannot_be_returned():
    order = an_order()
    order.remove([(1, 0), (1, 1)])

    chosen = order.choose([a_line(1)], taken=set(), now=NOW)

    assert [unit.key for unit, _ in chosen] == [(1, 2)]
    with pytest.raises(UnitsNotReturnable):
        order.choose([a_line(2)], taken=set(), now=NOW)


@given(st.sets(st.integers(0, 5)), st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_no_piece_is_chosen_that_is_taken_and_none_twice(taken, quantities):
    order = an_order(paid=[100] * 6)
    keys = {(1, unit) for unit in taken}

    try:
        chosen = [unit.key for unit, _ in order.choose([a_line(quantity) for quantity in quantities], keys, NOW)]
    except UnitsNotReturnable:
        assert sum(quantities) > 6 - len(taken)
    else:
        assert len(chosen) == len(set(chosen)) == sum(quantities)
        assert not keys & set(chosen)


# the states

STEPS: dict[str, tuple[Callable[[Return], object], set[ReturnStatus]]] = {
    "ask": (lambda item: item.ask({}, "?", GRACE, NOW), {S.REQUESTED}),
    "answer": (lambda item: item.answer("!", NOW), {S.NEEDS_INFO}),
    "authorize": (
        lambda item: item.authorize(all_ok(), EDSGER, NOW, ADDRESS, NOW),
        {S.REQUESTED, S.APPEALED},
    ),
    "reject": (
        lambda item: item.reject(failing(Part.PRODUCT_STATUS), Ground.INCOMPLETE, "no", EDSGER, NOW),
        {S.REQUESTED, S.APPEALED},
    ),
    "contest": (lambda item: item.contest("!", NOW), {S.REJECTED}),
    "withdraw": (lambda item: item.withdraw(NOW), {S.REQUESTED, S.NEEDS_INFO, S.AUTHORIZED}),
    "receive": (
        lambda item: item.receive([some(Condition.DAMAGED)], GRACE, NOW),
        {S.AUTHORIZED, S.IN_TRANSIT, S.LAPSED},
    ),
    "inspect": (lambda item: item.inspect([judged(Outcome.ACCEPTED)], GRACE, NOW), {S.RECEIVED, S.INSPECTED}),
    "send": (lambda item: item.send(None, None, NOW), {S.AUTHORIZED, S.LAPSED}),
}
REACHABLE = [status for status in S if status is not S.REFUNDED]


@pytest.mark.parametrize("status", REACHABLE)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_in_a_wrong_state_is_refused_without_a_trace(step, status):
    act, possible = STEPS[step]
    item = a_return(status=status)
    before = (item.status, len(item.reviews), item.version, [unit.holds for unit in item.units])

    if status in possible:
        act(item)
        return

    # of a return that has its goods, or none yet, only the pieces are lacking
    with pytest.raises((WrongStatus, UnitNotExpected)):
        act(item)
    assert (item.status, len(item.reviews), item.version, [unit.holds for unit in item.units]) == before


def test_the_ends_of_a_return_are_ends():
    ends = {status for status, following in TRANSITIONS.items() if not following}

    assert ends == {S.REJECTED_FINAL, S.WITHDRAWN}
    assert TRANSITIONS[S.CLOSED] == {S.REFUND_DUE, S.EXCHANGE_DUE}
    assert set(TRANSITIONS) == set(S)


@pytest.mark.parametrize("status", REACHABLE)
def test_pieces_are_held_in_every_state_but_those_that_let_go(status):
    item = a_return(status=status)

    assert {unit.holds for unit in item.units} == {status not in LETTING_GO}


def test_an_unsent_return_lapses_after_its_time_only():
    item = a_return(status=S.AUTHORIZED)
    assert item.send_by is not None

    assert item.lapse(item.send_by) is None
    assert item.lapse(item.send_by + timedelta(microseconds=1)) is not None

    assert item.status is S.LAPSED


# the review


@pytest.mark.parametrize("part", Part)
def test_nothing_is_authorized_unless_all_three_parts_are_ok(part):
    missing = {key: value for key, value in all_ok().items() if key is not part}

    for parts in (missing, failing(part)):
        item = a_return()
        with pytest.raises(ReviewIncomplete):
            item.authorize(parts, GRACE, NOW, ADDRESS, NOW)
        assert item.status is S.REQUESTED


@pytest.mark.parametrize("ground", Ground)
@pytest.mark.parametrize("part", Part)
def test_a_ground_needs_its_own_part_to_have_failed(ground, part):
    item = a_return()

    if GROUND_PART[ground] is part:
        item.reject(failing(part), ground, "because", GRACE, NOW)
        assert item.reviews[-1].ground is ground
    else:
        with pytest.raises(ReviewIncomplete):
            item.reject(failing(part), ground, "because", GRACE, NOW)


def propose(item: Return, by: str, ground: Ground = Ground.INCOMPLETE) -> object:
    return item.reject(failing(GROUND_PART[ground]), ground, "The plug is missing.", by, NOW)


def test_one_person_alone_rejects_nothing():
    item = a_return()
    propose(item, GRACE)

    with pytest.raises(SecondPersonRequired):
        propose(item, GRACE)

    assert item.status is S.REQUESTED


def test_a_second_person_confirms_the_rejection():
    item = a_return()
    propose(item, GRACE)

    event = propose(item, ALAN)

    assert isinstance(event, ReturnRejected)
    assert (event.final, item.status, item.proposed_by, item.confirmed_by) == (False, S.REJECTED, GRACE, ALAN)


def test_another_ground_or_an_answer_makes_a_new_proposal():
    item = a_return()
    propose(item, GRACE)
    propose(item, ALAN, Ground.REASON_DISPROVED)
    assert item.status is S.REQUESTED

    item.ask({}, "Is the plug in the box?", GRACE, NOW)
    item.answer("No.", NOW)
    propose(item, GRACE)

    assert item.status is S.REQUESTED


def test_the_second_person_may_find_the_return_in_order():
    item = a_return()
    propose(item, GRACE)

    item.authorize(all_ok(), ALAN, NOW, ADDRESS, NOW)

    assert item.status is S.AUTHORIZED


@pytest.mark.parametrize("person", [GRACE, ALAN])
def test_an_appeal_is_not_decided_by_those_who_rejected(person):
    item = a_return(status=S.APPEALED)

    with pytest.raises(SecondPersonRequired):
        propose(item, person)
    with pytest.raises(SecondPersonRequired):
        item.authorize(all_ok(), person, NOW, ADDRESS, NOW)

    assert item.status is S.APPEALED


def test_a_third_person_decides_an_appeal_either_way():
    granted, refused = a_return(status=S.APPEALED), a_return(status=S.APPEALED)

    granted.authorize(all_ok(), EDSGER, NOW, ADDRESS, NOW)
    event = propose(refused, EDSGER)

    assert granted.status is S.AUTHORIZED
    assert refused.status is S.REJECTED_FINAL
    assert isinstance(event, ReturnRejected)
    assert event.final
