"""What reports count: written down with the step that makes it so, counted by two statements for each report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.caller import Caller
from services.common.basics.events import Event
from services.common.store.upsert import add_those_new
from services.support import domain as d
from services.support import tables as t
from services.support.api.events import TicketMoved, TicketOpened, TicketReopened, TicketResolved
from services.support.api.statuses import Author, Category, Origin, TicketStatus
from services.support.domain.reports import SPAM, WITHIN, Cell, FactKind

_FACT = t.facts.c
_WITHIN = sa.case(
    (_FACT.seconds.is_(None), sa.null()), *((_FACT.seconds <= hours * 3600, hours) for hours in WITHIN),
    else_=WITHIN[-1],
).label("within")  # fmt: skip


class Belongs(NamedTuple):
    """Which tickets a team has now: those for which it was named, and those of its categories for which none was."""

    name: str
    categories: frozenset[str]
    others: frozenset[str]


class Reports:
    """What happened, to be counted."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def note(self, ticket: d.Ticket, events: Iterable[Event], message: d.TicketMessage | None, caller: Caller) -> None:
        """Write down what a step of a ticket means for reports."""
        by = (caller.email or caller.actor) if caller.is_staff else None
        for event in events:
            match event:
                case TicketOpened(opened_by=Author.CUSTOMER):
                    self._add(ticket, FactKind.OPENED, "opened")
                case TicketResolved():
                    seconds = self._seconds(self._began(ticket))
                    about = {"code": event.code, "ground": event.ground, "seconds": seconds}
                    self._add(ticket, FactKind.ENDED, f"end:{event.cycle}", by, **about)
                case TicketMoved(status=TicketStatus.SPAM):
                    self._forget_undone(f"{ticket.number}:spam:{ticket.cycle}")
                    self._add(ticket, FactKind.ENDED, f"spam:{ticket.cycle}", by, code=SPAM)
                case TicketMoved(from_status=TicketStatus.SPAM):
                    self._undo(f"{ticket.number}:spam:{ticket.cycle}")
                case TicketReopened():
                    self._undo(f"{ticket.number}:end:{event.cycle - 1}")
        answers = message is not None and message.author is Author.AGENT and not message.internal
        if message is not None and answers and ticket.origin is Origin.CONTACT:
            seconds = self._seconds(ticket.opened_at)
            self._add(ticket, FactKind.ANSWERED, "answered", message.actor, seconds=seconds)

    def forget_opening(self, ticket: d.Ticket) -> None:
        """Count its opening no more: what it asks was counted where it was asked first."""
        self._session.execute(sa.delete(t.facts).where(_FACT.mark == f"{ticket.number}:opened"))

    def note_rating(self, ticket: d.Ticket, rating: d.Rating, person: str | None) -> None:
        """Write down how a resolution was rated. person: who had answered."""
        self._add(ticket, FactKind.RATED, f"rated:{rating.cycle}", person, score=rating.score)

    def note_deflection(self, visit: str, slug: str) -> None:
        """Write down that an article answered what was about to be sent, once for a visit."""
        mark = hashlib.sha256(visit.encode()).hexdigest()[:40]
        self._insert({"mark": f"deflected:{mark}", "kind": FactKind.DEFLECTED, "code": slug})

    def cells(
        self,
        kinds: Sequence[FactKind],
        since: datetime,
        until: datetime,
        category: Category | None = None,
        team: Belongs | None = None,
        *,
        by_day: bool = False,
    ) -> list[Cell]:
        """Count what happened in that time, by day or by all else."""
        alike = [_FACT.kind, _FACT.code, _FACT.score, _WITHIN]
        alike += [_FACT.day] if by_day else [_FACT.category, _FACT.team, _FACT.person, _FACT.ground]
        counts = sa.func.count().label("number"), sa.func.count(_FACT.undone_at).label("undone")
        query = sa.select(*alike, *counts).group_by(*alike)
        inside = query.where(_FACT.kind.in_(kinds), _FACT.happened_at >= since, _FACT.happened_at < until)
        if category is not None:
            inside = inside.where(_FACT.category == category)
        if team is not None:
            inside = inside.where(_belongs(team))
        return [Cell(**row._mapping) for row in self._session.execute(inside)]

    def _began(self, ticket: d.Ticket) -> datetime:
        """Return when the customer asked what ends now: at the start, or when it was taken up again."""
        before = sa.select(_FACT.undone_at).where(_FACT.mark == f"{ticket.number}:end:{ticket.cycle - 1}")
        return self._session.scalar(before) or ticket.opened_at

    def _seconds(self, since: datetime) -> int:
        return max(0, int((self._now - since).total_seconds()))

    def _add(self, ticket: d.Ticket, kind: FactKind, mark: str, person: str | None = None, **more: object) -> None:
        about = {"category": str(ticket.category), "team": ticket.team, "person": person}
        self._insert({"mark": f"{ticket.number}:{mark}", "kind": kind, **about, **more})

    def _insert(self, values: dict[str, object]) -> None:
        """Insert a fact, unless it stands."""
        empty = dict.fromkeys(("category", "team", "person", "code", "score", "seconds", "undone_at", "ground"))
        add_those_new(self._session, t.facts, {"happened_at": self._now, "day": self._now.date(), **empty, **values})

    def _forget_undone(self, mark: str) -> None:
        self._session.execute(sa.delete(t.facts).where(_FACT.mark == mark, _FACT.undone_at.is_not(None)))

    def _undo(self, mark: str) -> None:
        self._session.execute(sa.update(t.facts).where(_FACT.mark == mark).values(undone_at=self._now))


def _belongs(team: Belongs) -> sa.ColumnElement[bool]:
    unnamed = sa.or_(_FACT.team.is_(None), _FACT.team.not_in(sorted(team.others | {team.name})))
    return sa.or_(_FACT.team == team.name, sa.and_(unnamed, _FACT.category.in_(sorted(team.categories))))
