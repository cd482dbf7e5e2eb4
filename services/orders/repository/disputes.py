"""What customers' banks dispute, in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store import pages
from services.orders import tables
from services.orders.api.disputes import DisputeNotFound
from services.orders.domain.dispute import Dispute

Shown = TypeVar("Shown")
_ROW = tables.disputes.c


class Disputes:
    """The disputes; to change one, hold its order's lock."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, dispute: Dispute) -> None:
        self._session.add(dispute)
        self._session.flush()

    def named(self, provider: str, name: str) -> Dispute | None:
        """Return the dispute that the provider knows by this name."""
        query = sa.select(Dispute).where(_ROW.provider == provider, _ROW.name == name)
        return self._session.scalars(query).first()

    def order_of(self, dispute_id: str) -> str:
        """Return the order that a dispute is about, so that it can be locked. DisputeNotFound for none."""
        number: str | None = self._session.scalar(sa.select(_ROW.order_number).where(_ROW.id == dispute_id))
        if number is None:
            raise DisputeNotFound
        return number

    def get(self, dispute_id: str, *, lock: bool = False) -> Dispute:
        """Return one dispute. Raise DisputeNotFound if there is none."""
        found = self._session.get(Dispute, dispute_id, with_for_update=lock or None, populate_existing=lock)
        if found is None:
            raise DisputeNotFound
        return found

    def of_case(self, payment_id: str, case: str) -> list[Dispute]:
        """Return the disputes of a payment that one case is about."""
        query = sa.select(Dispute).where(_ROW.payment_id == payment_id, _ROW.case == case).order_by(_ROW.id)
        return list(self._session.scalars(query))

    def of_payment(self, payment_id: str) -> list[Dispute]:
        query = sa.select(Dispute).where(_ROW.payment_id == payment_id).order_by(_ROW.id)
        return list(self._session.scalars(query))

    def page(self, show: Callable[[Dispute], Shown], *, ended: bool, cursor: str | None, limit: int) -> Page[Shown]:
        """Return a page of those without a decision, the next to answer first; or of the decided ones."""
        if ended:
            query = sa.select(Dispute).where(_ROW.ended_at.is_not(None))
            return pages.page(self._session, query, (_ROW.ended_at, _ROW.id), show, cursor=cursor, limit=limit)
        query = sa.select(Dispute).where(_ROW.ended_at.is_(None))
        return pages.page(self._session, query, (_ROW.answer_by, _ROW.id), show, cursor=cursor, limit=limit)
