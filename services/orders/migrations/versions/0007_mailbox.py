"""An unpaid order keeps the key of its mailbox, by which a stranger's orders are counted.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("mailbox_key", sa.String(length=64), nullable=True))
    unpaid = sa.text("status = 'awaiting_payment'")
    create_index_concurrently(
        "ix_orders_unpaid_mailbox", "orders", ["mailbox_key"], postgresql_where=unpaid, sqlite_where=unpaid
    )
