"""The clocks of what orders promises: one function for each promise."""

from __future__ import annotations

from datetime import datetime

from services.common.calendar import BusinessHours
from services.common.commitments import Clock, start
from services.orders.api import PAYMENT_ATTENTION, REFUND, REVIEW, SHORTAGE_CONTACT, TERMS
from services.orders.api.terms import REMEDY


def start_review_clock(id: str, order_number: str, at: datetime, *, calendar: str, zone: str) -> Clock:
    """Start the clock by which a paid order is reviewed, or its customer contacted; in working days of the team."""
    return start(
        REVIEW,
        order_number,
        at,
        id=id,
        owner="orders",
        terms=TERMS[REVIEW],
        calendar=calendar,
        zone=zone,
        order_number=order_number,
    )


def start_shortage_clock(id: str, change_id: str, order_number: str, at: datetime, *, hours: BusinessHours) -> Clock:
    """Start the clock by which the customer has heard that goods are missing; in business hours."""
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


def start_remedy_clock(id: str, remedy_id: str, order_number: str, at: datetime, *, calendar: str, zone: str) -> Clock:
    """Start the clock by which the customer is asked what we shall do; in working days of the team."""
    return start(
        REMEDY,
        remedy_id,
        at,
        id=id,
        owner="orders",
        terms=TERMS[REMEDY],
        calendar=calendar,
        zone=zone,
        order_number=order_number,
    )


def start_attention_clock(
    id: str, payment_id: str, order_number: str | None, at: datetime, *, calendar: str, zone: str
) -> Clock:
    """Start the clock by which a person has decided about money that does not match; in working days of the team."""
    return start(
        PAYMENT_ATTENTION,
        payment_id,
        at,
        id=id,
        owner="orders",
        terms=TERMS[PAYMENT_ATTENTION],
        calendar=calendar,
        zone=zone,
        order_number=order_number,
    )


def start_refund_clock(id: str, refund_id: str, order_number: str, at: datetime, *, calendar: str, zone: str) -> Clock:
    """Start the clock by which owed money is back (standard, section 4); in working days of the team."""
    return start(
        REFUND,
        refund_id,
        at,
        id=id,
        owner="orders",
        terms=TERMS[REFUND],
        calendar=calendar,
        zone=zone,
        order_number=order_number,
    )
