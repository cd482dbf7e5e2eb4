"""Working days of a country or region: compiled once from the `holidays` package to sorted ordinals, then bisected.

`holidays` knows each country's own weekend and the days that China and others work to make up for a long holiday.
It also answers for years whose make-up days are not announced yet, and says nothing about it: such a day, and one
behind a holiday whose date hangs on the sighting of the moon, is marked `provisional` here.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import holidays
import yaml
from holidays.version import __version__ as HOLIDAYS_VERSION

from services.common.addresses.usual_names import SPANISH_COMMUNITIES
from services.common.basics.untyped import Fields
from services.common.calendar.places import entity, is_country, region_code

FIRST_YEAR, LAST_YEAR = 2024, 2032
EARLIEST_YEAR, LATEST_YEAR = 1950, 2150
OVERLAY = Path(__file__).with_name("overlay.yaml")
ONE_CALENDAR: Mapping[str, str] = {country: "US" for country in ("US", "AS", "GU", "MP", "PR", "UM", "VI")}
"""Where carriers keep the holidays of one country alone, everywhere: the United States and their territories."""
MOST_PEOPLE = {"GB": "ENG"}
"""Where every address has a regional calendar: the one that holds for most."""
_in_use: dict[str, WorkingDays] = {}
_in_force: Overlay | None = None
_ID = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


@dataclass(frozen=True)
class Corrections:
    """What an overlay says about one calendar."""

    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()
    horizon: date | None = None

    def __or__(self, other: Corrections) -> Corrections:
        return Corrections(self.closed | other.closed, self.open | other.open, other.horizon or self.horizon)

    def digest(self) -> str:
        text = f"{sorted(self.closed)}{sorted(self.open)}{self.horizon}"
        return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Overlay:
    """Corrections by calendar id; a country's hold for its regions too."""

    entries: tuple[tuple[str, Corrections], ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Mapping[str, object]]) -> Overlay:
        """Read `{"CN": {"closed": [dates], "open": [dates], "horizon": date}}`.

        Raise ValueError if it is anything else.
        """
        if not isinstance(data, Mapping):
            raise ValueError(f"expected calendars, CN or US-CA, not {data!r}")
        return cls(tuple((_split(name)[0] and name, _corrections(name, entry)) for name, entry in data.items()))

    def __or__(self, other: Overlay) -> Overlay:
        """Combine both. A horizon of the other counts."""
        known = dict(self.entries)
        for name, corrections in other.entries:
            known[name] = known.get(name, Corrections()) | corrections
        return Overlay(tuple(known.items()))

    def of(self, country: str, region: str | None) -> Corrections:
        known = dict(self.entries)
        return known.get(country, Corrections()) | known.get(f"{country}-{region}", Corrections())


