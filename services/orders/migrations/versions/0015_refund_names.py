"""A refund is found by the provider's name for it.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    named = sa.text("provider_reference IS NOT NULL")
    create_index_concurrently(
        "ix_refunds_provider_reference", "refunds", ["provider_reference"], postgresql_where=named, sqlite_where=named
    )


def downgrade() -> None:
    op.drop_index("ix_refunds_provider_reference", "refunds")
