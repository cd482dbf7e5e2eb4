"""Orders with their lines, the checks of their review, and what is known of their shipments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from services.common.basics.shapes import Page
from services.common.store.statements import add_rows
from services.orders import tables
from services.orders.api import (
    CheckName,
    CheckResult,
    Finding,
    OrderNotFound,
    OrderStage,
    OrderStatus,
    ReviewStatus,
)
from services.orders.api.placing import OrderFilter
from services.orders.domain import Fulfillment, ListedOrder, Order, RecordedCheck
from services.orders.repository.listing import LISTED, page_of_orders
from services.orders.repository.search import mentions

Shown = TypeVar("Shown")
LINES: Any = Order.lines  # type: ignore[misc]  # an attribute of the mapping, whatever the dataclass says
_ONE = sa.select(Order).where(tables.orders.c.order_number == sa.bindparam("number"))
_LOCKED, _WHOLE = _ONE.with_for_update(), _ONE.options(joinedload(LINES))
_PARTS = {
    each.name: sa.exists().where(each.c.order_number == tables.orders.c.order_number)
    for each in (tables.refunds, tables.changes, tables.remedies, tables.attention)
}
_WHOLE_AND_PARTS = _WHOLE.add_columns(*(has.label(name) for name, has in _PARTS.items()))
_PAID = tables.payments.c
_OF_PAYMENT = (
    sa.select(Order)
    .where(
        tables.orders.c.order_number
        == sa.select(_PAID.order_number).where(_PAID.payment_id == sa.bindparam("payment")).scalar_subquery()
    )
    .with_for_update()
)
_SENT = tables.fulfillments.c
_FULFILLMENTS = (
    sa.select(Fulfillment).where(_SENT.order_number == sa.bindparam("order")).order_by(_SENT.shipment_number)
)
_CHECK = tables.review_checks.c
_CHECKS = (
    sa.select(_CHECK.check, _CHECK.result, _CHECK.evidence, _CHECK.by, _CHECK.at)
    .where(_CHECK.order_number == sa.bindparam("order"))
    .order_by(_CHECK.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_ROW, _LINE = tables.orders.c, tables.order_lines.c
_UNDER_WAY = sa.exists().where(
    _PAID.order_number == _ROW.order_number, _PAID.status == "pending", _PAID.underway_until > sa.bindparam("now")
)
_UNPAID_OF_ONE = sa.and_(
    _ROW.status == "awaiting_payment",
    sa.or_(
        _ROW.email == sa.bindparam("email"),
        _ROW.mailbox_key == sa.bindparam("mailbox"),
        _ROW.place_key == sa.bindparam("place"),
    ),
)
_HELD_UNPAID = (
    sa.select(_LINE.sku, _LINE.paid, _LINE.removed)
    .join(tables.orders, _ROW.order_number == _LINE.order_number)
    .where(_UNPAID_OF_ONE)
    .where(_LINE.sku.in_(sa.bindparam("skus", expanding=True)), ~_UNDER_WAY)
    .limit(1000)
)


_UNPAID_DISCOUNTS = (
    sa.select(_ROW.discount)
    .where(_UNPAID_OF_ONE, _ROW.order_number != sa.bindparam("number"), _ROW.discount.is_not(None), ~_UNDER_WAY)
    .limit(1000)
)


_REDUCED_OF_ONE = (
    sa.select(_ROW.discount)
    .where(
        _ROW.mailbox_key == sa.bindparam("mailbox"),
        _ROW.discount.is_not(None),
        _ROW.order_number != sa.bindparam("number"),
        _ROW.confirmed_at.is_not(None),
    )
    .limit(1000)
)


class Orders:
    """The orders, their lines with them.

    The lines of a locked order are read when they are wanted, in a statement of their own: one that waits for the lock
    sees the lines of before the wait, and a transaction that had the lock may have added some.
    """

    def __init__(self, session: Session):
        self._session = session

    def add(self, order: Order) -> None:
        self._session.add(order)
        self._session.flush()  # its payment, checks and changes refer to it

    def find(self, number: str, *, lock: bool = False) -> Order | None:
        """Find an order. lock: keep it locked until the transaction ends."""
        if lock:
            return self._session.scalars(_LOCKED, {"number": number}).one_or_none()
        return self._session.scalars(_WHOLE, {"number": number}).unique().one_or_none()

    def get(self, number: str, *, lock: bool = False) -> Order:
        order = self.find(number, lock=lock)
        if order is None:
            raise OrderNotFound
        return order

    def to_show(self, number: str) -> tuple[Order, Collection[str]]:
        """Return an order, and the names of the tables that have something about it: few orders have refunds."""
        found = self._session.execute(_WHOLE_AND_PARTS, {"number": number}).unique().one_or_none()
        if found is None:
            raise OrderNotFound
        order, *has = found
        return order, [name for name, there in zip(_PARTS, has, strict=True) if there]

    def of_payment(self, payment_id: str) -> Order | None:
        """Return the order that a payment is for, locked."""
        return self._session.scalars(_OF_PAYMENT, {"payment": payment_id}).one_or_none()

    def page(
        self,
        show: Callable[[ListedOrder], Shown],
        asked: OrderFilter,
        *,
        email: str | None,
        number: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[Shown]:
        """Return a page of orders, the newest first. email, number: of whom, or which one, whatever is asked."""
        row = tables.orders.c
        query = LISTED.where(*_asked_for(asked))
        if email is not None:
            query = query.where(row.email == email)
        if number is not None:
            query = query.where(row.order_number == number)
        keys = (row.placed_at, row.order_number)
        return page_of_orders(self._session, query, keys, show, cursor=cursor, limit=limit, descending=True)

    def to_review(self, show: Callable[[ListedOrder], Shown], *, cursor: str | None, limit: int) -> Page[Shown]:
        """Return a page of the reviews that are not finished, the next due first."""
        row = tables.orders.c
        query, keys = LISTED.where(row.review_due_at.is_not(None)), (row.review_due_at, row.order_number)
        return page_of_orders(self._session, query, keys, show, cursor=cursor, limit=limit)

    def unpaid_since(self, now: datetime, limit: int = 100) -> list[str]:
        """Return the numbers of orders whose time to pay is over, except those being paid."""
        row, paid = tables.orders.c, tables.payments.c
        underway = sa.and_(paid.status == "pending", paid.underway_until > now)
        kept = sa.exists().where(paid.order_number == row.order_number, underway)
        query = (
            sa.select(row.order_number)
            .where(row.status == "awaiting_payment", row.expires_at <= now, ~kept)
            .order_by(row.expires_at)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def held_unpaid(self, order: Order, now: datetime) -> dict[str, int]:
        """Count the pieces per SKU of an order that its mailbox or its address holds, in orders whose payment has not
        begun.
        """
        given = {**_one(order), "skus": sorted(order.wanted()), "now": now}
        held: dict[str, int] = {}
        for sku, paid, removed in self._session.execute(_HELD_UNPAID, given):
            held[sku] = held.get(sku, 0) + len(paid) - len(removed)
        return held

    def unpaid_codes(self, order: Order, now: datetime) -> list[str]:
        """Return the discount codes of the other orders of its mailbox or its address whose payment has not begun."""
        given = {**_one(order), "number": order.order_number, "now": now}
        found = self._session.scalars(_UNPAID_DISCOUNTS, given)
        return [applied.code for applied in found if applied is not None]

    def used_codes(self, order: Order) -> list[str]:
        """Return the discount codes of its mailbox's other orders that are or were paid."""
        given = {"mailbox": order.mailbox_key, "number": order.order_number}
        found = self._session.scalars(_REDUCED_OF_ONE, given)
        return [applied.code for applied in found if applied is not None]

    def holders(self, sku: str, limit: int) -> list[Order]:
        """Return the orders that hold pieces of a product and have not left; the unpaid first."""
        row, line, sent = tables.orders.c, tables.order_lines.c, tables.fulfillments.c
        wants = sa.exists().where(line.order_number == row.order_number, line.sku == sku)
        left = sa.exists().where(sent.order_number == row.order_number, sent.dispatched_at.is_not(None))
        query = (
            sa.select(Order)
            .where(row.status.in_(["awaiting_payment", "confirmed"]), wants, sa.or_(~left, _a_part_is_here()))
            .order_by(row.status, row.placed_at, row.order_number)  # awaiting_payment comes before confirmed
            .limit(limit)
            .options(selectinload(LINES))
        )
        return list(self._session.scalars(query))

    def short_of(self, sku: str, limit: int = 500) -> list[Order]:
        """Return the paid orders that want this product, are not on their way and were not asked yet; newest first,
        locked. Who agreed to wait for another day was not asked about what is lost.
        """
        row, line, change, sent = tables.orders.c, tables.order_lines.c, tables.changes.c, tables.fulfillments.c
        knows = sa.or_(change.status == "awaiting_customer", sa.and_(change.waiting, change.short > 0))
        asked = sa.exists().where(change.order_number == row.order_number, change.sku == sku, knows)
        wants = sa.exists().where(line.order_number == row.order_number, line.sku == sku)
        has_left = sa.and_(sent.dispatched_at.is_not(None), sent.closed_at.is_(None))
        left = sa.exists().where(sent.order_number == row.order_number, has_left)
        query = (
            sa.select(Order)
            .where(row.status == "confirmed", ~row.cancellation_open, wants, ~asked, sa.or_(~left, _a_part_is_here()))
            .order_by(row.placed_at.desc(), row.order_number)
            .limit(limit)
            .options(selectinload(LINES))
            .with_for_update()
        )
        return list(self._session.scalars(query))


