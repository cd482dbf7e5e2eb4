"""Tickets with threads, ratings, links and clocks; contacts, staff, sign-in codes; outgoing mail.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_kit_tables, make_append_only
from services.common.store.tables import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_kit_tables()
    op.create_table(
        "notifications",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=40), nullable=False),
        sa.Column("link_key", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("ticket_number", sa.String(length=20), nullable=True),
        sa.Column("order_number", sa.String(length=20), nullable=True),
        sa.Column("tells_customer", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("not_after", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'pending') = (next_attempt_at IS NOT NULL)", name=op.f("ck_notifications_pending_is_scheduled")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notifications")),
    )
    op.create_index(op.f("ix_notifications_created_at"), "notifications", ["created_at"])
    op.create_index(
        "ix_notifications_due",
        "notifications",
        ["next_attempt_at"],
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_notifications_ticket_number"), "notifications", ["ticket_number"])
    op.create_table(
        "order_contacts",
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("order_number", name=op.f("pk_order_contacts")),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_codes")),
    )
    op.create_index(op.f("ix_sign_in_codes_email_expires_at"), "sign_in_codes", ["email", "expires_at"])
    op.create_index(op.f("ix_sign_in_codes_expires_at"), "sign_in_codes", ["expires_at"])
    op.create_table(
        "sign_in_limits",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("window_began_at", UtcDateTime(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_sign_in_limits")),
    )
    op.create_index(op.f("ix_sign_in_limits_window_began_at"), "sign_in_limits", ["window_began_at"])
    op.create_table(
        "staff",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_staff")),
    )
    op.create_table(
        "tickets",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("customer_name", sa.String(length=120), nullable=False),
        sa.Column("customer_email", sa.String(length=254), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=True),
        sa.Column("order_proven", sa.Boolean(), nullable=False),
        sa.Column("mailbox_proven", sa.Boolean(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("previous_number", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_before_spam", sa.String(length=40), nullable=True),
        sa.Column("assignee", sa.String(length=254), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("answered_cycle", sa.Integer(), nullable=False),
        sa.Column("asked_cycle", sa.Integer(), nullable=False),
        sa.Column("rated_cycle", sa.Integer(), nullable=False),
        sa.Column("messages_count", sa.Integer(), nullable=False),
        sa.Column("resolution_code", sa.String(length=40), nullable=True),
        sa.Column("resolution_note", sa.Text(), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=True),
        sa.Column("next_due_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("answered_cycle <= cycle AND rated_cycle <= cycle", name=op.f("ck_tickets_cycles")),
        sa.CheckConstraint(
            "closed_at IS NULL OR resolution_code IS NOT NULL", name=op.f("ck_tickets_closed_is_resolved")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_assignee_next_due_at_number"), "tickets", ["assignee", "next_due_at", "number"])
    op.create_index(op.f("ix_tickets_category_next_due_at_number"), "tickets", ["category", "next_due_at", "number"])
    op.create_index(
        op.f("ix_tickets_customer_email_opened_at_number"), "tickets", ["customer_email", "opened_at", "number"]
    )
    op.create_index(op.f("ix_tickets_next_due_at_number"), "tickets", ["next_due_at", "number"])
    op.create_index(
        op.f("ix_tickets_order_number_next_due_at_number"), "tickets", ["order_number", "next_due_at", "number"]
    )
    op.create_index(
        "ix_tickets_resolved",
        "tickets",
        ["resolved_at"],
        postgresql_where=sa.text("status = 'resolved'"),
        sqlite_where=sa.text("status = 'resolved'"),
    )
    op.create_index(op.f("ix_tickets_status_next_due_at_number"), "tickets", ["status", "next_due_at", "number"])
    op.create_table(
        "messages",
        sa.Column("ticket_number", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=330), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("posted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("NOT internal OR author <> 'customer'", name=op.f("ck_messages_customers_write_in_public")),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name=op.f("fk_messages_ticket_number_tickets")),
        sa.PrimaryKeyConstraint("ticket_number", "position", name=op.f("pk_messages")),
    )
    op.create_table(
        "ratings",
        sa.Column("ticket_number", sa.String(length=20), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("rated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_ratings_score")),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name=op.f("fk_ratings_ticket_number_tickets")),
        sa.PrimaryKeyConstraint("ticket_number", "cycle", name=op.f("pk_ratings")),
    )
    op.create_table(
        "ticket_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("ticket_number", sa.String(length=20), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["tickets.number"], name=op.f("fk_ticket_links_ticket_number_tickets")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint("ticket_number", "serial", name=op.f("uq_ticket_links_ticket_number_serial")),
    )
    for table in ("messages", "ratings"):
        make_append_only(table)  # what was said stays as it was said


def downgrade() -> None:
    raise NotImplementedError("the first version has nothing before it")
