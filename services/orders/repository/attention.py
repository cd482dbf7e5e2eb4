"""Money in front of a person, in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.money import Money
from services.common.basics.shapes import Page
from services.common.store import pages
from services.orders import tables
from services.orders.api import AttentionKind
from services.orders.domain import Attention
from services.orders.domain.attention import HOLDS_ALL_PAYOUTS, HOLDS_PAYOUTS

Shown = TypeVar("Shown")
_ROW = tables.attention.c
_OPEN = sa.select(Attention).where(_ROW.settled_at.is_(None)).order_by(_ROW.opened_at, _ROW.id)
_OPEN_OF_ORDER = _OPEN.where(_ROW.order_number == sa.bindparam("order"))
_OPEN_OF_PAYMENT = _OPEN.where(_ROW.payment_id == sa.bindparam("payment"))
_OPEN_OF_PAYMENT_LOCKED = _OPEN_OF_PAYMENT.with_for_update()


class Cases:
    """The cases; the lock on the order, where there is one, is what makes two of them meet."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, case: Attention) -> None:
        self._session.add(case)
        self._session.flush()

    def open_of_order(self, order_number: str) -> list[Attention]:
        """Return the open cases of an order, oldest first."""
        return list(self._session.scalars(_OPEN_OF_ORDER, {"order": order_number}))

    def open_of_payment(self, payment_id: str, *, lock: bool = False) -> list[Attention]:
        query = _OPEN_OF_PAYMENT_LOCKED if lock else _OPEN_OF_PAYMENT  # what is locked is read again (`Store`)
        return list(self._session.scalars(query, {"payment": payment_id}))

    def knows(self, payment_id: str) -> bool:
        """Return whether there is or was a case of that payment."""
        return self._session.scalar(sa.select(_ROW.id).where(_ROW.payment_id == payment_id).limit(1)) is not None

    def uncovered(self, claim_id: str) -> Money:
        """Sum what was not covered of a claim when it was made, whether that is decided or not."""
        query = sa.select(sa.func.coalesce(sa.func.sum(_ROW.cents), 0)).where(
            _ROW.kind == AttentionKind.CLAIM_UNCOVERED, _ROW.reference.startswith(claim_id, autoescape=True)
        )
        return Money(int(self._session.scalar(query) or 0))

    def page(self, show: Callable[[Attention], Shown], *, settled: bool, cursor: str | None, limit: int) -> Page[Shown]:
        """Return a page of the open cases, or of the settled ones, the next due first."""
        query = sa.select(Attention).where(_ROW.settled_at.is_not(None) if settled else _ROW.settled_at.is_(None))
        return pages.page(self._session, query, (_ROW.due_at, _ROW.id), show, cursor=cursor, limit=limit)

    def held(self, order_numbers: Iterable[str]) -> set[str]:
        """Return those of the orders of whose refunds some may wait for a decision."""
        mine = _ROW.order_number.in_(sorted(set(order_numbers)))
        query = sa.select(_ROW.order_number).where(
            mine, _ROW.settled_at.is_(None), _ROW.kind.in_(sorted(HOLDS_PAYOUTS))
        )
        return set(self._session.scalars(query))


HOLDING = sa.and_(_ROW.settled_at.is_(None), _ROW.kind.in_(sorted(HOLDS_ALL_PAYOUTS)))
"""The condition on a case that no refund of its order is sent while it is open."""
DISPUTING = sa.and_(_ROW.settled_at.is_(None), _ROW.kind == AttentionKind.DISPUTE)
"""The condition on a case that a part of its payment is not sent back while it is open."""
