"""What staff have read of customers' personal data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.caller import key_actor
from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.common.store.statements import add_rows
from services.common.store.upsert import add_if_new, values_of
from services.support import domain as d
from services.support import tables as t
from services.support.api import ListReads


class Reads:
    """The record of reads: rows are added and dropped, never changed."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, read: d.StaffRead, subjects: Iterable[str]) -> None:
        """Write a read down, unless it was."""
        rows = [{"subject": subject, "read_id": read.id} for subject in sorted({*subjects})]
        if add_if_new(self._session, t.staff_reads, values_of(read, t.staff_reads)):
            add_rows(self._session, t.staff_read_subjects, rows)

    def page(self, wanted: ListReads) -> Page[d.StaffRead]:
        """Return a page of the reads that match, the newest first."""
        row, subject = t.staff_reads.c, t.staff_read_subjects.c
        query = sa.select(d.StaffRead)
        if wanted.email is not None:
            query = query.where(row.email == wanted.email)
        if wanted.key is not None:
            query = query.where(row.email.startswith(key_actor(wanted.key, ""), autoescape=True))
        if wanted.since is not None:
            query = query.where(row.read_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(row.read_at < wanted.until)
        if wanted.subject is not None:
            query = query.where(row.id.in_(sa.select(subject.read_id).where(subject.subject == wanted.subject)))
        keys = (row.read_at, row.id)
        return page(self._session, query, keys, _itself, cursor=wanted.cursor, limit=wanted.limit, descending=True)

    def subjects_of(self, read_ids: Iterable[str]) -> dict[str, list[str]]:
        """Return the numbers that were shown, by read."""
        row = t.staff_read_subjects.c
        query = sa.select(row.read_id, row.subject).where(row.read_id.in_(list(read_ids))).order_by(row.subject)
        found: dict[str, list[str]] = {}
        for read_id, subject in self._session.execute(query):
            found.setdefault(read_id, []).append(subject)
        return found

    def forget(self, before: datetime) -> None:
        """Drop the reads before that moment."""
        old = sa.select(t.staff_reads.c.id).where(t.staff_reads.c.read_at < before)
        self._session.execute(sa.delete(t.staff_read_subjects).where(t.staff_read_subjects.c.read_id.in_(old)))
        self._session.execute(sa.delete(t.staff_reads).where(t.staff_reads.c.read_at < before))


def _itself(read: d.StaffRead) -> d.StaffRead:
    return read
