"""Orders are found by their customer's name, mail and phone, in any spelling, and soon by their parcels.

Tracking numbers of parcels from before come with the next report of their carrier: orders did not know them.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.basics.searching import phone_terms, terms
from services.common.store.migrations.kit import add_search, fill_search
from services.common.store.tables import Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    add_search()
    if not op.get_context().as_sql:
        _fill()


def _fill() -> None:
    given = (sa.column("contact", Json), sa.column("delivery", Json))
    row = sa.table("orders", sa.column("order_number", sa.String()), *given).c
    last = ""
    while True:
        query = sa.select(row.order_number, row.contact, row.delivery).where(row.order_number > last)
        found = op.get_bind().execute(query.order_by(row.order_number).limit(BATCH)).all()
        fill_search((number, "customer", _terms_of(number, contact, delivery)) for number, contact, delivery in found)
        if len(found) < BATCH:
            return
        last = found[-1][0]


def _terms_of(number: str, contact: dict[str, str], delivery: dict[str, str]) -> list[str]:
    names = terms(number, contact["name"], contact["email"], delivery["name"], delivery.get("company"))
    return [*names, *phone_terms(contact["phone"])]
