"""What shipments cost us (`domain.costs`).

landed_costs  one row for each shipment: what is estimated, and how far it is known
cost_entries  what each line owes of each component, and what was billed of it; the platform pays, the customer nothing
invoice_rows  the rows of carriers' invoices, each once, those too that wait for a person
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import registry, relationship

from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.common.store.tables import Cents, Enumerated, UtcDateTime
from services.logistics.api.costs import HELD, PAYER, Component, CostStatus, RowOutcome
from services.logistics.domain.costs import Entry, LandedCost, Missing
from services.logistics.domain.duties import Charge
from services.logistics.domain.invoices import InvoiceRow

HELD_ROWS = sa.text(f"outcome IN ({', '.join(repr(each.value) for each in HELD)})")
Listed = Callable[..., sa.types.TypeEngine[tuple[object, ...]]]


def read_charge(item: JsonDict) -> Charge:
    """Read a part of an estimate as `write_charge` wrote it."""
    return Charge(item["line_id"], item["sku"], Component(item["component"]), Money(item["cents"]), item["rule"])


def write_charge(charge: Charge) -> JsonDict:
    return {
        "line_id": charge.line_id, "sku": charge.sku, "component": charge.component.value,
        "cents": charge.amount.cents, "rule": charge.rule,
    }  # fmt: skip


def read_missing(item: JsonDict) -> Missing:
    """Read what no rule said, as `write_missing` wrote it."""
    return item["sku"], Component(item["component"])


def write_missing(missing: Missing) -> JsonDict:
    return {"sku": missing[0], "component": missing[1].value}


def add(mapping: registry, listed: Listed) -> tuple[sa.Table, sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. listed: how a tuple is kept."""
    costs = _costs(mapping.metadata, listed)
    entries, rows = _entries(mapping.metadata), _rows(mapping.metadata)
    mapping.map_imperatively(Entry, entries)
    ordered = (entries.c.line_id, entries.c.sku, entries.c.component)
    mapping.map_imperatively(
        LandedCost, costs, properties={"entries": relationship(Entry, lazy="selectin", order_by=ordered)}
    )
    mapping.map_imperatively(InvoiceRow, rows)
    return costs, entries, rows


def _costs(metadata: sa.MetaData, listed: Listed) -> sa.Table:
    known = ", ".join(repr(each.value) for each in CostStatus)
    return sa.Table(
        "landed_costs",
        metadata,
        sa.Column("shipment_number", sa.String(20), primary_key=True),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("status", Enumerated(CostStatus), nullable=False),
        sa.Column("charges", listed(read_charge, write_charge), nullable=False),
        sa.Column("missing", listed(read_missing, write_missing), nullable=False),
        sa.Column("entered", sa.Boolean, nullable=False),
        sa.Column("estimated_at", UtcDateTime, nullable=False),
        sa.Column("accrued_at", UtcDateTime),
        sa.Column("accepted", Cents, nullable=False),
        sa.Column("has_postage", sa.Boolean, nullable=False),
        sa.Column("all_billed", sa.Boolean, nullable=False),
        sa.Column("decision", sa.String(20)),
        sa.Column("decided_by", sa.String(330)),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("note", sa.String(500)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(f"status IN ({known})", name="known_status"),
        sa.Index("ix_landed_costs_status", "status", "estimated_at", "shipment_number"),
        sa.Index("ix_landed_costs_accrued_at", "accrued_at"),
    )


def _entries(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "cost_entries",
        metadata,
        sa.Column("shipment_number", sa.String(20), sa.ForeignKey("landed_costs.shipment_number"), primary_key=True),
        sa.Column("line_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("component", Enumerated(Component), primary_key=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("accrued", Cents, nullable=False),
        sa.Column("invoiced", Cents),
        sa.Column("payer", sa.String(20), nullable=False),
        sa.Column("customer_charged", Cents, nullable=False),
        sa.CheckConstraint(f"payer = '{PAYER}'", name="platform_pays"),
        sa.CheckConstraint("customer_charged = 0", name="customer_pays_nothing"),
        sa.Index("ix_cost_entries_at", "at"),
    )


def _rows(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "invoice_rows",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("upload_id", sa.String(36), nullable=False),
        sa.Column("invoice", sa.String(60), nullable=False),
        sa.Column("carrier", sa.String(40)),
        sa.Column("tracking_number", sa.String(64), nullable=False),
        sa.Column("charge", Enumerated(Component), nullable=False),
        sa.Column("amount", Cents, nullable=False),
        sa.Column("outcome", Enumerated(RowOutcome), nullable=False),
        sa.Column("shipment_number", sa.String(20)),
        sa.Column("parcel_id", sa.String(24)),
        sa.Column("uploaded_at", UtcDateTime, nullable=False),
        sa.Column("uploaded_by", sa.String(330), nullable=False),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("settled_by", sa.String(330)),
        sa.Column("note", sa.String(500)),
        sa.Index("ix_invoice_rows_shipment_number", "shipment_number"),
        sa.Index("ix_invoice_rows_tracking_number", "tracking_number"),
        sa.Index("ix_invoice_rows_held", "uploaded_at", "id", postgresql_where=HELD_ROWS, sqlite_where=HELD_ROWS),
    )
