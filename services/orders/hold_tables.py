"""The table of orders that staff keep back; part of orders' tables (`tables`).

order_holds  each hold, with who set it and who ended it; an order has one at a time
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, UtcDateTime
from services.orders.api.order_holds import OrderHoldReason
from services.orders.domain.staff_hold import StaffHold

OPEN = "released_at IS NULL"


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class in it."""
    there = sa.text(OPEN)
    holds = sa.Table(
        "order_holds",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("reason", Enumerated(OrderHoldReason), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("held_by", sa.String(320), nullable=False),
        sa.Column("held_at", UtcDateTime, nullable=False),
        sa.Column("released_by", sa.String(320)),
        sa.Column("released_at", UtcDateTime),
        sa.Index("ix_order_holds_open", "order_number", unique=True, postgresql_where=there, sqlite_where=there),
        sa.Index("ix_order_holds_order", "order_number", "held_at"),
    )
    mapping.map_imperatively(StaffHold, holds)
    return holds
