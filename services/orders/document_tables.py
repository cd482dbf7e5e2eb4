"""The tables of numbered documents; part of orders' tables (`tables`).

documents        receipts and credit notes as they were issued: added, and never changed
document_series  how far each series has come in each year: who takes the next number holds the row until the commit
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.basics.money import Money
from services.common.basics.untyped import Fields
from services.common.store.tables import Cents, Enumerated, UtcDateTime
from services.orders.api.statuses import DocumentKind, RefundCause
from services.orders.domain.documents import Document, DocumentLine

NUMBER = sa.String(20)


def write_lines(lines: Iterable[DocumentLine]) -> list[dict[str, object]]:
    """Return the lines of a document as JSON, their amounts in cents."""
    return [
        {
            **{name: getattr(line, name) for name in ("line_id", "sku", "title", "jurisdiction", "rate", "number")},
            "units": list(line.units),
            "amounts": [amount.cents for amount in line.amounts],
            "taxes": [tax.cents for tax in line.taxes],
        }
        for line in lines
    ]


def read_lines(kept: Iterable[Fields]) -> tuple[DocumentLine, ...]:
    return tuple(
        DocumentLine(**{
            **line, "units": tuple(line["units"]), "amounts": tuple(map(Money, line["amounts"])),
            "taxes": tuple(map(Money, line["taxes"])),
        })
        for line in kept
    )  # fmt: skip


def add(mapping: registry, stored: Callable[..., sa.types.TypeEngine[object]]) -> tuple[sa.Table, sa.Table]:
    """Add the tables and keep the domain's class in them. Return documents and series.

    stored: makes the type of what is kept as JSON, of its two directions.
    """
    documents = sa.Table(
        "documents",
        mapping.metadata,
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("kind", Enumerated(DocumentKind), nullable=False),
        sa.Column("series", sa.String(3), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("year", "place")),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("order_number", "payment_id", "refund_id", "claim_id")),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("receipt", "corrects")),
        sa.Column("cause", Enumerated(RefundCause)),
        sa.Column("amount", Cents, nullable=False),
        sa.Column("lines", stored(write_lines, read_lines), nullable=False),
        sa.Column("other", Cents, nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("series", "year", "place"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("other >= 0 AND other <= amount", name="other"),
        sa.Index(None, "order_number"),
    )
    series = sa.Table(
        "document_series",
        mapping.metadata,
        sa.Column("series", sa.String(3), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.CheckConstraint("last > 0", name="last"),
    )
    mapping.map_imperatively(Document, documents)
    return documents, series
