"""Questions about parcels that do not arrive, and what is known of the shipments they are about.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNSETTLED = sa.text("status IN ('draft', 'awaiting_customer', 'waiting')")
OPEN = sa.text("status IN ('draft', 'awaiting_customer')")


def upgrade() -> None:
    op.add_column("fulfillments", sa.Column("parcels", Json, server_default="[]", nullable=False))
    op.add_column("fulfillments", sa.Column("missing", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("fulfillments", sa.Column("closed_at", UtcDateTime(), nullable=True))
    op.create_table(
        "remedies",
        sa.Column("remedy_id", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("parcels", Json, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=330), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("pieces", Json, nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("consent", Json, nullable=True),
        sa.Column("replacement", sa.String(length=20), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("goods_back_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status NOT IN ('waiting', 'resent', 'refunded') OR consent IS NOT NULL",
            name=op.f("ck_remedies_decided_by_consent"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'awaiting_customer', 'waiting', 'resent', 'refunded', 'withdrawn', 'stale')",
            name=op.f("ck_remedies_status"),
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["orders.order_number"], name=op.f("fk_remedies_order_number_orders")
        ),
        sa.PrimaryKeyConstraint("remedy_id", name=op.f("pk_remedies")),
    )
    op.create_index(op.f("ix_remedies_order_number_created_at"), "remedies", ["order_number", "created_at"])
    op.create_index(op.f("ix_remedies_status_due_at_remedy_id"), "remedies", ["status", "due_at", "remedy_id"])
    op.create_index(
        "ix_remedies_unsettled", "remedies", ["due_at", "remedy_id"], postgresql_where=UNSETTLED, sqlite_where=UNSETTLED
    )
    op.create_index(
        "uq_remedies_open", "remedies", ["shipment_number"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN
    )
