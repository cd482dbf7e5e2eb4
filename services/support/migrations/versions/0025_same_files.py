"""Files that two messages have: the second one names the file whose bytes it has.

Revision ID: 0025
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("uploads", sa.Column("same_as", sa.String(36)))
    create_index_concurrently("ix_uploads_same_as", "uploads", ["same_as"])


def downgrade() -> None:
    op.drop_index("ix_uploads_same_as", "uploads")
    op.drop_column("uploads", "same_as")
