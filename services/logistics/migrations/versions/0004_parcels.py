"""Scans found however they are spelled, corrected, attached; parcels watched at their carriers; a stated hand-over.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("recall_asked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("shipments", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("shipments", sa.Column("recorded_at", UtcDateTime(), nullable=True))
    op.add_column("shipments", sa.Column("first_scan_at", UtcDateTime(), nullable=True))
    op.add_column("shipments", sa.Column("doubted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("parcels", sa.Column("tracking_key", sa.String(length=64), nullable=True))
    op.add_column("parcels", sa.Column("taken_back", sa.Integer(), server_default="0", nullable=False))
    op.add_column("parcels", sa.Column("attached", Json, nullable=True))
    op.add_column("parcels", sa.Column("silent_until", UtcDateTime(), nullable=True))
    op.add_column("tracking_events", sa.Column("reported_at", UtcDateTime(), nullable=True))
    op.add_column("tracking_events", sa.Column("calendar", sa.String(length=10), nullable=True))
    op.add_column("tracking_events", sa.Column("time_zone", sa.String(length=64), nullable=True))
    op.create_table(
        "scan_reports",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_scan_reports")),
    )
    op.create_table(
        "unmatched_scans",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("parcel_id", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_scans")),
        sa.UniqueConstraint("tracking_number", "carrier", name=op.f("uq_unmatched_scans_tracking_number_carrier")),
    )
    op.create_index(
        "ix_unmatched_scans_open",
        "unmatched_scans",
        ["received_at", "id"],
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(op.f("ix_unmatched_scans_parcel_id"), "unmatched_scans", ["parcel_id"])
    op.create_table(
        "watches",
        sa.Column("parcel_id", sa.String(length=24), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("register_at", UtcDateTime(), nullable=True),
        sa.Column("registered_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("ask_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_watches")),
    )
    op.create_index(
        "ix_watches_register",
        "watches",
        ["register_at"],
        postgresql_where=sa.text("register_at IS NOT NULL"),
        sqlite_where=sa.text("register_at IS NOT NULL"),
    )
    op.create_index(
        "ix_watches_ask",
        "watches",
        ["ask_at"],
        postgresql_where=sa.text("ask_at IS NOT NULL"),
        sqlite_where=sa.text("ask_at IS NOT NULL"),
    )
    op.execute("UPDATE parcels SET tracking_key = UPPER(REPLACE(REPLACE(tracking_number, ' ', ''), '-', ''))")
    op.execute(
        "INSERT INTO watches (parcel_id, carrier, tracking_number, register_at, tries, ask_at, asks) "
        "SELECT parcels.id, carrier, tracking_number, dispatched_at, 0, check_at, 0 FROM parcels "
        "JOIN shipments ON shipments.number = parcels.shipment_number "
        "WHERE parcels.status NOT IN ('delivered', 'returned', 'cancelled') AND carrier <> 'simulator'"
    )
    create_index_concurrently("ix_parcels_tracking_key", "parcels", ["tracking_key"])
