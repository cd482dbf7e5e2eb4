"""The table of what was set aside, part of support's tables (`tables`).

quarantines    why a ticket was not taken in at once, and who let it through
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Json, UtcDateTime
from services.support.domain.guard import Quarantine


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class in it. Return it."""
    quarantines = sa.Table(
        "quarantines",
        mapping.metadata,
        sa.Column("ticket_number", sa.String(20), sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("let_through_at", UtcDateTime),
        sa.Column("let_through_by", sa.String(330)),
    )
    mapping.map_imperatively(Quarantine, quarantines)
    return quarantines
