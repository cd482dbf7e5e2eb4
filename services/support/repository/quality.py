"""Answers that leads read, in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.common.store.upsert import add_if_new, values_of
from services.support import tables as t
from services.support.api.quality import AgentQuality, ListQuality, QualityNotFound, QualityState
from services.support.domain.quality import QualityReview

T = TypeVar("T")
_ROW = t.quality_reviews.c


class QualityReviews:
    """What is drawn to be read, and what was found."""

    def __init__(self, session: Session):
        self._session = session

    def draw(self, review: QualityReview) -> None:
        """Add one, unless it was drawn before."""
        self._session.flush()  # its ticket stands first
        add_if_new(self._session, t.quality_reviews, values_of(review, t.quality_reviews))

    def lock(self, review_id: str) -> QualityReview:
        """Return one, locked. Raise QualityNotFound."""
        found = self._session.get(QualityReview, review_id, with_for_update=True, populate_existing=True)
        if found is None or found.answer == ERASED:
            raise QualityNotFound
        return found

    def page(self, show: Callable[[QualityReview], T], wanted: ListQuality, person: str, *, to_lead: bool) -> Page[T]:
        """Return a page, what was drawn last first: to leads others' answers, to a person what was read of theirs."""
        query = sa.select(QualityReview).where(_ROW.answer != ERASED)
        if to_lead:
            query = query.where(_ROW.agent != person)
        else:
            query = query.where(_ROW.agent == person, _ROW.reviewed_at.is_not(None))
        if wanted.state is not None:
            is_open = _ROW.reviewed_at.is_(None)
            query = query.where(is_open if wanted.state is QualityState.OPEN else sa.not_(is_open))
        if wanted.reason is not None:
            query = query.where(_ROW.reason == wanted.reason)
        if wanted.agent is not None:
            query = query.where(_ROW.agent == wanted.agent)
        keys = (_ROW.drawn_at, _ROW.id)
        return page(self._session, query, keys, show, cursor=wanted.cursor, limit=wanted.limit, descending=True)

    def report(self, since: datetime, before: datetime) -> list[AgentQuality]:
        """Return by person what was found of the answers between these times."""
        read = sa.func.count(_ROW.reviewed_at)
        marks = [sa.func.avg(each).label(each.name) for each in (_ROW.polite, _ROW.truthful, _ROW.complete)]
        query = sa.select(_ROW.agent, read.label("read"), sa.func.count().label("all"), *marks)
        rows = self._session.execute(
            query.where(_ROW.answered_at >= since, _ROW.answered_at < before).group_by(_ROW.agent).order_by(_ROW.agent)
        )
        return [
            {
                "agent": row.agent,
                "read": row.read,
                "open": row.all - row.read,
                "polite": _rounded(row.polite),
                "truthful": _rounded(row.truthful),
                "complete": _rounded(row.complete),
            }
            for row in rows
        ]


def _rounded(average: object) -> float | None:
    return None if average is None else round(float(str(average)), 2)
