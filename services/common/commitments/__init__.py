"""Commitments: what was promised, until when, and whether it was kept. Pure.

    clock = start("dispatch", shipment.number, now, id=new_id(), owner="logistics", terms=TERMS["dispatch"],
                  calendar="CN", zone="Asia/Shanghai", order_number=shipment.order_number)
    clock.stop(handed_over_at)
    clock.verdict(now)                    # running | paused | kept | breached

A clock counts working days (day 0 is the local date of its start and never counts; due is the last microsecond of the
last day, in the clock's zone), calendar days in the same way, or seconds of business hours. Its due time is fixed when
it starts, together with the version of the calendar and of the terms, and only a pause moves it; the law may bind it to
an earlier one (law.py). The verdict follows from recorded times alone: when and how often it is read makes no
difference. It is kept when it was stopped at its due time or before. What is told of a clock is in events.py,
who broke it in causes.py.
"""

from __future__ import annotations

from datetime import datetime

from services.common.basics.shapes import Verdict
from services.common.calendar import BusinessHours, local_date, start_of_day, working_days
from services.common.commitments.clock import Clock, ClockRefused, Notice, Pause, utc
from services.common.commitments.law import WITHDRAWAL, LegalLimit, bind, limit_for
from services.common.commitments.terms import Table, Terms, TimeUnit, fingerprint, in_words, read_terms, terms_for

__all__ = [
    "WITHDRAWAL",
    "Clock",
    "ClockRefused",
    "LegalLimit",
    "Notice",
    "Pause",
    "Table",
    "Terms",
    "TimeUnit",
    "Verdict",
    "bind",
    "fingerprint",
    "in_words",
    "limit_for",
    "read_terms",
    "start",
    "terms_for",
]


def start(
    kind: str,
    subject: str,
    at: datetime,
    *,
    id: str,
    owner: str,
    terms: Terms,
    calendar: str = "",
    zone: str = "",
    hours: BusinessHours | None = None,
    order_number: str | None = None,
) -> Clock:
    """Start a clock that runs from `at`.

    Terms in working days need `calendar` (an id, "US-CA") and `zone`, terms in calendar days only `zone`; terms in
    business seconds need `hours`, whose calendar and zone the clock takes. Raise ValueError if they are missing, for
    an unknown calendar or a time without a zone; raise KeyError for an unknown zone.
    """
    counts_hours = terms.unit is TimeUnit.BUSINESS_SECONDS
    needs_calendar = terms.unit is TimeUnit.WORKING_DAYS
    complete = bool(zone) and bool(calendar) == needs_calendar
    if counts_hours != (hours is not None) or (not counts_hours and not complete):
        wanted = "hours" if counts_hours else "a calendar and a zone" if needs_calendar else "a zone alone"
        raise ValueError(f"{kind}: a clock in {terms.unit} needs {wanted}")
    if hours is not None:
        calendar, zone = hours.calendar, hours.zone
    begin = utc(at)
    clock = Clock(
        id=id,
        kind=kind,
        subject=subject,
        owner=owner,
        order_number=order_number,
        started_at=begin,
        due_at=begin,
        warn_at=begin,
        calendar=calendar,
        calendar_version=working_days(calendar).version if calendar else "",
        zone=zone,
        terms_version=terms.version,
        target=terms.target,
        unit=terms.unit,
        hours=hours.to_json() if hours is not None else None,
    )
    if terms.earliest is not None:
        first = working_days(calendar).nth_after(local_date(begin, zone), terms.earliest)
        clock.earliest_at = start_of_day(first, zone)
    clock.run(begin, terms.target)
    return clock
