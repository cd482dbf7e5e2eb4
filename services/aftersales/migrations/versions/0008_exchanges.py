"""Pieces are exchanged: what the customer wants, the shipment that brings another one, and when that arrived.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("order_units", sa.Column("renewed_at", sa.DateTime(timezone=True)))
    op.add_column("returns", sa.Column("outcome", sa.String(40), nullable=False, server_default="refund"))
    op.add_column("returns", sa.Column("exchanges", sa.Integer, nullable=False, server_default="0"))
    op.add_column("return_units", sa.Column("replacement", sa.String(20)))
    op.add_column("return_units", sa.Column("exchanged_at", sa.DateTime(timezone=True)))
    there = sa.text("replacement IS NOT NULL")
    create_index_concurrently(
        "ix_return_units_replacement", "return_units", ["order_number", "replacement"],
        postgresql_where=there, sqlite_where=there,
    )  # fmt: skip
