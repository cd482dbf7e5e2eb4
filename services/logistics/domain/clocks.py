"""The clocks that logistics starts (`api.terms`)."""

from __future__ import annotations

from datetime import datetime

from services.common.commitments import Clock, start
from services.logistics.api.terms import DELIVERY, DISPATCH, LANDED_COST, REMEDY, TERMS

OWNER = "logistics"


def dispatch_clock(number: str, order_number: str, at: datetime, calendar: str, zone: str, clock_id: str) -> Clock:
    """Start the clock from the passed review to the hand-over, in the warehouse's working days."""
    return _clock(DISPATCH, number, order_number, at, calendar, zone, clock_id)


def delivery_clock(number: str, order_number: str, at: datetime, calendar: str, zone: str, clock_id: str) -> Clock:
    """Start the clock from the hand-over to the delivery, in the destination's working days."""
    return _clock(DELIVERY, number, order_number, at, calendar, zone, clock_id)


def remedy_clock(number: str, order_number: str, at: datetime, calendar: str, zone: str, clock_id: str) -> Clock:
    """Start the clock from a broken delivery promise to the delivery or our question, in the destination's working
    days.
    """
    return _clock(REMEDY, number, order_number, at, calendar, zone, clock_id)


def cost_clock(number: str, at: datetime, calendar: str, zone: str, clock_id: str) -> Clock:
    """Start the clock from a bill that differs to a person's decision. It is of no order, and for staff alone."""
    return _clock(LANDED_COST, number, None, at, calendar, zone, clock_id)


def _clock(
    kind: str, number: str, order_number: str | None, at: datetime, calendar: str, zone: str, clock_id: str
) -> Clock:
    return start(
        kind,
        number,
        at,
        id=clock_id,
        owner=OWNER,
        terms=TERMS[kind],
        calendar=calendar,
        zone=zone,
        order_number=order_number,
    )