def _a_part_is_here() -> sa.ColumnElement[bool]:
    """Match the orders that leave in parts of which one is still to leave."""
    sent = tables.fulfillments.c
    over = [column.is_not(None) for column in (sent.delivered_at, sent.recalled_at, sent.closed_at)]
    mine = sent.order_number == tables.orders.c.order_number
    return sa.exists().where(mine, sent["keys"].is_not(None), sent.dispatched_at.is_(None), ~sa.or_(*over))


def _asked_for(asked: OrderFilter) -> Iterator[sa.ColumnElement[bool]]:
    row = tables.orders.c
    if asked.status is not None:
        yield row.status == asked.status
    if asked.stage is not None:
        yield _at_stage(asked.stage)
    if asked.placed_since is not None:
        yield row.placed_at >= asked.placed_since
    if asked.placed_before is not None:
        yield row.placed_at < asked.placed_before
    if asked.q is not None:
        yield mentions(asked.q)


def _at_stage(stage: OrderStage) -> sa.ColumnElement[bool]:
    """Match the orders that are shown at a stage (`views.shown_stage`)."""
    row = tables.orders.c
    if stage.value in list(OrderStatus):
        return row.status == OrderStatus(stage.value)
    confirmed = row.status == OrderStatus.CONFIRMED
    if stage is OrderStage.CONTACTING_YOU:
        return sa.and_(confirmed, row.review == ReviewStatus.NEEDS_CONTACT)
    if stage is OrderStage.IN_REVIEW:
        return sa.and_(confirmed, row.review.not_in([ReviewStatus.PASSED, ReviewStatus.NEEDS_CONTACT]))
    at = sa.func.coalesce(row.stage, OrderStage.PREPARING.value)
    return sa.and_(confirmed, row.review == ReviewStatus.PASSED, at == stage.value)


