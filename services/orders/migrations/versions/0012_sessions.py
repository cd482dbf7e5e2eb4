"""Payments keep the provider's name of the session in which they can be made, so that it can be ended.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("session", sa.String(200)))
    there = sa.text("session IS NOT NULL")
    create_index_concurrently(
        "ix_payments_session", "payments", ["session"], postgresql_where=there, sqlite_where=there
    )
