"""The table of what staff write and have not sent, part of support's tables (`tables`).

drafts  one row per ticket, person, and kind of message; without words once it was sent
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, UtcDateTime
from services.support.api.drafts import DraftKind
from services.support.domain.draft import Draft


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class in it."""
    drafts = sa.Table(
        "drafts",
        mapping.metadata,
        sa.Column("ticket_number", sa.String(20), sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("person", sa.String(330), primary_key=True),
        sa.Column("kind", Enumerated(DraftKind), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Index(None, "person", "ticket_number"),
        sa.Index(None, "saved_at"),
    )
    mapping.map_imperatively(Draft, drafts, version_id_col=drafts.c.version)
    return drafts
