"""What shipments cost us is kept: estimated, accrued, billed by carriers.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATUSES = "'estimated', 'no_rule', 'accrued', 'invoiced', 'reconciled', 'disputed', 'withdrawn'"


def upgrade() -> None:
    op.create_table(
        "landed_costs",
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("charges", Json, nullable=False),
        sa.Column("missing", Json, nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.Column("estimated_at", UtcDateTime(), nullable=False),
        sa.Column("accrued_at", UtcDateTime()),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("has_postage", sa.Boolean(), nullable=False),
        sa.Column("all_billed", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=20)),
        sa.Column("decided_by", sa.String(length=330)),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("note", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_landed_costs_known_status")),
        sa.PrimaryKeyConstraint("shipment_number", name=op.f("pk_landed_costs")),
    )
    op.create_table(
        "cost_entries",
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("accrued", sa.BigInteger(), nullable=False),
        sa.Column("invoiced", sa.BigInteger()),
        sa.Column("payer", sa.String(length=20), nullable=False),
        sa.Column("customer_charged", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("payer = 'platform'", name=op.f("ck_cost_entries_platform_pays")),
        sa.CheckConstraint("customer_charged = 0", name=op.f("ck_cost_entries_customer_pays_nothing")),
        sa.ForeignKeyConstraint(
            ["shipment_number"],
            ["landed_costs.shipment_number"],
            name=op.f("fk_cost_entries_shipment_number_landed_costs"),
        ),
        sa.PrimaryKeyConstraint("shipment_number", "line_id", "sku", "component", name=op.f("pk_cost_entries")),
    )
    op.create_table(
        "invoice_rows",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("upload_id", sa.String(length=36), nullable=False),
        sa.Column("invoice", sa.String(length=60), nullable=False),
        sa.Column("carrier", sa.String(length=40)),
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("charge", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("shipment_number", sa.String(length=20)),
        sa.Column("parcel_id", sa.String(length=24)),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=330), nullable=False),
        sa.Column("settled_at", UtcDateTime()),
        sa.Column("settled_by", sa.String(length=330)),
        sa.Column("note", sa.String(length=500)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_rows")),
        sa.UniqueConstraint("digest", name=op.f("uq_invoice_rows_digest")),
    )
    held = sa.text("outcome IN ('unmatched', 'ambiguous', 'repeated')")
    op.create_index("ix_landed_costs_status", "landed_costs", ["status", "estimated_at", "shipment_number"])
    op.create_index("ix_landed_costs_accrued_at", "landed_costs", ["accrued_at"])
    op.create_index("ix_cost_entries_at", "cost_entries", ["at"])
    op.create_index("ix_invoice_rows_shipment_number", "invoice_rows", ["shipment_number"])
    op.create_index("ix_invoice_rows_tracking_number", "invoice_rows", ["tracking_number"])
    op.create_index(
        "ix_invoice_rows_held", "invoice_rows", ["uploaded_at", "id"], postgresql_where=held, sqlite_where=held
    )


def downgrade() -> None:
    for table in ("invoice_rows", "cost_entries", "landed_costs"):
        op.drop_table(table)
