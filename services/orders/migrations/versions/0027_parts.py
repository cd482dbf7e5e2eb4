"""An order leaves in several shipments: which units are in which.

Revision ID: 0027
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json

revision = "0027"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fulfillments", sa.Column("keys", Json))


def downgrade() -> None:
    op.drop_column("fulfillments", "keys")
