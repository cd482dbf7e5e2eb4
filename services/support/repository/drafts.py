"""What staff write and have not sent, in the database: always one person's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from services.support import tables as t
from services.support.api.drafts import DraftKind
from services.support.domain.draft import Draft

_ROW = t.drafts.c


class Drafts:
    """The drafts; who changes one holds the lock of its ticket."""

    def __init__(self, session: Session):
        self._session = session

    def find(self, number: str, person: str, kind: DraftKind) -> Draft | None:
        """Return that draft of the person, if there is one or was one."""
        return self._session.get(Draft, (number, person, kind), populate_existing=True)

    def keep(self, draft: Draft) -> None:
        """Keep it as it is now, as a further version."""
        self._session.add(draft)
        flag_modified(draft, "saved_at")  # a version of its own, even in the same moment
        self._session.flush()

    def of(self, number: str, person: str) -> list[Draft]:
        """Return what that person has begun on the ticket, notes after answers."""
        query = sa.select(Draft).where(_ROW.ticket_number == number, _ROW.person == person)
        return list(self._session.scalars(query.order_by(_ROW.kind)))

    def begun(self, numbers: Iterable[str], person: str) -> set[str]:
        """Return on which of these tickets the person has something that is not sent."""
        mine = sa.select(_ROW.ticket_number).where(_ROW.person == person, _ROW.ticket_number.in_(sorted(set(numbers))))
        return set(self._session.scalars(mine.where(_ROW.body != "")))

    def drop_of(self, person: str) -> None:
        """Drop all of a person who works here no more."""
        self._session.execute(sa.delete(t.drafts).where(_ROW.person == person))

    def forget(self, before: datetime) -> None:
        """Drop what was not written on since before that."""
        self._session.execute(sa.delete(t.drafts).where(_ROW.saved_at < before))
