"""Mail that comes in, mailboxes that cannot be reached, and which mail of a customer one of ours answers.

Revision ID: 0022
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0022"
down_revision = "0019"
branch_labels = None
depends_on = None

NUMBER, EMAIL, MESSAGE_ID = sa.String(20), sa.String(254), sa.String(260)


def upgrade() -> None:
    op.create_table(
        "incoming_mails",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sender", EMAIL),
        sa.Column("message_id", MESSAGE_ID),
        sa.Column("ticket_number", NUMBER),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incoming_mails"),
    )
    op.create_index("ix_incoming_mails_received_at", "incoming_mails", ["received_at"])
    op.create_index("ix_incoming_mails_sender_received_at", "incoming_mails", ["sender", "received_at"])
    op.create_index("ix_incoming_mails_ticket_number_received_at", "incoming_mails", ["ticket_number", "received_at"])
    aside = sa.text("outcome = 'aside'")
    op.create_index(
        "ix_incoming_mails_aside", "incoming_mails", ["received_at", "id"], postgresql_where=aside, sqlite_where=aside
    )
    op.create_table(
        "unreachable_mailboxes",
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_unreachable_mailboxes"),
    )
    op.add_column("notifications", sa.Column("answers", MESSAGE_ID))


def downgrade() -> None:
    op.drop_column("notifications", "answers")
    op.drop_table("unreachable_mailboxes")
    op.drop_table("incoming_mails")
