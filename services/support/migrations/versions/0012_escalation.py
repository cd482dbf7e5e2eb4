"""Escalation: when a ticket's customer asked for a lead, who was told that time runs out, and which mails staff want.

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

EMAIL = sa.String(254)


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
    op.create_table(
        "rungs",
        *_of_a_clock(),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("look_at", UtcDateTime),
        sa.PrimaryKeyConstraint("ticket_number", "kind", "started_at", "share", name="pk_rungs"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_rungs_ticket_number_tickets"),
    )
    op.create_index("ix_rungs_look_at", "rungs", ["look_at"])
    op.create_table(
        "rung_mails",
        *_of_a_clock(),
        sa.Column("recipient", EMAIL, nullable=False),
        sa.Column("told_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("ticket_number", "kind", "started_at", "share", "recipient", name="pk_rung_mails"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_rung_mails_ticket_number_tickets"),
    )
    op.create_index("ix_rung_mails_recipient_told_at", "rung_mails", ["recipient", "told_at"])
    op.create_table(
        "mail_choices",
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("assignments", sa.Boolean, nullable=False),
        sa.Column("replies", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_mail_choices"),
    )


def _of_a_clock() -> tuple[sa.Column[str], sa.Column[str], sa.Column[object], sa.Column[int]]:
    return (
        sa.Column("ticket_number", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("share", sa.Integer, nullable=False, autoincrement=False),
    )


def downgrade() -> None:
    for table in ("mail_choices", "rung_mails", "rungs"):
        op.drop_table(table)
    op.drop_index("ix_tickets_escalated", "tickets")
    with op.batch_alter_table("tickets") as tickets:
        for column in ("escalated_at", "escalated_cycle", "lead_answered_at"):
            tickets.drop_column(column)
