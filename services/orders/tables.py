"""The tables of orders and how the domain is mapped to them. Constraints hold what must never be otherwise: no freight,
no duties, no refund beyond the capture, no unit twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import registry, relationship

from services.common.basics.money import Money
from services.common.basics.shapes import DEFAULT_PLACE
from services.common.basics.untyped import Fields
from services.common.store import search
from services.common.store.tables import NAMING, BigId, Cents, Enumerated, UtcDateTime
from services.orders import (
    api,
    bank_tables,
    document_tables,
    domain,
    exchange_tables,
    hold_tables,
    price_tables,
    stock_tables,
)
from services.orders.api.parts import RemovedUnits
from services.orders.backorder_tables import DAY, add_backorders

metadata = sa.MetaData(naming_convention=NAMING)
mapper = registry(metadata=metadata)


class Stored(sa.types.TypeDecorator[object]):
    """A value as JSON: `write` makes it, `read` understands it."""

    # None is NULL and not the JSON text null, so that constraints can ask for it
    impl = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    cache_ok = True

    def __init__(self, write: Callable[..., object], read: Callable[..., object]):
        super().__init__()
        self.write, self.read = write, read

    def process_bind_param(self, value: object, dialect: Dialect) -> object:
        return None if value is None else self.write(value)

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        return None if value is None else self.read(value)


def _one_of(column: str, values: Any) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def _column(name: str, type_: Any, **kwargs: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False, **kwargs)


def _units_as_json(lines: Iterable[RemovedUnits]) -> list[dict[str, object]]:
    return [{**asdict(line), "units": list(line.units)} for line in lines]


def _units_of_json(lines: Iterable[Fields]) -> tuple[RemovedUnits, ...]:
    return tuple(RemovedUnits(**{**line, "units": tuple(line["units"])}) for line in lines)


NUMBER, SKU, TITLE = sa.String(20), sa.String(64), sa.String(200)
CENTS_LIST = Stored(lambda amounts: [each.cents for each in amounts], lambda cents: tuple(map(Money, cents)))
TUPLE, OBJECT = Stored(list, tuple), Stored(dict, dict)
_UNSETTLED = "status IN ('draft', 'awaiting_customer', 'waiting')"
_OPEN_SHORTAGE = "status = 'awaiting_customer' AND sku IS NOT NULL"
_CONSENTED = "status NOT IN ('waiting', 'resent', 'refunded') OR consent IS NOT NULL"

products = sa.Table(
    "products",
    metadata,
    sa.Column("sku", SKU, primary_key=True),
    _column("title", TITLE),
    _column("price", Cents),
    *(_column(name, sa.Integer) for name in ("weight_g", "version")),
    _column("origin_country", sa.String(2)),
    sa.Column("hs_code", sa.String(14)),
    *(_column(name, sa.Text) for name in ("description", "materials", "usage")),
    _column("parameters", OBJECT),
    *(sa.Column(name, sa.Integer) for name in ("backorder_at_most", "low_stock")),
    sa.Column("backorder_until", DAY),
    _column("matches", TUPLE),
    _column("active", sa.Boolean),
    *(sa.Column(name, sa.Text) for name in ("sku_key", "search")),  # NULL in rows of before there were these
    sa.CheckConstraint("price > 0", name="price"),
    sa.CheckConstraint("weight_g > 0", name="weight_g"),
    sa.Index("uq_products_sku_key", "sku_key", unique=True),
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("order_number", NUMBER, primary_key=True),
    _column("email", sa.String(254)),
    _column("contact", Stored(asdict, lambda value: api.Contact(**value))),
    _column("delivery", Stored(asdict, lambda value: api.Address(**value))),
    *(_column(name, Cents) for name in ("goods", "shipping", "duties")),
    sa.Column("discount", Stored(price_tables.write_applied, price_tables.read_applied)),
    *(_column(name, UtcDateTime) for name in ("placed_at", "expires_at")),
    _column("policy_version", sa.String(20)),
    sa.Column("place_key", sa.String(64)),
    sa.Column("mailbox_key", sa.String(64)),
    _column("return_days", sa.Integer),
    _column("version", sa.Integer),
    _column("status", Enumerated(api.OrderStatus)),
    _column("review", Enumerated(api.ReviewStatus)),
    sa.Column("review_due_at", UtcDateTime),
    sa.Column("stage", sa.String(20)),
    sa.Column("cancellation", Stored(asdict, lambda value: api.Consent(**value))),
    _column("cancellation_reason", sa.Text),
    _column("cancellation_open", sa.Boolean),
    *(sa.Column(name, UtcDateTime) for name in ("confirmed_at", "completed_at")),
    sa.Column("goods_by", DAY),
    sa.CheckConstraint("goods > 0", name="goods"),
    sa.CheckConstraint("shipping = 0", name="free_shipping"),
    sa.CheckConstraint("duties = 0", name="duties_borne_by_us"),
    sa.CheckConstraint("status <> 'cancelled' OR cancellation IS NOT NULL", name="cancelled_by_consent"),
    sa.CheckConstraint("return_days >= 60", name="return_days"),
    _one_of("status", api.OrderStatus),
    _one_of("review", api.ReviewStatus),
    *(sa.Index(None, *first, "placed_at", "order_number") for first in ((), ("email",), ("status",))),
    sa.Index("ix_orders_known", "status", "placed_at", **_where("email <> 'erased'")),
    sa.Index("ix_orders_unpaid", "expires_at", **_where("status = 'awaiting_payment'")),
    sa.Index("ix_orders_unpaid_place", "place_key", **_where("status = 'awaiting_payment'")),
    sa.Index("ix_orders_unpaid_mailbox", "mailbox_key", **_where("status = 'awaiting_payment'")),
    sa.Index("ix_orders_to_review", "review_due_at", "order_number", **_where("review_due_at IS NOT NULL")),
)

order_lines = sa.Table(
    "order_lines",
    metadata,
    sa.Column("order_number", NUMBER, sa.ForeignKey("orders.order_number"), primary_key=True),
    sa.Column("line_id", sa.Integer, primary_key=True, autoincrement=False),
    _column("sku", SKU),
    _column("title", TITLE),
    _column("unit_price", Cents),
    _column("paid", CENTS_LIST),
    sa.Column("tax", Stored(price_tables.write_tax, price_tables.read_tax)),
    _column("weight_g", sa.Integer),
    sa.Column("hs_code", sa.String(14)),
    _column("origin_country", sa.String(2)),
    _column("removed", TUPLE),
    sa.Index(None, "sku", "order_number"),
)

review_checks = sa.Table(
    "review_checks",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _column("order_number", NUMBER),
    _column("check", sa.String(20)),
    _column("result", sa.String(10)),
    _column("evidence", sa.Text),
    _column("by", sa.String(330)),
    _column("at", UtcDateTime),
    sa.ForeignKeyConstraint(["order_number"], ["orders.order_number"]),
    sa.CheckConstraint("result IN ('passed', 'failed')", name="result"),
    sa.Index(None, "order_number", "id"),
)

payments = sa.Table(
    "payments",
    metadata,
    sa.Column("payment_id", NUMBER, primary_key=True),
    _column("order_number", NUMBER),
    _column("provider", sa.String(20)),
    _column("amount", Cents),
    _column("created_at", UtcDateTime),
    _column("status", Enumerated(api.PaymentStatus)),
    _column("captured", Cents),
    _column("refunded", Cents),
    sa.Column("received_cents", sa.BigInteger),
    sa.Column("received_currency", sa.String(3)),
    _column("returned_cents", sa.BigInteger, server_default="0"),
    *(sa.Column(name, sa.String(200)) for name in ("reference", "session")),
    sa.Column("reason", sa.Text),
    *(sa.Column(name, UtcDateTime) for name in ("captured_at", "disputed_at", "underway_until")),
    sa.ForeignKeyConstraint(["order_number"], ["orders.order_number"]),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.CheckConstraint("refunded >= 0 AND refunded <= captured", name="refunded_within_captured"),
    _one_of("status", api.PaymentStatus),
    sa.Index(None, "order_number"),
    *(sa.Index(f"ix_payments_{name}", name, **_where(f"{name} IS NOT NULL")) for name in ("reference", "session")),
)

attention = sa.Table(
    "attention",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    _column("kind", Enumerated(api.AttentionKind)),
    _column("payment_id", NUMBER),
    sa.Column("order_number", NUMBER),
    _column("cents", sa.BigInteger),
    _column("currency", sa.String(3)),
    _column("reason", sa.Text),
    _column("reference", sa.String(200)),
    _column("opened_at", UtcDateTime),
    _column("due_at", UtcDateTime),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("decision", Enumerated(api.SettleDecision)),
    _column("note", sa.Text),
    _column("settled_by", sa.String(330)),
    sa.Column("claim", Stored(dict, dict)),
    _column("version", sa.Integer),
    sa.Index(None, "order_number"),
    sa.Index(None, "payment_id"),
    sa.Index("ix_attention_open", "due_at", "id", **_where("settled_at IS NULL")),
    sa.Index("uq_attention_open", "payment_id", "kind", "reference", unique=True, **_where("settled_at IS NULL")),
)

refunds = sa.Table(
    "refunds",
    metadata,
    sa.Column("refund_id", NUMBER, primary_key=True),
    _column("payment_id", NUMBER),
    _column("order_number", NUMBER),
    _column("provider", sa.String(20)),
    _column("amount", Cents),
    _column("cause", Enumerated(api.RefundCause)),
    _column("reference", sa.String(64)),
    _column("created_at", UtcDateTime),
    sa.Column("next_attempt_at", UtcDateTime),
    _column("status", Enumerated(api.RefundStatus)),
    _column("attempt", sa.Integer),
    _column("tries", sa.Integer),
    *(sa.Column(name, sa.String(200)) for name in ("provider_reference", "payment_reference")),
    sa.Column("reason", sa.Text),
    *(sa.Column(name, UtcDateTime) for name in ("submitted_at", "settled_at", "key_since")),
    _column("failed_references", TUPLE),
    _column("due_at", UtcDateTime, server_default="2026-01-01 00:00:00"),
    _column("claim_id", NUMBER, server_default=""),
    _column("version", sa.Integer, server_default="1"),
    sa.Column("paid_by_hand", Stored(asdict, lambda value: api.PaidByHand(**value))),
    _column("asked_by", sa.String(330), server_default=""),
    _column("asked_again", TUPLE, server_default="[]"),
    _column("counted_on", sa.String(40), server_default=""),
    sa.Column("waits_since", UtcDateTime),
    _column("released_by", sa.String(330), server_default=""),
    sa.ForeignKeyConstraint(["payment_id"], ["payments.payment_id"]),
    sa.CheckConstraint("amount > 0", name="amount"),
    _one_of("status", api.RefundStatus),
    sa.Index(None, "order_number"),
    sa.Index(None, "payment_id"),
    sa.Index("ix_refunds_due", "next_attempt_at", **_where("next_attempt_at IS NOT NULL")),
    sa.Index("ix_refunds_waiting", "waits_since", **_where("waits_since IS NOT NULL")),
    sa.Index("ix_refunds_provider_reference", "provider_reference", **_where("provider_reference IS NOT NULL")),
    sa.Index(None, "due_at", "refund_id"),
    sa.Index(None, "status", "due_at", "refund_id"),
    *(sa.Index(None, each) for each in ("claim_id", "payment_reference")),
)

refund_units = sa.Table(
    "refund_units",
    metadata,
    # a unit is refunded once, whatever the number of returns, changes and cancellations
    sa.Column("order_number", NUMBER, primary_key=True),
    sa.Column("line_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("unit", sa.Integer, primary_key=True, autoincrement=False),
    _column("refund_id", NUMBER),
    sa.ForeignKeyConstraint(["refund_id"], ["refunds.refund_id"]),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("change_id", NUMBER, primary_key=True),
    _column("order_number", NUMBER),
    _column("order_version", sa.Integer),
    _column("kind", Enumerated(api.ChangeKind)),
    _column("summary", sa.Text),
    _column("options", TUPLE),
    _column("proposed_by", sa.String(330)),
    *(_column(name, UtcDateTime) for name in ("created_at", "expires_at")),
    sa.Column("sku", SKU),
    _column("short", sa.Integer),
    _column("digest", sa.String(64)),
    _column("status", Enumerated(api.ChangeStatus)),
    sa.Column("consent", Stored(asdict, lambda value: api.Consent(**value))),
    _column("waiting", sa.Boolean),
    *(sa.Column(name, UtcDateTime) for name in ("told_at", "decided_at")),
    _column("own", sa.Boolean, server_default=sa.false()),
    sa.Column("because", Enumerated(api.statuses.EditBarrier)),
    sa.ForeignKeyConstraint(["order_number"], ["orders.order_number"]),
    sa.CheckConstraint("status NOT IN ('accepted', 'applied') OR consent IS NOT NULL", name="applied_by_consent"),
    _one_of("status", api.ChangeStatus),
    sa.Index(None, "order_number", "created_at"),
    sa.Index("ix_changes_open", "expires_at", **_where("status = 'awaiting_customer'")),
    sa.Index("uq_changes_open_shortage", "order_number", "sku", unique=True, **_where(_OPEN_SHORTAGE)),
    sa.Index("ix_changes_sku", "sku", **_where("sku IS NOT NULL")),
)

remedies = sa.Table(
    "remedies",
    metadata,
    sa.Column("remedy_id", NUMBER, primary_key=True),
    _column("order_number", NUMBER),
    _column("shipment_number", NUMBER),
    _column("parcels", TUPLE),
    _column("reason", Enumerated(api.statuses.RemedyReason)),
    _column("proposed_by", sa.String(330)),
    _column("created_at", UtcDateTime),
    _column("due_at", UtcDateTime),
    _column("evidence", sa.Text),
    _column("summary", sa.Text),
    _column("pieces", Stored(_units_as_json, _units_of_json)),
    _column("options", TUPLE),
    _column("digest", sa.String(64)),
    _column("status", Enumerated(api.statuses.RemedyStatus)),
    sa.Column("consent", Stored(asdict, lambda value: api.Consent(**value))),
    sa.Column("replacement", NUMBER),
    *(sa.Column(name, UtcDateTime) for name in ("told_at", "decided_at", "goods_back_at")),
    sa.ForeignKeyConstraint(["order_number"], ["orders.order_number"]),
    sa.CheckConstraint(_CONSENTED, name="decided_by_consent"),
    _one_of("status", api.statuses.RemedyStatus),
    sa.Index(None, "order_number", "created_at"),
    sa.Index(None, "status", "due_at", "remedy_id"),
    sa.Index("ix_remedies_unsettled", "due_at", "remedy_id", **_where(_UNSETTLED)),
    sa.Index("uq_remedies_open", "shipment_number", unique=True, **_where("status IN ('draft', 'awaiting_customer')")),
)

fulfillments = sa.Table(
    "fulfillments",
    metadata,
    sa.Column("shipment_number", NUMBER, primary_key=True),
    _column("order_number", NUMBER, index=True),
    _column("lines", TUPLE),
    sa.Column("keys", TUPLE),
    _column("place", stock_tables.PLACE, server_default=DEFAULT_PLACE),
    _column("stage", sa.String(20)),
    _column("seq", sa.Integer),
    *(sa.Column(name, UtcDateTime) for name in ("dispatched_at", "delivered_at", "recalled_at", "closed_at")),
    _column("parcels", TUPLE, server_default="[]"),
    *(_column(name, sa.Boolean, server_default=sa.false()) for name in ("missing", "packed")),
    *(_column(name, sa.Integer, server_default="0") for name in ("delivery_seq", "packed_seq")),
    sa.ForeignKeyConstraint(["order_number"], ["orders.order_number"]),
)

kept_records = sa.Table(  # of customers who are erased otherwise: tax law wants to know who bought and where it went
    "kept_records",
    metadata,
    sa.Column("order_number", NUMBER, primary_key=True),
    _column("name", sa.String(120)),
    _column("address", OBJECT),
    _column("kept_until", UtcDateTime, index=True),
)

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("provider", sa.String(20), primary_key=True),
    sa.Column("event_id", sa.String(200), primary_key=True),
    _column("type", sa.String(60)),
    _column("outcome", sa.String(60)),
    _column("received_at", UtcDateTime, index=True),
)

search_words = search.table(metadata)

mapper.map_imperatively(domain.Product, products)
mapper.map_imperatively(domain.OrderLine, order_lines)
_lines = relationship(domain.OrderLine, order_by=order_lines.c.line_id, cascade="save-update, merge")
mapper.map_imperatively(domain.Order, orders, properties={"lines": _lines})
for _kind, _table in (
    (domain.Payment, payments), (domain.Refund, refunds), (domain.Attention, attention), (domain.Change, changes),
    (domain.Remedy, remedies), (domain.Fulfillment, fulfillments),
):  # fmt: skip
    mapper.map_imperatively(_kind, _table)
disputes, movements, differences, comparisons = bank_tables.add(mapper)
discounts, order_holds, backorders = price_tables.add(mapper, TUPLE), hold_tables.add(mapper), add_backorders(mapper)
stock, stock_ledger, stock_places, stock_elsewhere = stock_tables.add(mapper)
(documents, document_series), exchanges = document_tables.add(mapper, Stored), exchange_tables.add(mapper)
