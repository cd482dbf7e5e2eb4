"""The tables of stock; part of orders' tables (`tables`).

stock            how many pieces of a product there are, and how many are promised, at all places together
stock_ledger     every movement of these counts, with its place and why
stock_places     where goods lie, by code; the default place is `main`
stock_elsewhere  what of a product is at other places than the default, which has the rest of what `stock` counts
"""

from __future__ import annotations

from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeEngine

from services.common.basics.shapes import DEFAULT_PLACE
from services.common.store.tables import BigId, Enumerated, UtcDateTime
from services.orders.domain.catalogue import Cause
from services.orders.domain.places import StockPlace

T = TypeVar("T")
Default = str | sa.ColumnElement[bool] | None
SKU, PLACE = sa.String(64), sa.String(20)


def _column(name: str, type_: TypeEngine[T] | type[TypeEngine[T]], default: Default = None) -> sa.Column[T]:
    return sa.Column(name, type_, nullable=False, server_default=default)


def _index(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _counted() -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(f"{name} >= 0", name=name) for name in ("on_hand", "reserved")]


def add(mapping: registry) -> tuple[sa.Table, sa.Table, sa.Table, sa.Table]:
    """Add the tables and keep the domain's class of places."""
    metadata = mapping.metadata
    stock = sa.Table(
        "stock",
        metadata,
        sa.Column("sku", SKU, sa.ForeignKey("products.sku"), primary_key=True),
        *(_column(name, sa.Integer, default="0") for name in ("on_hand", "reserved")),
        sa.Column("low_since", UtcDateTime),
        _column("split", sa.Boolean, default=sa.false()),  # some of it is, or was, elsewhere
        *_counted(),
    )
    ledger = sa.Table(
        "stock_ledger",
        metadata,
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        _column("sku", SKU),
        _column("on_hand_delta", sa.Integer),
        _column("reserved_delta", sa.Integer),
        _column("cause", Enumerated(Cause)),
        _column("reference", sa.String(200)),
        _column("actor", sa.String(330)),
        _column("at", UtcDateTime),
        _column("place", PLACE, default=DEFAULT_PLACE),  # all that moved before there were several
        sa.CheckConstraint("on_hand_delta <> 0 OR reserved_delta <> 0", name="moved"),
        sa.Index(None, "sku", "id"),
        _index("ix_stock_ledger_scrapped", "sku", where="cause = 'scrapped'"),
        _index("ix_stock_ledger_promised", "reference", "sku", where="reserved_delta <> 0"),
    )
    places = sa.Table(
        "stock_places",
        metadata,
        sa.Column("code", PLACE, primary_key=True),
        _column("name", sa.String(100)),
        _column("rank", sa.Integer),
        sa.Column("line1", sa.String(120)),
        sa.Column("city", sa.String(80)),
        sa.Column("postal_code", sa.String(20)),
        sa.Column("country", sa.String(2)),
        _column("active", sa.Boolean),
        _column("version", sa.Integer),
    )
    elsewhere = sa.Table(
        "stock_elsewhere",
        metadata,
        sa.Column("sku", SKU, sa.ForeignKey("stock.sku"), primary_key=True),
        sa.Column("place", PLACE, sa.ForeignKey("stock_places.code"), primary_key=True),
        *(_column(name, sa.Integer) for name in ("on_hand", "reserved")),
        *_counted(),
        sa.CheckConstraint("place <> 'main'", name="not_the_default"),
        sa.Index("ix_stock_elsewhere_place", "place"),
    )
    mapping.map_imperatively(StockPlace, places)
    return stock, ledger, places, elsewhere
