"""Parcels that were handed over in a period, counted where they are kept: one row for all that are alike."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from services.common.basics.shapes import BreachCause
from services.common.store.tables import Json, commitments
from services.logistics import tables
from services.logistics.api.lanes import CarriersReportOf
from services.logistics.api.parts import carrier_code
from services.logistics.api.terms import DELIVERY
from services.logistics.domain.lanes import Cell
from services.logistics.domain.usual import LATEST, SINCE, ParcelLane

_SHIPMENT, _PARCEL = tables.shipments.c, tables.parcels.c
_COUNTRY = sa.type_coerce(_SHIPMENT.destination, Json)["country"].as_string()


class WholeDays(FunctionElement[int]):
    """Whole days from the first of two times to the second, never below 0."""

    type = sa.Integer()
    inherit_cache = True


@compiles(WholeDays, "sqlite")
def _on_sqlite(element: WholeDays, compiler: SQLCompiler, **options: object) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"max(0, CAST(julianday({end}) - julianday({start}) AS INTEGER))"


@compiles(WholeDays, "postgresql")
def _on_postgresql(element: WholeDays, compiler: SQLCompiler, **options: object) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"greatest(0, floor(extract(epoch FROM {end} - {start}) / 86400)::integer)"


_DAYS_TAKEN = (
    sa.select(WholeDays(_SHIPMENT.dispatched_at, _PARCEL.delivered_at))
    .join_from(tables.parcels, tables.shipments)
    .where(
        sa.bindparam("carrier") == _PARCEL.carrier,
        sa.bindparam("country") == _PARCEL.country,
        sa.bindparam("origin") == _PARCEL.origin,
        _PARCEL.delivered_at > sa.bindparam("since"),
        _PARCEL.delivered_at.is_not(None),
        _PARCEL.country.is_not(None),
    )
    .order_by(_PARCEL.delivered_at.desc())
    .limit(LATEST)
)


class Lanes:
    """Counts of parcels by carrier and country."""

    def __init__(self, session: Session):
        self._session = session

    def days_taken(self, lane: ParcelLane, now: datetime) -> list[int]:
        """Return how many whole days the latest deliveries of a lane took, of a year and at most so many."""
        of = {"carrier": lane.carrier, "country": lane.country, "origin": lane.origin, "since": now - SINCE}
        return list(self._session.scalars(_DAYS_TAKEN, of))

    def cells(self, of: CarriersReportOf, now: datetime, origin: str) -> list[Cell]:
        """Count the parcels handed over in the period. What is late now counts as late, delivered or not.

        origin: where those left from of which that was not kept yet.
        """
        kept = sa.case(
            (_PARCEL.delivered_at <= _SHIPMENT.due_at, sa.true()),
            (sa.or_(_PARCEL.delivered_at.is_not(None), _SHIPMENT.due_at < now), sa.false()),
        )
        days = sa.case((_PARCEL.delivered_at.is_not(None), WholeDays(_SHIPMENT.dispatched_at, _PARCEL.delivered_at)))
        left = sa.func.coalesce(_PARCEL.origin, sa.literal_column("''"))
        clock = commitments.c
        cause = sa.func.coalesce(clock.clock["cause"].as_string(), BreachCause.UNKNOWN.value)
        promise = sa.and_(clock.subject == _SHIPMENT.number, clock.kind == DELIVERY)
        alike = (
            _PARCEL.carrier,
            _COUNTRY.label("country"),
            kept.label("kept"),
            days.label("days"),
            _PARCEL.missing,
            left,
            cause.label("cause"),
        )
        query = (
            sa.select(*alike, sa.func.count())
            .join_from(tables.shipments, tables.parcels)
            .outerjoin(commitments, promise)
            .where(_SHIPMENT.dispatched_at >= of.since, _SHIPMENT.dispatched_at < of.until)
            .group_by(*alike)
        )
        if of.carrier is not None:
            query = query.where(_PARCEL.carrier == carrier_code(of.carrier))
        if of.country is not None:
            query = query.where(of.country == _COUNTRY)
        return [
            Cell(
                carrier,
                country,
                None if kept is None else bool(kept),
                days,
                missing,
                number,
                left or origin,
                BreachCause(cause),
            )
            for carrier, country, kept, days, missing, left, cause, number in self._session.execute(query)
        ]
