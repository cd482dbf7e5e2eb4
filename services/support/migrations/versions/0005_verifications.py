"""Verifications: questions that are looked into, and answers that a second person agreed to.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ACTOR = sa.String(330)


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("verification_id", sa.String(36)))
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("verified_by", ACTOR))
    op.create_table(
        "verifications",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("ticket_number", sa.String(20), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("known", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text),
        sa.Column("asked_by", ACTOR, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("draft", sa.Text),
        sa.Column("drafted_by", ACTOR),
        sa.Column("drafted_at", UtcDateTime),
        sa.Column("decided_by", ACTOR),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("note", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifications"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_verifications_ticket_number_tickets"),
        sa.CheckConstraint("status <> 'verified' OR decided_by <> drafted_by", name="ck_verifications_two_people"),
    )
    op.create_index("ix_verifications_ticket_number", "verifications", ["ticket_number"])
    op.create_index("ix_verifications_status_asked_at_id", "verifications", ["status", "asked_at", "id"])


def downgrade() -> None:
    op.drop_table("verifications")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("verified_by")
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_column("verification_id")
