"""An exchange notes since when it stays here, because the shelf does not have its pieces.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exchanges", sa.Column("short_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("exchanges", "short_since")
