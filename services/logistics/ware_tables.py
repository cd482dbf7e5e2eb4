"""The table of wares: where products lie, and the codes on them; part of logistics' tables (`tables`)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.logistics.domain.wares import Ware


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class of wares."""
    wares = sa.Table(
        "wares",
        mapping.metadata,
        sa.Column("sku_key", sa.Text, primary_key=True),
        sa.Column("sku", sa.String(64), nullable=False),
        sa.Column("shelf", sa.String(40)),
        sa.Column("gtin", sa.String(14), unique=True),
        sa.Column("weight_g", sa.Integer),
        sa.Column("hs_code", sa.String(14)),
        sa.Column("origin_country", sa.String(2)),
        sa.Column("product_version", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    mapping.map_imperatively(Ware, wares)
    return wares
