"""Why a demand was declined, from a closed list: kept with the conversation, and counted.

Revision ID: 0032
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("resolution_ground", sa.String(40)))
    op.add_column("facts", sa.Column("ground", sa.String(40)))


def downgrade() -> None:
    op.drop_column("facts", "ground")
    op.drop_column("tickets", "resolution_ground")
