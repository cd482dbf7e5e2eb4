"""The ladder: who is told when the time of a promise on a ticket runs out (standard, section 6: no delayed response).

    75    of 100 parts of the working time are used: the assignee, or who answers tickets, where it is given to no one
    100   the time is over: the assignee and the leads
    150   half as much time again has passed: the admins

Each rung is climbed once for each clock. A clock that stands still climbs nothing; one that was kept in time has no
rung left. What was kept late is told at 100 all the same. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.commitments import Clock

AT_RISK, OVER, FAR_OVER = 75, 100, 150
SHARES = (AT_RISK, OVER, FAR_OVER)
GATHER = timedelta(minutes=10)
"""No person has two mails of the ladder within this time: what comes meanwhile is in the next one."""
LOOK_AGAIN = timedelta(hours=1)
"""After so long a clock that stands still is looked at again."""


@dataclass
class Rung:
    """One rung of one clock. share: 75, 100 or 150. look_at: when there may be a person to tell; None once all were."""

    ticket_number: str
    kind: str
    started_at: datetime
    share: int
    due_at: datetime
    look_at: datetime | None

    @property
    def of(self) -> tuple[str, str, datetime]:
        """What it is a rung of: the ticket, and the kind and start of its clock."""
        return self.ticket_number, self.kind, self.started_at


@dataclass
class RungMail:
    """One person has a mail in which that rung stands."""

    ticket_number: str
    kind: str
    started_at: datetime
    share: int
    recipient: str
    told_at: datetime

    @property
    def of(self) -> tuple[str, str, datetime]:
        """What it is about: the ticket, and the kind and start of its clock."""
        return self.ticket_number, self.kind, self.started_at


def next_look(clock: Clock, share: int, now: datetime) -> datetime | None:
    """Return when to tell of that rung: `now` or before if it is reached, None if there is nothing to tell of it."""
    if clock.stopped_at is not None:
        return clock.due_at if share == OVER and clock.stopped_at > clock.due_at else None
    if clock.paused_at is not None and (share != OVER or clock.paused_at <= clock.due_at):
        return now + LOOK_AGAIN
    return reached_at(clock, share)


def reached_at(clock: Clock, share: int) -> datetime:
    """Return when so many of 100 parts of the clock's working time are used."""
    return {AT_RISK: clock.warn_at, OVER: clock.due_at}.get(share) or clock.past_due((share - OVER) / 100)
