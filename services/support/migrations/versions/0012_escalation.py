"""Escalation: when a ticket's customer asked for a lead, and when one answered.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("escalated_at", UtcDateTime))
        tickets.add_column(sa.Column("escalated_cycle", sa.Integer, nullable=False, server_default="0"))
        tickets.add_column(sa.Column("lead_answered_at", UtcDateTime))
    create_index_concurrently(
        "ix_tickets_escalated",
        "tickets",
        ["escalated_at"],
        postgresql_where=sa.text("escalated_at IS NOT NULL"),
        sqlite_where=sa.text("escalated_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_escalated", "tickets")
    with op.batch_alter_table("tickets") as tickets:
        for column in ("escalated_at", "escalated_cycle", "lead_answered_at"):
            tickets.drop_column(column)
