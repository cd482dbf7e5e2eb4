"""What shipments cost, the rows of carriers' invoices, and sums over both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from services.common.basics.api import Period
from services.common.basics.money import Money
from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page, PageQuery
from services.common.store.pages import page
from services.common.store.upsert import add_if_new, values_of
from services.logistics import tables
from services.logistics.api.costs import (
    Component,
    CostBy,
    CostStatus,
    InvoiceRowNotFound,
    ListCostCells,
    ListCosts,
    RowOutcome,
)
from services.logistics.cost_tables import HELD_ROWS
from services.logistics.domain.costs import Billed, LandedCost
from services.logistics.domain.invoices import InvoiceRow, Place, ReadRow

_COST, _ENTRY, _ROW = tables.landed_costs.c, tables.cost_entries.c, tables.invoice_rows.c
_LABEL = tables.label_costs.c
_BEST = sa.func.coalesce(_ENTRY.invoiced, _ENTRY.accrued)
T = TypeVar("T")
_WITH_ENTRIES: Any = joinedload(getattr(LandedCost, "entries"))  # noqa: B009 (an attribute of the mapping)
MOST_ROWS = 200
MOST_NAMES = 2000
"""So many SKUs a report names, those that cost most; its file has all."""


class Costs:
    """The ledgers of shipments."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, cost: LandedCost) -> None:
        self._session.add(cost)

    def find(self, shipment_number: str) -> LandedCost | None:
        """Return the ledger of a shipment, None where none was begun. Its shipment's lock is its lock."""
        return self._session.get(LandedCost, shipment_number, options=[_WITH_ENTRIES])

    def page(self, wanted: ListCosts) -> Page[LandedCost]:
        query = sa.select(LandedCost).where(_COST.status == wanted.status)
        keys = (_COST.estimated_at, _COST.shipment_number)
        return page(self._session, query, keys, _itself, cursor=wanted.cursor, limit=wanted.limit)

    def postage(self, shipment_number: str) -> Money | None:
        """Return what the labels of a shipment cost, less what came back; None if none was ever paid."""
        summed = sa.cast(sa.func.sum(_LABEL.amount), sa.BigInteger)
        cents = self._session.scalar(sa.select(summed).where(_LABEL.shipment_number == shipment_number))
        return None if cents is None else Money(int(cents))

    # rows of invoices

    def digests(self, rows: Iterable[ReadRow]) -> Collection[str]:
        """Return which of these rows are kept."""
        return {*self._session.scalars(sa.select(_ROW.digest).where(_ROW.digest.in_(_digests(rows))))}

    def places(self, rows: Iterable[ReadRow]) -> Collection[Place]:
        """Return which charges of these numbers are on invoices already."""
        numbers = sorted({each.billed.tracking_number for each in rows if each.billed})
        query = sa.select(_ROW.invoice, _ROW.tracking_number, _ROW.charge).where(_ROW.tracking_number.in_(numbers))
        kept = query.where(_ROW.outcome != RowOutcome.DISMISSED)
        return {(invoice.casefold(), number, charge) for invoice, number, charge in self._session.execute(kept)}

    def disputed(self, rows: Iterable[ReadRow]) -> Sequence[str]:
        """Return the shipments that these rows are counted for, by now or before, and whose bill is disputed."""
        mine = (_ROW.digest.in_(_digests(rows)), _ROW.outcome == RowOutcome.COUNTED)
        counted = sa.select(_ROW.shipment_number).where(*mine)
        found = sa.select(_COST.shipment_number).where(
            _COST.status == CostStatus.DISPUTED, _COST.shipment_number.in_(counted)
        )
        return self._session.scalars(found.order_by(_COST.shipment_number)).all()

    def add_row(self, row: InvoiceRow) -> bool:
        """Keep a row unless it is kept. Return whether it is new; who adds the same at the same moment waits."""
        return add_if_new(self._session, tables.invoice_rows, values_of(row, tables.invoice_rows))

    def row(self, row_id: str, *, lock: bool = False) -> InvoiceRow:
        """Return a row. Raise InvoiceRowNotFound. lock: read it again, and lock it."""
        query = sa.select(InvoiceRow).where(_ROW.id == row_id)
        anew = {"populate_existing": lock}
        found = self._session.scalars(query.with_for_update() if lock else query, execution_options=anew).one_or_none()
        if found is None:
            raise InvoiceRowNotFound
        return found

    def held(self, wanted: PageQuery) -> Page[InvoiceRow]:
        """Return rows that wait for a person, the oldest first."""
        query, keys = sa.select(InvoiceRow).where(HELD_ROWS), (_ROW.uploaded_at, _ROW.id)
        return page(self._session, query, keys, _itself, cursor=wanted.cursor, limit=wanted.limit)

    def rows_of(self, shipment_number: str) -> Sequence[InvoiceRow]:
        query = sa.select(InvoiceRow).where(_ROW.shipment_number == shipment_number)
        return self._session.scalars(query.order_by(_ROW.uploaded_at, _ROW.id).limit(MOST_ROWS)).all()

    def billed(self, shipment_number: str, parcels: Collection[str]) -> Billed:
        """Return what carriers have billed for a shipment by now. parcels: the ids of those it has."""
        summed = sa.type_coerce(sa.cast(sa.func.sum(_ROW.amount), sa.BigInteger), _ROW.amount.type)
        mine = (_ROW.shipment_number == shipment_number, _ROW.outcome == RowOutcome.COUNTED)
        sums = self._session.execute(sa.select(_ROW.charge, summed).where(*mine).group_by(_ROW.charge))
        seen = {*self._session.scalars(sa.select(_ROW.parcel_id).where(*mine).distinct())}
        rows: Mapping[Component, Money] = {charge: amount for charge, amount in sums}
        return Billed(rows, self.postage(shipment_number), all_parcels={*parcels} <= seen)

    def erase_words(self, shipments: Collection[str], numbers: Collection[str]) -> None:
        """Overwrite what people said of the costs of these shipments, and of rows with these tracking numbers."""
        said = (_COST.shipment_number.in_(sorted(shipments)), _COST.note.is_not(None))
        self._session.execute(sa.update(LandedCost).where(*said).values(note=ERASED))
        theirs = sa.or_(_ROW.shipment_number.in_(sorted(shipments)), _ROW.tracking_number.in_(sorted(numbers)))
        self._session.execute(sa.update(InvoiceRow).where(theirs, _ROW.note.is_not(None)).values(note=ERASED))

    # sums

    def without_rule(self, period: Period) -> int:
        """Count what left in the period, and of which no rule says what is owed."""
        left = (_COST.accrued_at >= period.since, _COST.accrued_at < period.until)
        query = sa.select(sa.func.count()).where(*left, _COST.status == CostStatus.NO_RULE)
        return self._session.execute(query).scalar_one()

    def sums(self, period: Period, by: CostBy) -> Sequence[tuple[str | None, Component, Money]]:
        """Return name, component and what it cost, for what left in the period."""
        names = {CostBy.COUNTRY: _ENTRY.country, CostBy.SKU: _ENTRY.sku, CostBy.MONTH: _ENTRY.month}
        name = names.get(by)
        alike = [_ENTRY.component] if name is None else [name, _ENTRY.component]
        query = sa.select(*alike, _summed(_BEST)).where(*_within(period.since, period.until))
        if name is not None and by is CostBy.SKU:
            most = sa.select(name).where(*_within(period.since, period.until)).group_by(name)
            query = query.where(name.in_(most.order_by(sa.func.sum(_BEST).desc(), name).limit(MOST_NAMES)))
        found = self._session.execute(query.group_by(*alike).order_by(*alike))
        return [(row[0] if len(row) == 3 else None, row[-2], row[-1]) for row in found]

    def cells(self, wanted: ListCostCells) -> Page[sa.Row[tuple[object, ...]]]:
        """Return a page of what each month, country and SKU cost: the keys, and a sum for each component."""
        keys = (_ENTRY.month, _ENTRY.country, _ENTRY.sku)
        sums = [_summed(_of(component)).label(component.value) for component in Component]
        query = sa.select(*keys, *sums).group_by(*keys)
        query = query.where(*_within(wanted.since, wanted.until))
        return page(self._session, query, keys, _itself, cursor=wanted.cursor, limit=wanted.limit)


def _digests(rows: Iterable[ReadRow]) -> list[str]:
    return sorted({each.billed.digest for each in rows if each.billed})


def _within(since: datetime | None, until: datetime | None) -> list[sa.ColumnElement[bool]]:
    found = []
    if since is not None:
        found.append(_ENTRY.at >= since)
    if until is not None:
        found.append(_ENTRY.at < until)
    return found


def _of(component: Component) -> sa.ColumnElement[Money]:
    return sa.case((_ENTRY.component == component, _BEST), else_=0)


def _summed(column: sa.ColumnElement[Money]) -> sa.ColumnElement[Money]:
    return sa.type_coerce(sa.cast(sa.func.sum(column), sa.BigInteger), _ENTRY.accrued.type)


def _itself(item: T) -> T:
    return item
