"""Stock places, and the one that each shipment leaves from: the default one for those of before.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_places",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("line1", sa.String(120)),
        sa.Column("city", sa.String(80)),
        sa.Column("postal_code", sa.String(20)),
        sa.Column("country", sa.String(2)),
        sa.Column("saved", sa.Integer(), nullable=False),
    )
    op.add_column("shipments", sa.Column("place", sa.String(20), nullable=False, server_default="main"))


def downgrade() -> None:
    op.drop_column("shipments", "place")
    op.drop_table("stock_places")
