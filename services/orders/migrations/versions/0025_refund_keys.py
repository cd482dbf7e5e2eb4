"""A refund notes since when its key is in use.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("key_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("refunds", "key_since")
