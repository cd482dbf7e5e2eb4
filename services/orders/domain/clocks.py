"""The clocks of what orders promises: in working days of the team, and the one that counts business hours."""

from __future__ import annotations

from datetime import date, datetime

from services.common.calendar import BusinessHours, local_date
from services.common.commitments import Clock, start
from services.common.commitments.terms import calendar_days
from services.orders.api import BACKORDER, SHORTAGE_CONTACT, TERMS


def start_clock(
    kind: str, subject: str, order_number: str | None, at: datetime, *, id: str, calendar: str, zone: str
) -> Clock:
    """Start a clock of a kind that counts working days of the team: what each of them promises, `api.terms` says."""
    return start(
        kind,
        subject,
        at,
        id=id,
        owner="orders",
        terms=TERMS[kind],
        calendar=calendar,
        zone=zone,
        order_number=order_number,
    )


def start_shortage_clock(id: str, change_id: str, order_number: str, at: datetime, *, hours: BusinessHours) -> Clock:
    """Start the clock for telling the customer that goods are missing, in business hours."""
    return start(
        SHORTAGE_CONTACT,
        change_id,
        at,
        id=id,
        owner="orders",
        terms=TERMS[SHORTAGE_CONTACT],
        hours=hours,
        order_number=order_number,
    )


def start_backorder_clock(id: str, order_number: str, until: str, at: datetime, *, zone: str) -> Clock:
    """Start the clock for having the goods by a day, which each order has of its own; the next day at the earliest."""
    left = (date.fromisoformat(until) - local_date(at, zone)).days
    return start(
        BACKORDER,
        order_number,
        at,
        id=id,
        owner="orders",
        terms=calendar_days(max(left, 1)),
        zone=zone,
        order_number=order_number,
    )
