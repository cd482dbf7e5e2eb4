"""The table of goods that orders wait for; part of orders' tables (`tables`).

backorders  pieces that were ordered before they were in stock: by whom, until when, and when they were here
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import BigId, UtcDateTime
from services.orders.domain.backorder import Backorder

OPEN = "here_at IS NULL"
DAY = sa.String(10)


def add_backorders(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class in it."""
    waits = sa.text(OPEN)
    backorders = sa.Table(
        "backorders",
        mapping.metadata,
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("order_number", sa.String(20), sa.ForeignKey("orders.order_number"), nullable=False),
        sa.Column("sku", sa.String(64), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("until", DAY, nullable=False),
        sa.Column("told", DAY),
        sa.Column("placed_at", UtcDateTime, nullable=False),
        sa.Column("here_at", UtcDateTime),
        sa.Column("change_id", sa.String(20)),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index("uq_backorders_order", "order_number", "sku", unique=True),
        sa.Index("ix_backorders_open", "sku", "id", postgresql_where=waits, sqlite_where=waits),
    )
    mapping.map_imperatively(Backorder, backorders)
    return backorders
