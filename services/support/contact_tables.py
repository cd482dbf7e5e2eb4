"""Whom to write to about an order, as orders tells it; name, mailbox and where it goes are sealed with its own key."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.sealed_rows import Beside
from services.common.store.tables import Enumerated
from services.support import domain as d
from services.support.api.sorting import OrderState

WHO = Beside("email", "name", "contents")


def add(mapping: registry) -> sa.Table:
    """Add the table and keep the domain's class in it."""
    contacts = sa.Table(
        "order_contacts",
        mapping.metadata,
        sa.Column("order_number", sa.String(20), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(35)),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("contents", sa.Text),
        sa.Column("state", Enumerated(OrderState)),
        sa.Column("country", sa.String(2)),
        *WHO.columns(),
    )
    mapping.map_imperatively(d.OrderContact, contacts, properties=WHO.properties(contacts))
    WHO.open(d.OrderContact)
    return contacts
