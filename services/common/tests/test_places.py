"""Regions and zones of addresses, and the days of a place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.calendar import (
    LocalDays,
    calendar_id,
    end_of_day,
    local_date,
    start_of_day,
    working_days,
    zone_of,
)
from services.common.calendar.places import entity, moment_of, region_code
from services.common.tests import strategies
from services.common.tests.strategies import DAY, MICROSECOND, at

pytestmark = pytest.mark.pure


class TestPlaces:
    @pytest.mark.parametrize("region", ["CA", "ca", " California ", "california", "US-CA", "us-ca"])
    def test_a_region_is_known_however_it_is_written(self, region: str) -> None:
        assert region_code("US", region) == "CA"
        assert zone_of("US", region) == "America/Los_Angeles"

    @pytest.mark.parametrize("region", [None, "", "somewhere", "ZZ", "São Paulo Capital", "'; --"])
    def test_an_unknown_region_is_left_out(self, region: str | None) -> None:
        assert calendar_id("US", region) == "US"
        assert zone_of("US", region) == "America/Los_Angeles"
        assert calendar_id("MX", region) == "MX"

    @pytest.mark.parametrize(
        ("country", "region", "zone"),
        [
            ("US", "NY", "America/New_York"),
            ("US", "Hawaii", "Pacific/Honolulu"),
            ("CA", "Newfoundland and Labrador", "America/St_Johns"),
            ("AU", "QLD", "Australia/Brisbane"),
            ("BR", "Acre", "America/Rio_Branco"),
            ("MX", "ROO", "America/Cancun"),
            ("RU", "KAM", "Asia/Kamchatka"),
            ("RU", None, "Europe/Moscow"),
            ("ES", "GC", "Atlantic/Canary"),
            ("CN", "XJ", "Asia/Shanghai"),
            ("KI", "L", "Pacific/Kiritimati"),
            ("JP", "13", "Asia/Tokyo"),
            ("BV", None, "UTC"),
            ("XK", None, "Europe/Belgrade"),
        ],
    )
    def test_an_address_has_the_zone_of_its_region(self, country: str, region: str | None, zone: str) -> None:
        assert zone_of(country, region) == zone

    @pytest.mark.parametrize(
        ("country", "region", "zone", "calendar"),
        [
            ("BR", "Sao Paulo", "America/Sao_Paulo", "BR-SP"),
            ("BR", "São Paulo", "America/Sao_Paulo", "BR-SP"),
            ("MX", "CDMX", "America/Mexico_City", "MX"),
            ("MX", "Ciudad de Mexico", "America/Mexico_City", "MX"),
            ("MX", "Quintana Roo", "America/Cancun", "MX"),
            ("MX", "Nuevo León", "America/Monterrey", "MX"),
            ("MX", "Nuevo Leon", "America/Monterrey", "MX"),
            ("FR", "La Réunion", "Indian/Reunion", "FR-974"),
            ("FR", "Reunion", "Indian/Reunion", "FR-974"),
            ("FR", "Martinique", "America/Martinique", "FR-972"),
            ("DE", "Bavaria", "Europe/Berlin", "DE-BY"),
            ("DE", "BAYERN", "Europe/Berlin", "DE-BY"),
            ("DE", "Baden-Wuerttemberg", "Europe/Berlin", "DE-BW"),
            ("IT", "Lombardy", "Europe/Rome", "IT"),
            ("IT", "Province of Milan", "Europe/Rome", "IT-MI"),
            ("CH", "Zurich", "Europe/Zurich", "CH-ZH"),
            ("CH", "Zuerich", "Europe/Zurich", "CH-ZH"),
            ("CH", "Geneva", "Europe/Zurich", "CH-GE"),
            ("AT", "Vienna", "Europe/Vienna", "AT-9"),
            ("ES", "Catalonia", "Europe/Madrid", "ES-CT"),
            ("ES", "Barcelona", "Europe/Madrid", "ES-CT"),
            ("ES", "Canary Islands", "Atlantic/Canary", "ES-CN"),
            ("ES", "Las Palmas", "Atlantic/Canary", "ES-CN"),
            ("PT", "Azores", "Atlantic/Azores", "PT-20"),
            ("CA", "Quebec", "America/Toronto", "CA-QC"),
            ("AU", "new south wales", "Australia/Sydney", "AU-NSW"),
            ("GB", "London", "Europe/London", "GB-ENG"),
            ("GB", "", "Europe/London", "GB-ENG"),
            ("GB", "Scotland", "Europe/London", "GB-SCT"),
            ("US", "California", "America/Los_Angeles", "US"),
            ("US", "MI", "America/New_York", "US"),
        ],
    )
    def test_a_region_decides_zone_and_calendar_in_any_of_its_names(
        self, country: str, region: str, zone: str, calendar: str
    ) -> None:
        assert (zone_of(country, region), calendar_id(country, region)) == (zone, calendar)

    @pytest.mark.parametrize(
        ("country", "code", "city", "zone", "calendar"),
        [
            ("FR", "97400", "", "Indian/Reunion", "FR-974"),
            ("FR", "67000", "Strasbourg", "Europe/Paris", "FR-6AE"),
            ("ES", "35001", "", "Atlantic/Canary", "ES-CN"),
            ("PT", "9500-001", "", "Atlantic/Azores", "PT-20"),
            ("US", "96813", "", "Pacific/Honolulu", "US"),
            ("AU", "6000", "Perth", "Australia/Perth", "AU-WA"),
            ("CA", "V6B 1A1", "", "America/Vancouver", "CA-BC"),
            ("GB", "EH1 1YZ", "", "Europe/London", "GB-SCT"),
            ("GB", "BT1 5GS", "", "Europe/London", "GB-NIR"),
            ("GB", "CF10 1EP", "", "Europe/London", "GB-WLS"),
            ("GB", "SW1Y 4JH", "", "Europe/London", "GB-ENG"),
            ("IT", "20121", "Milano", "Europe/Rome", "IT-MI"),
            ("DE", "80331", "München", "Europe/Berlin", "DE-BY"),
            ("DE", "85748", "Garching", "Europe/Berlin", "DE-BY"),
            ("DE", "50667", "", "Europe/Berlin", "DE-NW"),
            ("DE", "70173", "", "Europe/Berlin", "DE-BW"),
            ("DE", "01945", "Ruhland", "Europe/Berlin", "DE"),
            ("DE", "96515", "Sonneberg", "Europe/Berlin", "DE"),
            ("CH", "8037", "", "Europe/Zurich", "CH-ZH"),
            ("CH", "1260", "Nyon", "Europe/Zurich", "CH"),
            ("PR", "00901", "San Juan", "America/Puerto_Rico", "US"),
            ("GU", "96910", "Hagatna", "Pacific/Guam", "US"),
            ("AT", "1010", "Wien", "Europe/Vienna", "AT-9"),
            ("CH", "8001", "Zürich", "Europe/Zurich", "CH-ZH"),
            ("BR", "01310-100", "", "America/Sao_Paulo", "BR-SP"),
            ("US", "", "Washington", "America/Los_Angeles", "US"),
        ],
    )
    def test_without_a_region_postal_code_and_city_decide(
        self, country: str, code: str, city: str, zone: str, calendar: str
    ) -> None:
        assert zone_of(country, "", postal_code=code, city=city) == zone
        assert calendar_id(country, "", postal_code=code, city=city) == calendar

    def test_every_region_of_the_data_has_a_zone_of_its_country(self) -> None:
        from services.common.addresses import countries, rules_of

        for country in countries():
            for region in rules_of(country).regions:
                for name in region.names:
                    ZoneInfo(zone_of(country, name))
                    assert region_code(country, name), (country, name)
                    working_days(calendar_id(country, name))

    @pytest.mark.parametrize("country", ["US", "CA", "AU", "BR", "MX"])
    def test_no_region_is_left_to_the_zone_for_unknown_ones(self, country: str) -> None:
        from services.common.addresses import rules_of
        from services.common.calendar.places import _regional_zones

        military = {"AA", "AE", "AP"}
        neighbours = {"FM", "MH", "PW"}  # states of their own, to which the United States carry the post
        codes = {region.code for region in rules_of(country).regions}
        assert codes - {*_regional_zones(country)} <= military | neighbours

    def test_an_older_name_of_a_zone_is_that_zone(self) -> None:
        assert zone_of("US", "", "US/Eastern") == "America/New_York"
        assert zone_of("AR", "", "America/Buenos_Aires") == "America/Argentina/Buenos_Aires"
        assert zone_of("IN", "", "Asia/Calcutta") == "Asia/Kolkata"

    def test_the_stated_zone_wins_if_it_is_one_of_the_country(self) -> None:
        assert zone_of("US", "CA", "America/Denver") == "America/Denver"
        assert zone_of("US", "CA", "Asia/Tokyo") == "America/Los_Angeles"
        assert zone_of("US", "CA", "not/a zone") == "America/Los_Angeles"

    def test_an_unknown_country_has_no_zone_and_no_calendar(self) -> None:
        with pytest.raises(ValueError, match="not a country"):
            zone_of("ZZ")
        with pytest.raises(ValueError, match="no such calendar"):
            calendar_id("ZZ", "CA")

    def test_regions_with_a_zone_are_known_to_the_package(self) -> None:
        from services.common.calendar.places import _ZONES, _regional_zones

        for country in ("US", "CA", "AU", "BR"):
            known = entity(country)
            assert known is not None
            ours = set(_regional_zones(country)) - {""}
            assert ours - {"JBT"} == {code for code in known.subdivisions if code.isupper() and len(code) <= 3}
        for country in _ZONES:
            for zone in _regional_zones(country).values():
                ZoneInfo(zone)

    @given(strategies.days, strategies.zones)
    def test_a_day_is_exactly_the_moments_that_have_its_date(self, day: date, zone: str) -> None:
        begin, end = start_of_day(day, zone), end_of_day(day, zone)

        assert local_date(begin, zone) == local_date(end, zone) == day
        assert end + MICROSECOND == start_of_day(day + DAY, zone)
        assert local_date(end + MICROSECOND, zone) == day + DAY

    def test_days_are_as_long_as_their_clocks_make_them(self) -> None:
        def hours(day: date, zone: str) -> float:
            return (end_of_day(day, zone) + MICROSECOND - start_of_day(day, zone)) / timedelta(hours=1)

        assert hours(date(2026, 3, 8), "America/New_York") == 23
        assert hours(date(2026, 11, 1), "America/New_York") == 25
        assert hours(date(2026, 3, 29), "Europe/Berlin") == 23
        assert hours(date(2026, 10, 25), "Europe/Berlin") == 25
        assert hours(date(2026, 10, 4), "Australia/Lord_Howe") == 23.5
        assert hours(date(2026, 4, 5), "Australia/Lord_Howe") == 24.5

    def test_a_day_begins_when_it_does_at_either_end_of_the_world(self) -> None:
        day = date(2026, 11, 23)

        assert start_of_day(day, "Pacific/Kiritimati") == datetime(2026, 11, 22, 10, tzinfo=UTC)
        assert start_of_day(day, "Etc/GMT+12") == datetime(2026, 11, 23, 12, tzinfo=UTC)

    @given(strategies.days, strategies.zones, st.lists(st.integers(0, 1440), min_size=2, max_size=2))
    def test_later_minutes_are_never_earlier_moments(self, day: date, zone: str, minutes: list[int]) -> None:
        early, late = sorted(minutes)

        assert moment_of(day, early, zone) <= moment_of(day, late, zone)

    @pytest.mark.parametrize(
        ("day", "zone"), [("2026-03-08", "America/New_York"), ("2026-10-04", "Australia/Lord_Howe")]
    )
    def test_a_minute_that_clocks_skip_is_the_moment_of_the_change(self, day: str, zone: str) -> None:
        skipped = moment_of(date.fromisoformat(day), 135, zone)  # a quarter past two

        assert skipped == at(zone, f"{day} 03:00" if zone.startswith("America") else f"{day} 02:30")


class TestLocalDays:
    @given(strategies.calendars, strategies.zones, strategies.moments, st.integers(1, 30))
    def test_what_was_added_lies_between(self, name: str, zone: str, begin: datetime, n: int) -> None:
        days = LocalDays(name, zone)

        assert days.between(begin, days.add(begin, n)) == n

    def test_a_broken_number_uses_the_last_day_in_part(self) -> None:
        berlin = LocalDays("DE", "Europe/Berlin")
        friday = at("Europe/Berlin", "2026-11-20 15:00")

        assert berlin.add(friday, 1) == at("Europe/Berlin", "2026-11-24 00:00") - MICROSECOND
        assert abs(berlin.add(friday, 1.5) - at("Europe/Berlin", "2026-11-24 12:00")) <= MICROSECOND

    def test_zero_days_end_with_this_or_the_next_working_day(self) -> None:
        berlin = LocalDays("DE", "Europe/Berlin")

        assert berlin.add(at("Europe/Berlin", "2026-11-20 15:00"), 0) == end_of_day(date(2026, 11, 20), "Europe/Berlin")
        assert berlin.add(at("Europe/Berlin", "2026-11-21 15:00"), 0) == end_of_day(date(2026, 11, 23), "Europe/Berlin")
