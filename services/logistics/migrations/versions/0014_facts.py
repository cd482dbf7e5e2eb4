"""What carriers tell of parcels beside their scans.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "said_of_numbers",
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("notes", Json, nullable=False),
        sa.Column("newest_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tracking_number", "carrier", "source", name=op.f("pk_said_of_numbers")),
    )
    op.create_index(op.f("ix_said_of_numbers_newest_at"), "said_of_numbers", ["newest_at"])
    op.add_column("parcels", sa.Column("facts", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("parcels", "facts")
    op.drop_table("said_of_numbers")
