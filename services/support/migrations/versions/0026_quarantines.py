"""Messages that are set aside until staff have looked at them.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantines",
        sa.Column("ticket_number", sa.String(20), sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("let_through_at", sa.DateTime(timezone=True)),
        sa.Column("let_through_by", sa.String(330)),
    )


def downgrade() -> None:
    op.drop_table("quarantines")
