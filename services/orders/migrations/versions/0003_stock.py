"""Unpaid orders give their stock free; products are found in any spelling; scrapped pieces are counted.

Of products whose SKUs differ in case alone, the first keeps the key of both: the others are found by their exact SKU.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.basics.folding import code_key, fold
from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("underway_until", UtcDateTime(), nullable=True))
    op.add_column("orders", sa.Column("place_key", sa.String(length=64), nullable=True))
    op.add_column("products", sa.Column("sku_key", sa.Text(), nullable=True))
    op.add_column("products", sa.Column("search", sa.Text(), nullable=True))
    if not op.get_context().as_sql:
        _fill_products()
    unpaid, scrapped = sa.text("status = 'awaiting_payment'"), sa.text("cause = 'scrapped'")
    create_index_concurrently(
        "ix_orders_unpaid_place", "orders", ["place_key"], postgresql_where=unpaid, sqlite_where=unpaid
    )
    create_index_concurrently(
        "ix_stock_ledger_scrapped", "stock_ledger", ["sku"], postgresql_where=scrapped, sqlite_where=scrapped
    )
    create_index_concurrently("uq_products_sku_key", "products", ["sku_key"], unique=True)


def _fill_products() -> None:
    products = sa.table(
        "products", *(sa.column(name, sa.Text()) for name in ("sku", "title", "description", "sku_key", "search"))
    )
    columns = products.c
    known: set[str] = set()
    query = sa.select(columns.sku, columns.title, columns.description).order_by(columns.sku)
    for sku, title, description in op.get_bind().execute(query).all():
        key = code_key(sku)
        values = {"search": fold(f"{title} {sku} {description}"), "sku_key": None if key in known else key}
        known.add(key)
        op.get_bind().execute(sa.update(products).where(columns.sku == sku).values(values))
