"""Orders as aftersales knows them, returns with their pieces, reviews and refund claims.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_kit_tables
from services.common.store.tables import Cents, Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_kit_tables()
    op.create_table(
        "orders",
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("policy_days", sa.Integer(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("delivery_zone", sa.String(length=64), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("order_number", name=op.f("pk_orders")),
    )
    op.create_table(
        "order_units",
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("paid", Cents(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("paid >= 0", name=op.f("ck_order_units_paid_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_number"], ["orders.order_number"], name=op.f("fk_order_units_order_number_orders")
        ),
        sa.PrimaryKeyConstraint("order_number", "line_id", "unit", name=op.f("pk_order_units")),
    )
    op.create_table(
        "returns",
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(length=330), nullable=True),
        sa.Column("confirmed_by", sa.String(length=330), nullable=True),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_at", UtcDateTime(), nullable=True),
        sa.Column("authorized_at", UtcDateTime(), nullable=True),
        sa.Column("instructions", Json, nullable=False),
        sa.Column("send_by", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("carrier", sa.String(length=64), nullable=True),
        sa.Column("tracking_number", sa.String(length=64), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=True),
        sa.Column("inspected_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status NOT IN ('rejected', 'appealed', 'rejected_final') OR (ground IS NOT NULL "
            "AND explanation IS NOT NULL AND proposed_by IS NOT NULL "
            "AND confirmed_by IS NOT NULL AND proposed_by <> confirmed_by)",
            name=op.f("ck_returns_rejection_has_ground_and_two_people"),
        ),
        sa.ForeignKeyConstraint(["order_number"], ["orders.order_number"], name=op.f("fk_returns_order_number_orders")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_returns")),
    )
    op.create_index(op.f("ix_returns_due_at_number"), "returns", ["due_at", "number"], unique=False)
    op.create_index(
        op.f("ix_returns_email_requested_at_number"), "returns", ["email", "requested_at", "number"], unique=False
    )
    op.create_index(
        op.f("ix_returns_order_number_requested_at_number"),
        "returns",
        ["order_number", "requested_at", "number"],
        unique=False,
    )
    op.create_index(op.f("ix_returns_status_due_at_number"), "returns", ["status", "due_at", "number"], unique=False)
    op.create_index(
        "ix_returns_unsent",
        "returns",
        ["send_by"],
        unique=False,
        postgresql_where=sa.text("status = 'authorized'"),
        sqlite_where=sa.text("status = 'authorized'"),
    )
    op.create_table(
        "refund_claims",
        sa.Column("return_number", sa.String(length=64), nullable=False),
        sa.Column("claim", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount", Cents(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("refund_id", sa.String(length=64), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "(status = 'settled') = (settled_at IS NOT NULL)", name=op.f("ck_refund_claims_settled_has_time")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_claims_amount_positive")),
        sa.ForeignKeyConstraint(
            ["return_number"], ["returns.number"], name=op.f("fk_refund_claims_return_number_returns")
        ),
        sa.PrimaryKeyConstraint("return_number", "claim", name=op.f("pk_refund_claims")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_refund_claims_refund_id")),
    )
    op.create_table(
        "return_reviews",
        sa.Column("return_number", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=330), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "decision <> 'reject' OR (ground IS NOT NULL AND words <> '')",
            name=op.f("ck_return_reviews_rejection_has_ground"),
        ),
        sa.ForeignKeyConstraint(
            ["return_number"], ["returns.number"], name=op.f("fk_return_reviews_return_number_returns")
        ),
        sa.PrimaryKeyConstraint("return_number", "position", name=op.f("pk_return_reviews")),
    )
    op.create_table(
        "return_units",
        sa.Column("return_number", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("paid", Cents(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("condition", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=True),
        sa.Column("received_by", sa.String(length=330), nullable=True),
        sa.Column("inspected_at", UtcDateTime(), nullable=True),
        sa.Column("inspected_by", sa.String(length=330), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR condition <> 'awaiting'", name=op.f("ck_return_units_judged_after_receipt")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'accepted' OR holds", name=op.f("ck_return_units_accepted_is_held")
        ),
        sa.ForeignKeyConstraint(
            ["order_number", "line_id", "unit"],
            ["order_units.order_number", "order_units.line_id", "order_units.unit"],
            name=op.f("fk_return_units_order_number_line_id_unit_order_units"),
        ),
        sa.ForeignKeyConstraint(
            ["return_number"], ["returns.number"], name=op.f("fk_return_units_return_number_returns")
        ),
        sa.PrimaryKeyConstraint("return_number", "line_id", "unit", name=op.f("pk_return_units")),
    )
    op.create_index(
        "uq_return_units_held",
        "return_units",
        ["order_number", "line_id", "unit"],
        unique=True,
        postgresql_where=sa.text("holds"),
        sqlite_where=sa.text("holds = 1"),
    )
