"""What reports count, from what is known of before: who ended a matter was not kept then.

Revision ID: 0021
Revises: 0018
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

INTO = "INSERT INTO facts (mark, kind, happened_at, day, category, team, person, code, score, seconds) "
ON_SQLITE = (r"date(\1)", r"max(0, unixepoch(\1) - unixepoch(k.opened_at))")
ON_POSTGRESQL = (
    r"(\1 AT TIME ZONE 'UTC')::date",
    r"greatest(0, CAST(extract(epoch FROM \1 - k.opened_at) AS integer))",
)
KNOWN = (
    """SELECT k.number || ':opened', 'opened', k.opened_at, DAY(k.opened_at), k.category, k.team, NULL, NULL, NULL, NULL
       FROM tickets k WHERE k.origin = 'contact'""",
    """SELECT k.number || ':end:' || k.cycle, 'ended', k.resolved_at, DAY(k.resolved_at), k.category, k.team, NULL,
              k.resolution_code, NULL, CASE WHEN k.cycle = 1 THEN SECONDS(k.resolved_at) END
       FROM tickets k WHERE k.resolved_at IS NOT NULL""",
    """SELECT k.number || ':rated:' || r.cycle, 'rated', r.rated_at, DAY(r.rated_at), k.category, k.team, NULL, NULL,
              r.score, NULL
       FROM ratings r JOIN tickets k ON k.number = r.ticket_number""",
    """SELECT k.number || ':answered', 'answered', m.posted_at, DAY(m.posted_at), k.category, k.team, m.actor, NULL,
              NULL, SECONDS(m.posted_at)
       FROM (SELECT ticket_number, min(position) AS position FROM messages
             WHERE author = 'agent' AND NOT internal GROUP BY ticket_number) f
       JOIN messages m ON m.ticket_number = f.ticket_number AND m.position = f.position
       JOIN tickets k ON k.number = f.ticket_number WHERE k.origin = 'contact'""",
    """SELECT 'feedback:' || f.id, 'deflected', f.given_at, DAY(f.given_at), NULL, NULL, NULL, f.slug, NULL, NULL
       FROM article_feedback f WHERE f.helpful AND f.place = 'contact'""",
)


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("happened_at", UtcDateTime, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("category", sa.String(40)),
        sa.Column("team", sa.String(32)),
        sa.Column("person", sa.String(330)),
        sa.Column("code", sa.String(64)),
        sa.Column("score", sa.Integer),
        sa.Column("seconds", sa.Integer),
        sa.Column("undone_at", UtcDateTime),
        sa.PrimaryKeyConstraint("mark", name="pk_facts"),
    )
    op.create_index("ix_facts_kind_happened_at", "facts", ["kind", "happened_at"])
    connection = op.get_bind()
    day, seconds = ON_SQLITE if connection.dialect.name == "sqlite" else ON_POSTGRESQL
    for values in KNOWN:
        written = re.sub(r"SECONDS\((\S+)\)", seconds, re.sub(r"DAY\((\S+)\)", day, values))
        op.execute(sa.text((INTO + written).replace("':", "'\\:")))  # a colon within quotes is no parameter


def downgrade() -> None:
    op.drop_table("facts")
