"""What several tests of time share: strategies for moments, zones, calendars, hours and clocks, and a few builders.

The moments lie where calendars are compiled from the start (2024 to 2032) and prefer what breaks date arithmetic:
changes of the clocks, ends of years and months, 29 February, long holidays.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from services.common.calendar import BusinessHours
from services.common.commitments import Clock, Terms, TimeUnit, start, terms_for
from services.members import all_terms

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
SHANGHAI = "Asia/Shanghai"
ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "America/Havana",  # clocks change at midnight
    "America/Nuuk",  # … or in the last hour of the day
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",  # UTC+14
    "Etc/GMT+12",
    "UTC",
)

TERMS = all_terms()
CALENDARS = ("CN", "US", "US-CA", "DE-BY", "SA", "AE", "HU", "JP", "IL", "BV", "XK")
TURNS = (
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York goes forward
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # … and back
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2025, 9, 30, 16, tzinfo=UTC),  # National Day in Shanghai
    datetime(2026, 2, 14, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
)

zones = st.sampled_from(ZONES)
calendars = st.sampled_from(CALENDARS)
days = st.dates(date(2024, 6, 1), date(2031, 12, 31))
moments = st.one_of(
    st.integers(0, 7 * 365 * 86400).map(lambda seconds: datetime(2024, 6, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.builds(
        lambda turn, seconds: turn + timedelta(seconds=seconds),
        st.sampled_from(TURNS),
        st.integers(-3 * 86400, 3 * 86400),
    ),
)
gaps = st.one_of(
    st.just(timedelta()),
    st.timedeltas(timedelta(), timedelta(hours=8)),
    st.timedeltas(timedelta(), timedelta(days=12)),
)
"""Times between two things that happen to one clock."""


@st.composite
def _windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = sorted(draw(st.lists(st.integers(0, 96).map(lambda q: q * 15), max_size=6, unique=True)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def business_hours(draw: st.DrawFn) -> BusinessHours:
    """Generate up to three windows a day, at least one in the week."""
    week = draw(st.lists(_windows(), min_size=7, max_size=7).filter(any))
    return BusinessHours(draw(zones), tuple(week), draw(st.sampled_from(("", "CN", "US", "SA"))))


terms = st.one_of(
    st.sampled_from(sorted(TERMS.values(), key=repr)),
    st.builds(Terms, st.just(TimeUnit.WORKING_DAYS), st.integers(1, 30)),
    st.builds(Terms, st.just(TimeUnit.BUSINESS_SECONDS), st.integers(1, 200_000)),
    st.builds(Terms, st.just(TimeUnit.CALENDAR_DAYS), st.integers(1, 60)),
)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """Generate a clock that has just started."""
    given, at = draw(terms), draw(moments)
    if given.unit is TimeUnit.BUSINESS_SECONDS:
        return start("resolution", "TIC-1", at, id="1", owner="support", terms=given, hours=draw(business_hours()))
    calendar = draw(calendars) if given.unit is TimeUnit.WORKING_DAYS else ""
    return start("dispatch", "SHP-1", at, id="1", owner="logistics", terms=given, calendar=calendar, zone=draw(zones))


def at(zone: str, text: str) -> datetime:
    """Return the moment at which clocks in that zone show that time; the first one, if they show it twice."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


OFFICE = BusinessHours.office(SHANGHAI, "CN", "09:00", "17:00")
FRIDAY = at(SHANGHAI, "2026-11-20 16:30")


def a_clock(
    kind: str, begin: datetime, calendar: str = "CN", zone: str = SHANGHAI, category: str | None = None
) -> Clock:
    """Build a clock on the standard's own terms. One in business hours has the hours of an office in Shanghai."""
    terms = terms_for(TERMS, kind, category or "product")
    if terms.unit is TimeUnit.BUSINESS_SECONDS:
        return start(kind, "TIC-1", begin, id="1", owner="support", terms=terms, hours=OFFICE)
    return start(kind, "SHP-1", begin, id="1", owner="logistics", terms=terms, calendar=calendar, zone=zone)
