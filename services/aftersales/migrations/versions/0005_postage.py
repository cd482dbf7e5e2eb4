"""The postage of a return is asked for, decided and claimed.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Cents, Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UNDECIDED = "outcome IN ('asked', 'unconfirmed', 'disputed')"


def upgrade() -> None:
    op.add_column("refund_claims", sa.Column("cause", sa.String(40), nullable=False, server_default="return"))
    op.create_table(
        "return_postage",
        sa.Column("return_number", sa.String(64), nullable=False),
        sa.Column("postage", sa.Integer, nullable=False),
        sa.Column("order_number", sa.String(64), nullable=False),
        sa.Column("amount", Cents, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("asked_by", sa.String(330), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("ground", sa.String(40)),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("found_by", sa.String(330)),
        sa.Column("confirmed_by", sa.String(330)),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("claim", sa.Integer),
        sa.PrimaryKeyConstraint("return_number", "postage", name="pk_return_postage"),
        sa.ForeignKeyConstraint(["return_number"], ["returns.number"], name="fk_return_postage_return_number_returns"),
        sa.CheckConstraint("amount > 0", name="ck_return_postage_amount_positive"),
        sa.CheckConstraint(
            "outcome <> 'declined' OR (ground IS NOT NULL AND found_by IS NOT NULL AND confirmed_by IS NOT NULL AND "
            "found_by <> confirmed_by)",
            name="ck_return_postage_declined_by_two",
        ),
    )
    op.create_index("ix_return_postage_order_number", "return_postage", ["order_number"])
    op.create_index(
        "ix_return_postage_undecided",
        "return_postage",
        ["return_number"],
        postgresql_where=sa.text(UNDECIDED),
        sqlite_where=sa.text(UNDECIDED),
    )
