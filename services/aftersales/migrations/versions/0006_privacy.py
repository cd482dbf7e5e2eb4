"""Privacy: keys of the journal's chains, and what waits to be erased.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from services.common.store.migrations.kit import add_privacy

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_privacy()
