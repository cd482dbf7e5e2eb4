"""Goods are sent once more in exchange for a return.

Revision ID: 0023
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchanges",
        sa.Column("shipment_number", sa.String(20), primary_key=True),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("return_number", sa.String(20), nullable=False),
        sa.Column("keys", Json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_exchanges_order", "exchanges", ["order_number", "created_at"])


def downgrade() -> None:
    op.drop_table("exchanges")
