"""Orders are placed with discount codes, and know the tax that is included in them.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    op.create_table(
        "discounts",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("percent", sa.Integer()),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("skus", kept, nullable=False),
        sa.Column("minimum", sa.BigInteger()),
        sa.Column("valid_from", sa.DateTime(timezone=True)),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
        sa.Column("uses", sa.Integer()),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(percent IS NULL) <> (amount IS NULL)", name=op.f("ck_discounts_one_kind")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_discounts_used")),
    )
    op.add_column("orders", sa.Column("discount", kept))
    op.add_column("order_lines", sa.Column("tax", kept))


def downgrade() -> None:
    op.drop_column("order_lines", "tax")
    op.drop_column("orders", "discount")
    op.drop_table("discounts")
