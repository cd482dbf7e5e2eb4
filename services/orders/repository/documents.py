"""Numbered documents in the database: issued with the fact that they are of, each series without a gap.

What moved is noted while the transaction goes on (`received`, `repaid`); the documents are issued as it ends (`end`):
then the row of a series is held for the shortest time, and nothing else is waited for while it is. What rolls back
gives its number back. A refund is compared with its documents, so one that is told of twice has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.money import ZERO, Money
from services.common.store.journal import Journal
from services.common.store.upsert import dialect_insert
from services.orders import tables
from services.orders.api import RefundStatus
from services.orders.api.events import DocumentIssued
from services.orders.api.statuses import DocumentKind
from services.orders.domain import Order, Payment, Refund, documents
from services.orders.domain.documents import SERIES, Content, Document, UnitKey

_OF_ORDER = (
    sa.select(Document)
    .where(tables.documents.c.order_number == sa.bindparam("order"))
    .order_by(tables.documents.c.issued_at, tables.documents.c.series.desc(), tables.documents.c.place)
)


class Documents:
    """Receipts and credit notes."""

    def __init__(self, session: Session, journal: Journal, now: datetime):
        self._session, self._journal, self._now = session, journal, now
        self._received: list[tuple[Order, Payment, list[Payment]]] = []
        self._repaid: dict[str, Refund] = {}

    def of_order(self, order_number: str) -> list[Document]:
        """Return all documents of an order, the oldest first."""
        return list(self._session.scalars(_OF_ORDER, {"order": order_number}))

    def has_note(self, refund: Refund) -> bool:
        """Return whether a refund has a credit note, or is about to have one."""
        mine = (each for each in self.of_order(refund.order_number) if each.refund_id == refund.refund_id)
        return refund.refund_id in self._repaid or any(mine)

    def received(self, order: Order, payments: Sequence[Payment], payment: Payment) -> None:
        """Note that money came, which has a receipt. payments: all of the order."""
        if payment.captured:
            others = [each for each in payments if each.captured and each is not payment]
            self._received.append((order, payment, others))

    def repaid(self, refund: Refund) -> None:
        """Note that a refund, which is locked, was paid, or is not paid any more, or less of it."""
        self._repaid[refund.refund_id] = refund

    def end(self) -> None:
        """Issue the documents of what was noted."""
        if self._received or self._repaid:
            self._session.flush()  # so that it waits for nothing once a number is taken
        for order, payment, others in self._received:
            self._issue_receipt(order, payment, others)
        for refund in self._repaid.values():
            self._compare(refund)

    def _issue_receipt(self, order: Order, payment: Payment, others: Sequence[Payment]) -> None:
        known = self.of_order(order.order_number) if others else []
        before = self._unreceipted(others, known)
        content = documents.of_payment(payment.captured, order.lines, known, before)
        self._add(DocumentKind.RECEIPT, payment, payment.captured, content)

    def _unreceipted(self, payments: Sequence[Payment], known: Sequence[Document]) -> Money:
        """Return what is here of the payments that an older release took: they have no receipt."""
        named = {each.payment_id for each in known if each.kind is DocumentKind.RECEIPT}
        old = {each.payment_id: each.captured for each in payments if each.payment_id not in named}
        if not old:
            return ZERO
        made, noted = tables.refunds.c, {each.refund_id for each in known} | set(self._repaid)
        query = sa.select(Refund).where(made.payment_id.in_(sorted(old)), made.status == RefundStatus.SETTLED)
        gone = [each.amount for each in self._session.scalars(query) if each.refund_id not in noted]
        return max(ZERO, Money.total(old.values()) - Money.total(gone))

    def _compare(self, refund: Refund) -> None:
        """Issue what lacks until the documents of a refund say what was paid of it."""
        known = self.of_order(refund.order_number)
        mine = [each for each in known if each.refund_id == refund.refund_id]
        if not mine and refund.settled_at and refund.settled_at < self._now:
            return  # an older release paid it: what comes back of it now is no document of its own
        paid = refund.amount if refund.status is RefundStatus.SETTLED else ZERO
        more = paid - documents.credited(mine)
        if more > ZERO:
            lines = self._session.get_one(Order, refund.order_number).lines
            content = documents.of_refund(more, lines, self._units_of(refund), known, refund.cause)
            self._add(DocumentKind.CREDIT_NOTE, refund, more, content, known)
        elif more < ZERO:
            back = ZERO - more
            self._add(DocumentKind.CREDIT_CORRECTION, refund, back, documents.of_correction(back, mine), known)

    def _units_of(self, refund: Refund) -> list[UnitKey]:
        """Return the units of the claim that a refund pays, or a part of; the claim has them, whichever part has."""
        unit, made = tables.refund_units.c, tables.refunds.c
        same = made.claim_id == refund.claim_id if refund.claim_id else made.refund_id == refund.refund_id
        query = (
            sa.select(unit.line_id, unit.unit)
            .join(tables.refunds, made.refund_id == unit.refund_id)
            .where(same, unit.order_number == refund.order_number)
            .order_by(unit.line_id, unit.unit)
        )
        return [(line_id, place) for line_id, place in self._session.execute(query)]

    def _add(
        self, kind: DocumentKind, of: Payment | Refund, amount: Money, content: Content, known: Sequence[Document] = ()
    ) -> None:
        refund = of if isinstance(of, Refund) else None
        receipts = [each for each in known if each.kind is DocumentKind.RECEIPT and each.payment_id == of.payment_id]
        notes = [each for each in known if refund and each.refund_id == refund.refund_id and each.sign < 0]
        series, year = SERIES[kind], self._now.year
        place = self._next(series, year)
        document = Document(
            number=documents.number_of(series, year, place),
            kind=kind,
            series=series,
            year=year,
            place=place,
            order_number=of.order_number,
            payment_id=of.payment_id,
            refund_id=refund.refund_id if refund else "",
            claim_id=(refund.claim_id or refund.refund_id) if refund else "",
            receipt=receipts[0].number if refund and receipts else "",
            corrects=notes[-1].number if kind is DocumentKind.CREDIT_CORRECTION else "",
            cause=refund.cause if refund else None,
            amount=amount,
            lines=content.lines,
            other=content.other,
            issued_at=self._now,
        )
        self._session.add(document)
        self._session.flush()
        self._journal.record(_issued(document))

    def _next(self, series: str, year: int) -> int:
        """Return the next place of a series. Others that want one wait until this transaction ends."""
        row = tables.document_series
        first = dialect_insert(self._session)(row).values(series=series, year=year, last=1)
        counted = first.on_conflict_do_update(index_elements=[row.c.series, row.c.year], set_={"last": row.c.last + 1})
        return int(self._session.execute(counted.returning(row.c.last)).scalar_one())


def _issued(document: Document) -> DocumentIssued:
    return DocumentIssued(
        order_number=document.order_number,
        number=document.number,
        kind=document.kind,
        payment_id=document.payment_id,
        refund_id=document.refund_id,
        amount=document.amount,
        corrects=document.corrects,
    )
