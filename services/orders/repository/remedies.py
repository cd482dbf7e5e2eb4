"""Questions about parcels that do not arrive, in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store import pages
from services.orders import tables
from services.orders.api.remedies import RemedyNotFound
from services.orders.api.statuses import RemedyStatus
from services.orders.domain import Remedy
from services.orders.domain.remedy import UNSETTLED

Shown = TypeVar("Shown")
_ROW = tables.remedies.c
_OF_ORDER = (
    sa.select(Remedy).where(_ROW.order_number == sa.bindparam("order")).order_by(_ROW.created_at, _ROW.remedy_id)
)


class Remedies:
    """The questions. To change one, hold its order's lock."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, remedy: Remedy) -> None:
        self._session.add(remedy)
        self._session.flush()

    def order_of(self, remedy_id: str) -> str | None:
        """Return the order that a question is about, without a lock, so that the order can be locked first."""
        return self._session.scalar(sa.select(_ROW.order_number).where(_ROW.remedy_id == remedy_id))

    def get(self, remedy_id: str) -> Remedy:
        """Return one question, locked. Raise RemedyNotFound if there is none."""
        remedy = self._session.get(Remedy, remedy_id, with_for_update=True)
        if remedy is None:
            raise RemedyNotFound
        return remedy

    def of_order(self, order_number: str) -> list[Remedy]:
        """Return all questions about an order, oldest first."""
        return list(self._session.scalars(_OF_ORDER, {"order": order_number}))

    def to_ask_again(self, now: datetime, limit: int = 100) -> list[tuple[str, str]]:
        """Return (remedy, order) of the customers who chose to wait and must now be asked again."""
        query = (
            sa.select(_ROW.remedy_id, _ROW.order_number)
            .where(_ROW.status == RemedyStatus.WAITING, _ROW.due_at <= now)
            .order_by(_ROW.due_at)
            .limit(limit)
        )
        return [(remedy_id, number) for remedy_id, number in self._session.execute(query)]

    def page(
        self, show: Callable[[Remedy], Shown], *, status: RemedyStatus | None, cursor: str | None, limit: int
    ) -> Page[Shown]:
        """Return a page of questions, the next due first. Without a status, return those that are not settled."""
        wanted = [status] if status else sorted(UNSETTLED)
        query = sa.select(Remedy).where(_ROW.status.in_(wanted))
        return pages.page(self._session, query, (_ROW.due_at, _ROW.remedy_id), show, cursor=cursor, limit=limit)
