"""Each shipment leaves from a stock place; those of before leave from the default one.

Revision ID: 0028
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fulfillments", sa.Column("place", sa.String(20), nullable=False, server_default="main"))


def downgrade() -> None:
    op.drop_column("fulfillments", "place")
