"""Shipments, parcels, the log of scans, receipts of webhooks, and the little we know of orders.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_kit_tables, make_append_only
from services.common.store.tables import BigId, Cents, Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_kit_tables()
    op.create_table(
        "holds",
        sa.Column("change_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_holds")),
    )
    op.create_index(
        "ix_holds_open",
        "holds",
        ["order_number"],
        postgresql_where=sa.text("NOT released"),
        sqlite_where=sa.text("NOT released"),
    )
    op.create_table(
        "orders",
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("changed_seq", sa.Integer(), nullable=False),
        sa.Column("changed_lines", Json, nullable=False),
        sa.Column("changed_destination", Json, nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("order_number", name=op.f("pk_orders")),
    )
    op.create_table(
        "shipments",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("destination", Json, nullable=False),
        sa.Column("review_passed_at", UtcDateTime(), nullable=False),
        sa.Column("dispatch_due_at", UtcDateTime(), nullable=False),
        sa.Column("sorted_at", UtcDateTime(), nullable=True),
        sa.Column("packed_at", UtcDateTime(), nullable=True),
        sa.Column("dispatched_at", UtcDateTime(), nullable=True),
        sa.Column("recalled_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("earliest_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("calendar", sa.String(length=10), nullable=True),
        sa.Column("calendar_version", sa.String(length=80), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=True),
        sa.Column("check_at", UtcDateTime(), nullable=True),
        sa.Column("customer_charged", Cents(), nullable=False),
        sa.CheckConstraint(
            "(status = 'dispatched') = (due_at IS NOT NULL)", name=op.f("ck_shipments_dispatched_with_a_promise")
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'sorting', 'packed', 'dispatched', 'recalled')",
            name=op.f("ck_shipments_known_status"),
        ),
        sa.CheckConstraint("customer_charged = 0", name=op.f("ck_shipments_shipping_is_free")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shipments")),
        sa.UniqueConstraint("order_number", "part", name=op.f("uq_shipments_order_number_part")),
    )
    op.create_index(
        "ix_shipments_check",
        "shipments",
        ["check_at"],
        postgresql_where=sa.text("check_at IS NOT NULL"),
        sqlite_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index("ix_shipments_dispatch_due_at_number", "shipments", ["dispatch_due_at", "number"])
    op.create_index(
        "ix_shipments_queue",
        "shipments",
        ["dispatch_due_at", "number"],
        postgresql_where=sa.text("status IN ('queued', 'sorting', 'packed')"),
        sqlite_where=sa.text("status IN ('queued', 'sorting', 'packed')"),
    )
    op.create_index("ix_shipments_status_dispatch_due_at_number", "shipments", ["status", "dispatch_due_at", "number"])
    op.create_table(
        "tracking_events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("local_time", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("unmapped", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_events")),
        sa.UniqueConstraint("digest", name=op.f("uq_tracking_events_digest")),
    )
    op.create_index(
        "ix_tracking_events_tracking_number_occurred_at", "tracking_events", ["tracking_number", "occurred_at"]
    )
    op.create_table(
        "webhook_receipts",
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("carrier", "key", name=op.f("pk_webhook_receipts")),
    )
    op.create_index(op.f("ix_webhook_receipts_received_at"), "webhook_receipts", ["received_at"])
    op.create_table(
        "parcels",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("shipped_year", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("last_event_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("reopened_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.String(length=100), nullable=False),
        sa.Column("delivery_told", sa.Boolean(), nullable=False),
        sa.Column("alerts", Json, nullable=False),
        sa.CheckConstraint(
            "status IN ('label_created', 'in_transit', 'customs', 'customs_hold', 'out_for_delivery', "
            "'available_for_pickup', 'attempt_failed', 'exception', 'lost', 'returning', 'returned', 'delivered', "
            "'cancelled')",
            name=op.f("ck_parcels_known_status"),
        ),
        sa.ForeignKeyConstraint(
            ["shipment_number"], ["shipments.number"], name=op.f("fk_parcels_shipment_number_shipments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcels")),
        sa.UniqueConstraint(
            "tracking_number", "carrier", "shipped_year", name=op.f("uq_parcels_tracking_number_carrier_shipped_year")
        ),
    )
    op.create_index(op.f("ix_parcels_shipment_number"), "parcels", ["shipment_number"])
    make_append_only("tracking_events")
