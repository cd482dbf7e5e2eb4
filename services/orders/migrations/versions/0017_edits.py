"""Customers change their own orders until the parcel is packed.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("changes", sa.Column("own", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("changes", sa.Column("because", sa.String(40)))
    op.add_column("fulfillments", sa.Column("packed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("fulfillments", sa.Column("packed_seq", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for table, column in (
        ("fulfillments", "packed_seq"),
        ("fulfillments", "packed"),
        ("changes", "because"),
        ("changes", "own"),
    ):
        op.drop_column(table, column)
