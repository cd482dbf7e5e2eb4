"""The one place in which orders' rows of a customer are erased, and the records of sales that are kept apart."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from services.common.basics.personal import CUSTOMER_ERASED, ERASED
from services.common.store.upsert import add_those_new
from services.orders import tables
from services.orders.api import OrderStatus
from services.orders.api.terms import ORDERS_KEPT, UNPAID_KEPT
from services.orders.domain import Change, Order, Remedy
from services.orders.domain.erasure import forget_in_change, forget_in_order, forget_in_remedy
from services.orders.repository.orders import LINES
from services.orders.repository.search import Found

EXPORTED = 1000
"""Orders of one customer in a copy of their data; the newest, should there be more."""


class Erasing:
    """Overwrites what orders knows of a customer. What it does twice is done once."""

    def __init__(self, session: Session):
        self._session = session

    def orders_of(self, email: str) -> list[Order]:
        """Return the orders of a mailbox, locked, in the order of their numbers."""
        row = tables.orders.c
        query = sa.select(Order).where(row.email == email).order_by(row.order_number).with_for_update()
        return list(self._session.scalars(query.options(selectinload(LINES))))

    def numbers_of(self, email: str) -> list[str]:
        """Return the numbers of the orders of a mailbox, the newest first."""
        row = tables.orders.c
        query = sa.select(row.order_number).where(row.email == email)
        return list(self._session.scalars(query.order_by(row.placed_at.desc(), row.order_number).limit(EXPORTED)))

    def keep_record(self, order: Order, until: datetime) -> None:
        """Keep apart who bought and where it went, as the law wants it."""
        given = order.delivery
        names = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country")
        address = {name: getattr(given, name) for name in names}
        row = {
            "order_number": order.order_number, "name": order.contact.name, "address": address, "kept_until": until,
        }  # fmt: skip
        add_those_new(self._session, tables.kept_records, row)

    def order(self, order: Order) -> None:
        """Overwrite who bought, where it went, and what they or staff wrote about it. What was bought stays."""
        number, skus = order.order_number, sorted({line.sku for line in order.lines})
        forget_in_order(order)
        Found(self._session).not_by_parcels(order)
        for change in self._session.scalars(sa.select(Change).where(tables.changes.c.order_number == number)):
            forget_in_change(change)
        for remedy in self._session.scalars(sa.select(Remedy).where(tables.remedies.c.order_number == number)):
            forget_in_remedy(remedy)
        self._session.flush()
        check, moved = tables.review_checks, tables.stock_ledger
        self._session.execute(sa.update(check).where(check.c.order_number == number).values(evidence=ERASED))
        theirs = sa.and_(moved.c.sku.in_(skus), moved.c.reference == number, moved.c.actor.startswith("customer:"))
        self._session.execute(sa.update(moved).where(theirs).values(actor=CUSTOMER_ERASED))

    def outlived(self, now: datetime, limit: int = 100) -> list[str]:
        """Return the numbers of orders whose customer need not be known any more, if all of the order has ended."""
        row = tables.orders.c
        unpaid = sa.and_(row.status == OrderStatus.EXPIRED, row.placed_at < now - UNPAID_KEPT.span)
        ended = row.status.in_([OrderStatus.COMPLETED, OrderStatus.CANCELLED])
        old = sa.and_(ended, row.placed_at < now - ORDERS_KEPT.span)
        query = sa.select(row.order_number).where(sa.or_(unpaid, old), row.email != ERASED)
        return list(self._session.scalars(query.order_by(row.placed_at, row.order_number).limit(limit)))

    def forget_records(self, now: datetime) -> None:
        """Drop the records of sales that the law does not want any more."""
        self._session.execute(sa.delete(tables.kept_records).where(tables.kept_records.c.kept_until <= now))
