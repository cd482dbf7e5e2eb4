"""Orders' tables as they were first released, and the kit's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.migrations.kit import create_kit_tables, make_append_only
from services.common.store.tables import BigId, Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_kit_tables()
    op.create_table(
        "orders",
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("contact", Json, nullable=False),
        sa.Column("delivery", Json, nullable=False),
        sa.Column("goods", sa.BigInteger(), nullable=False),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("duties", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("policy_version", sa.String(length=20), nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("review", sa.String(length=40), nullable=False),
        sa.Column("review_due_at", UtcDateTime(), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("cancellation", Json, nullable=True),
        sa.Column("cancellation_reason", sa.Text(), nullable=False),
        sa.Column("cancellation_open", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "review IN ('not_started', 'pending', 'passed', 'needs_contact')", name=op.f("ck_orders_review")
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR cancellation IS NOT NULL", name=op.f("ck_orders_cancelled_by_consent")
        ),
        sa.CheckConstraint(
            "status IN ('awaiting_payment', 'confirmed', 'completed', 'cancelled', 'expired')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint("duties = 0", name=op.f("ck_orders_duties_borne_by_us")),
        sa.CheckConstraint("goods > 0", name=op.f("ck_orders_goods")),
        sa.CheckConstraint("return_days >= 60", name=op.f("ck_orders_return_days")),
        sa.CheckConstraint("shipping = 0", name=op.f("ck_orders_free_shipping")),
        sa.PrimaryKeyConstraint("order_number", name=op.f("pk_orders")),
    )
    op.create_index(op.f("ix_orders_email_placed_at_order_number"), "orders", ["email", "placed_at", "order_number"])
    op.create_index(op.f("ix_orders_placed_at_order_number"), "orders", ["placed_at", "order_number"])
    op.create_index(op.f("ix_orders_status_placed_at_order_number"), "orders", ["status", "placed_at", "order_number"])
    op.create_index(
        "ix_orders_to_review",
        "orders",
        ["review_due_at", "order_number"],
        postgresql_where=sa.text("review_due_at IS NOT NULL"),
        sqlite_where=sa.text("review_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_unpaid",
        "orders",
        ["expires_at"],
        postgresql_where=sa.text("status = 'awaiting_payment'"),
        sqlite_where=sa.text("status = 'awaiting_payment'"),
    )
    op.create_table(
        "products",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("origin_country", sa.String(length=2), nullable=False),
        sa.Column("hs_code", sa.String(length=14), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("parameters", Json, nullable=False),
        sa.Column("materials", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("matches", Json, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("price > 0", name=op.f("ck_products_price")),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_products_weight_g")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_products")),
    )
    op.create_table(
        "stock_ledger",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("on_hand_delta", sa.Integer(), nullable=False),
        sa.Column("reserved_delta", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=330), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("on_hand_delta <> 0 OR reserved_delta <> 0", name=op.f("ck_stock_ledger_moved")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_ledger")),
    )
    op.create_index(op.f("ix_stock_ledger_sku_id"), "stock_ledger", ["sku", "id"])
    op.create_table(
        "webhooks",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "event_id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_received_at"), "webhooks", ["received_at"])
    op.create_table(
        "changes",
        sa.Column("change_id", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("proposed_by", sa.String(length=330), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("consent", Json, nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'awaiting_customer', 'accepted', 'applied', 'declined', 'withdrawn', 'expired', "
            "'stale')",
            name=op.f("ck_changes_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('accepted', 'applied') OR consent IS NOT NULL", name=op.f("ck_changes_applied_by_consent")
        ),
        sa.ForeignKeyConstraint(["order_number"], ["orders.order_number"], name=op.f("fk_changes_order_number_orders")),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_changes")),
    )
    op.create_index(
        "ix_changes_open",
        "changes",
        ["expires_at"],
        postgresql_where=sa.text("status = 'awaiting_customer'"),
        sqlite_where=sa.text("status = 'awaiting_customer'"),
    )
    op.create_index(op.f("ix_changes_order_number_created_at"), "changes", ["order_number", "created_at"])
    op.create_index(
        "ix_changes_sku",
        "changes",
        ["sku"],
        postgresql_where=sa.text("sku IS NOT NULL"),
        sqlite_where=sa.text("sku IS NOT NULL"),
    )
    op.create_index(
        "uq_changes_open_shortage",
        "changes",
        ["order_number", "sku"],
        unique=True,
        postgresql_where=sa.text("status = 'awaiting_customer' AND sku IS NOT NULL"),
        sqlite_where=sa.text("status = 'awaiting_customer' AND sku IS NOT NULL"),
    )
    op.create_table(
        "fulfillments",
        sa.Column("shipment_number", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("dispatched_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("recalled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_number"], ["orders.order_number"], name=op.f("fk_fulfillments_order_number_orders")
        ),
        sa.PrimaryKeyConstraint("shipment_number", name=op.f("pk_fulfillments")),
    )
    op.create_index(op.f("ix_fulfillments_order_number"), "fulfillments", ["order_number"])
    op.create_table(
        "order_lines",
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("paid", Json, nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("hs_code", sa.String(length=14), nullable=True),
        sa.Column("origin_country", sa.String(length=2), nullable=False),
        sa.Column("removed", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["orders.order_number"], name=op.f("fk_order_lines_order_number_orders")
        ),
        sa.PrimaryKeyConstraint("order_number", "line_id", name=op.f("pk_order_lines")),
    )
    op.create_index(op.f("ix_order_lines_sku_order_number"), "order_lines", ["sku", "order_number"])
    op.create_table(
        "payments",
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("received_cents", sa.BigInteger(), nullable=True),
        sa.Column("received_currency", sa.String(length=3), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("captured_at", UtcDateTime(), nullable=True),
        sa.Column("disputed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('created', 'pending', 'captured', 'failed')", name=op.f("ck_payments_status")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_amount")),
        sa.CheckConstraint("refunded >= 0 AND refunded <= captured", name=op.f("ck_payments_refunded_within_captured")),
        sa.ForeignKeyConstraint(
            ["order_number"], ["orders.order_number"], name=op.f("fk_payments_order_number_orders")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payments")),
    )
    op.create_index(op.f("ix_payments_order_number"), "payments", ["order_number"])
    op.create_table(
        "review_checks",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("check", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=330), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("result IN ('passed', 'failed')", name=op.f("ck_review_checks_result")),
        sa.ForeignKeyConstraint(
            ["order_number"], ["orders.order_number"], name=op.f("fk_review_checks_order_number_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_checks")),
    )
    op.create_index(op.f("ix_review_checks_order_number_id"), "review_checks", ["order_number", "id"])
    op.create_table(
        "stock",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_on_hand")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_reserved")),
        sa.ForeignKeyConstraint(["sku"], ["products.sku"], name=op.f("fk_stock_sku_products")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_stock")),
    )
    op.create_table(
        "refunds",
        sa.Column("refund_id", sa.String(length=20), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("provider_reference", sa.String(length=200), nullable=True),
        sa.Column("payment_reference", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("failed_references", Json, nullable=False),
        sa.CheckConstraint(
            "status IN ('due', 'submitted', 'pending', 'settled', 'failed', 'manual')", name=op.f("ck_refunds_status")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.payment_id"], name=op.f("fk_refunds_payment_id_payments")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_refunds")),
    )
    op.create_index(
        "ix_refunds_due",
        "refunds",
        ["next_attempt_at"],
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_refunds_order_number"), "refunds", ["order_number"])
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"])
    op.create_table(
        "refund_units",
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("refund_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.refund_id"], name=op.f("fk_refund_units_refund_id_refunds")),
        sa.PrimaryKeyConstraint("order_number", "line_id", "unit", name=op.f("pk_refund_units")),
    )
    make_append_only("stock_ledger")
    make_append_only("review_checks")
