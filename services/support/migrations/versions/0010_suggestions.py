"""Suggestions: tracked until they are announced; every ticket of that category begins one.

No clock runs for those that were there before: nothing was promised about them.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.basics import ids
from services.common.basics.personal import ERASED
from services.common.store.tables import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EMAIL, NUMBER = sa.String(254), sa.String(20)


def upgrade() -> None:
    suggestions = op.create_table(
        "suggestions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("ticket_number", NUMBER, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("moved_at", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("title", sa.String(120)),
        sa.Column("text", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("link", sa.String(500)),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("followers", sa.Integer, nullable=False),
        sa.Column("review_by", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions"),
        sa.UniqueConstraint("ticket_number", name="uq_suggestions_ticket_number"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_suggestions_ticket_number_tickets"),
        sa.CheckConstraint(
            "NOT public OR (title IS NOT NULL AND text IS NOT NULL)", name="ck_suggestions_public_has_words"
        ),
        sa.CheckConstraint("status <> 'declined' OR reason IS NOT NULL", name="ck_suggestions_declined_has_reason"),
    )
    op.create_index("ix_suggestions_status_received_at_id", "suggestions", ["status", "received_at", "id"])
    op.create_index("ix_suggestions_received_at_id", "suggestions", ["received_at", "id"])
    op.create_table(
        "suggestion_followers",
        sa.Column("suggestion_id", sa.String(36), nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("suggestion_id", "email", name="pk_suggestion_followers"),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_suggestion_followers_suggestion_id_suggestions"
        ),
    )
    op.create_index("ix_suggestion_followers_email", "suggestion_followers", ["email"])
    if not op.get_context().as_sql:
        _take_in(suggestions)


def _take_in(suggestions: sa.Table) -> None:
    """Make a suggestion of each ticket of that category that is no spam and whose customer is known."""
    tickets = sa.table(
        "tickets", sa.column("number", NUMBER), sa.column("category", sa.String), sa.column("status", sa.String),
        sa.column("customer_email", EMAIL), sa.column("opened_at", UtcDateTime),
    )  # fmt: skip
    row = tickets.c
    wanted = sa.and_(row.category == "suggestion", row.status != "spam", row.customer_email != ERASED)
    found = op.get_bind().execute(sa.select(row.number, row.opened_at).where(wanted).order_by(row.opened_at)).all()
    if found:
        op.bulk_insert(
            suggestions,
            [
                {
                    "id": ids.new_id(), "ticket_number": number, "received_at": opened_at, "moved_at": opened_at,
                    "status": "received", "public": False, "followers": 0, "version": 1,
                }
                for number, opened_at in found
            ],
        )  # fmt: skip


def downgrade() -> None:
    op.drop_table("suggestion_followers")
    op.drop_table("suggestions")
