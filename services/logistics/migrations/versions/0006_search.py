"""Shipments are found by the name of whom they go to, in any spelling.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.basics.folding import fold
from services.common.store.tables import Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    op.add_column("shipments", sa.Column("search", sa.Text(), nullable=True))
    if not op.get_context().as_sql:
        _fill()


def _fill() -> None:
    shipments = sa.table(
        "shipments", sa.column("number", sa.String()), sa.column("destination", Json), sa.column("search", sa.Text())
    )
    row, connection, last = shipments.c, op.get_bind(), ""
    while True:
        query = sa.select(row.number, row.destination).where(row.number > last).order_by(row.number).limit(BATCH)
        found = connection.execute(query).all()
        if not found:
            return
        searches = {number: _search_of(destination["address"]) for number, destination in found}
        these = sa.update(shipments).where(row.number.in_(searches))
        connection.execute(these.values(search=sa.case(searches, value=row.number)))
        last = found[-1][0]


def _search_of(address: dict[str, str | None]) -> str:
    return fold(f"{address.get('name') or ''} {address.get('company') or ''}")
