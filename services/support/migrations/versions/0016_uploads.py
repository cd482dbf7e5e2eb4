"""Files that were sent with messages and returns; the bytes are in a folder of their own.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NUMBER = sa.String(20)


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("form", sa.String(330), nullable=False),
        sa.Column("by_staff", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("kept_until", UtcDateTime),
        sa.Column("ready_at", UtcDateTime),
        sa.Column("media_type", sa.String(40)),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("picture", sa.Boolean, nullable=False),
        sa.Column("ticket_number", NUMBER),
        sa.Column("position", sa.Integer),
        sa.Column("return_number", NUMBER),
        sa.Column("order_number", NUMBER),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_uploads_ticket_number_tickets"),
    )
    op.create_index("ix_uploads_kept_until", "uploads", ["kept_until"])
    op.create_index("ix_uploads_form", "uploads", ["form"])
    op.create_index("ix_uploads_ticket_number_position", "uploads", ["ticket_number", "position"])
    op.create_index("ix_uploads_order_number", "uploads", ["order_number"])
    op.create_index("ix_uploads_return_number", "uploads", ["return_number"])


def downgrade() -> None:
    op.drop_table("uploads")
