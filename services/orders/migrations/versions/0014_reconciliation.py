"""Disputes by the provider's name, and the provider's books beside ours.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _disputes()
    _movements()
    op.create_table(
        "differences",
        sa.Column("subject", sa.String(220), nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("payment_id", sa.String(20), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_differences")),
    )
    open_ = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_differences_open", "differences", ["provider", "subject"], postgresql_where=open_, sqlite_where=open_
    )
    op.create_table(
        "comparisons",
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime()),
        sa.Column("after", sa.String(200), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_comparisons")),
    )


def _disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("payment_id", sa.String(20), nullable=False),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case", sa.String(200), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("answered_at", UtcDateTime()),
        sa.Column("answered_by", sa.String(330), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.payment_id"], name=op.f("fk_disputes_payment_id_payments")),
    )
    op.create_index("uq_disputes_name", "disputes", ["provider", "name"], unique=True)
    op.create_index(op.f("ix_disputes_payment_id"), "disputes", ["payment_id"])
    open_ = sa.text("ended_at IS NULL")
    op.create_index("ix_disputes_open", "disputes", ["answer_by", "id"], postgresql_where=open_, sqlite_where=open_)
    op.create_index(op.f("ix_disputes_ended_at_id"), "disputes", ["ended_at", "id"])


def _movements() -> None:
    op.create_table(
        "movements",
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("payment_reference", sa.String(200), nullable=False),
        sa.Column("payment_id", sa.String(64), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.Column("matched", sa.String(220)),
        sa.PrimaryKeyConstraint("provider", "name", name=op.f("pk_movements")),
    )
    matched, open_ = sa.text("matched IS NOT NULL"), sa.text("matched IS NULL")
    op.create_index(
        "uq_movements_matched", "movements", ["matched"], unique=True, postgresql_where=matched, sqlite_where=matched
    )
    op.create_index(
        "ix_movements_open", "movements", ["provider", "moved_at", "name"], postgresql_where=open_, sqlite_where=open_
    )
