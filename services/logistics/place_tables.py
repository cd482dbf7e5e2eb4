"""The table of stock places, and how a shipment is kept with its place; part of logistics' tables (`tables`)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.basics.shapes import DEFAULT_PLACE
from services.logistics.domain.stock_places import StockPlace


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class of places."""
    places = sa.Table(
        "stock_places",
        mapping.metadata,
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("line1", sa.String(120)),
        sa.Column("city", sa.String(80)),
        sa.Column("postal_code", sa.String(20)),
        sa.Column("country", sa.String(2)),
        sa.Column("saved", sa.Integer, nullable=False),
    )
    mapping.map_imperatively(StockPlace, places)
    return places


def of_shipment(waits: sa.TextClause) -> tuple[sa.Column[str], sa.Index]:
    """Declare the place that a shipment leaves from, and by what those are found that wait there."""
    names = ("place", "dispatch_due_at", "number")
    return (
        sa.Column("place", sa.String(20), nullable=False, server_default=DEFAULT_PLACE),
        sa.Index("ix_shipments_place", *names, postgresql_where=waits, sqlite_where=waits),
    )
