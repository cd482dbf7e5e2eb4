"""Orders whose customer is still known are found by their age alone, without a walk over all.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KNOWN = {"orders": (["status", "placed_at"], "email <> 'erased'")}


def upgrade() -> None:
    for table, (columns, condition) in KNOWN.items():
        known = sa.text(condition)
        create_index_concurrently(f"ix_{table}_known", table, columns, postgresql_where=known, sqlite_where=known)


def downgrade() -> None:
    for table in KNOWN:
        op.drop_index(f"ix_{table}_known", table)
