"""Privacy: records of sales that are kept apart; what names a customer can be erased; keys of the journal's chains.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import add_privacy, let_erase
from services.common.store.tables import Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_privacy()
    op.create_table(
        "kept_records",
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("address", Json, nullable=False),
        sa.Column("kept_until", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("order_number", name="pk_kept_records"),
    )
    op.create_index("ix_kept_records_kept_until", "kept_records", ["kept_until"])
    let_erase("review_checks", "evidence")
    let_erase("stock_ledger", "actor")
