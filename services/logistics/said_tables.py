"""What carriers said of numbers beside their scans, parcel or not: one row for each number, carrier and source.

What holds of a parcel stands with the parcel; this is what it is worked out of, again whenever a number is corrected.
"""

from __future__ import annotations

import sqlalchemy as sa

from services.common.store.tables import Json, UtcDateTime


def add(metadata: sa.MetaData) -> sa.Table:
    """Declare the table. notes: what was said, by fact (`domain/facts.py`); newest_at: when the last of it was."""
    return sa.Table(
        "said_of_numbers",
        metadata,
        sa.Column("tracking_number", sa.String(64), primary_key=True),
        sa.Column("carrier", sa.String(40), primary_key=True),
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("notes", Json, nullable=False),
        sa.Column("newest_at", UtcDateTime, nullable=False, index=True),
    )
