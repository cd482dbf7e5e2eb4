"""The table of API keys, part of support's tables (`tables`)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Json, UtcDateTime
from services.support.domain.api_keys import ApiKey


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class in it."""
    keys = sa.Table(
        "api_keys",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(32), nullable=False, unique=True),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("roles", Json, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(254), nullable=False),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("used_at", UtcDateTime),
    )
    mapping.map_imperatively(ApiKey, keys)
    return keys
