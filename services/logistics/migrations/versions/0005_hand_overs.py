"""What was stated of a hand-over beside what is true, and when each parcel was first scanned.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shipments", sa.Column("stated_at", UtcDateTime(), nullable=True))
    op.add_column("parcels", sa.Column("first_scan_at", UtcDateTime(), nullable=True))
    create_index_concurrently(
        "ix_shipments_doubted",
        "shipments",
        ["dispatch_due_at", "number"],
        postgresql_where=sa.text("doubted"),
        sqlite_where=sa.text("doubted"),
    )
