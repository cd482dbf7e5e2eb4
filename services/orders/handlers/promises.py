"""Promises that orders makes: a clock of the kind is started and kept, and read for when it is due."""

from __future__ import annotations

from datetime import datetime

from services.common.basics import ids
from services.common.commitments import Clock
from services.orders.domain.clocks import start_clock
from services.orders.repository import Work


def start_promise(
    work: Work, kind: str, subject: str, order_number: str | None, *, since: datetime | None = None
) -> Clock:
    """Start a clock of that kind in working days of the team, from `since` on, else from now on."""
    clock = new_clock(work, kind, subject, order_number, since=since)
    work.commitments.start(clock)
    return clock


def new_clock(work: Work, kind: str, subject: str, order_number: str | None, *, since: datetime | None = None) -> Clock:
    """Make such a clock, for the caller to keep."""
    settings = work.settings
    return start_clock(
        kind,
        subject,
        order_number,
        since or work.now,
        id=ids.new_id(),
        calendar=settings.team_calendar,
        zone=settings.team_zone,
    )
