"""Teams: who gets a ticket, who is there, and the rules that sort what comes in.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import Json, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EMAIL, NUMBER, NAME = sa.String(254), sa.String(20), sa.String(32)
ANSWERS = sa.text("author = 'agent' AND NOT internal")


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("team", NAME))
    with op.batch_alter_table("order_contacts") as contacts:
        contacts.add_column(sa.Column("state", sa.String(40)))
    op.create_table(
        "rule_books",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_books"),
    )
    op.execute("INSERT INTO rule_books (id, rules, version) VALUES (1, '[]', 1)")
    op.create_table(
        "teams",
        sa.Column("name", NAME, nullable=False),
        sa.Column("categories", Json, nullable=False),
        sa.Column("members", Json, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("cap", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_teams"),
    )
    op.create_table(
        "presences",
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("back_at", UtcDateTime),
        sa.PrimaryKeyConstraint("email", name="pk_presences"),
    )
    op.create_table(
        "assignments",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("ticket_number", NUMBER, nullable=False),
        sa.Column("assignee", EMAIL, nullable=False),
        sa.Column("team", NAME, nullable=False),
        sa.Column("assigned_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_assignments_ticket_number_tickets"),
    )
    op.create_index("ix_assignments_assignee_assigned_at", "assignments", ["assignee", "assigned_at"])
    op.create_index("ix_assignments_assigned_at", "assignments", ["assigned_at"])
    op.execute(
        "INSERT INTO teams (name, categories, members, automatic, cap, version)"
        " VALUES ('agents', '[]', '[]', FALSE, NULL, 1)"
    )
    create_index_concurrently(
        "ix_messages_answers", "messages", ["posted_at"], postgresql_where=ANSWERS, sqlite_where=ANSWERS
    )
    create_index_concurrently("ix_tickets_opened_at_number", "tickets", ["opened_at", "number"])
