"""Receipts and credit notes have numbers, without a gap in any year.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import make_append_only
from services.common.store.tables import Json, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NUMBERS = ("payment_id", "refund_id", "claim_id", "receipt", "corrects")


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("number", sa.String(20), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("series", sa.String(3), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(20), nullable=False),
        *(sa.Column(name, sa.String(20), nullable=False) for name in NUMBERS),
        sa.Column("cause", sa.String(40)),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("other", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("series", "year", "place", name=op.f("uq_documents_series_year_place")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_documents_amount")),
        sa.CheckConstraint("other >= 0 AND other <= amount", name=op.f("ck_documents_other")),
    )
    op.create_index("ix_documents_order_number", "documents", ["order_number"])
    make_append_only("documents")
    op.create_table(
        "document_series",
        sa.Column("series", sa.String(3), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_document_series_last")),
    )


def downgrade() -> None:
    op.drop_table("document_series")
    op.drop_table("documents")
