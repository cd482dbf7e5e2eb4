"""The payment ledger in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from services.common.basics.money import Money
from services.common.basics.shapes import Page
from services.common.store import pages
from services.common.store.statements import earliest
from services.common.store.upsert import add_if_new
from services.orders import tables
from services.orders.api import PaymentStatus, RefundCause, RefundStatus
from services.orders.api.terms import WEBHOOKS_KEPT
from services.orders.domain import Payment, Refund, RefundTooLarge, UnitRefunded
from services.orders.domain.account import BORNE
from services.orders.repository.attention import DISPUTING, HOLDING

Shown = TypeVar("Shown")

AT_ONCE = 100  # sessions that are ended together
_ROW = tables.payments.c
_OF_ORDER = (
    sa.select(Payment).where(_ROW.order_number == sa.bindparam("order")).order_by(_ROW.created_at, _ROW.payment_id)
)
_OF_ORDER_LOCKED = _OF_ORDER.with_for_update()
_REFUND = tables.refunds.c
_REFUNDS = sa.select(Refund).where(_REFUND.order_number == sa.bindparam("order")).order_by(_REFUND.refund_id)
_REFUNDS_LOCKED = _REFUNDS.with_for_update()
_UNIT = tables.refund_units.c
_REPAID = sa.select(_UNIT.line_id, _UNIT.unit).where(_UNIT.order_number == sa.bindparam("order"))


class Payments:
    """The payment ledger: payments, refunds, and what providers reported."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def add(self, payment: Payment) -> None:
        self._session.add(payment)

    def of_order(self, order_number: str, *, lock: bool = False) -> list[Payment]:
        """Return all payments of an order, oldest first."""
        return list(self._session.scalars(_OF_ORDER_LOCKED if lock else _OF_ORDER, {"order": order_number}))

    def order_of(self, payment_id: str) -> str | None:
        """Return the order that a payment belongs to, so that it can be locked before the payment."""
        return self._session.scalar(sa.select(_ROW.order_number).where(_ROW.payment_id == payment_id))

    def received_cents(self, payment_id: str) -> int:
        """Return what arrived of a payment, in the smallest unit of its currency."""
        return self._session.scalar(sa.select(_ROW.received_cents).where(_ROW.payment_id == payment_id)) or 0

    def is_open(self, payment_id: str) -> bool:
        """Return whether that payment can still be made: it has no result yet, and the order waits for it."""
        row, order = tables.payments.c, tables.orders.c
        query = (
            sa.select(row.payment_id)
            .join(tables.orders, order.order_number == row.order_number)
            .where(row.payment_id == payment_id, row.status.in_(["created", "pending"]))
            .where(order.status == "awaiting_payment")
        )
        return self._session.scalar(query) is not None

    def note_session(self, payment_id: str, session: str) -> None:
        """Note where a payment can be made, unless it was made meanwhile."""
        open_ = sa.and_(_ROW.payment_id == payment_id, _ROW.status != PaymentStatus.CAPTURED)
        self._session.execute(sa.update(tables.payments).where(open_).values(session=session))

    def sessions_to_end(self) -> list[Payment]:
        """Return payments whose sessions should not be paid any more: with a newer attempt, or of an ended order."""
        newer = tables.payments.alias()
        replaced = sa.exists().where(newer.c.order_number == _ROW.order_number, newer.c.created_at > _ROW.created_at)
        over = sa.or_(replaced, tables.orders.c.status.in_(["expired", "cancelled"]))
        query = (
            sa.select(Payment)
            .join(tables.orders, tables.orders.c.order_number == _ROW.order_number)
            .where(_ROW.session.is_not(None), over)
            .order_by(_ROW.session)
            .limit(AT_ONCE)
        )
        return list(self._session.scalars(query))

    def forget_session(self, payment_id: str, session: str | None) -> None:
        """Forget a session that is over, unless another one was begun meanwhile."""
        ended = sa.and_(_ROW.payment_id == payment_id, _ROW.session == session)
        self._session.execute(sa.update(tables.payments).where(ended).values(session=None))

    def remember_webhook(self, provider: str, event_id: str, type_: str) -> bool:
        """Remember this report. Return True if it is new: reports that are repeated or arrive at once count once."""
        report = {
            "provider": provider, "event_id": event_id, "type": type_, "outcome": "", "received_at": self._now,
        }  # fmt: skip
        return add_if_new(self._session, tables.webhooks, report)

    def note_outcome(self, provider: str, event_id: str, outcome: str) -> None:
        row = tables.webhooks.c
        where = sa.and_(row.provider == provider, row.event_id == event_id)
        self._session.execute(sa.update(tables.webhooks).where(where).values(outcome=outcome))

    def forget_webhooks(self) -> None:
        """Drop what was reported longer ago than any provider repeats it."""
        old = tables.webhooks.c.received_at < self._now - WEBHOOKS_KEPT.span
        self._session.execute(sa.delete(tables.webhooks).where(old))

    def claim_for_refund(self, payment: Payment, amount: Money) -> None:
        """Set the amount aside on the payment; RefundTooLarge beyond what was captured. Locks the payment."""
        row = tables.payments.c
        self._session.flush()
        claimed = self._session.execute(
            sa.update(tables.payments)
            .where(row.payment_id == payment.payment_id, row.captured >= row.refunded + amount)
            .values(refunded=row.refunded + amount)
            .returning(row.refunded)
            .execution_options(synchronize_session=False)
        ).scalar_one_or_none()
        if claimed is None:
            raise RefundTooLarge
        set_committed_value(payment, "refunded", claimed)

    def add_refund(self, refund: Refund, units: Iterable[tuple[int, int]] = ()) -> None:
        """Add a refund and the (line, unit) pairs it is for. Raise UnitRefunded if one of them was refunded before."""
        self._session.add(refund)
        self._session.flush()
        self._add_units(refund, sorted(units))

    def _add_units(self, refund: Refund, units: Iterable[tuple[int, int]]) -> None:
        number, refund_id = refund.order_number, refund.refund_id
        rows = [
            {"order_number": number, "line_id": line_id, "unit": unit, "refund_id": refund_id}
            for line_id, unit in units
        ]
        if rows:
            try:
                self._session.execute(sa.insert(tables.refund_units), rows)
            except IntegrityError as exc:
                raise UnitRefunded from exc

    def note_repaid(self, order_number: str, units: Iterable[tuple[int, int]]) -> None:
        """Count these units as repaid by what the order's refunds paid so far. Do nothing if there are none."""
        rows, refunds = sorted(units), self.refunds_of(order_number)
        if rows and refunds:
            self._add_units(refunds[-1], rows)

    def repaid_units(self, order_number: str) -> set[tuple[int, int]]:
        """Return the (line, unit) pairs of an order that were refunded or will be."""
        found = self._session.execute(_REPAID, {"order": order_number})
        return {(line_id, unit) for line_id, unit in found}

    def repaid_and_returned(self, order_number: str) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """Return what `repaid_units` does, and those of these that were refunded because they came back."""
        row, refund = tables.refund_units.c, tables.refunds.c
        query = (
            sa.select(row.line_id, row.unit, refund.cause)
            .join(tables.refunds, refund.refund_id == row.refund_id)
            .where(row.order_number == order_number)
        )
        found = self._session.execute(query).all()
        returned = {(each.line_id, each.unit) for each in found if each.cause is RefundCause.RETURN}
        return {(each.line_id, each.unit) for each in found}, returned

    def of_reference(self, provider: str, reference: str) -> Payment | None:
        """Return the captured payment that the provider knows by this name.

        Return None if there is none or more than one.
        """
        query = sa.select(Payment).where(_ROW.provider == provider, _ROW.reference == reference).limit(2)
        found = list(self._session.scalars(query))
        return found[0] if len(found) == 1 else None

    def release_claim(self, payment: Payment, amount: Money) -> None:
        """Give back what was set aside on the payment, which is locked."""
        payment.refunded -= amount
        self._session.flush()

    def has_units(self, refund_id: str) -> bool:
        """Return whether units of the order count as repaid by this refund."""
        query = sa.select(_UNIT.unit).where(_UNIT.refund_id == refund_id).limit(1)
        return self._session.scalar(query) is not None

    def drop_refund(self, refund: Refund) -> None:
        """Take a refund that the bank made out of the ledger: it is accounted for by another one."""
        self._session.delete(refund)
        self._session.flush()

    def parts_of(self, claim_id: str) -> list[Refund]:
        """Return the refunds that pay one claim, where one payment was not enough.

        The lock on their order guards them.
        """
        row = tables.refunds.c
        return list(self._session.scalars(sa.select(Refund).where(row.claim_id == claim_id).order_by(row.refund_id)))

    def page_of_refunds(
        self, show: Callable[[Refund], Shown], *, status: RefundStatus | None, cursor: str | None, limit: int
    ) -> Page[Shown]:
        """Return a page of refunds, the next due first."""
        row, query = tables.refunds.c, sa.select(Refund)
        if status is not None:
            query = query.where(row.status == status)
        return pages.page(self._session, query, (row.due_at, row.refund_id), show, cursor=cursor, limit=limit)

    def refunds_of(self, order_number: str, *, lock: bool = False) -> list[Refund]:
        """Return all refunds of an order, oldest first.

        lock: hold them until the transaction ends, so that none is sent; taken in the order of their numbers.
        """
        if lock:  # they are sent without the lock on the order, so what was read before may have changed since
            self._session.flush()
        found = self._session.scalars(_REFUNDS_LOCKED if lock else _REFUNDS, {"order": order_number})
        return sorted(found, key=lambda refund: (refund.created_at, refund.refund_id))

    def borne(self, order_number: str) -> Money:
        """Sum what of the order's money went, or goes, to its customer and is ours to bear (`BORNE`)."""
        row = tables.refunds.c
        query = sa.select(row.amount).where(row.order_number == order_number, row.cause.in_(sorted(BORNE)))
        return Money.total(self._session.scalars(query))

    def order_of_refund(self, refund_id: str) -> str | None:
        """Return the order that a refund belongs to, so that it can be locked before the refund."""
        row = tables.refunds.c
        return self._session.scalar(sa.select(row.order_number).where(row.refund_id == refund_id))

    def made_by_bank(self, provider: str, reference: str) -> str | None:
        """Return the id of the refund that the bank made itself and knows by this name."""
        row = tables.refunds.c
        query = sa.select(row.refund_id).where(
            row.provider == provider, row.provider_reference == reference, row.cause == RefundCause.BANK
        )
        return self._session.scalars(query).first()

    def find_refund(self, refund_id: str) -> Refund | None:
        """Return one refund, locked."""
        return self._session.get(Refund, refund_id, with_for_update=True)

    def known_refund(self, refund_id: str) -> Refund | None:
        """Return one refund as it stands, not locked."""
        return self._session.get(Refund, refund_id)

    def next_refund(self) -> datetime | None:
        """Return when the next refund is due for another attempt, if any is under way."""
        return self._session.scalar(earliest(tables.refunds.c.next_attempt_at))

    def refunds_to_drive(self, limit: int = 20) -> list[Refund]:
        """Return refunds that are due for another attempt, locked. Those that others have locked are skipped.

        While all money of an order waits for a decision, no refund of it is sent; those at the bank are still asked
        about. These, and refunds of a disputed payment, are left to `refunds_in_doubt`.
        """
        pending = tables.refunds.c.status == RefundStatus.PENDING
        return self._due(sa.or_(pending, sa.and_(~_held(), ~_disputed())), limit)

    def refunds_in_doubt(self) -> list[Refund]:
        """Return the due refunds beside an open decision, locked: the caller finds out which of them may be sent."""
        pending = tables.refunds.c.status == RefundStatus.PENDING
        return self._due(sa.and_(~pending, sa.or_(_held(), _disputed())), None)

    def _due(self, condition: sa.ColumnElement[bool], limit: int | None) -> list[Refund]:
        row = tables.refunds.c
        query = (
            sa.select(Refund)
            .where(row.next_attempt_at <= self._now, condition)
            .order_by(row.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self._session.scalars(query))


def _held() -> sa.Exists:
    """Match refunds of an order of which all money waits for a decision."""
    return sa.exists().where(tables.attention.c.order_number == tables.refunds.c.order_number, HOLDING)


def _disputed() -> sa.Exists:
    """Match refunds of a payment of which something is disputed."""
    return sa.exists().where(tables.attention.c.payment_id == tables.refunds.c.payment_id, DISPUTING)
