"""The tables of ratings, and of what reports count; part of support's tables (`tables`).

ratings  one for each ending that a customer rated
facts    one row for each thing that happened, with its category, team and person then; no customer is named
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, UtcDateTime
from services.support.api.statuses import DeclineGround
from services.support.domain import Rating
from services.support.domain.reports import Fact, FactKind


def add(mapping: registry) -> tuple[sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return ratings and facts."""
    ratings = sa.Table(
        "ratings",
        mapping.metadata,
        sa.Column("ticket_number", sa.String(20), sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("cycle", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("rated_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )
    facts = sa.Table(
        "facts",
        mapping.metadata,
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("kind", Enumerated(FactKind), nullable=False),
        sa.Column("happened_at", UtcDateTime, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("category", sa.String(40)),
        sa.Column("team", sa.String(32)),
        sa.Column("person", sa.String(330)),
        sa.Column("code", sa.String(64)),
        sa.Column("ground", Enumerated(DeclineGround)),
        sa.Column("score", sa.Integer),
        sa.Column("seconds", sa.Integer),
        sa.Column("undone_at", UtcDateTime),
        sa.Index(None, "kind", "happened_at"),
    )
    mapping.map_imperatively(Rating, ratings)
    mapping.map_imperatively(Fact, facts)
    return ratings, facts
