"""Who asked for a return, what a second person found of its pieces, what became of them, and where an order goes.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("country", sa.String(2)))
    op.add_column("returns", sa.Column("requested_by", sa.String(330)))
    op.add_column("returns", sa.Column("appeal_by", UtcDateTime()))
    op.add_column("returns", sa.Column("law", sa.String(64)))
    op.add_column("returns", sa.Column("law_due_at", UtcDateTime()))
    op.add_column("return_units", sa.Column("ground", sa.String(40)))
    op.add_column("return_units", sa.Column("evidence", Json))
    op.add_column("return_units", sa.Column("disputed_by", sa.String(330)))
    op.add_column("return_units", sa.Column("rejected_by", sa.String(330)))
    op.add_column("return_units", sa.Column("confirmed_by", sa.String(330)))
    op.add_column("return_units", sa.Column("appealed_at", UtcDateTime()))
    op.add_column("return_units", sa.Column("withdrawn_at", UtcDateTime()))
    op.add_column("return_units", sa.Column("disposition", sa.String(40)))
    op.add_column("return_units", sa.Column("disposed_at", UtcDateTime()))
    op.add_column("return_units", sa.Column("disposed_by", sa.String(330)))
    op.add_column("return_units", sa.Column("sent_back_at", UtcDateTime()))
    op.add_column("return_units", sa.Column("sent_back_by", sa.String(330)))
    op.add_column("return_units", sa.Column("back_carrier", sa.String(64)))
    op.add_column("return_units", sa.Column("back_tracking", sa.String(64)))
    create_index_concurrently(
        "ix_returns_appealable",
        "returns",
        ["appeal_by"],
        postgresql_where=sa.text("appeal_by IS NOT NULL"),
        sqlite_where=sa.text("appeal_by IS NOT NULL"),
    )
    waiting = "outcome IN ('disputed', 'unconfirmed', 'appealed', 'rejected_final')"
    create_index_concurrently(
        "ix_return_units_waiting",
        "return_units",
        ["return_number"],
        postgresql_where=sa.text(waiting),
        sqlite_where=sa.text(waiting),
    )
