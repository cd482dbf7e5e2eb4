"""Which tickets go on in which, and which have to do with one another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.upsert import add_if_new
from services.support import domain as d
from services.support import tables as t

_MERGE, _RELATION, _RUNG = t.merges.c, t.relations.c, t.rungs.c
MOST_SHOWN = 50


class Triaged:
    """Tickets that belong together."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def running(self, source: str) -> d.Merge | None:
        """Return the merge by which that ticket goes on in another one, locked."""
        query = sa.select(d.Merge).where(_MERGE.source == source, _MERGE.ended_at.is_(None))
        return self._session.execute(query.with_for_update()).scalar_one_or_none()

    def root(self, number: str) -> str:
        """Return where that ticket goes on, at the end of the chain: itself, if it is not merged."""
        query = sa.select(_MERGE.target).where(_MERGE.source == sa.bindparam("of"), _MERGE.ended_at.is_(None))
        while (into := self._session.scalar(query, {"of": number})) is not None:
            number = into
        return number

    def sources(self, target: str) -> list[d.Ticket]:
        """Return the tickets that go on in that one, the first first; fifty at most."""
        merged = sa.and_(_MERGE.source == t.tickets.c.number, _MERGE.target == target, _MERGE.ended_at.is_(None))
        query = sa.select(d.Ticket).join(t.merges, merged).order_by(_MERGE.merged_at, _MERGE.source)
        return list(self._session.scalars(query.limit(MOST_SHOWN)))

    def related(self, number: str) -> list[d.Ticket]:
        """Return the tickets that have to do with that one, the newest first; fifty at most."""
        other = sa.case((_RELATION.first == number, _RELATION.second), else_=_RELATION.first)
        mine = sa.or_(_RELATION.first == number, _RELATION.second == number)
        query = sa.select(d.Ticket).where(t.tickets.c.number.in_(sa.select(other).where(mine)))
        return list(self._session.scalars(query.order_by(t.tickets.c.opened_at.desc()).limit(MOST_SHOWN)))

    def relate(self, one: str, other: str, actor: str) -> bool:
        """Note that they have to do with one another. Return whether that is new."""
        first, second = sorted((one, other))
        row = {"first": first, "second": second, "noted_at": self._now, "noted_by": actor}
        return add_if_new(self._session, t.relations, row)

    def unrelate(self, one: str, other: str) -> bool:
        """Forget it. Return whether they were related."""
        first, second = sorted((one, other))
        gone = sa.delete(t.relations).where(_RELATION.first == first, _RELATION.second == second)
        return bool(self._session.execute(gone).rowcount)  # type: ignore[attr-defined]

    def move_rungs(self, source: str, target: str, clocks: Iterable[tuple[str, datetime]]) -> None:
        """Let people be told at the target of what is still to be told of these clocks, by kind and start."""
        for kind, started_at in clocks:
            of_clock = sa.and_(
                _RUNG.ticket_number == source, _RUNG.kind == kind, _RUNG.started_at == started_at,
                _RUNG.look_at.is_not(None),
            )  # fmt: skip
            for rung in self._session.execute(sa.select(t.rungs).where(of_clock).with_for_update()).mappings().all():
                add_if_new(self._session, t.rungs, {**rung, "ticket_number": target})
            self._session.execute(sa.update(t.rungs).where(of_clock).values(look_at=None))

    def look_again(self, source: str, clocks: Iterable[tuple[str, datetime]]) -> None:
        """Look again at the rungs of clocks that run again; whom they told is not told twice."""
        for kind, started_at in clocks:
            row = sa.update(t.rungs).where(
                _RUNG.ticket_number == source, _RUNG.kind == kind, _RUNG.started_at == started_at
            )
            self._session.execute(row.values(look_at=self._now))
