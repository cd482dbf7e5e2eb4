"""Shipments are found by the products in them.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.basics.folding import code_key
from services.common.store.tables import Json

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    op.create_table(
        "shipment_skus",
        sa.Column("sku_key", sa.Text(), nullable=False),
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_number"], ["shipments.number"], name=op.f("fk_shipment_skus_shipment_number_shipments")
        ),
        sa.PrimaryKeyConstraint("sku_key", "shipment_number", name=op.f("pk_shipment_skus")),
    )
    op.create_index("ix_shipment_skus_shipment_number", "shipment_skus", ["shipment_number"])
    if not op.get_context().as_sql:
        _fill()


def _fill() -> None:
    shipments = sa.table("shipments", sa.column("number", sa.String()), sa.column("lines", Json))
    known = sa.table("shipment_skus", sa.column("sku_key", sa.Text()), sa.column("shipment_number", sa.String()))
    row, connection, last = shipments.c, op.get_bind(), ""
    while True:
        query = sa.select(row.number, row.lines).where(row.number > last).order_by(row.number).limit(BATCH)
        found = connection.execute(query).all()
        if not found:
            return
        rows = [
            {"sku_key": key, "shipment_number": number}
            for number, lines in found
            for key in sorted({code_key(line["sku"]) for line in lines})
        ]
        if rows:
            connection.execute(sa.insert(known), rows)
        last = found[-1][0]


def downgrade() -> None:
    op.drop_table("shipment_skus")
