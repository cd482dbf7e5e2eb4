"""Complaints, in the database: one for each ticket, guarded by the lock on the ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.support import domain as d
from services.support import tables as t
from services.support.api.complaints import ListComplaints, ListDecided
from services.support.api.refusals import ComplaintNotFound
from services.support.api.statuses import TicketStatus
from services.support.domain.complaint import UNDECIDED

Shown = TypeVar("Shown")
_ROW = t.complaints.c
MOST_COUNTED = 10_000


class Complaints:
    """The complaints; their ticket is locked before them."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, complaint: d.Complaint) -> None:
        self._session.add(complaint)
        self._session.flush()

    def find(self, number: str) -> d.Complaint | None:
        """Return the complaint of a ticket, as it is; commands have the ticket locked."""
        return self._session.get(d.Complaint, number)

    def get(self, number: str) -> d.Complaint:
        """Return it. Raise ComplaintNotFound."""
        found = self.find(number)
        if found is None:
            raise ComplaintNotFound
        return found

    def page(self, show: Callable[[d.Complaint], Shown], query: ListComplaints) -> Page[Shown]:
        """Return a page, what is decided first first; without a status what is undecided. Spam is left out."""
        wanted = _ROW.status == query.status if query.status else _ROW.status.in_(sorted(UNDECIDED))
        row = t.tickets.c
        hidden = sa.select(row.number).where(sa.or_(row.status == TicketStatus.SPAM, row.customer_email == ERASED))
        found = sa.select(d.Complaint).where(wanted, _ROW.decide_by.is_not(None), _ROW.ticket_number.not_in(hidden))
        order = (_ROW.decide_by, _ROW.ticket_number)
        return page(self._session, found, order, show, cursor=query.cursor, limit=query.limit)

    def decided(self, show: Callable[[d.Complaint], Shown], query: ListDecided, since: datetime) -> Page[Shown]:
        """Return a page of those that were decided in the period, the oldest first."""
        order = (_ROW.decided_at, _ROW.ticket_number)
        return page(self._session, _decided(since, query.until), order, show, cursor=query.cursor, limit=query.limit)

    def all_decided(self, since: datetime, until: datetime | None) -> Iterable[d.Complaint]:
        """Return all that were decided in the period, the latest first; MOST_COUNTED at most."""
        query = _decided(since, until).order_by(_ROW.decided_at.desc(), _ROW.ticket_number).limit(MOST_COUNTED)
        return self._session.scalars(query)

    def count_open(self) -> int:
        """Count what is not decided."""
        query = sa.select(sa.func.count()).select_from(t.complaints).where(_ROW.status.in_(sorted(UNDECIDED)))
        return self._session.execute(query).scalar_one()


def _decided(since: datetime, until: datetime | None) -> sa.Select[d.Complaint]:
    found = sa.select(d.Complaint).where(_ROW.decided_at.is_not(None), _ROW.decided_at >= since)
    return found if until is None else found.where(_ROW.decided_at < until)
