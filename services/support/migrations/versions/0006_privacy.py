"""Privacy: requests about a person's own data; what was said can be erased; keys of the journal's chains.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import add_privacy, let_erase
from services.common.store.tables import Json, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN_REQUEST = sa.text("status IN ('unconfirmed', 'running')")


def upgrade() -> None:
    add_privacy()
    op.create_table(
        "privacy_requests",
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("code_id", sa.String(64), nullable=False),
        sa.Column("code_until", UtcDateTime, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("due_at", UtcDateTime),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("parts", Json, nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("erased_orders", Json, nullable=False),
        sa.Column("file_hash", sa.String(64)),
        sa.Column("file_until", UtcDateTime),
        sa.PrimaryKeyConstraint("number", name="pk_privacy_requests"),
        sa.UniqueConstraint("file_hash", name="uq_privacy_requests_file_hash"),
    )
    op.create_index("ix_privacy_requests_asked_at_number", "privacy_requests", ["asked_at", "number"])
    op.create_index(
        "uq_privacy_requests_open", "privacy_requests", ["email", "kind"], unique=True,
        postgresql_where=OPEN_REQUEST, sqlite_where=OPEN_REQUEST,
    )  # fmt: skip
    let_erase("messages", "body", "actor")
    let_erase("ratings", "comment")
