"""The law binds: which rule is in force where and when, who declared in time, and when it has to be repaid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.commitments import WITHDRAWAL, LegalLimit, Verdict, bind, limit_for, start
from services.common.commitments.law import EEA, EU, LIMITS
from services.common.commitments.terms import days

pytestmark = pytest.mark.pure

DAY = date(2026, 12, 1)
ZONES = ["Europe/Berlin", "Europe/London", "Atlantic/Reykjavik", "America/Martinique", "Indian/Reunion"]
MICROSECOND = timedelta(microseconds=1)


def the_limit(country: str = "DE") -> LegalLimit:
    found = limit_for(WITHDRAWAL, country, DAY)
    assert found is not None
    return found


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize("country", [*sorted(EEA), "GB"])
def test_a_withdrawal_is_protected_in_the_eea_and_the_uk(country):
    limit = the_limit(country)

    assert (limit.declare_days, limit.repay_days) == (14, 14)


@pytest.mark.parametrize("country", ["US", "CN", "CH", "TR", "UA", "RS", "AU", "JE", "XX", "de", "", None])
def test_no_rule_is_made_up_for_other_places(country):
    assert limit_for(WITHDRAWAL, country, DAY) is None


def test_the_union_has_27_members_and_their_parts():
    assert len(EU) == 27 + 7
    assert all(limit.version and limit.rule for limit in LIMITS)


def test_a_rule_holds_for_purchases_of_its_time():
    old = LegalLimit("old", "1", "x", frozenset({"DE"}), date(2020, 1, 1), 14, 30, until=date(2026, 6, 18))
    new = LegalLimit("new", "1", "x", frozenset({"DE"}), date(2026, 6, 19), 14, 14)

    found = [limit_for("x", "DE", on, (old, new)) for on in (
        date(2019, 12, 31), date(2020, 1, 1), date(2026, 6, 18), date(2026, 6, 19),
    )]  # fmt: skip

    assert found == [None, old, old, new]


@pytest.mark.parametrize(
    ("delivered", "last"),
    [
        ("2026-12-01T12:00", "2026-12-15"),
        ("2028-02-16T12:00", "2028-03-01"),  # a leap year: 13 days to 29 February
        ("2027-02-16T12:00", "2027-03-02"),
        ("2026-12-20T23:59", "2027-01-03"),
        ("2026-03-20T12:00", "2026-04-03"),  # the clock goes forward between
        ("2026-10-20T12:00", "2026-11-03"),  # and back
    ],
)
@pytest.mark.parametrize("zone", ZONES)
def test_the_declaration_may_come_up_to_the_end_of_day_fourteen(zone, delivered, last):
    delivered_at = at(delivered, zone)
    midnight = datetime.combine(date.fromisoformat(last) + timedelta(1), datetime.min.time(), ZoneInfo(zone))

    assert the_limit().covers(delivered_at, midnight.astimezone(UTC) - MICROSECOND, zone)
    assert not the_limit().covers(delivered_at, midnight.astimezone(UTC), zone)


@pytest.mark.parametrize(
    ("declared", "goods", "due"),
    [
        ("2026-12-01T10:00", "2026-12-10T10:00", "2026-12-15T23:59:59.999999"),
        ("2026-12-01T00:00", None, "2026-12-15T23:59:59.999999"),
        ("2026-12-01T23:59:59", None, "2026-12-15T23:59:59.999999"),
        ("2026-12-01T10:00", "2026-12-20T10:00", "2026-12-20T23:59:59.999999"),
        ("2026-03-20T10:00", None, "2026-04-03T23:59:59.999999"),
        ("2026-10-20T10:00", None, "2026-11-03T23:59:59.999999"),
        ("2028-02-20T10:00", None, "2028-03-05T23:59:59.999999"),
    ],
)
def test_the_money_is_due_on_day_fourteen_or_when_the_goods_come(declared, goods, due):
    goods_at = at(goods) if goods else None

    assert the_limit().due_at(at(declared), "Europe/Berlin", goods_at) == at(due)


def test_the_customers_day_counts_not_that_of_utc():
    declared = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)

    assert the_limit().due_at(declared, "Europe/Berlin") == at("2026-12-16T23:59:59.999999")
    assert the_limit().due_at(declared, "America/Martinique") == at("2026-12-15T23:59:59.999999", "America/Martinique")


@given(st.integers(0, 500 * 24), st.integers(0, 30), st.integers(0, 30))
def test_due_is_the_earlier_of_promise_and_law(begin, goods_after, stopped_after):
    """And a clock that is kept was kept by both."""
    declared = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=begin)
    goods_at = declared + timedelta(days=goods_after)
    clock = start("refund", "RET-1", goods_at, id="1", owner="x", terms=days(10), calendar="CN", zone="Asia/Shanghai")
    promise, law = clock.due_at, the_limit().due_at(declared, "Europe/Berlin", goods_at)

    bind(clock, law, the_limit().label)

    assert clock.due_at == min(promise, law)
    assert clock.started_at <= clock.warn_at <= clock.due_at
    assert (the_limit().label in clock.terms_version) == (law < promise)
    clock.stop(goods_at + timedelta(days=stopped_after))
    assert clock.verdict(clock.due_at) is (
        Verdict.KEPT if goods_at + timedelta(days=stopped_after) <= min(promise, law) else Verdict.BREACHED
    )


def test_a_clock_that_starts_after_the_law_is_never_kept():
    begin = at("2026-12-20T10:00")
    clock = start("refund", "RET-1", begin, id="1", owner="x", terms=days(10), calendar="CN", zone="Asia/Shanghai")

    bind(clock, at("2026-12-15T23:59:59"), "rule")
    clock.stop(begin)

    assert clock.verdict(begin) is Verdict.BREACHED
