"""Days as time: moments in, moments out, counted in the working days of one place, or in all days.

It has the two questions of `BusinessHours`, so that a clock can be told in either: what moment is it when so much
working time has passed, and how much lies between two moments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.common.calendar.days import WorkingDays, working_days
from services.common.calendar.places import end_of_day, local_date, start_of_day


class EveryDay:
    """The calendar of those who have no days off."""

    def is_working(self, day: date) -> bool:
        return True

    def nth_after(self, day: date, n: int) -> date:
        return day + timedelta(days=n)

    def count_between(self, a: date, b: date) -> int:
        return max((b - a).days, 0)


@dataclass(frozen=True)
class LocalDays:
    """The working days of a calendar ("CN", "US-CA"), each from midnight to midnight in a zone; "": every day."""

    calendar: str
    zone: str

    def add(self, start: datetime, days: float) -> datetime:
        """Return the moment at which that many working days after the day of `start` are over, in UTC.

        Whole days end with their last microsecond; of a broken number the last day is used in part. Zero days end with
        the day itself, or with the next working day if it is none.
        """
        calendar, day = self._days, local_date(start, self.zone)
        whole, part = divmod(days, 1)
        if part:
            last = calendar.nth_after(day, int(whole) + 1)
            begin = start_of_day(last, self.zone)
            return begin + part * (end_of_day(last, self.zone) - begin)
        if whole or not calendar.is_working(day):
            day = calendar.nth_after(day, max(int(whole), 1))
        return end_of_day(day, self.zone)

    def left_at(self, at: datetime, until: datetime) -> timedelta:
        """Return the working time from `at` to `until`: of each working day the part that lies between them."""
        left = timedelta()
        for opens, closes in self._days_from(at):
            if opens >= until:
                break
            left += min(closes, until) - opens
        return left

    def after(self, start: datetime, left: timedelta) -> datetime:
        """Return the moment when that much working time has passed since `start`: `after(a, left_at(a, b)) == b`."""
        for opens, closes in self._days_from(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise AssertionError("the days never end")

    def _days_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working days from `start` on: each from its beginning (or `start`, if later) to the next day."""
        calendar, day = self._days, local_date(start, self.zone)
        if not calendar.is_working(day):
            day = calendar.nth_after(day, 1)
        while True:
            next_day = day + timedelta(days=1)
            yield max(start, start_of_day(day, self.zone)), start_of_day(next_day, self.zone)
            day = calendar.nth_after(day, 1)

    def between(self, a: datetime, b: datetime) -> float:
        """Count the working days after the day of `a`, up to and including the day of `b`."""
        return self._days.count_between(local_date(a, self.zone), local_date(b, self.zone))

    @property
    def _days(self) -> WorkingDays | EveryDay:
        return working_days(self.calendar) if self.calendar else EveryDay()
