"""Manifests of carriers (`domain.manifests`); which one a label is on is kept with the label."""

from __future__ import annotations

import sqlalchemy as sa

from services.common.store.tables import Enumerated, UtcDateTime
from services.logistics.api.manifests import ManifestStatus

_TO_DO = sa.text("attempt_at IS NOT NULL")


def add(metadata: sa.MetaData, listed: sa.types.TypeEngine[tuple[object, ...]]) -> sa.Table:
    """Declare the table. listed: how a list of texts is kept."""
    return sa.Table(
        "manifests",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("seller", sa.String(40), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("shipments", listed, nullable=False),
        sa.Column("status", Enumerated(ManifestStatus), nullable=False),
        sa.Column("wanted_at", UtcDateTime, nullable=False),
        sa.Column("wanted_by", sa.String(330), nullable=False),
        sa.Column("attempt_at", UtcDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("paper_url", sa.String(500), nullable=False),
        sa.Column("problem_code", sa.String(40)),
        sa.Column("problem", sa.String(300)),
        sa.Column("made_at", UtcDateTime),
        sa.Index("ix_manifests_wanted_at", "wanted_at"),
        sa.Index("ix_manifests_attempt_at", "attempt_at", postgresql_where=_TO_DO, sqlite_where=_TO_DO),
    )
