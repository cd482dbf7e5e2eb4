"""The inbox keeps how far each teller's chains are known here.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from services.common.store.migrations.kit import add_subjects_to_inbox

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_subjects_to_inbox()
