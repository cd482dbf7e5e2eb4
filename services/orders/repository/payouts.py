"""What was paid back on a day, as the journal has it, and the refunds that wait for its ceiling."""

from __future__ import annotations

from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.money import Money
from services.common.basics.untyped import Fields
from services.common.store import tables as kit
from services.common.store.journal_rows import lock_heads
from services.orders import tables
from services.orders.api import AttentionKind
from services.orders.api.ceiling import PayoutEvent, Raise
from services.orders.api.statuses import CeilingLevel
from services.orders.domain.ceiling import Payouts
from services.orders.domain.refund import UNSENT

COUNTED = sorted(kind.type for kind in PayoutEvent.__subclasses__())
_ROW, _CASE = tables.refunds.c, tables.attention.c


class PayoutDays:
    """Days are chains of the journal; the last entry of a chain says how much of the day is used up."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def lock(self, ledger: str) -> Payouts:
        """Return the day, locked until the transaction ends: another one who counts waits."""
        lock_heads(self._session, {ledger})
        return self.read(ledger)

    def read(self, ledger: str) -> Payouts:
        """Return the day as its last entry says; after a restore the chain has an entry that counts nothing."""
        row = kit.journal.c
        counted = sa.and_(row.subject == ledger, row.type.in_(COUNTED))
        query = sa.select(row.body, row.subject_seq).where(counted).order_by(row.subject_seq.desc())
        last = self._session.execute(query.limit(1)).first()
        return Payouts(ledger) if last is None else _payouts(ledger, orjson.loads(last.body), last.subject_seq)

    def waiting(self) -> int:
        """Count the refunds that wait."""
        query = sa.select(sa.func.count()).where(_ROW.waits_since.is_not(None))
        return int(self._session.scalar(query) or 0)

    def has_due(self) -> bool:
        """Return whether a refund that is not at the bank is due for another attempt."""
        due = sa.select(_ROW.refund_id).where(_ROW.next_attempt_at <= self._now, _ROW.status.in_(sorted(UNSENT)))
        return self._session.scalar(due.limit(1)) is not None

    def try_again(self) -> None:
        """Have all that wait tried at once. The day is locked."""
        waits = _ROW.waits_since.is_not(None)
        in_order = sa.select(_ROW.refund_id).where(waits).order_by(_ROW.refund_id).with_for_update()
        self._session.execute(in_order).all()
        again = sa.update(tables.refunds).where(waits).values(next_attempt_at=self._now)
        self._session.execute(again.execution_options(synchronize_session=False))

    def unlike_their_cases(self, limit: int = 100) -> list[tuple[str, str]]:
        """Return (refund, order) of those that wait without a case, or have one and do not wait."""
        waits = sa.select(_ROW.refund_id, _ROW.order_number).where(
            _ROW.waits_since.is_not(None), _ROW.next_attempt_at > self._now
        )
        goes = (
            sa.select(_ROW.refund_id, _ROW.order_number)
            .join(tables.attention, _CASE.reference == _ROW.refund_id)
            .where(_CASE.kind == AttentionKind.REFUND_CEILING, _CASE.settled_at.is_(None), _ROW.waits_since.is_(None))
        )
        found = self._session.execute(waits.union(goes).limit(limit))
        return [(row.refund_id, row.order_number) for row in found]


def _payouts(ledger: str, body: Fields, seq: int) -> Payouts:
    return Payouts(
        ledger=ledger,
        total=Money.parse(body["total"]["amount"]),
        raised=tuple(Raise(each["by"], Money.parse(each["amount"]["amount"])) for each in body["raised"]),
        told=CeilingLevel(body["told"]) if body["told"] else None,
        seq=seq,
    )
