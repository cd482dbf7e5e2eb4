"""People: sessions, second factors, codes that are good in one browser, links to orders that can be ended.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EMAIL = sa.String(254)


def upgrade() -> None:
    with op.batch_alter_table("staff") as staff:
        staff.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("refresh_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("staff", sa.Boolean, nullable=False),
        sa.Column("factor", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("refresh_hash", name="uq_sessions_refresh_hash"),
    )
    op.create_index("ix_sessions_email_created_at", "sessions", ["email", "created_at"])
    op.create_index("ix_sessions_used_at", "sessions", ["used_at"])
    op.create_table(
        "known_browsers",
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("email", "browser_hash", name="pk_known_browsers"),
    )
    op.create_index("ix_known_browsers_seen_at", "known_browsers", ["seen_at"])
    op.create_table(
        "factors",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("misses", sa.Integer, nullable=False),
        sa.Column("missed_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_factors"),
    )
    op.create_index("ix_factors_email", "factors", ["email"])
    op.create_table(
        "recovery_codes",
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", UtcDateTime),
        sa.PrimaryKeyConstraint("email", "code_hash", name="pk_recovery_codes"),
    )
    op.create_table(
        "sign_in_requests",
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("code_id", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("request_hash", name="pk_sign_in_requests"),
    )
    op.create_index("ix_sign_in_requests_created_at", "sign_in_requests", ["created_at"])
    op.create_table(
        "order_links",
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.PrimaryKeyConstraint("order_number", "id", name="pk_order_links"),
    )
    op.create_index("ix_order_links_ends_at", "order_links", ["ends_at"])
