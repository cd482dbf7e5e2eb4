"""Entries of a journal by their types: all of some chains, or those of a period, page by page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.api import TimelineEntry
from services.common.basics.shapes import Page
from services.common.store import pages, tables
from services.common.store.journal import ENTRIES, as_published

_ROW = tables.journal.c
_NEXT = (
    sa.select(_ROW.position, _ROW.occurred_at)
    .where(_ROW.position > sa.bindparam("place"))
    .order_by(_ROW.position)
    .limit(1)
)
SLACK = timedelta(hours=1)
"""Entries stand in the order in which they were written; `occurred_at` is when their transaction began."""


def of_chains(session: Session, subjects: Collection[str], types: Sequence[str]) -> list[TimelineEntry]:
    """Return the entries of these types in these chains, chain by chain, each from its beginning."""
    query = (
        ENTRIES.where(_ROW.subject.in_(sorted(subjects)), _ROW.type.in_(types))
        .order_by(_ROW.subject, _ROW.subject_seq)
    )  # fmt: skip
    return [as_published(dict(row)) for row in session.execute(query).mappings()]


def places_of(session: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """Return between which places of the journal all of a period stands: after the first, up to the second."""
    earliest, latest = datetime.min.replace(tzinfo=UTC) + SLACK, datetime.max.replace(tzinfo=UTC) - SLACK
    return _before(session, max(since, earliest) - SLACK), _before(session, min(until, latest) + SLACK)


def page_of_period(
    session: Session,
    since: datetime,
    until: datetime,
    places: tuple[int, int],
    types: Sequence[str],
    *,
    cursor: str | None,
    limit: int,
) -> Page[tuple[str, str]]:
    """Return a page of what was recorded from `since` until before `until`: (chain, entry's id), in that order."""
    query = sa.select(_ROW.position, _ROW.subject, _ROW.id).where(
        _ROW.type.in_(types),
        _ROW.occurred_at >= since,
        _ROW.occurred_at < until,
        _ROW.position > places[0],
        _ROW.position <= places[1],
    )
    return pages.page(session, query, (_ROW.position,), lambda row: (row.subject, row.id), cursor=cursor, limit=limit)


def _before(session: Session, moment: datetime) -> int:
    """Return the place after which all was recorded that was recorded at `moment` or later, by halving."""
    low, high = 0, session.scalar(sa.select(sa.func.max(_ROW.position))) or 0
    while low < high:
        middle = (low + high) // 2
        found = session.execute(_NEXT, {"place": middle}).first()
        if found is None or found.position > high or found.occurred_at >= moment:
            high = middle
        else:
            low = found.position
    return low
