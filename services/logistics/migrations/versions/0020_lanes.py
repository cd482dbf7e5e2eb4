"""The lane of each parcel, what was usual there when it left, and an index by which that is found.

Revision ID: 0020
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently

revision = "0020"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("parcels", sa.Column("origin", sa.String(10)))
    op.add_column("parcels", sa.Column("country", sa.String(2)))
    op.add_column("parcels", sa.Column("usual_half", sa.Integer))
    op.add_column("parcels", sa.Column("usual_most", sa.Integer))
    op.add_column("parcels", sa.Column("usual_of", sa.Integer))
    arrived = sa.text("delivered_at IS NOT NULL AND country IS NOT NULL")
    columns = ["carrier", "country", "origin", "delivered_at"]
    create_index_concurrently("ix_parcels_lane", "parcels", columns, postgresql_where=arrived, sqlite_where=arrived)


def downgrade() -> None:
    op.drop_index("ix_parcels_lane", "parcels")
    for name in ("usual_of", "usual_most", "usual_half", "country", "origin"):
        op.drop_column("parcels", name)
