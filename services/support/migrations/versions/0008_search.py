"""Tickets are found by who they are with, what they are about and what was said; mails by their order and mailbox.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.basics.personal import ERASED
from services.common.basics.searching import terms
from services.common.store.migrations.kit import add_search, create_index_concurrently, fill_search

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BATCH = 1000
HEAD = ("number", "customer_name", "customer_email", "subject", "order_number", "sku")


def upgrade() -> None:
    for column in ("order_number", "recipient"):
        create_index_concurrently(f"ix_notifications_{column}", "notifications", [column])
    add_search()
    if not op.get_context().as_sql:
        _fill_heads()
        _fill_said()


def _fill_heads() -> None:
    row, last = sa.table("tickets", *(sa.column(name, sa.String()) for name in HEAD)).c, ""
    while True:
        query = sa.select(*(row[name] for name in HEAD)).where(row.number > last).order_by(row.number)
        found = op.get_bind().execute(query.limit(BATCH)).all()
        fill_search((each.number, "head", terms(*each)) for each in found)
        if len(found) < BATCH:
            return
        last = found[-1].number


def _fill_said() -> None:
    texts = (sa.column(name, sa.Text()) for name in ("ticket_number", "body"))
    row, last = sa.table("messages", *texts, sa.column("position", sa.Integer())).c, ("", 0)
    while True:
        later = sa.tuple_(row.ticket_number, row.position) > sa.tuple_(*map(sa.literal, last))
        query = sa.select(row.ticket_number, row.position, row.body).where(later)
        found = op.get_bind().execute(query.order_by(row.ticket_number, row.position).limit(BATCH)).all()
        fill_search((number, "said", terms(body)) for number, _, body in found if body != ERASED)
        if len(found) < BATCH:
            return
        last = (found[-1].ticket_number, found[-1].position)
