"""A shipment keeps which report of a delivery was the newest: one may be taken back.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fulfillments", sa.Column("delivery_seq", sa.Integer(), server_default="0", nullable=False))
