"""Products are ordered before they are in stock, and leads are told when little is left.

Revision ID: 0022
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backorders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("order_number", sa.String(20), sa.ForeignKey("orders.order_number"), nullable=False),
        sa.Column("sku", sa.String(64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("told", sa.String(10)),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("here_at", sa.DateTime(timezone=True)),
        sa.Column("change_id", sa.String(20)),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_backorders_quantity")),
    )
    waits = sa.text("here_at IS NULL")
    op.create_index("uq_backorders_order", "backorders", ["order_number", "sku"], unique=True)
    op.create_index("ix_backorders_open", "backorders", ["sku", "id"], postgresql_where=waits, sqlite_where=waits)
    op.add_column("orders", sa.Column("goods_by", sa.String(10)))
    for name in ("backorder_at_most", "low_stock"):
        op.add_column("products", sa.Column(name, sa.Integer()))
    op.add_column("products", sa.Column("backorder_until", sa.String(10)))
    op.add_column("stock", sa.Column("low_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("stock", "low_since")
    for name in ("backorder_until", "low_stock", "backorder_at_most"):
        op.drop_column("products", name)
    op.drop_column("orders", "goods_by")
    op.drop_table("backorders")
