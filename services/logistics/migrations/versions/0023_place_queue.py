"""What waits in the warehouse is found by its place.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waits = sa.text("status IN ('queued', 'sorting', 'packed')")
    columns = ["place", "dispatch_due_at", "number"]
    create_index_concurrently("ix_shipments_place", "shipments", columns, postgresql_where=waits, sqlite_where=waits)


def downgrade() -> None:
    op.drop_index("ix_shipments_place", "shipments")
