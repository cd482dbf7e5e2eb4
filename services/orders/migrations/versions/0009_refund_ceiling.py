"""Refunds wait for room below the day's ceiling; a claim that was refused is kept with its case.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("asked_by", sa.String(330), server_default="", nullable=False))
    op.add_column("refunds", sa.Column("counted_on", sa.String(40), server_default="", nullable=False))
    op.add_column("refunds", sa.Column("waits_since", UtcDateTime(), nullable=True))
    op.add_column("refunds", sa.Column("released_by", sa.String(330), server_default="", nullable=False))
    op.add_column("attention", sa.Column("claim", Json, nullable=True))
    waiting = sa.text("waits_since IS NOT NULL")
    create_index_concurrently(
        "ix_refunds_waiting", "refunds", ["waits_since"], postgresql_where=waiting, sqlite_where=waiting
    )
