"""Business hours of a team: windows of local time per weekday, less the holidays of a calendar.

All arithmetic is on moments in UTC that are computed from the local windows of each day, so that a day of 23 or 25
hours counts what its clocks show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.common.basics.untyped import Fields
from services.common.calendar.days import WorkingDays, working_days
from services.common.calendar.places import DAY_MINUTES, local_date, moment_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_CLOSURE = 400
Window = tuple[int, int]
"""From and to, in minutes of the local day; 1440 is its end."""


@dataclass(frozen=True)
class BusinessHours:
    """When a team is at work.

    zone      IANA name
    week      the windows of Monday to Sunday, each day's in order and apart
    calendar  whose holidays are closed, "" for none. On a weekend day worked to make up for a holiday, a team that
              is closed on that weekday keeps the hours of its first open one.
    """

    zone: str
    week: tuple[tuple[Window, ...], ...]
    calendar: str = ""

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if self.calendar:
            working_days(self.calendar)
        if len(self.week) != len(WEEKDAYS) or not any(self.week):
            raise ValueError("business hours need a week with at least one open window")
        for windows in self.week:
            edges = [edge for window in windows for edge in window]
            if any(opens >= closes for opens, closes in windows) or edges != sorted(edges):
                raise ValueError(f"windows that overlap, are empty or stand in no order: {windows}")
            if edges and not 0 <= edges[0] <= edges[-1] <= DAY_MINUTES:
                raise ValueError(f"a window outside the day: {windows}")

    @classmethod
    def office(cls, zone: str, calendar: str = "", opens: str = "09:00", closes: str = "18:00") -> BusinessHours:
        """Return Monday to Friday with the same window each day."""
        return cls(zone, ((_window((opens, closes)),),) * 5 + ((), ()), calendar)

    @classmethod
    def from_json(cls, data: Fields) -> BusinessHours:
        """Read `{"zone": …, "calendar": "CN", "week": {"mon": [["09:00", "12:00"], ["13:00", "24:00"]], …}}`.

        A weekday left out is closed. Raise ValueError, or KeyError for an unknown zone, if it is anything else.
        """
        week = data["week"]
        if set(week) - set(WEEKDAYS):
            raise ValueError(f"no such weekday: {sorted(set(week) - set(WEEKDAYS))}")
        days = (tuple(_window(window) for window in week.get(name, ())) for name in WEEKDAYS)
        return cls(data["zone"], tuple(days), data.get("calendar", ""))

    def to_json(self) -> dict[str, object]:
        """Return the JSON that `from_json` reads, to be stored with a clock."""
        week = {name: [[_hhmm(edge) for edge in w] for w in day] for name, day in zip(WEEKDAYS, self.week, strict=True)}
        return {"zone": self.zone, "calendar": self.calendar, "week": {name: day for name, day in week.items() if day}}

    def is_open(self, at: datetime) -> bool:
        """Return whether the team is at work at that moment. At closing time it no longer is."""
        return any(opens <= at < closes for opens, closes in self._windows_on(local_date(at, self.zone)))

    def add(self, start: datetime, seconds: float) -> datetime:
        """Return the moment at which that many seconds of business time have passed since `start`.

        Time that is used up exactly at closing time ends then, not at the next opening. From outside the hours, count
        from the next opening. Raise ValueError if nothing is open for 400 days.
        """
        left = timedelta(seconds=seconds)
        for opens, closes in self._windows_from(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise AssertionError("the windows never end")

    def between(self, a: datetime, b: datetime) -> float:
        """Return the seconds of business time from `a` to `b`, 0 if b is not after a: `between(a, add(a, s)) == s`."""
        passed = timedelta()
        if a >= b:
            return 0.0
        for opens, closes in self._windows_from(a):
            if opens >= b:
                break
            passed += min(closes, b) - opens
        return passed.total_seconds()

    def _windows_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open windows after `start`, in order: each from its opening, or from `start` if that is later."""
        day = last_open = local_date(start, self.zone)
        while True:
            for opens, closes in self._windows_on(day):
                if closes > start:
                    last_open = day
                    yield max(opens, start), closes
            day += timedelta(days=1)
            if (day - last_open).days > LONGEST_CLOSURE:
                raise ValueError(f"no business hours in the {LONGEST_CLOSURE} days after {last_open}")

    def _windows_on(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (moment_of(day, opens, self.zone), moment_of(day, closes, self.zone)) for opens, closes in self._plan(day)
        ]

    def _plan(self, day: date) -> tuple[Window, ...]:
        plan = self.week[day.weekday()]
        if not self.calendar:
            return plan
        days: WorkingDays = working_days(self.calendar)
        if days.is_holiday(day):
            return ()
        if not plan and days.is_make_up(day):
            return next(windows for windows in self.week if windows)
        return plan


def _window(text: Sequence[str]) -> Window:
    opens, closes = text
    return _minutes(opens), _minutes(closes)


def _minutes(text: str) -> int:
    parts = re.fullmatch(r"([0-9]{2}):([0-5][0-9])", text)
    if parts is None:
        raise ValueError(f"not a time of day: {text!r}")
    return int(parts[1]) * 60 + int(parts[2])


def _hhmm(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