class WorkingDays:
    """The working days of one calendar. Dates in, dates out; when a day begins where, places.py says.

    id       "CN", "US-CA"
    version  of the data behind it: `holidays-0.109`, and a digest of the overlay's corrections where there are any
    horizon  the last certain day; date.min where there is no data for the country
    corrections  what the overlay says about it
    """

    def __init__(self, calendar_id: str, overlay: Overlay):
        self.id = calendar_id
        self._country, self._region = _split(calendar_id)
        self.corrections = overlay.of(self._country, self._region)
        self.version = f"holidays-{HOLIDAYS_VERSION}"
        if self.corrections != Corrections():
            self.version += f"+{self.corrections.digest()}"
        self._compile(FIRST_YEAR, LAST_YEAR)

    def is_working(self, day: date) -> bool:
        """Return whether that day is a working day there."""
        ordinals = self._reaching(day)
        place = bisect_left(ordinals, day.toordinal())
        return place < len(ordinals) and ordinals[place] == day.toordinal()

    def is_holiday(self, day: date) -> bool:
        """Return whether that day is taken off for a reason other than the weekend."""
        self._reaching(day)
        return day in self._holidays

    def is_make_up(self, day: date) -> bool:
        """Return whether that day is worked although it falls on the weekend."""
        self._reaching(day)
        return day in self._make_up

    def nth_after(self, day: date, n: int) -> date:
        """Return the n-th working day after `day` (n ≥ 1). `day` itself is day 0 and never counts."""
        if n < 1:
            raise ValueError(f"day 1 is the first that counts, not day {n}")
        place = bisect_right(self._reaching(day), day.toordinal()) + n - 1
        while place >= len(self._ordinals):
            self._compile(self._first, self._last + 4)
        return date.fromordinal(self._ordinals[place])

    def count_between(self, a: date, b: date) -> int:
        """Count the working days d with a < d ≤ b. Return 0 if b is not after a."""
        if b <= a:
            return 0
        self._reaching(a)
        ordinals = self._reaching(b)
        return bisect_right(ordinals, b.toordinal()) - bisect_right(ordinals, a.toordinal())

    def provisional(self, day: date, since: date | None = None) -> bool:
        """Return whether `day` may yet change, because it lies past the horizon.

        With `since`, the day on which the counting began, also return True if a holiday of uncertain date lies between.
        """
        if day > self.horizon:
            return True
        if since is None:
            return False
        self._reaching(since)
        self._reaching(day)
        return any(since < uncertain <= day for uncertain in self._uncertain)

    def _reaching(self, day: date) -> list[int]:
        if not self._first <= day.year <= self._last:
            self._compile(min(self._first, day.year), max(self._last, day.year))
        return self._ordinals

    def _compile(self, first: int, last: int) -> None:
        if first < EARLIEST_YEAR or last > LATEST_YEAR:
            raise ValueError(f"{self.id}: years {first} to {last} are beyond every calendar")
        known = _holidays_of(self._country, self._region, range(first, last + 1))
        fixed = self.corrections
        days = [date.fromordinal(o) for o in range(date(first, 1, 1).toordinal(), date(last + 1, 1, 1).toordinal())]
        working = [day for day in days if day in fixed.open or (known.is_working_day(day) and day not in fixed.closed)]
        weekend = {day for day in working if known.is_weekend(day)}
        self._first, self._last = first, last
        self._ordinals = [day.toordinal() for day in working]
        self._make_up = weekend
        self._holidays = ({day for day in known if day not in weekend} | fixed.closed) - fixed.open
        self._uncertain = [day for day, name in known.items() if "estimated" in name]
        self.horizon = fixed.horizon or _horizon(known)


def working_days(calendar_id: str, overlay: Overlay | None = None) -> WorkingDays:
    """Return the calendar of a country ("CN") or region ("US-CA"), compiled once per process.

    A region that `holidays` does not distinguish has its country's days. A country without data has Monday to Friday
    and no holidays, all of it provisional. Raise ValueError for what is not an ISO 3166 country. Without `overlay`, the
    one in force holds: the one shipped beside this file, and the shop's closures (`close`).
    """
    if overlay is not None:
        return _working_days(calendar_id, overlay)
    found = _in_use[calendar_id] = _working_days(calendar_id, _in_force or shipped_overlay())
    return found


def close(closures: Overlay) -> bool:
    """Put the shop's own closures in force in this process, on top of the shipped overlay, instead of any before.

    Return whether that changed anything.

    Called at the start, and when their file has changed. A clock that runs keeps the calendar version it started with.
    """
    global _in_force
    before, _in_force = _in_force or shipped_overlay(), shipped_overlay() | closures
    if before == _in_force:
        return False
    for calendar in calendars_in_use():
        if _in_force.of(*_split(calendar.id)) != calendar.corrections:
            working_days(calendar.id)
    return True


def calendars_in_use() -> list[WorkingDays]:
    """Return the calendars that this process has counted with."""
    return list(_in_use.values())


