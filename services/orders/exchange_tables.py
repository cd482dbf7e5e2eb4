"""The table of goods that are sent in exchange for a return; part of orders' tables (`tables`)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, Json, UtcDateTime
from services.orders.api.statuses import ExchangeStatus
from services.orders.domain.exchange import GoodsExchange


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class in it."""
    exchanges = sa.Table(
        "exchanges",
        mapping.metadata,
        sa.Column("shipment_number", sa.String(20), primary_key=True),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("return_number", sa.String(20), nullable=False),
        sa.Column("keys", Json, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("status", Enumerated(ExchangeStatus), nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("short_since", UtcDateTime),
        sa.Index("ix_exchanges_order", "order_number", "created_at"),
    )
    mapping.map_imperatively(GoodsExchange, exchanges)
    return exchanges
