"""The inbox: what its views show, and how many tickets each has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.support import domain as d
from services.support import tables as t
from services.support.api import ListTickets, TicketStatus, View, ViewCounts
from services.support.domain.teams import Team
from services.support.repository.search import mentions
from services.support.repository.teams import OUR_TURN, belongs_to

COUNTED = 1000
"""No view is counted further: nobody reads on to there, and a count must not cost more than a page."""

_ROW, _RATING = t.tickets.c, t.ratings.c


def looked_for(wanted: ListTickets, teams: list[Team]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of a list, but for its view and status. teams: all of them, where one is asked for."""
    for name in ("category", "assignee", "order_number"):
        if (value := getattr(wanted, name)) is not None:
            yield _ROW[name] == value
    if wanted.team is not None:
        yield belongs_to(wanted.team, teams)
    if wanted.q is not None:
        yield mentions(wanted.q)


def in_view(view: View, reader: str, now: datetime) -> sa.ColumnElement[bool]:
    """Match the tickets of a view. reader: the e-mail address of who looks."""
    ours = _ROW.status.in_(OUR_TURN)
    return {
        View.OPEN: ours,
        View.MINE: sa.and_(ours, _ROW.assignee == reader),
        View.UNASSIGNED: sa.and_(ours, _ROW.assignee.is_(None)),
        View.OVERDUE: sa.and_(ours, _ROW.next_due_at < now),
        View.ESCALATED: sa.and_(
            _ROW.escalated_at.is_not(None), _ROW.lead_answered_at.is_(None), _ROW.status.in_(sorted(d.IN_WORK))
        ),
        View.VERIFYING: _ROW.status == TicketStatus.VERIFYING,
        View.WAITING: _ROW.status == TicketStatus.WAITING_CUSTOMER,
        View.QUARANTINED: _ROW.status == TicketStatus.QUARANTINED,
        View.SPAM: _ROW.status == TicketStatus.SPAM,
    }[view]


def count_views(session: Session, wanted: ListTickets, reader: str, now: datetime, teams: list[Team]) -> ViewCounts:
    """Count what each view has of what is looked for, in one statement."""
    also = [*looked_for(wanted, teams)]
    if wanted.q is not None:  # looked for once, not once for each view
        named = sa.select(_ROW.number).where(*also).cte("named")
        also = [_ROW.number.in_(sa.select(named.c.number))]
    counts = []
    for view in View:
        some = sa.select(sa.literal(1)).select_from(t.tickets).where(in_view(view, reader, now), *also).limit(COUNTED)
        counts.append(sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery().label(view.value))
    found = session.execute(sa.select(*counts)).one()
    return {
        "open": found.open, "mine": found.mine, "unassigned": found.unassigned, "overdue": found.overdue,
        "escalated": found.escalated, "verifying": found.verifying, "waiting": found.waiting, "spam": found.spam,
        "quarantined": found.quarantined,
    }  # fmt: skip


def rated(session: Session, numbers: Iterable[str]) -> dict[str, int]:
    """Return by ticket how its customer rated the last end of it; who did not is left out."""
    last_end = sa.case((_ROW.resolved_at.is_not(None), _ROW.cycle), else_=_ROW.cycle - 1)
    of_it = sa.and_(_RATING.ticket_number == _ROW.number, _RATING.cycle == last_end)
    query = sa.select(_RATING.ticket_number, _RATING.score).join(t.tickets, of_it)
    return {number: score for number, score in session.execute(query.where(_RATING.ticket_number.in_(list(numbers))))}
