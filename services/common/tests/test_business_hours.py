"""Business hours: by example, and against counting open minutes one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.calendar import (
    BusinessHours,
    Overlay,
    start_of_day,
    working_days,
)
from services.common.tests import strategies
from services.common.tests.strategies import DAY, MICROSECOND, OFFICE, at

pytestmark = pytest.mark.pure


class TestBusinessHours:
    def test_a_target_that_ends_at_closing_time_is_due_then(self) -> None:
        due = OFFICE.add(at("Asia/Shanghai", "2026-11-20 15:00"), 2 * 3600)

        assert due == at("Asia/Shanghai", "2026-11-20 17:00")

    def test_a_second_more_is_due_after_the_weekend(self) -> None:
        due = OFFICE.add(at("Asia/Shanghai", "2026-11-20 15:00"), 2 * 3600 + 1)

        assert due == at("Asia/Shanghai", "2026-11-23 09:00:01")

    @pytest.mark.parametrize("asked", ["2026-11-20 17:00", "2026-11-21 12:00", "2026-11-22 03:00", "2026-11-23 09:00"])
    def test_outside_the_hours_it_counts_from_the_next_opening(self, asked: str) -> None:
        assert OFFICE.add(at("Asia/Shanghai", asked), 600) == at("Asia/Shanghai", "2026-11-23 09:10")

    def test_no_time_at_all_is_over_at_once_or_at_the_next_opening(self) -> None:
        closing, noon = at("Asia/Shanghai", "2026-11-20 17:00"), at("Asia/Shanghai", "2026-11-20 12:00")

        assert OFFICE.add(noon, 0) == noon
        assert OFFICE.add(closing, 0) == at("Asia/Shanghai", "2026-11-23 09:00")

    def test_lunch_does_not_count(self) -> None:
        windows = [["09:00", "12:00"], ["13:30", "18:00"]]
        hours = BusinessHours.from_json({"zone": "Europe/Berlin", "week": {"mon": windows, "tue": windows}})

        assert hours.add(at("Europe/Berlin", "2026-11-23 11:00"), 2 * 3600) == at("Europe/Berlin", "2026-11-23 14:30")
        assert hours.add(at("Europe/Berlin", "2026-11-23 17:00"), 2 * 3600) == at("Europe/Berlin", "2026-11-24 10:00")

    def test_holidays_are_closed_and_a_make_up_saturday_is_open(self) -> None:
        asked = at("Asia/Shanghai", "2025-09-30 16:00")

        assert OFFICE.add(asked, 2 * 3600) == at("Asia/Shanghai", "2025-10-09 10:00")
        assert OFFICE.is_open(at("Asia/Shanghai", "2025-10-11 10:00"))
        assert not OFFICE.is_open(at("Asia/Shanghai", "2025-10-18 10:00"))

    def test_a_weekend_team_works_at_weekends_but_not_on_holidays(self) -> None:
        always = BusinessHours("Asia/Shanghai", (((0, 1440),),) * 7, "CN")

        assert always.is_open(at("Asia/Shanghai", "2025-10-18 10:00"))
        assert not always.is_open(at("Asia/Shanghai", "2025-10-01 10:00"))

    def test_an_open_night_counts_the_hours_its_clocks_show(self) -> None:
        always = BusinessHours("America/New_York", (((0, 1440),),) * 7)

        for day, hours in (("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)):
            begin = at("America/New_York", f"{day} 00:00")
            next_day = start_of_day(date.fromisoformat(day) + DAY, "America/New_York")
            assert always.between(begin, next_day) == hours * 3600
            assert always.add(begin, hours * 3600) == next_day

    def test_a_window_that_the_clocks_skip_is_not_open_that_day(self) -> None:
        night = BusinessHours("America/New_York", (((125, 175),),) * 7)  # 02:05 to 02:55

        assert night.between(*(at("America/New_York", f"2026-03-{day} 00:00") for day in ("08", "09"))) == 0
        assert night.between(*(at("America/New_York", f"2026-03-{day} 00:00") for day in ("09", "10"))) == 50 * 60

    @given(strategies.business_hours(), strategies.moments, st.integers(1, 400_000))
    def test_what_was_added_lies_between(self, hours: BusinessHours, begin: datetime, seconds: int) -> None:
        due = hours.add(begin, seconds)

        assert due >= begin + timedelta(seconds=seconds)
        assert hours.between(begin, due) == seconds
        assert hours.between(begin, due - MICROSECOND) < seconds

    @given(strategies.business_hours(), strategies.moments, strategies.gaps, st.integers(1, 100_000))
    def test_who_starts_later_is_never_due_earlier(
        self, hours: BusinessHours, begin: datetime, gap: timedelta, seconds: int
    ) -> None:
        assert hours.add(begin, seconds) <= hours.add(begin + gap, seconds)

    @given(strategies.business_hours(), strategies.moments, strategies.gaps, strategies.gaps)
    def test_business_time_adds_up(self, hours: BusinessHours, a: datetime, first: timedelta, then: timedelta) -> None:
        b, c = a + first, a + first + then

        assert hours.between(a, b) + hours.between(b, c) == pytest.approx(hours.between(a, c), abs=1e-5)

    @given(strategies.business_hours(), st.integers(0, 2500), st.integers(0, 4000))
    def test_it_equals_counting_the_open_minutes_one_by_one(
        self, hours: BusinessHours, begin: int, length: int
    ) -> None:
        a = datetime(2026, 10, 23, tzinfo=UTC) + timedelta(minutes=begin)
        minutes = [a + timedelta(minutes=n) for n in range(length)]

        assert hours.between(a, a + timedelta(minutes=length)) == 60 * sum(map(hours.is_open, minutes))

    @given(strategies.business_hours())
    def test_the_frozen_description_reads_back(self, hours: BusinessHours) -> None:
        assert BusinessHours.from_json(hours.to_json()) == hours

    def test_hours_that_never_come_are_an_error(self) -> None:
        office = BusinessHours.office("UTC", "US")
        closed = Overlay.from_data({"US": {"closed": [str(date(2026, 1, 1) + n * DAY) for n in range(800)]}})

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "services.common.calendar.business_hours.working_days", lambda name: working_days(name, closed)
            )
            with pytest.raises(ValueError, match="no business hours in the 400 days"):
                office.add(datetime(2026, 1, 5, tzinfo=UTC), 60)

    @pytest.mark.parametrize(
        "data",
        [
            {"zone": "UTC", "week": {}},
            {"zone": "UTC", "week": {"mon": []}},
            {"zone": "UTC", "week": {"monday": [["09:00", "17:00"]]}},
            {"zone": "UTC", "week": {"mon": [["17:00", "09:00"]]}},
            {"zone": "UTC", "week": {"mon": [["09:00", "09:00"]]}},
            {"zone": "UTC", "week": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}},
            {"zone": "UTC", "week": {"mon": [["13:00", "17:00"], ["09:00", "12:00"]]}},
            {"zone": "UTC", "week": {"mon": [["09:00", "24:01"]]}},
            {"zone": "UTC", "week": {"mon": [["9:00", "17:00"]]}},
            {"zone": "UTC", "week": {"mon": [["09:00"]]}},
            {"zone": "UTC", "calendar": "ZZ", "week": {"mon": [["09:00", "17:00"]]}},
            {"zone": "Mars/Olympus", "week": {"mon": [["09:00", "17:00"]]}},
            {"week": {"mon": [["09:00", "17:00"]]}},
        ],
    )
    def test_hours_that_make_no_sense_are_refused(self, data: dict[str, object]) -> None:
        with pytest.raises((ValueError, KeyError)):
            BusinessHours.from_json(data)
