"""Labels are bought of carriers, and what they cost is kept.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_offers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("seller", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("rates", Json, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_offers")),
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("offer_id", sa.String(length=36), nullable=False),
        sa.Column("seller", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("rate_id", sa.String(length=80), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("wanted_by", sa.String(length=330), nullable=False),
        sa.Column("attempt_at", UtcDateTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("called_at", UtcDateTime()),
        sa.Column("tracking_number", sa.String(length=64)),
        sa.Column("paper_url", sa.String(length=500), nullable=False),
        sa.Column("bought_at", UtcDateTime()),
        sa.Column("problem_code", sa.String(length=40)),
        sa.Column("problem", sa.String(length=300)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    op.create_table(
        "label_papers",
        sa.Column("label_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_label_papers")),
    )
    op.create_table(
        "label_costs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("label_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("seller", sa.String(length=40), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_costs")),
        sa.UniqueConstraint("label_id", "kind", name=op.f("uq_label_costs_label_id_kind")),
    )
    labelled = sa.Column("labelled", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("shipments", labelled)
    live, to_do = sa.text("status IN ('wanted', 'bought')"), sa.text("attempt_at IS NOT NULL")
    op.create_index(op.f("ix_label_offers_made_at"), "label_offers", ["made_at"])
    op.create_index(op.f("ix_labels_shipment_number"), "labels", ["shipment_number"])
    op.create_index(op.f("ix_labels_offer_id"), "labels", ["offer_id"])
    op.create_index(
        "ix_labels_live", "labels", ["shipment_number"], unique=True, postgresql_where=live, sqlite_where=live
    )
    op.create_index("ix_labels_attempt_at", "labels", ["attempt_at"], postgresql_where=to_do, sqlite_where=to_do)
    op.create_index(op.f("ix_label_papers_kept_at"), "label_papers", ["kept_at"])
    op.create_index("ix_label_costs_at_id", "label_costs", ["at", "id"])


def downgrade() -> None:
    op.drop_column("shipments", "labelled")
    for table in ("label_costs", "label_papers", "labels", "label_offers"):
        op.drop_table(table)
