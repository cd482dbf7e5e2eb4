"""How answers are made: what they rest on.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.common.store.migrations.kit import create_index_concurrently

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CITED = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
NOTHING_CITED: dict[str, Any] = {"postgresql_where": sa.text("cited = 0"), "sqlite_where": sa.text("cited = 0")}


def upgrade() -> None:
    op.add_column("verifications", sa.Column("basis", CITED))
    op.add_column("messages", sa.Column("basis", CITED))
    op.add_column("messages", sa.Column("cited", sa.Integer))
    create_index_concurrently(
        "ix_messages_without_basis", "messages", ["posted_at", "ticket_number", "position"], **NOTHING_CITED
    )


def downgrade() -> None:
    op.drop_index("ix_messages_without_basis", "messages")
    with op.batch_alter_table("verifications") as verifications:
        verifications.drop_column("basis")
    with op.batch_alter_table("messages") as messages:
        for name in ("cited", "basis"):
            messages.drop_column(name)
