"""Working days: by example, and against a walk that is too simple to be wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.calendar import (
    Overlay,
    calendar_id,
    calendars_in_use,
    close,
    read_overlay,
    shipped_overlay,
    working_days,
    zone_of,
)
from services.common.calendar.places import is_country
from services.common.tests import strategies
from services.common.tests.strategies import DAY

pytestmark = pytest.mark.pure


class TestWorkingDays:
    def test_golden_week_is_skipped_and_its_make_up_saturday_counts(self) -> None:
        china = working_days("CN")

        assert [china.nth_after(date(2025, 9, 30), n) for n in (1, 2, 3)] == [
            date(2025, 10, 9),
            date(2025, 10, 10),
            date(2025, 10, 11),  # a Saturday
        ]

    @pytest.mark.parametrize(
        "day", ["2025-01-26", "2025-02-08", "2025-09-28", "2026-01-04", "2026-02-14", "2026-02-28", "2026-10-10"]
    )
    def test_china_works_on_the_make_up_days_of_2025_and_2026(self, day: str) -> None:
        made_up = date.fromisoformat(day)

        assert made_up.weekday() >= 5
        assert working_days("CN").is_working(made_up)
        assert working_days("CN").is_make_up(made_up)

    def test_countries_have_their_own_weekends(self) -> None:
        friday, saturday, sunday = date(2026, 11, 6), date(2026, 11, 7), date(2026, 11, 8)

        assert [working_days("SA").is_working(day) for day in (friday, saturday, sunday)] == [False, False, True]
        assert [working_days("AE").is_working(day) for day in (friday, saturday, sunday)] == [True, False, False]
        assert [working_days("DE").is_working(day) for day in (friday, saturday, sunday)] == [True, False, False]

    def test_a_region_has_holidays_that_its_country_has_not(self) -> None:
        epiphany = date(2026, 1, 6)

        assert working_days("DE").is_working(epiphany)
        assert not working_days("DE-BY").is_working(epiphany)

    def test_easter_monday_is_no_delivery_day_in_england(self) -> None:
        london = working_days(calendar_id("GB", "London"))

        assert not london.is_working(date(2026, 4, 6))
        assert london.nth_after(date(2026, 8, 28), 1) == date(2026, 9, 1)  # the Summer Bank Holiday is skipped

    def test_a_holiday_of_a_states_employees_is_a_delivery_day(self) -> None:
        """Michigan's Christmas Eve, Texas' day of independence: post and carriers work."""
        michigan, texas = working_days(calendar_id("US", "MI")), working_days(calendar_id("US", "Texas"))

        assert michigan.nth_after(date(2026, 12, 11), 12) == date(2026, 12, 30)
        assert texas.is_working(date(2026, 3, 2))
        assert not texas.is_working(date(2026, 11, 26))

    def test_the_29th_of_february_is_a_day_like_any_other(self) -> None:
        assert working_days("US").nth_after(date(2028, 2, 28), 1) == date(2028, 2, 29)

    @given(strategies.calendars, strategies.days, st.integers(1, 60))
    def test_bisection_finds_the_day_that_walking_finds(self, name: str, day: date, n: int) -> None:
        calendar, walked, left = working_days(name), day, n
        while left:
            walked += DAY
            left -= calendar.is_working(walked)

        assert calendar.nth_after(day, n) == walked
        assert calendar.count_between(day, walked) == n
        assert calendar.count_between(walked, day) == 0

    @given(st.sampled_from(("CN", "US", "US-CA", "DE-BY", "SA", "HU", "JP")), strategies.days)
    def test_it_agrees_with_the_package_on_every_day(self, name: str, day: date) -> None:
        country, _, region = name.partition("-")
        package = holidays.country_holidays(country, subdiv=region or None, years=range(2023, 2034))

        assert working_days(name).is_working(day) == package.is_working_day(day)

    @given(strategies.calendars, strategies.days, strategies.days, strategies.days)
    def test_counts_add_up(self, name: str, a: date, b: date, c: date) -> None:
        a, b, c = sorted((a, b, c))
        calendar = working_days(name)

        assert calendar.count_between(a, b) + calendar.count_between(b, c) == calendar.count_between(a, c)

    def test_years_outside_the_first_span_are_compiled_on_demand(self) -> None:
        france = working_days("FR")

        assert not france.is_working(date(2040, 12, 25))
        assert not france.is_working(date(1999, 7, 14))
        assert france.nth_after(date(2026, 1, 1), 6000) == france.nth_after(date(2026, 1, 1) + DAY, 5999)
        assert france.count_between(date(1999, 1, 1), date(2045, 1, 1)) > 11_000

    def test_days_that_no_calendar_reaches_are_refused(self) -> None:
        with pytest.raises(ValueError, match="beyond every calendar"):
            working_days("US").is_working(date(2500, 1, 1))

    @pytest.mark.parametrize("n", [0, -1])
    def test_day_zero_is_never_the_answer(self, n: int) -> None:
        with pytest.raises(ValueError, match="day 1"):
            working_days("US").nth_after(date(2026, 1, 1), n)

    @pytest.mark.parametrize("name", ["", "us", "USA", "ZZ", "UK", "US-", "US-california", "US_CA", "CN\n", "../etc"])
    def test_what_is_no_calendar_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="no such calendar"):
            working_days(name)

    def test_every_country_of_the_world_has_a_calendar_and_a_zone(self) -> None:
        countries = [f"{a}{b}" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
        countries = [country for country in countries if is_country(country)]

        assert len(countries) == 252
        for country in countries:
            assert working_days(country).nth_after(date(2026, 11, 20), 12) > date(2026, 11, 30)
            ZoneInfo(zone_of(country))

    def test_a_country_without_data_has_provisional_weekdays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("services.common.calendar.days.entity", lambda country: None)

        calendar = working_days("AQ", Overlay.from_data({"AQ": {"open": ["2026-11-29"]}}))

        assert calendar.nth_after(date(2026, 11, 20), 2) == date(2026, 11, 24)
        assert calendar.is_working(date(2026, 12, 25))
        assert calendar.is_make_up(date(2026, 11, 29))
        assert calendar.provisional(date(2026, 11, 23))

    def test_a_region_without_own_data_has_its_countrys_days(self) -> None:
        bavaria, nowhere, country = working_days("DE-BY"), working_days("DE-ZZ"), working_days("DE")
        year = [date(2026, 1, 1) + n * DAY for n in range(365)]

        assert [nowhere.is_working(day) for day in year] == [country.is_working(day) for day in year]
        assert [bavaria.is_working(day) for day in year] != [country.is_working(day) for day in year]


class TestProvisional:
    def test_china_is_certain_while_make_up_days_are_announced(self) -> None:
        china = working_days("CN")

        assert not china.provisional(date(2026, 12, 31))
        assert china.provisional(date(2027, 1, 1))

    def test_a_country_of_rules_is_certain_far_ahead(self) -> None:
        assert not working_days("US").provisional(date(2031, 12, 31))

    def test_a_holiday_set_by_the_moon_makes_later_days_uncertain(self) -> None:
        emirates = working_days("AE")
        uncertain = next(
            d
            for d, name in holidays.country_holidays("AE", years=2030, language="en_US").items()
            if "estimated" in name
        )

        assert emirates.provisional(uncertain + DAY, since=uncertain - DAY)
        assert not emirates.provisional(uncertain - DAY, since=uncertain - 2 * DAY)

    def test_uncertainty_does_not_depend_on_the_locale(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LANGUAGE", "ar")
        overlay = Overlay.from_data({"SA": {"closed": ["2026-01-01"]}})  # an overlay of its own: compiled again

        assert working_days("AE", overlay).provisional(date(2030, 12, 31), since=date(2030, 1, 1))

    def test_an_overlay_moves_the_horizon(self) -> None:
        assert not working_days("TW").provisional(date(2026, 11, 23))
        assert working_days("TW", Overlay()).provisional(date(2026, 11, 23))


class TestOverlay:
    def test_a_closure_and_an_opening_hold_in_the_regions_too(self) -> None:
        overlay = Overlay.from_data({"US": {"closed": ["2026-11-23"], "open": [date(2026, 11, 26)]}})

        for name in ("US", "US-CA"):
            days = working_days(name, overlay)
            assert days.nth_after(date(2026, 11, 20), 1) == date(2026, 11, 24)
            assert days.is_holiday(date(2026, 11, 23))
            assert days.is_working(date(2026, 11, 26))
            assert not days.is_holiday(date(2026, 11, 26))

    def test_a_closure_of_a_region_is_not_its_countrys(self) -> None:
        overlay = Overlay.from_data({"US-CA": {"closed": ["2026-11-23"]}})

        assert not working_days("US-CA", overlay).is_working(date(2026, 11, 23))
        assert working_days("US", overlay).is_working(date(2026, 11, 23))

    def test_it_changes_the_version_of_its_own_calendars_only(self) -> None:
        one = Overlay.from_data({"US": {"closed": ["2026-11-23"]}})
        other = Overlay.from_data({"US": {"closed": ["2026-11-24"]}})

        assert working_days("CN", one).version == working_days("CN", Overlay()).version
        versions = {working_days("US", overlay).version for overlay in (one, other, Overlay())}
        assert len(versions) == 3
        assert working_days("US", Overlay.from_data({"US": {"closed": ["2026-11-23"]}})).version in versions

    @pytest.mark.parametrize(
        "data",
        [
            {"USA": {}}, {7: {}}, {"US": {"close": []}}, {"US": {"closed": ["23.11.2026"]}},
            {"US": {"closed": [20261123]}}, {"US": {"closed": "2026-11-23"}}, {"US": [date(2026, 11, 23)]},
            {"US": {"horizon": 2026}}, {"US": {"closed": ["2026-11-23"], "open": ["2026-11-23"]}}, ["US"], "US",
        ],
    )  # fmt: skip
    def test_a_slip_in_it_is_refused(self, data: Any) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            Overlay.from_data(data)

    def test_the_shops_closures_hold_with_what_is_shipped(self) -> None:
        day, before = date(2026, 11, 24), working_days("DE-BY")
        assert before.is_working(day)

        close(Overlay.from_data({"DE": {"closed": [day]}, "TW": {"horizon": "2027-12-31"}}))
        try:
            assert not working_days("DE-BY").is_working(day)
            assert working_days("DE-BY").version != before.version
            assert working_days("FR").version == working_days("FR", Overlay()).version
            assert working_days("TW").horizon == date(2027, 12, 31)
            assert {calendar.id for calendar in calendars_in_use()} >= {"DE-BY", "FR", "TW"}
        finally:
            close(Overlay())
        assert working_days("DE-BY").is_working(day)
        assert working_days("TW").horizon == date(2100, 12, 31)

    def test_closures_keep_the_calendars_in_use(self) -> None:
        """How far each one is certain is measured; it would be gone until it is counted with again."""
        for name in ("DE-BY", "FR"):
            working_days(name)

        close(Overlay.from_data({"DE": {"horizon": "2027-12-31"}}))
        try:
            horizons = {calendar.id: calendar.horizon for calendar in calendars_in_use()}
            assert horizons["DE-BY"] == date(2027, 12, 31)
            assert horizons["FR"] == working_days("FR").horizon
        finally:
            close(Overlay())

    @pytest.mark.parametrize("text", ["US: [", "- US", "US: 3", "US: {closed: 3}", "US: {closed: [2026-13-01]}"])
    def test_a_file_that_is_none_is_refused_by_name(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "overlay.yaml"
        path.write_text(text)

        with pytest.raises(ValueError, match=r"overlay\.yaml"):
            read_overlay(path)

    def test_an_empty_file_says_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "overlay.yaml"
        path.write_text("# nothing yet\n")

        assert read_overlay(path) == Overlay()

    def test_the_shipped_one_can_be_read(self) -> None:
        assert shipped_overlay().of("TW", None).horizon == date(2100, 12, 31)
