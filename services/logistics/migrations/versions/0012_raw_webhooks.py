"""What carriers sent is kept as it came.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "raw_webhooks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("to_read", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_webhooks")),
    )
    op.create_table(
        "raw_webhook_numbers",
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("webhook_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["raw_webhooks.id"], name=op.f("fk_raw_webhook_numbers_webhook_id_raw_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tracking_number", "webhook_id", name=op.f("pk_raw_webhook_numbers")),
    )  # fmt: skip
    to_read = sa.text("to_read")
    op.create_index("ix_raw_webhooks_received_at", "raw_webhooks", ["received_at"])
    op.create_index(
        "ix_raw_webhooks_to_read", "raw_webhooks", ["received_at", "id"],
        postgresql_where=to_read, sqlite_where=to_read,
    )  # fmt: skip
    op.create_index(op.f("ix_raw_webhook_numbers_webhook_id"), "raw_webhook_numbers", ["webhook_id"])


def downgrade() -> None:
    op.drop_table("raw_webhook_numbers")
    op.drop_table("raw_webhooks")
