"""Cases of money that does not match; refunds with a due time, a version and payments made by hand.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("returned_cents", sa.BigInteger(), server_default="0", nullable=False))
    # what is owed since before refunds had a due time stands first in the queue
    op.add_column("refunds", sa.Column("due_at", UtcDateTime(), server_default="2026-01-01 00:00:00", nullable=False))
    op.add_column("refunds", sa.Column("claim_id", sa.String(length=20), server_default="", nullable=False))
    op.add_column("refunds", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("refunds", sa.Column("paid_by_hand", Json, nullable=True))
    op.execute("UPDATE refunds SET due_at = created_at, claim_id = refund_id")
    op.create_table(
        "attention",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.String(length=330), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attention")),
    )
    op.create_index(op.f("ix_attention_order_number"), "attention", ["order_number"])
    op.create_index(op.f("ix_attention_payment_id"), "attention", ["payment_id"])
    op.create_index(
        "ix_attention_open",
        "attention",
        ["due_at", "id"],
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        "uq_attention_open",
        "attention",
        ["payment_id", "kind", "reference"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    create_index_concurrently(
        "ix_payments_reference",
        "payments",
        ["reference"],
        postgresql_where=sa.text("reference IS NOT NULL"),
        sqlite_where=sa.text("reference IS NOT NULL"),
    )
    create_index_concurrently("ix_refunds_due_at_refund_id", "refunds", ["due_at", "refund_id"])
    create_index_concurrently("ix_refunds_status_due_at_refund_id", "refunds", ["status", "due_at", "refund_id"])
    create_index_concurrently("ix_refunds_claim_id", "refunds", ["claim_id"])
