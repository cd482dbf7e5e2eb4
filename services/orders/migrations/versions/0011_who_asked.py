"""Refunds keep who had them tried again; open disputes of before are about all of the payment that is still here.

A dispute used to be about a whole payment, and its case had what was not set aside for refunds at that moment. An
amount says now how much is disputed, so such a case (it names no dispute) gets all that is not at the bank, nor back.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WIDEN = """
UPDATE attention SET version = version + 1, cents = (
    SELECT captured FROM payments WHERE payments.payment_id = attention.payment_id
) - (
    SELECT coalesce(sum(amount), 0) FROM refunds
    WHERE refunds.payment_id = attention.payment_id AND status IN ('submitted', 'pending', 'settled')
)
WHERE kind = 'dispute' AND settled_at IS NULL AND reference = '' AND currency = 'USD' AND cents > 0 AND cents < (
    SELECT captured FROM payments WHERE payments.payment_id = attention.payment_id
) - (
    SELECT coalesce(sum(amount), 0) FROM refunds
    WHERE refunds.payment_id = attention.payment_id AND status IN ('submitted', 'pending', 'settled')
)
"""


def upgrade() -> None:
    op.execute(WIDEN)  # before refunds are locked: who decides a case has it locked, and reads them
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("refunds", sa.Column("asked_again", json, server_default="[]", nullable=False))
