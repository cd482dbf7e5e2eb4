"""Tickets that go on in another one, and tickets that have to do with one another.

Revision ID: 0019
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json, UtcDateTime

revision = "0019"
down_revision = "0020"
branch_labels = None
depends_on = None

RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "merges",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("target", sa.String(20), nullable=False),
        sa.Column("status_before", sa.String(40), nullable=False),
        sa.Column("clocks", Json, nullable=False),
        sa.Column("merged_at", UtcDateTime, nullable=False),
        sa.Column("merged_by", sa.String(330), nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("ended_by", sa.String(330)),
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
        sa.ForeignKeyConstraint(["source"], ["tickets.number"], name="fk_merges_source_tickets"),
        sa.ForeignKeyConstraint(["target"], ["tickets.number"], name="fk_merges_target_tickets"),
        sa.CheckConstraint("source <> target", name="ck_merges_two_tickets"),
    )
    op.create_index(
        "uq_merges_running", "merges", ["source"], unique=True, postgresql_where=RUNNING, sqlite_where=RUNNING
    )
    op.create_index("ix_merges_target", "merges", ["target"])
    op.create_table(
        "relations",
        sa.Column("first", sa.String(20), nullable=False),
        sa.Column("second", sa.String(20), nullable=False),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("noted_by", sa.String(330), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name="pk_relations"),
        sa.ForeignKeyConstraint(["first"], ["tickets.number"], name="fk_relations_first_tickets"),
        sa.ForeignKeyConstraint(["second"], ["tickets.number"], name="fk_relations_second_tickets"),
        sa.CheckConstraint("first < second", name="ck_relations_in_order"),
    )
    op.create_index("ix_relations_second", "relations", ["second"])


def downgrade() -> None:
    op.drop_table("relations")
    op.drop_table("merges")
