"""Teams, who is there, and which tickets wait for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.support import domain as d
from services.support import tables as t
from services.support.api import TicketStatus
from services.support.api.teams import ALL_AGENTS, TeamNotFound
from services.support.domain.teams import Presence, Team, Unassigned

_ROW, _GIVEN = t.tickets.c, t.assignments.c
OUR_TURN = sorted(d.IN_WORK - {TicketStatus.WAITING_CUSTOMER})
TAKEN_BACK = 100
"""Tickets that are taken back at a time."""


def belongs_to(name: str, teams: Iterable[Team]) -> sa.ColumnElement[bool]:
    """Match the tickets of a team, as `domain.teams.owner_of` says."""
    known = {team.name: team.categories for team in teams}
    unnamed = sa.or_(_ROW.team.is_(None), _ROW.team.not_in(sorted(known)))
    if name == ALL_AGENTS:
        taken = sorted({each for categories in known.values() for each in categories})
        return sa.or_(_ROW.team == ALL_AGENTS, sa.and_(unnamed, _ROW.category.not_in(taken)))
    return sa.or_(_ROW.team == name, sa.and_(unnamed, _ROW.category.in_(known.get(name, []))))


class Teams:
    """The teams and their tickets."""

    def __init__(self, session: Session):
        self._session = session

    def lock(self) -> None:
        """Hold the row of `agents` until the end: who hands out, or says who is there, does so one by one."""
        self._session.execute(sa.select(t.teams.c.name).where(t.teams.c.name == ALL_AGENTS).with_for_update()).one()

    def every(self) -> list[Team]:
        """Return all teams, `agents` first, then by name."""
        found = self._session.execute(sa.select(Team).order_by(t.teams.c.name)).scalars()
        return sorted(found, key=lambda team: (team.name != ALL_AGENTS, team.name))

    def get(self, name: str) -> Team:
        """Return one. Raise TeamNotFound."""
        found = self._session.get(Team, name)
        if found is None:
            raise TeamNotFound
        return found

    def known(self, name: str) -> bool:
        return self._session.get(Team, name) is not None

    def remove(self, team: Team) -> None:
        self._session.delete(team)

    def presences(self) -> dict[str, Presence]:
        """Return by address what people said about being there."""
        return {each.email: each for each in self._session.execute(sa.select(Presence)).scalars()}

    def presence(self, email: str) -> Presence | None:
        return self._session.get(Presence, email)

    def loads(self) -> dict[str, int]:
        """Return by address how many tickets wait for that person."""
        query = sa.select(_ROW.assignee, sa.func.count()).where(_ROW.status.in_(OUR_TURN), _ROW.assignee.is_not(None))
        return {email: count for email, count in self._session.execute(query.group_by(_ROW.assignee))}

    def turns(self, emails: Collection[str]) -> dict[str, datetime]:
        """Return by address when that person was given a ticket last."""
        query = sa.select(_GIVEN.assignee, sa.func.max(_GIVEN.assigned_at)).where(_GIVEN.assignee.in_(sorted(emails)))
        return {email: at for email, at in self._session.execute(query.group_by(_GIVEN.assignee))}

    def waiting(self, team: str, teams: Iterable[Team], limit: int) -> list[Unassigned]:
        """Return the tickets of a team without an assignee in which it is our turn, the oldest deadline first."""
        nobody = sa.and_(_ROW.assignee.is_(None), _ROW.status.in_(OUR_TURN), belongs_to(team, teams))
        query = (
            sa.select(_ROW.number, _ROW.next_due_at)
            .where(nobody)
            .order_by(_ROW.next_due_at, _ROW.opened_at, _ROW.number)
        )
        found = self._session.execute(query.limit(limit))
        return [Unassigned(number, team, due_at) for number, due_at in found]

    def held_by(self, emails: Collection[str]) -> list[str]:
        """Return the numbers of tickets that wait for us and that one of these has, the oldest deadline first."""
        query = sa.select(_ROW.number).where(_ROW.assignee.in_(sorted(emails)), _ROW.status.in_(OUR_TURN))
        return list(
            self._session.execute(
                query.order_by(_ROW.next_due_at, _ROW.opened_at, _ROW.number).limit(TAKEN_BACK)
            ).scalars()
        )

    def counts(self, teams: list[Team]) -> dict[str, tuple[int, int]]:
        """Return by team how many of its tickets are our turn, and how many of those have no assignee."""
        query = sa.select(_ROW.team, _ROW.category, _ROW.assignee.is_(None), sa.func.count())
        grouped = query.where(_ROW.status.in_(OUR_TURN)).group_by(_ROW.team, _ROW.category, _ROW.assignee.is_(None))
        found = {team.name: (0, 0) for team in teams}
        for named, category, nobody, count in self._session.execute(grouped):
            name = d.owner_of(category, named, teams)
            ours, unassigned = found[name]
            found[name] = ours + count, unassigned + (count if nobody else 0)
        return found
