"""The one place in which orders' rows of a customer are erased, and the records of sales that are kept apart."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from services.common.basics.personal import CUSTOMER_ERASED, ERASED
from services.common.store import tables as kit
from services.common.store.erasures import PAGE
from services.common.store.journal_rows import lock_heads
from services.common.store.upsert import add_those_new
from services.orders import tables
from services.orders.api import OrderStatus, RefundStatus
from services.orders.api.terms import ORDERS_KEPT, UNPAID_KEPT
from services.orders.domain import Change, Order, Remedy
from services.orders.domain.erasure import IN_USE, forget_in_change, forget_in_order, forget_in_remedy
from services.orders.domain.remedy import UNSETTLED
from services.orders.repository.orders import LINES
from services.orders.repository.search import Found

_ORDER = tables.orders.c
TOLD, REQUEST_TAKES = 20, timedelta(days=30)
EXPORTED = 1000
"""Orders of one customer in a copy of their data; the newest, should there be more."""


def _none(table: sa.Table, is_open: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(table.c.order_number == _ORDER.order_number, is_open)


_OVER = sa.and_(
    _ORDER.status.not_in(sorted(IN_USE)),
    ~_ORDER.cancellation_open,
    _none(tables.refunds, tables.refunds.c.status != RefundStatus.SETTLED),
    _none(tables.attention, tables.attention.c.settled_at.is_(None)),
    _none(tables.remedies, tables.remedies.c.status.in_(sorted(UNSETTLED))),
)
"""The condition on an order that all of it has ended, as `domain.erasure.why_in_use` says."""
WAITS_NO_MORE = sa.exists().where(_ORDER.order_number == kit.erasures.c.subject, _OVER)


def _outlived(now: datetime) -> sa.ColumnElement[bool]:
    """Match orders whose customer has been known for as long as is allowed."""
    unpaid = sa.and_(_ORDER.status == OrderStatus.EXPIRED, _ORDER.placed_at < now - UNPAID_KEPT.span)
    any_status = _ORDER.status.in_(sorted(OrderStatus))  # so that the index of those that are known serves it
    old = sa.and_(any_status, _ORDER.placed_at < now - ORDERS_KEPT.span)
    return sa.and_(sa.or_(unpaid, old), _ORDER.email != sa.literal(ERASED, literal_execute=True))


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
        held = tables.order_holds
        self._session.execute(sa.update(check).where(check.c.order_number == number).values(evidence=ERASED))
        self._session.execute(sa.update(held).where(held.c.order_number == number).values(note=ERASED))
        theirs = sa.and_(moved.c.sku.in_(skus), moved.c.reference == number, moved.c.actor.startswith("customer:"))
        self._session.execute(sa.update(moved).where(theirs).values(actor=CUSTOMER_ERASED))

    def outlived(self, now: datetime, after: str = "") -> list[str]:
        """Return a page of orders whose customer need not be known any more, since all of the order has ended.

        In the order of their numbers, so that one that cannot be erased holds up no other.
        """
        query = sa.select(_ORDER.order_number).where(_outlived(now), _OVER, _ORDER.order_number > after)
        return list(self._session.scalars(query.order_by(_ORDER.order_number).limit(PAGE)))

    def held_up(self, now: datetime) -> tuple[int, list[str]]:
        """Return how many orders outlived their time, or their customer's request, and are still in use; the oldest."""
        late = sa.select(kit.erasures.c.subject).where(kit.erasures.c.asked_at < now - REQUEST_TAKES)
        stuck = sa.and_(sa.or_(_outlived(now), _ORDER.order_number.in_(late)), ~_OVER)
        oldest = sa.select(_ORDER.order_number).where(stuck).order_by(_ORDER.placed_at, _ORDER.order_number)
        count = self._session.scalar(sa.select(sa.func.count()).select_from(tables.orders).where(stuck))
        return int(count or 0), list(self._session.scalars(oldest.limit(TOLD)))

    def begins(self, chain: str) -> bool:
        """Return whether a chain of the journal has no entry yet, and lock it until the transaction ends."""
        return lock_heads(self._session, {chain}).heads[chain][0] == 0

    def forget_records(self, now: datetime) -> None:
        """Drop the records of sales that the law does not want any more."""
        self._session.execute(sa.delete(tables.kept_records).where(tables.kept_records.c.kept_until <= now))
