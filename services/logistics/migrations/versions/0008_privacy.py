"""Privacy: carriers' words about a parcel can be erased; keys of the journal's chains.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from services.common.store.migrations.kit import add_privacy, let_erase

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_privacy()
    let_erase("tracking_events", "message", "location")