class Checks:
    """The recorded checks of reviews: added, never changed."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, order_number: str, checks: Sequence[Finding], by: str, at: datetime) -> None:
        rows = [
            {
                "order_number": order_number,
                "check": item.check.value,
                "result": item.result.value,
                "evidence": item.evidence,
                "by": by,
                "at": at,
            }
            for item in checks
        ]
        add_rows(self._session, tables.review_checks, rows)

    def of_order(self, order_number: str, limit: int = 100) -> list[RecordedCheck]:
        """Return all checks of an order, oldest first. The last one of each kind counts."""
        return [
            RecordedCheck(CheckName(found.check), CheckResult(found.result), found.evidence, found.by, found.at)
            for found in self._session.execute(_CHECKS, {"order": order_number, "limit": limit})
        ]


class Fulfillments:
    """What is known of logistics' shipments."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, fulfillment: Fulfillment) -> None:
        self._session.add(fulfillment)

    def of_order(self, order_number: str) -> list[Fulfillment]:
        return list(self._session.scalars(_FULFILLMENTS, {"order": order_number}))


def _one(order: Order) -> dict[str, object]:
    """Return what tells that orders are of one guest: a mailbox, or an address."""
    return {"email": order.email, "mailbox": order.mailbox_key, "place": order.place_key}
