"""What was handed over in a period is found by an index.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    left = sa.text("dispatched_at IS NOT NULL")
    columns = ["dispatched_at", "number"]
    create_index_concurrently(
        "ix_shipments_handed_over", "shipments", columns, postgresql_where=left, sqlite_where=left
    )


def downgrade() -> None:
    op.drop_index("ix_shipments_handed_over", "shipments")
