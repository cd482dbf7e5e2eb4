"""The tables of tickets that belong together, part of support's tables (`tables`).

merges     which ticket goes on in which, from when to when, with the clocks that it had; one at a time for each ticket
relations  which tickets have to do with one another
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, Json, UtcDateTime
from services.support.api.statuses import TicketStatus
from services.support.domain.merging import Merge, Relation

NUMBER, ACTOR = sa.String(20), sa.String(330)
RUNNING = sa.text("ended_at IS NULL")


def add(mapping: registry) -> tuple[sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return merges and relations."""
    merges = sa.Table(
        "merges",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("source", NUMBER, sa.ForeignKey("tickets.number"), nullable=False),
        sa.Column("target", NUMBER, sa.ForeignKey("tickets.number"), nullable=False),
        sa.Column("status_before", Enumerated(TicketStatus), nullable=False),
        sa.Column("clocks", Json, nullable=False),
        sa.Column("merged_at", UtcDateTime, nullable=False),
        sa.Column("merged_by", ACTOR, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("ended_by", ACTOR),
        sa.CheckConstraint("source <> target", name="two_tickets"),
        sa.Index("uq_merges_running", "source", unique=True, postgresql_where=RUNNING, sqlite_where=RUNNING),
        sa.Index(None, "target"),
    )
    relations = sa.Table(
        "relations",
        mapping.metadata,
        sa.Column("first", NUMBER, sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("second", NUMBER, sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("noted_by", ACTOR, nullable=False),
        sa.CheckConstraint("first < second", name="in_order"),
        sa.Index(None, "second"),
    )
    mapping.map_imperatively(Merge, merges)
    mapping.map_imperatively(Relation, relations)
    return merges, relations
