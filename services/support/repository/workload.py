"""Counts of what there is to do and what was done, each in one statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.support import domain as d
from services.support import tables as t
from services.support.api import Author
from services.support.repository.teams import OUR_TURN

_ROW, _GIVEN, _SAID = t.tickets.c, t.assignments.c, t.messages.c


class Counted(NamedTuple):
    """How many of what, of one team's kind of ticket and one person. named: the team that was named for it."""

    what: str
    named: str | None
    category: str
    person: str | None
    number: int


class Workload:
    """What there is to do, and what was done."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def standing(self) -> Iterator[Counted]:
        """Count what is open now, what of it is ours, and what is late."""
        ours = _ROW.status.in_(OUR_TURN)
        late = sa.and_(ours, _ROW.next_due_at < self._now)
        counts = sa.func.count(), sa.func.count().filter(ours), sa.func.count().filter(late)
        kind = _ROW.team, _ROW.category, _ROW.assignee
        query = sa.select(*kind, *counts).where(_ROW.status.in_(sorted(d.IN_WORK))).group_by(*kind)
        for named, category, person, *found in self._session.execute(query):
            for what, count in zip(("open", "ours", "overdue"), found, strict=True):
                yield Counted(what, named, category, person, count)

    def assigned(self, since: datetime, until: datetime) -> Iterator[tuple[str, str, int]]:
        """Count by team and person how often a ticket was given in that time."""
        query = sa.select(_GIVEN.team, _GIVEN.assignee, sa.func.count()).group_by(_GIVEN.team, _GIVEN.assignee)
        inside = query.where(_GIVEN.assigned_at >= since, _GIVEN.assigned_at < until)
        yield from ((team, person, count) for team, person, count in self._session.execute(inside))

    def answered(self, since: datetime, until: datetime) -> Iterator[Counted]:
        """Count the public answers of persons in that time."""
        kind = _ROW.team, _ROW.category, _SAID.actor
        answers = sa.and_(_SAID.author == Author.AGENT, _SAID.internal.is_(False))
        inside = sa.and_(_SAID.posted_at >= since, _SAID.posted_at < until, answers)
        query = sa.select(*kind, sa.func.count()).join(t.messages, _SAID.ticket_number == _ROW.number)
        for named, category, person, count in self._session.execute(query.where(inside).group_by(*kind)):
            yield Counted("answered", named, category, person, count)
