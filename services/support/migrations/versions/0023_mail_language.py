"""The language in which each mail was written.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notifications", sa.Column("language", sa.String(35)))


def downgrade() -> None:
    op.drop_column("notifications", "language")
