"""How answers are made: what they rest on, canned replies, and what leads find when they read them.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBER, ACTOR, KIND = sa.String(20), sa.String(330), sa.String(40)
CITED = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
NOTHING_CITED: dict[str, Any] = {"postgresql_where": sa.text("cited = 0"), "sqlite_where": sa.text("cited = 0")}


def upgrade() -> None:
    op.add_column("verifications", sa.Column("basis", CITED))
    op.add_column("messages", sa.Column("basis", CITED))
    op.add_column("messages", sa.Column("cited", sa.Integer))
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("scope", KIND, nullable=False),
        sa.Column("owner", sa.String(254)),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("topic", KIND),
        sa.Column("then", KIND),
        sa.Column("category", KIND),
        sa.Column("priority", KIND),
        sa.Column("resolve", KIND),
        sa.Column("saved_by", ACTOR, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_replies"),
        sa.CheckConstraint("(scope = 'own') = (owner IS NOT NULL)", name="ck_canned_replies_own_has_owner"),
    )
    op.create_index("ix_canned_replies_owner_name_id", "canned_replies", ["owner", "name", "id"])
    op.create_index("ix_canned_replies_name_id", "canned_replies", ["name", "id"])
    op.create_table(
        "quality_reviews",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("reason", KIND, nullable=False),
        sa.Column("ticket_number", NUMBER, nullable=False),
        sa.Column("agent", ACTOR, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("remark", sa.Text),
        sa.Column("score", sa.Integer),
        sa.Column("answered_at", UtcDateTime, nullable=False),
        sa.Column("drawn_at", UtcDateTime, nullable=False),
        sa.Column("reviewed_by", ACTOR),
        sa.Column("reviewed_at", UtcDateTime),
        sa.Column("polite", sa.Integer),
        sa.Column("truthful", sa.Integer),
        sa.Column("complete", sa.Integer),
        sa.Column("note", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quality_reviews"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_quality_reviews_ticket_number_tickets"),
        sa.CheckConstraint("reviewed_by IS NULL OR reviewed_by <> agent", name="ck_quality_reviews_two_people"),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (polite IS NULL) AND (polite IS NULL) = (truthful IS NULL) "
            "AND (polite IS NULL) = (complete IS NULL)",
            name="ck_quality_reviews_read_whole",
        ),
        sa.CheckConstraint(
            "polite BETWEEN 1 AND 5 AND truthful BETWEEN 1 AND 5 AND complete BETWEEN 1 AND 5",
            name="ck_quality_reviews_marks",
        ),
    )
    for columns in (["ticket_number"], ["drawn_at", "id"], ["agent", "drawn_at", "id"]):
        op.create_index("ix_quality_reviews_" + "_".join(columns), "quality_reviews", columns)
    create_index_concurrently(
        "ix_messages_without_basis", "messages", ["posted_at", "ticket_number", "position"], **NOTHING_CITED
    )


def downgrade() -> None:
    op.drop_table("quality_reviews")
    op.drop_table("canned_replies")
    op.drop_index("ix_messages_without_basis", "messages")
    with op.batch_alter_table("verifications") as verifications:
        verifications.drop_column("basis")
    with op.batch_alter_table("messages") as messages:
        for name in ("cited", "basis"):
            messages.drop_column(name)