def calendar_id(country: str, region: str | None = None, *, postal_code: str = "", city: str = "") -> str:
    """Return the id of the calendar by which carriers deliver to an address: "DE" and "Bavaria" give "DE-BY".

    The region is known by its name, else by the postal code, else by the city. An unknown one is left out, since
    customers write there what they like. Raise ValueError for a country that is not in ISO 3166.

    Two countries are different. In the United States the post and the carriers keep the federal holidays; a state's own
    are those of its employees, so every state and territory has the calendar "US". In the United Kingdom every address
    lies in one of the four parts, which have calendars of their own: where nothing else is known it is England, as for
    six in seven people.
    """
    _split(country)
    if country in ONE_CALENDAR:
        return ONE_CALENDAR[country]
    known, code = entity(country), region_code(country, region, postal_code, city)
    code = _communities(country).get(code, code)
    if known is None or code not in known.subdivisions:
        code = MOST_PEOPLE.get(country, "")
    return f"{country}-{code}" if code else country


def read_overlay(path: Path) -> Overlay:
    """Read the overlay in a YAML file. Raise OSError or ValueError if it cannot be read."""
    try:
        return Overlay.from_data(yaml.safe_load(path.read_text("utf-8")) or {})
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error


@lru_cache
def shipped_overlay() -> Overlay:
    """Return the overlay beside this file, read once."""
    return read_overlay(OVERLAY)


@lru_cache
def _communities(country: str) -> Mapping[str, str]:
    """Map the region of an address to the region with its holidays, where these differ."""
    table = SPANISH_COMMUNITIES if country == "ES" else {}
    return {province: community for community, provinces in table.items() for province in provinces.split()}


@lru_cache(maxsize=1024)
def _working_days(calendar_id: str, overlay: Overlay) -> WorkingDays:
    return WorkingDays(calendar_id, overlay)


def _split(calendar_id: str) -> tuple[str, str | None]:
    parts = _ID.fullmatch(str(calendar_id))
    if parts is None or not is_country(parts[1]):
        raise ValueError(f"no such calendar: {calendar_id!r}")
    return parts[1], parts[2]


def _corrections(name: str, entry: Fields) -> Corrections:
    if not isinstance(entry, Mapping):
        raise ValueError(f"{name}: expected closed, open or horizon below it, not {entry!r}")
    unknown = set(entry) - {"closed", "open", "horizon"}
    if unknown:
        raise ValueError(f"{name}: unknown in an overlay: {sorted(map(str, unknown))}; expected closed, open, horizon")
    horizon = entry.get("horizon")
    closed, opened = _dates(name, "closed", entry), _dates(name, "open", entry)
    if closed & opened:
        raise ValueError(f"{name}: {min(closed & opened)} is closed and open")
    return Corrections(closed, opened, None if horizon is None else _date(f"{name}.horizon", horizon))


def _dates(name: str, field: str, entry: Fields) -> frozenset[date]:
    days = entry.get(field) or []
    if not isinstance(days, list):
        raise ValueError(f"{name}.{field}: expected a list of days, [2026-12-24], not {days!r}")
    return frozenset(_date(f"{name}.{field}", day) for day in days)


def _date(place: str, value: Any) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{place}: expected a day such as 2026-12-24, not {value!r}") from None


def _holidays_of(country: str, region: str | None, years: Iterable[int]) -> holidays.HolidayBase:
    known = entity(country)
    if known is None:
        return holidays.HolidayBase(years=years)
    # without a language, names would follow the machine's locale, and with them what counts as estimated
    language = "en_US" if "en_US" in known.supported_languages else None
    return known(years=years, subdiv=region if region in known.subdivisions else None, language=language)


def _horizon(known: holidays.HolidayBase) -> date:
    """Return the last day the data is sure of.

    Where make-up days are worked, a government announces them year by year: the data is sure of the last year that has
    any.
    """
    if type(known) is holidays.HolidayBase:  # no country's
        return date.min
    announced = [day.year for day in known.weekend_workdays if day.year >= FIRST_YEAR]
    return date(max(announced, default=known.end_year), 12, 31)
