"""Guards: reads of personal data by staff, and passkeys.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

EMAIL = sa.String(254)


def upgrade() -> None:
    op.create_table(
        "staff_reads",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("read_at", UtcDateTime, nullable=False),
        sa.Column("trace_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_reads"),
    )
    op.create_index("ix_staff_reads_read_at", "staff_reads", ["read_at"])
    op.create_index("ix_staff_reads_email_read_at", "staff_reads", ["email", "read_at"])
    op.create_table(
        "staff_read_subjects",
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("read_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("subject", "read_id", name="pk_staff_read_subjects"),
    )
    op.create_index("ix_staff_read_subjects_read_id", "staff_read_subjects", ["read_id"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("challenge", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential", sa.String(1400)),
        sa.Column("public_key", sa.Text),
        sa.Column("signs", sa.BigInteger, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("used_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential", name="uq_passkeys_credential"),
    )
    op.create_index("ix_passkeys_email", "passkeys", ["email"])
