"""Columns of a parcel that name its lane, and what was usual there when it left.

Parcels that an older release sent have none of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Composite, composite

from services.logistics.domain.usual import Usual

_ARRIVED = sa.text("delivered_at IS NOT NULL AND country IS NOT NULL")


def columns() -> tuple[sa.Column[str] | sa.Column[int], ...]:
    """Declare them. origin: the calendar of the place that it left from."""
    return (
        sa.Column("origin", sa.String(10)),
        sa.Column("country", sa.String(2)),
        sa.Column("usual_half", sa.Integer),
        sa.Column("usual_most", sa.Integer),
        sa.Column("usual_of", sa.Integer),
    )


def index() -> sa.Index:
    """Declare by what the latest deliveries of a lane are found."""
    names = ("carrier", "country", "origin", "delivered_at")
    return sa.Index("ix_parcels_lane", *names, postgresql_where=_ARRIVED, sqlite_where=_ARRIVED)


def usual(parcels: sa.Table) -> Composite[Usual | None]:
    """Map what was usual as one value; None where no parcel had arrived yet."""
    row = parcels.c
    return composite(Usual, row.usual_half, row.usual_most, row.usual_of, return_none_on=lambda half, *_: half is None)
