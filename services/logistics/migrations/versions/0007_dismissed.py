"""Scans of no parcel of ours can be dismissed: by whom, when and why is kept.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unmatched_scans", sa.Column("dismissed_at", UtcDateTime(), nullable=True))
    op.add_column("unmatched_scans", sa.Column("dismissed_by", sa.String(length=330), nullable=True))
    op.add_column("unmatched_scans", sa.Column("dismissed_for", sa.String(length=500), nullable=True))
    dismissed = sa.text("dismissed_at IS NOT NULL")
    create_index_concurrently(
        "ix_unmatched_scans_dismissed",
        "unmatched_scans",
        ["received_at", "id"],
        postgresql_where=dismissed,
        sqlite_where=dismissed,
    )
