"""A discount code says how often one customer may use it.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

REDUCED = sa.text("discount IS NOT NULL")


def upgrade() -> None:
    op.add_column("discounts", sa.Column("uses_per_customer", sa.Integer()))
    create_index_concurrently(
        "ix_orders_reduced_mailbox", "orders", ["mailbox_key"], postgresql_where=REDUCED, sqlite_where=REDUCED
    )


def downgrade() -> None:
    op.drop_index("ix_orders_reduced_mailbox", "orders")
    op.drop_column("discounts", "uses_per_customer")
