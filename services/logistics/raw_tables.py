"""What carriers sent, as it came: kept for 90 days, so that what we learn later about their codes counts for it too.

raw_webhooks         a webhook that brought scans, packed and sealed with the service's own key (`store.chain_keys`)
raw_webhook_numbers  the tracking numbers in it: by them it is read again, and removed when their customer is erased
"""

from __future__ import annotations

import sqlalchemy as sa

from services.common.store.tables import UtcDateTime

_TO_READ = sa.text("to_read")


def add(metadata: sa.MetaData) -> tuple[sa.Table, sa.Table]:
    """Declare the tables.

    readings: how often it was read again. to_read: it is to be, at the next turn.
    """
    webhooks = sa.Table(
        "raw_webhooks",
        metadata,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("readings", sa.Integer, nullable=False),
        sa.Column("to_read", sa.Boolean, nullable=False),
        sa.Index("ix_raw_webhooks_received_at", "received_at"),
        sa.Index("ix_raw_webhooks_to_read", "received_at", "id", postgresql_where=_TO_READ, sqlite_where=_TO_READ),
    )
    numbers = sa.Table(
        "raw_webhook_numbers",
        metadata,
        sa.Column("tracking_number", sa.String(64), primary_key=True),
        sa.Column(
            "webhook_id", sa.String(64), sa.ForeignKey("raw_webhooks.id", ondelete="CASCADE"), primary_key=True,
            index=True,
        ),
    )  # fmt: skip
    return webhooks, numbers
