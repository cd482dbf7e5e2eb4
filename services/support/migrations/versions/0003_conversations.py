"""Conversations: what was proven, what was seen, what waits, and how mails hang together.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("waiting_since IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("public_version", sa.Integer, nullable=False, server_default="1"))
        tickets.add_column(sa.Column("next_number", sa.String(20)))
        tickets.add_column(sa.Column("time_zone", sa.String(64)))
        tickets.add_column(sa.Column("language", sa.String(35)))
        tickets.add_column(sa.Column("waiting_since", UtcDateTime))
        tickets.add_column(sa.Column("reminded_at", UtcDateTime))
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("proven", sa.Boolean))
        messages.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="0"))
        messages.add_column(sa.Column("public_version", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("ticket_links") as links:
        links.add_column(sa.Column("renewed", sa.Boolean, nullable=False, server_default=sa.false()))
        links.add_column(sa.Column("reads", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("notifications") as notifications:
        notifications.add_column(sa.Column("greets", sa.String(200)))
        notifications.add_column(sa.Column("thread", sa.String(64)))
        notifications.add_column(sa.Column("in_reply_to", sa.String(64)))
    with op.batch_alter_table("order_contacts") as contacts:
        contacts.add_column(sa.Column("contents", sa.Text))
    op.create_table(
        "link_requests",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("ticket_number", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("requested_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link_requests"),
    )
    op.create_index("ix_link_requests_requested_at", "link_requests", ["requested_at"])
    create_index_concurrently(
        "ix_tickets_waiting", "tickets", ["waiting_since"], postgresql_where=WAITING, sqlite_where=WAITING
    )
    _end_links_that_nobody_proved()
    _begin_to_count_the_waiting()


def _end_links_that_nobody_proved() -> None:
    """End links that were not mailed where the customer has shown that they read the mailbox."""
    op.execute(
        "UPDATE ticket_links SET revoked_at = created_at WHERE NOT mailed AND revoked_at IS NULL AND EXISTS"
        " (SELECT 1 FROM tickets WHERE number = ticket_number AND mailbox_proven)"
    )


def _begin_to_count_the_waiting() -> None:
    """Start the wait for customers we wait for at the last message, so that they are reminded like all others."""
    op.execute(
        "UPDATE tickets SET waiting_since ="
        " (SELECT max(posted_at) FROM messages WHERE messages.ticket_number = tickets.number)"
        " WHERE status = 'waiting_customer'"
    )
