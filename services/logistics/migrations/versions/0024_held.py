"""When holds began and ended, to tell who broke the promise of a hand-over.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_GOING_ON = sa.text("NOT pauses")


def upgrade() -> None:
    op.add_column("holds", sa.Column("held_at", UtcDateTime()))
    op.add_column("holds", sa.Column("released_at", UtcDateTime()))
    wanted = {"postgresql_where": _GOING_ON, "sqlite_where": _GOING_ON}
    create_index_concurrently("ix_holds_going_on", "holds", ["order_number"], **wanted)


def downgrade() -> None:
    op.drop_index("ix_holds_going_on", "holds")
    op.drop_column("holds", "released_at")
    op.drop_column("holds", "held_at")
