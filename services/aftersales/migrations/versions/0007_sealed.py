"""The mailbox of an order's customer stands sealed beside its column.

What is there is sealed by the service, which has the keys, when it starts.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from services.common.store.migrations.kit import add_sealed

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_sealed("orders")
