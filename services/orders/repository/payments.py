"""The payment ledger in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.common.basics.money import Money
from services.common.store.upsert import add_if_new
from services.orders import tables
from services.orders.domain import Payment, Refund, RefundTooLarge, UnitRefunded

WEBHOOKS_KEPT = timedelta(days=90)
_ROW = tables.payments.c
_OF_ORDER = (
    sa.select(Payment).where(_ROW.order_number == sa.bindparam("order")).order_by(_ROW.created_at, _ROW.payment_id)
)
_OF_ORDER_LOCKED = _OF_ORDER.with_for_update()


class Payments:
    """The payment ledger: payments, refunds, and what providers reported."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def add(self, payment: Payment) -> None:
        self._session.add(payment)

    def of_order(self, order_number: str, *, lock: bool = False) -> list[Payment]:
        """All payments of an order, oldest first."""
        return list(self._session.scalars(_OF_ORDER_LOCKED if lock else _OF_ORDER, {"order": order_number}))

    def is_open(self, payment_id: str) -> bool:
        """Whether that payment can still be made: nothing came of it yet, and the order waits for it."""
        row, order = tables.payments.c, tables.orders.c
        query = (
            sa.select(row.payment_id)
            .join(tables.orders, order.order_number == row.order_number)
            .where(row.payment_id == payment_id, row.status.in_(["created", "pending"]))
            .where(order.status == "awaiting_payment")
        )
        return self._session.scalar(query) is not None

    def remember_webhook(self, provider: str, event_id: str, type_: str) -> bool:
        """Whether this report is new; told twice, ten times or at once, it counts once."""
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
        old = tables.webhooks.c.received_at < self._now - WEBHOOKS_KEPT
        self._session.execute(sa.delete(tables.webhooks).where(old))

    def claim_for_refund(self, payment: Payment, amount: Money) -> None:
        """Set the amount aside on the payment; RefundTooLarge beyond what was captured. Locks the payment."""
        row = tables.payments.c
        self._session.flush()
        claimed = self._session.execute(
            sa.update(tables.payments)
            .where(row.payment_id == payment.payment_id, row.captured >= row.refunded + amount)
            .values(refunded=row.refunded + amount)
            .returning(row.payment_id)
            .execution_options(synchronize_session=False)
        ).first()
        if claimed is None:
            raise RefundTooLarge
        self._session.expire(payment, ["refunded"])

    def add_refund(self, refund: Refund, units: Iterable[tuple[int, int]] = ()) -> None:
        """A new refund and the (line, unit) pairs it is for; UnitRefunded when one of them had its money back."""
        self._session.add(refund)
        self._session.flush()
        number, refund_id = refund.order_number, refund.refund_id
        rows = [
            {"order_number": number, "line_id": line_id, "unit": unit, "refund_id": refund_id}
            for line_id, unit in sorted(units)
        ]
        if rows:
            try:
                self._session.execute(sa.insert(tables.refund_units), rows)
            except IntegrityError as exc:
                raise UnitRefunded from exc

    def refunded_units(self, order_number: str) -> set[tuple[int, int]]:
        """The (line, unit) pairs of an order that had their money back."""
        row = tables.refund_units.c
        query = sa.select(row.line_id, row.unit).where(row.order_number == order_number)
        return {(line_id, unit) for line_id, unit in self._session.execute(query)}

    def refunds_of(self, order_number: str) -> list[Refund]:
        query = (
            sa.select(Refund)
            .where(tables.refunds.c.order_number == order_number)
            .order_by(tables.refunds.c.created_at, tables.refunds.c.refund_id)
        )
        return list(self._session.scalars(query))

    def find_refund(self, refund_id: str) -> Refund | None:
        """One refund, locked."""
        return self._session.get(Refund, refund_id, with_for_update=True)

    def refunds_to_drive(self, limit: int = 20) -> list[Refund]:
        """Refunds that are due, unconfirmed or not settled, whose time has come; locked, those of others skipped."""
        query = (
            sa.select(Refund)
            .where(tables.refunds.c.next_attempt_at <= self._now)
            .order_by(tables.refunds.c.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self._session.scalars(query))
