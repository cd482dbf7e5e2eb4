"""What is old in the books of a provider is found to be dropped, and what pays back a payment is found by it.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_index_concurrently("ix_refunds_payment_reference", "refunds", ["payment_reference"])
    create_index_concurrently("ix_movements_moved_at", "movements", ["moved_at"])
    create_index_concurrently("ix_movements_payment_reference", "movements", ["payment_reference"])


def downgrade() -> None:
    op.drop_index("ix_movements_payment_reference", "movements")
    op.drop_index("ix_movements_moved_at", "movements")
    op.drop_index("ix_refunds_payment_reference", "refunds")
