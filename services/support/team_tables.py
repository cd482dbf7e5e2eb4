"""The tables of who gets a ticket, part of support's tables (`tables`).

teams        name, what they take, who is in them; the row of `agents` is always there: who changes a team, says who
             is there or hands out tickets holds it, so that this is done one after the other
presences    who said that they are away or off; who has no row is there
assignments  every ticket that was given to a person, and when; append-only
rule_books   the rules that sort what comes in: one row
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, Json, UtcDateTime
from services.support.api.teams import Availability
from services.support.domain.sorting import RuleBook
from services.support.domain.teams import Assignment, Presence, Team

NUMBER, EMAIL, NAME = sa.String(20), sa.String(254), sa.String(32)


def add(mapping: registry) -> tuple[sa.Table, sa.Table, sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return teams, presences, assignments, books of rules."""
    teams = sa.Table(
        "teams",
        mapping.metadata,
        sa.Column("name", NAME, primary_key=True),
        sa.Column("categories", Json, nullable=False),
        sa.Column("members", Json, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("cap", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
    )
    presences = sa.Table(
        "presences",
        mapping.metadata,
        sa.Column("email", EMAIL, primary_key=True),
        sa.Column("status", Enumerated(Availability), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("back_at", UtcDateTime),
    )
    assignments = sa.Table(
        "assignments",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), nullable=False),
        sa.Column("assignee", EMAIL, nullable=False),
        sa.Column("team", NAME, nullable=False),
        sa.Column("assigned_at", UtcDateTime, nullable=False),
        sa.Index(None, "assignee", "assigned_at"),
        sa.Index(None, "assigned_at"),
    )
    rule_books = sa.Table(
        "rule_books",
        mapping.metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    mapping.map_imperatively(RuleBook, rule_books, version_id_col=rule_books.c.version)
    mapping.map_imperatively(Team, teams, version_id_col=teams.c.version)
    mapping.map_imperatively(Presence, presences)
    mapping.map_imperatively(Assignment, assignments)
    return teams, presences, assignments, rule_books
