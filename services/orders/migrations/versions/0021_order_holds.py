"""Staff keep paid orders back.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_holds",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("held_by", sa.String(320), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(320)),
        sa.Column("released_at", sa.DateTime(timezone=True)),
    )
    there = sa.text("released_at IS NULL")
    op.create_index(
        "ix_order_holds_open", "order_holds", ["order_number"],
        unique=True, postgresql_where=there, sqlite_where=there,
    )  # fmt: skip
    op.create_index("ix_order_holds_order", "order_holds", ["order_number", "held_at"])


def downgrade() -> None:
    op.drop_table("order_holds")
