"""Complaints: their steps, decisions and what was learnt; and where orders go, for who else helps their customers.

A complaint that was there before gets its row with the first step that staff take; no clock runs for it until then.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import Json, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("ticket_number", sa.String(20), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("owner", sa.String(254)),
        sa.Column("findings", sa.Text),
        sa.Column("told", sa.Text),
        sa.Column("told_at", UtcDateTime),
        sa.Column("proposal", Json),
        sa.Column("decided", Json),
        sa.Column("earlier", Json),
        sa.Column("cause", sa.String(40)),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("objected_at", UtcDateTime),
        sa.Column("asks", sa.Integer, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("changed", sa.Text),
        sa.Column("decide_by", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("ticket_number", name="pk_complaints"),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name="fk_complaints_ticket_number_tickets"),
        sa.CheckConstraint(
            "status <> 'decided' OR (decided_at IS NOT NULL AND cause IS NOT NULL)", name="ck_complaints_has_cause"
        ),
    )
    op.create_index(
        "ix_complaints_status_decide_by_ticket_number", "complaints", ["status", "decide_by", "ticket_number"]
    )
    op.create_index("ix_complaints_decided_at_ticket_number", "complaints", ["decided_at", "ticket_number"])
    with op.batch_alter_table("order_contacts") as contacts:
        contacts.add_column(sa.Column("country", sa.String(2)))


def downgrade() -> None:
    with op.batch_alter_table("order_contacts") as contacts:
        contacts.drop_column("country")
    op.drop_table("complaints")
