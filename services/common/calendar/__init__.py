"""Time as people keep it: working days of a country, business hours of a team, the day of a place. Pure.

    working_days("CN").nth_after(date(2025, 9, 30), 3)      # 11 October: National Day, then a make-up Saturday
    zone_of("US", "California")                             # America/Los_Angeles
    end_of_day(date(2026, 3, 2), "Asia/Tokyo")              # the last microsecond of that day there, in UTC
    BusinessHours.office("Asia/Shanghai", "CN").add(asked_at, 2 * 3600)

Day 0 is the local date of an event and never counts; day 1 is the first working day after it. The days come from the
`holidays` package, the zones from `tzdata`, what neither knows from `overlay.yaml` beside this file and from the shop's
own file of the same form (PLEDGE_CLOSURES): a carrier's closure, a notice of this week.

days  working days          business_hours  hours of a team
places  zones of places     local_days      the day of a place
"""

from services.common.calendar.business_hours import BusinessHours
from services.common.calendar.days import (
    Overlay,
    WorkingDays,
    calendar_id,
    calendars_in_use,
    close,
    read_overlay,
    shipped_overlay,
    working_days,
)
from services.common.calendar.local_days import LocalDays
from services.common.calendar.places import end_of_day, local_date, start_of_day, zone_of

__all__ = [
    "BusinessHours",
    "LocalDays",
    "Overlay",
    "WorkingDays",
    "calendar_id",
    "calendars_in_use",
    "close",
    "end_of_day",
    "local_date",
    "read_overlay",
    "shipped_overlay",
    "start_of_day",
    "working_days",
    "zone_of",
]
