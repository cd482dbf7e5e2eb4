"""Where products lie, the codes on them and what the catalogue tells of them; the weight of a closed box.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wares",
        sa.Column("sku_key", sa.Text(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("shelf", sa.String(length=40), nullable=True),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("hs_code", sa.String(length=14), nullable=True),
        sa.Column("origin_country", sa.String(length=2), nullable=True),
        sa.Column("product_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sku_key", name="pk_wares"),
        sa.UniqueConstraint("gtin", name="uq_wares_gtin"),
    )
    op.add_column("shipments", sa.Column("gross_weight_g", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("shipments", "gross_weight_g")
    op.drop_table("wares")
