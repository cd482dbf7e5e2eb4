"""What was stated of a hand-over beside what is true, and when each parcel was first scanned;
what could not be taken as carriers sent it.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shipments", sa.Column("stated_at", UtcDateTime(), nullable=True))
    op.add_column("parcels", sa.Column("first_scan_at", UtcDateTime(), nullable=True))
    op.create_table(
        "carrier_flaws",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("part", sa.String(length=500), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_carrier_flaws")),
    )
    op.create_index("ix_carrier_flaws_last_at_digest", "carrier_flaws", ["last_at", "digest"])
    op.create_index("ix_carrier_flaws_carrier_last_at_digest", "carrier_flaws", ["carrier", "last_at", "digest"])
    create_index_concurrently(
        "ix_shipments_doubted",
        "shipments",
        ["dispatch_due_at", "number"],
        postgresql_where=sa.text("doubted"),
        sqlite_where=sa.text("doubted"),
    )
