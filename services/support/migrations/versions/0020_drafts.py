"""What staff write and have not sent is kept, each person's for themselves.

Revision ID: 0020
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0020"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("ticket_number", sa.String(20), nullable=False),
        sa.Column("person", sa.String(330), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name=op.f("fk_drafts_ticket_number_tickets")),
        sa.PrimaryKeyConstraint("ticket_number", "person", "kind", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_person_ticket_number"), "drafts", ["person", "ticket_number"])
    op.create_index(op.f("ix_drafts_saved_at"), "drafts", ["saved_at"])


def downgrade() -> None:
    op.drop_table("drafts")
