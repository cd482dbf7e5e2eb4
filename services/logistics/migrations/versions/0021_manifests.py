"""Manifests of carriers, and which one a label is on.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import Json, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "manifests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seller", sa.String(length=40), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shipments", Json, nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("wanted_by", sa.String(length=330), nullable=False),
        sa.Column("attempt_at", UtcDateTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("paper_url", sa.String(length=500), nullable=False),
        sa.Column("problem_code", sa.String(length=40)),
        sa.Column("problem", sa.String(length=300)),
        sa.Column("made_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifests")),
    )
    to_do = sa.text("attempt_at IS NOT NULL")
    op.create_index("ix_manifests_wanted_at", "manifests", ["wanted_at"])
    op.create_index("ix_manifests_attempt_at", "manifests", ["attempt_at"], postgresql_where=to_do, sqlite_where=to_do)
    op.add_column("labels", sa.Column("manifest_id", sa.String(36)))
    unlisted = sa.text("manifest_id IS NULL AND bought_at IS NOT NULL")
    create_index_concurrently(
        "ix_labels_unlisted", "labels", ["bought_at"], postgresql_where=unlisted, sqlite_where=unlisted
    )
    listed = sa.text("manifest_id IS NOT NULL")
    create_index_concurrently(
        "ix_labels_manifest_id", "labels", ["manifest_id"], postgresql_where=listed, sqlite_where=listed
    )


def downgrade() -> None:
    op.drop_index("ix_labels_manifest_id", "labels")
    op.drop_index("ix_labels_unlisted", "labels")
    op.drop_column("labels", "manifest_id")
    op.drop_table("manifests")
