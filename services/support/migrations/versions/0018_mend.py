"""Conversations and mails that still say with whom they were are found by their age alone.

Revision ID: 0018
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

KNOWN = {
    "notifications": (["created_at"], "recipient <> 'erased'"),
    "tickets": (["opened_at", "number"], "customer_email <> 'erased'"),
}


def upgrade() -> None:
    for table, (columns, condition) in KNOWN.items():
        known = sa.text(condition)
        create_index_concurrently(f"ix_{table}_known", table, columns, postgresql_where=known, sqlite_where=known)


def downgrade() -> None:
    for table in KNOWN:
        op.drop_index(f"ix_{table}_known", table)
