"""One replica compares the books of a provider; what is old in them is dropped.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comparisons", sa.Column("leased_until", UtcDateTime()))
    named = sa.text("payment_reference IS NOT NULL")
    create_index_concurrently(
        "ix_refunds_payment_reference", "refunds", ["payment_reference"], postgresql_where=named, sqlite_where=named
    )
    create_index_concurrently("ix_movements_moved_at", "movements", ["moved_at"])
    create_index_concurrently("ix_movements_payment_reference", "movements", ["payment_reference"])


def downgrade() -> None:
    op.drop_index("ix_movements_payment_reference", "movements")
    op.drop_index("ix_movements_moved_at", "movements")
    op.drop_index("ix_refunds_payment_reference", "refunds")
    op.drop_column("comparisons", "leased_until")
