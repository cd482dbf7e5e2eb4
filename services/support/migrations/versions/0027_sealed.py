"""Whom to write to about an order stands sealed beside its columns.

What is there is sealed by the service, which has the keys, when it starts.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

from services.common.store.migrations.kit import add_sealed

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_sealed("order_contacts")
