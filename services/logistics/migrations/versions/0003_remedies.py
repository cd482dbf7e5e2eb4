"""Parcels that do not arrive: why, until when to wait for them, and since when nobody does.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("parcels", sa.Column("missing", sa.String(length=40), nullable=True))
    op.add_column("parcels", sa.Column("closed_at", UtcDateTime(), nullable=True))
    op.add_column("shipments", sa.Column("ask_at", UtcDateTime(), nullable=True))
    op.add_column("shipments", sa.Column("closed_at", UtcDateTime(), nullable=True))
    # what was late, lost or returned before is looked at once more: its customers are asked what we shall do
    op.execute(
        "UPDATE shipments SET check_at = due_at "
        "WHERE status = 'dispatched' AND delivered_at IS NULL AND check_at IS NULL"
    )
