"""Which products are in which shipment: what the warehouse finds shipments by. It follows from the shipments' lines.

shipment_skus = sku_tables.add(metadata)
sku_tables.keep(Shipment, shipment_skus)      # written with the shipment, and again when its lines change
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm.attributes import get_history

from services.common.basics.folding import code_key
from services.logistics.domain.shipment import Shipment


def add(metadata: sa.MetaData) -> sa.Table:
    """Add the table: one row for each product of a shipment, by its folded SKU."""
    return sa.Table(
        "shipment_skus",
        metadata,
        sa.Column("sku_key", sa.Text, primary_key=True),
        sa.Column("shipment_number", sa.String(20), sa.ForeignKey("shipments.number"), primary_key=True),
        sa.Index("ix_shipment_skus_shipment_number", "shipment_number"),
    )


def keep(kind: type[Shipment], table: sa.Table) -> None:
    """Keep the rows of each shipment true, in the transaction that writes it."""

    def write(connection: sa.Connection, shipment: Shipment) -> None:
        keys = sorted({code_key(line.sku) for line in shipment.lines})
        if keys:
            connection.execute(sa.insert(table), [{"sku_key": key, "shipment_number": shipment.number} for key in keys])

    @sa.event.listens_for(kind, "after_insert")
    def _add(_mapper: object, connection: sa.Connection, shipment: Shipment) -> None:
        write(connection, shipment)

    @sa.event.listens_for(kind, "after_update")
    def _change(_mapper: object, connection: sa.Connection, shipment: Shipment) -> None:
        if get_history(shipment, "lines").has_changes():
            connection.execute(sa.delete(table).where(table.c.shipment_number == shipment.number))
            write(connection, shipment)
