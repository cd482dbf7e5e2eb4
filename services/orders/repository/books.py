"""The books of providers in the database, and what of ours each of their entries is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.upsert import add_if_new, values_of
from services.orders import tables
from services.orders.api import AttentionKind, RefundStatus
from services.orders.api.statuses import BookedKind, DisputeStatus
from services.orders.domain import Payment
from services.orders.domain.books import BookedEntry, Comparison, Difference
from services.orders.domain.dispute import Dispute

AT_ONCE = 100
_MOVED, _PAID = tables.movements.c, tables.payments.c
_REFUND, _DISPUTE, _DIFFERENCE = tables.refunds.c, tables.disputes.c, tables.differences.c
_OURS = sa.and_(_REFUND.status == RefundStatus.SETTLED, _REFUND.provider_reference.is_not(None))


class BankBooks:
    """Movements, differences, and how far each provider's books are read."""

    def __init__(self, session: Session):
        self._session = session

    def comparison(self, provider: str, *, lock: bool = False) -> Comparison | None:
        return self._session.get(Comparison, provider, with_for_update=lock or None, populate_existing=lock)

    def begin(self, comparison: Comparison) -> None:
        """Keep a comparison, unless there is one of that provider."""
        add_if_new(self._session, tables.comparisons, values_of(comparison, tables.comparisons))

    def keep(self, movements: Iterable[BookedEntry]) -> None:
        """Keep the entries that are not known yet."""
        for each in movements:
            add_if_new(self._session, tables.movements, values_of(each, tables.movements))

    def forget(self, before: datetime) -> None:
        """Drop what was booked before that, and the differences that were found before it."""
        for table, since in ((tables.movements, _MOVED.moved_at), (tables.differences, _DIFFERENCE.found_at)):
            self._session.execute(sa.delete(table).where(since < before))

    def unmatched(self, provider: str, after: tuple[datetime, str], until: datetime) -> list[BookedEntry]:
        """Return entries up to then that are nothing of ours yet, oldest first, those after (time, name)."""
        query = sa.select(BookedEntry).where(
            _MOVED.provider == provider, _MOVED.matched.is_(None), _MOVED.moved_at <= until,
            sa.tuple_(_MOVED.moved_at, _MOVED.name) > sa.tuple_(*map(sa.literal, after)),
        )  # fmt: skip
        return list(self._session.scalars(query.order_by(_MOVED.moved_at, _MOVED.name).limit(AT_ONCE)))

    def is_matched(self, subject: str) -> bool:
        query = sa.select(_MOVED.name).where(_MOVED.matched == subject).limit(1)
        return self._session.scalar(query) is not None

    def unmatched_of(self, provider: str, kind: BookedKind, about: str) -> list[BookedEntry]:
        """Return the entries about one thing that are nothing of ours yet."""
        query = sa.select(BookedEntry).where(
            _MOVED.provider == provider, _MOVED.matched.is_(None), _MOVED.kind == kind, _MOVED.about == about
        )
        return list(self._session.scalars(query))

    # what we have

    def captured(self, provider: str, reference: str) -> Payment | None:
        query = sa.select(Payment).where(
            _PAID.provider == provider, _PAID.reference == reference, _PAID.captured_at.is_not(None)
        )
        return self._session.scalars(query.limit(1)).first()

    def begun(self, provider: str, session: str) -> str | None:
        """Return the payment which was begun in that session, whether or not we know its end."""
        query = sa.select(_PAID.payment_id).where(_PAID.provider == provider, _PAID.session == session)
        found: str | None = self._session.scalar(query.limit(1))
        return found

    def refunded(self, provider: str, reference: str) -> tuple[int, str] | None:
        """Return (cents, payment) of what we know as paid back under that name of the provider."""
        query = sa.select(_REFUND.amount, _REFUND.payment_id).where(
            _REFUND.provider == provider, _REFUND.provider_reference == reference
        )
        found = self._session.execute(query).all()
        return (sum(row.amount.cents for row in found), found[0].payment_id) if found else None

    def returned(self, payment_id: str, back: BookedEntry) -> bool:
        """Return whether so much of a payment in another currency went back, beside what was matched of it before."""
        payment = self._session.get(Payment, payment_id)
        if payment is None or not payment.is_foreign or payment.received_currency != back.currency:
            return False
        before = sa.select(sa.func.sum(_MOVED.cents)).where(
            _MOVED.provider == back.provider, _MOVED.kind == back.kind, _MOVED.matched.is_not(None),
            _MOVED.payment_reference == back.payment_reference,
        )  # fmt: skip
        return int(self._session.scalar(before) or 0) + back.cents <= payment.returned_cents

    def failed(self, provider: str, payment_reference: str, reference: str) -> str | None:
        """Return the payment of a refund which failed under that name of the provider."""
        query = sa.select(_REFUND.failed_references, _REFUND.payment_id).where(
            _REFUND.provider == provider, _REFUND.payment_reference == payment_reference
        )
        return next(
            (row.payment_id for row in self._session.execute(query) if reference in row.failed_references), None
        )

    def disputed(self, provider: str, name: str) -> Dispute | None:
        query = sa.select(Dispute).where(_DISPUTE.provider == provider, _DISPUTE.name == name)
        return self._session.scalars(query).first()

    def asked_about_unknown(self, reference: str, cents: int) -> bool:
        """Return whether a person was asked about that money, which is of no order."""
        row = tables.attention.c
        query = sa.select(row.id).where(
            row.kind == AttentionKind.UNKNOWN_PAYMENT, row.reference == reference, row.cents == cents
        )
        return self._session.scalar(query.limit(1)) is not None

    def missing(self, provider: str, since: datetime, until: datetime) -> list[tuple[BookedKind, str]]:
        """Return (kind, name) of what we have and they have not booked, as far as no difference is written of it."""
        kind = BookedKind
        captures = sa.select(_PAID.reference).where(
            _PAID.provider == provider, _PAID.captured_at.between(since, until), _PAID.received_cents > 0
        )
        refunds = sa.select(_REFUND.provider_reference).where(
            _REFUND.provider == provider, _REFUND.settled_at.between(since, until), _OURS,
            _REFUND.paid_by_hand.is_(None), ~_REFUND.provider_reference.startswith("chargeback"),
        )  # fmt: skip
        disputes = sa.select(_DISPUTE.name).where(
            _DISPUTE.provider == provider, _DISPUTE.ended_at.between(since, until),
            _DISPUTE.status == DisputeStatus.LOST, _DISPUTE.name != _DISPUTE.payment_id,
        )  # fmt: skip
        asked = ((kind.CAPTURE, captures), (kind.REFUND, refunds), (kind.DISPUTE, disputes))
        return [(each, name) for each, query in asked for name in self._not_booked(provider, each, query)]

    def _not_booked(self, provider: str, kind: BookedKind, query: sa.Select[tuple[str]]) -> list[str]:
        named = query.subquery()
        name = next(iter(named.c))
        booked = sa.exists().where(_MOVED.matched == sa.literal(f"{kind.value} ") + name)
        written = sa.exists().where(
            tables.differences.c.subject == sa.literal(f"{kind.value} ") + name, tables.differences.c.ended_at.is_(None)
        )
        found = sa.select(name).where(name.is_not(None), ~booked, ~written).distinct().order_by(name).limit(AT_ONCE)
        return [each for each in self._session.scalars(found) if each]

    # differences

    def difference(self, subject: str) -> Difference | None:
        return self._session.get(Difference, subject, with_for_update=True)

    def add(self, difference: Difference) -> None:
        self._session.add(difference)
        self._session.flush()

    def differences(self, provider: str, since: datetime, after: str = "") -> list[Difference]:
        """Return differences that are open, and were found since then, by subject."""
        row = _DIFFERENCE
        open_ = sa.and_(row.provider == provider, row.ended_at.is_(None), row.subject > after)
        query = sa.select(Difference).where(open_, row.found_at >= since)
        return list(self._session.scalars(query.order_by(row.subject).limit(AT_ONCE)))

    def count(self, provider: str) -> int:
        row = tables.differences.c
        query = sa.select(sa.func.count()).where(row.provider == provider, row.ended_at.is_(None))
        return int(self._session.scalar(query) or 0)
