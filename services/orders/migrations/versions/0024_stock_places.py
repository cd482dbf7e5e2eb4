"""Stock lies at several places; what is there now is at the default one.

Nothing that is counted is rewritten: the default place has what is not said to be elsewhere.

Revision ID: 0024
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0024"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    places = op.create_table(
        "stock_places",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("line1", sa.String(120)),
        sa.Column("city", sa.String(80)),
        sa.Column("postal_code", sa.String(20)),
        sa.Column("country", sa.String(2)),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.bulk_insert(places, [{"code": "main", "name": "Main stock", "rank": 0, "active": True, "version": 1}])
    op.create_table(
        "stock_elsewhere",
        sa.Column("sku", sa.String(64), sa.ForeignKey("stock.sku"), primary_key=True),
        sa.Column("place", sa.String(20), sa.ForeignKey("stock_places.code"), primary_key=True),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_elsewhere_on_hand")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_elsewhere_reserved")),
        sa.CheckConstraint("place <> 'main'", name=op.f("ck_stock_elsewhere_not_the_default")),
    )
    op.create_index("ix_stock_elsewhere_place", "stock_elsewhere", ["place"])
    op.add_column("stock", sa.Column("split", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("stock_ledger", sa.Column("place", sa.String(20), nullable=False, server_default="main"))
    moved = sa.text("reserved_delta <> 0")
    create_index_concurrently(
        "ix_stock_ledger_promised",
        "stock_ledger",
        ["reference", "sku"],
        postgresql_where=moved,
        sqlite_where=moved,
    )


def downgrade() -> None:
    op.drop_index("ix_stock_ledger_promised", "stock_ledger")
    op.drop_column("stock_ledger", "place")
    op.drop_column("stock", "split")
    op.drop_table("stock_elsewhere")
    op.drop_table("stock_places")
