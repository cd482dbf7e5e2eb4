"""Working days as time: moments in, moments out, counted in the days of one place.

It has the two questions of `BusinessHours`, so that a clock can be told in either: what moment is it when so much
working time has passed, and how much lies between two moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.calendar.days import working_days
from services.common.calendar.places import end_of_day, local_date, start_of_day


@dataclass(frozen=True)
class LocalDays:
    """The working days of a calendar ("CN", "US-CA"), each from midnight to midnight in a zone."""

    calendar: str
    zone: str

    def add(self, start: datetime, days: float) -> datetime:
        """The moment at which that many working days after the day of `start` are over, in UTC.

        Whole days end with their last microsecond, of a broken number the last day is used in part. No days at all:
        the end of the very day, or of the next working day if it is none.
        """
        calendar, day = working_days(self.calendar), local_date(start, self.zone)
        whole, part = divmod(days, 1)
        if part:
            last = calendar.nth_after(day, int(whole) + 1)
            begin = start_of_day(last, self.zone)
            return begin + part * (end_of_day(last, self.zone) - begin)
        if whole or not calendar.is_working(day):
            day = calendar.nth_after(day, max(int(whole), 1))
        return end_of_day(day, self.zone)

    def between(self, a: datetime, b: datetime) -> float:
        """How many working days come after the day of `a`, up to and with the day of `b`."""
        return working_days(self.calendar).count_between(local_date(a, self.zone), local_date(b, self.zone))
