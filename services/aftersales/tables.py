"""What aftersales keeps, and how the domain's classes lie in it. What the standard demands is a constraint here."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry, relationship

from services.aftersales.api.statuses import (
    ClaimCause,
    ClaimStatus,
    Condition,
    Decision,
    Disposition,
    Ground,
    Outcome,
    PostageGround,
    PostageOutcome,
    ReturnOutcome,
    ReturnReason,
    ReturnStatus,
)
from services.aftersales.domain import Order, OrderUnit, Postage, RefundClaim, Return, ReturnUnit, Review
from services.common.store.sealed_rows import Beside
from services.common.store.tables import NAMING, Cents, Enumerated, Json, UtcDateTime

WHO = Beside("email")
metadata = sa.MetaData(naming_convention=NAMING)
mapping = registry(metadata=metadata)

WAITING = "outcome IN ('disputed', 'unconfirmed', 'appealed', 'rejected_final')"

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("order_number", sa.String(64), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("policy_version", sa.String(40), nullable=False),
    sa.Column("policy_days", sa.Integer, nullable=False),
    sa.Column("placed_at", UtcDateTime, nullable=False),
    sa.Column("delivered_at", UtcDateTime),
    sa.Column("delivery_zone", sa.String(64)),
    sa.Column("cancelled_at", UtcDateTime),
    sa.Column("country", sa.String(2)),
    sa.Column("deliveries", Json),
    *WHO.columns(),
)

order_units = sa.Table(
    "order_units",
    metadata,
    sa.Column("order_number", sa.ForeignKey("orders.order_number"), primary_key=True),
    sa.Column("line_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("unit", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sku", sa.String(64), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("paid", Cents, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("renewed_at", UtcDateTime),
    sa.CheckConstraint("paid >= 0", name="paid_not_negative"),
)

returns = sa.Table(
    "returns",
    metadata,
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("order_number", sa.ForeignKey("orders.order_number"), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("evidence", Json, nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("status", Enumerated(ReturnStatus), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("proposed_by", sa.String(330)),
    sa.Column("confirmed_by", sa.String(330)),
    sa.Column("ground", Enumerated(Ground)),
    sa.Column("explanation", sa.Text),
    sa.Column("appeal", sa.Text),
    sa.Column("appealed_at", UtcDateTime),
    sa.Column("authorized_at", UtcDateTime),
    sa.Column("instructions", Json, nullable=False),
    sa.Column("send_by", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("carrier", sa.String(64)),
    sa.Column("tracking_number", sa.String(64)),
    sa.Column("received_at", UtcDateTime),
    sa.Column("inspected_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("requested_by", sa.String(330)),
    sa.Column("appeal_by", UtcDateTime),
    sa.Column("law", sa.String(64)),
    sa.Column("law_due_at", UtcDateTime),
    sa.Column("outcome", Enumerated(ReturnOutcome), nullable=False, server_default="refund"),
    sa.Column("exchanges", sa.Integer, nullable=False, server_default="0"),
    # no piece is rejected without a ground, an explanation and two people
    sa.CheckConstraint(
        "status NOT IN ('rejected', 'appealed', 'rejected_final') OR (ground IS NOT NULL AND explanation IS NOT NULL "
        "AND proposed_by IS NOT NULL AND confirmed_by IS NOT NULL AND proposed_by <> confirmed_by)",
        name="rejection_has_ground_and_two_people",
    ),
    sa.Index(None, "status", "due_at", "number"),
    sa.Index(None, "due_at", "number"),
    sa.Index(None, "order_number", "requested_at", "number"),
    sa.Index(None, "email", "requested_at", "number"),
    sa.Index(
        "ix_returns_unsent",
        "send_by",
        postgresql_where=sa.text("status = 'authorized'"),
        sqlite_where=sa.text("status = 'authorized'"),
    ),
    sa.Index(
        "ix_returns_appealable",
        "appeal_by",
        postgresql_where=sa.text("appeal_by IS NOT NULL"),
        sqlite_where=sa.text("appeal_by IS NOT NULL"),
    ),
)

return_units = sa.Table(
    "return_units",
    metadata,
    sa.Column("return_number", sa.ForeignKey("returns.number"), primary_key=True),
    sa.Column("line_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("unit", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("order_number", sa.String(64), nullable=False),
    sa.Column("sku", sa.String(64), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("reason", Enumerated(ReturnReason), nullable=False),
    sa.Column("paid", Cents, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False),
    sa.Column("condition", Enumerated(Condition), nullable=False),
    sa.Column("outcome", Enumerated(Outcome)),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime),
    sa.Column("received_by", sa.String(330)),
    sa.Column("inspected_at", UtcDateTime),
    sa.Column("inspected_by", sa.String(330)),
    sa.Column("ground", Enumerated(Ground)),
    sa.Column("evidence", Json),
    sa.Column("disputed_by", sa.String(330)),
    sa.Column("rejected_by", sa.String(330)),
    sa.Column("confirmed_by", sa.String(330)),
    sa.Column("appealed_at", UtcDateTime),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Column("disposition", Enumerated(Disposition)),
    sa.Column("disposed_at", UtcDateTime),
    sa.Column("disposed_by", sa.String(330)),
    sa.Column("sent_back_at", UtcDateTime),
    sa.Column("sent_back_by", sa.String(330)),
    sa.Column("back_carrier", sa.String(64)),
    sa.Column("back_tracking", sa.String(64)),
    sa.Column("replacement", sa.String(20)),
    sa.Column("exchanged_at", UtcDateTime),
    sa.ForeignKeyConstraint(
        ["order_number", "line_id", "unit"], ["order_units.order_number", "order_units.line_id", "order_units.unit"]
    ),
    sa.CheckConstraint("outcome IS NULL OR condition <> 'awaiting'", name="judged_after_receipt"),
    sa.CheckConstraint("outcome IS NULL OR outcome <> 'accepted' OR holds", name="accepted_is_held"),
    sa.Index(
        "ix_return_units_waiting",
        "return_number",
        postgresql_where=sa.text(WAITING),
        sqlite_where=sa.text(WAITING),
    ),
    sa.Index(
        "ix_return_units_replacement",
        "order_number",
        "replacement",
        postgresql_where=sa.text("replacement IS NOT NULL"),
        sqlite_where=sa.text("replacement IS NOT NULL"),
    ),
    # a piece is in one living return at most, and refunded by one
    sa.Index(
        "uq_return_units_held",
        "order_number",
        "line_id",
        "unit",
        unique=True,
        postgresql_where=sa.text("holds"),
        sqlite_where=sa.text("holds = 1"),
    ),
)

return_reviews = sa.Table(
    "return_reviews",
    metadata,
    sa.Column("return_number", sa.ForeignKey("returns.number"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("decision", Enumerated(Decision), nullable=False),
    sa.Column("parts", Json, nullable=False),
    sa.Column("ground", Enumerated(Ground)),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("by", sa.String(330), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("answered_at", UtcDateTime),
    sa.CheckConstraint("decision <> 'reject' OR (ground IS NOT NULL AND words <> '')", name="rejection_has_ground"),
)

refund_claims = sa.Table(
    "refund_claims",
    metadata,
    sa.Column("return_number", sa.ForeignKey("returns.number"), primary_key=True),
    sa.Column("claim", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("amount", Cents, nullable=False),
    sa.Column("claimed_at", UtcDateTime, nullable=False),
    sa.Column("status", Enumerated(ClaimStatus), nullable=False),
    sa.Column("refund_id", sa.String(64), unique=True),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("ledger_seq", sa.Integer, nullable=False),
    sa.Column("clock_id", sa.String(36)),
    sa.Column("cause", Enumerated(ClaimCause), nullable=False, server_default="return"),
    sa.CheckConstraint("amount > 0", name="amount_positive"),
    sa.CheckConstraint("(status = 'settled') = (settled_at IS NOT NULL)", name="settled_has_time"),
)

UNDECIDED_POSTAGE = "outcome IN ('asked', 'unconfirmed', 'disputed')"

return_postage = sa.Table(
    "return_postage",
    metadata,
    sa.Column("return_number", sa.ForeignKey("returns.number"), primary_key=True),
    sa.Column("postage", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("order_number", sa.String(64), nullable=False),
    sa.Column("amount", Cents, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Column("evidence", Json, nullable=False),
    sa.Column("asked_by", sa.String(330), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("outcome", Enumerated(PostageOutcome), nullable=False),
    sa.Column("ground", Enumerated(PostageGround)),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("found_by", sa.String(330)),
    sa.Column("confirmed_by", sa.String(330)),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("claim", sa.Integer),
    sa.CheckConstraint("amount > 0", name="amount_positive"),
    # postage is declined on a ground and by two people only
    sa.CheckConstraint(
        "outcome <> 'declined' OR (ground IS NOT NULL AND found_by IS NOT NULL AND confirmed_by IS NOT NULL AND "
        "found_by <> confirmed_by)",
        name="declined_by_two",
    ),
    sa.Index(None, "order_number"),
    sa.Index(
        "ix_return_postage_undecided",
        "return_number",
        postgresql_where=sa.text(UNDECIDED_POSTAGE),
        sqlite_where=sa.text(UNDECIDED_POSTAGE),
    ),
)

mapping.map_imperatively(OrderUnit, order_units)
mapping.map_imperatively(
    Order,
    orders,
    properties={
        "units": relationship(OrderUnit, order_by=(order_units.c.line_id, order_units.c.unit), lazy="selectin"),
        **WHO.properties(orders),
    },
)
WHO.open(Order)
mapping.map_imperatively(ReturnUnit, return_units)
mapping.map_imperatively(Review, return_reviews)
mapping.map_imperatively(RefundClaim, refund_claims)
mapping.map_imperatively(Postage, return_postage)
mapping.map_imperatively(
    Return,
    returns,
    properties={
        "units": relationship(ReturnUnit, order_by=(return_units.c.line_id, return_units.c.unit), lazy="selectin"),
        "reviews": relationship(Review, order_by=return_reviews.c.position, lazy="selectin"),
        "claims": relationship(RefundClaim, order_by=refund_claims.c.claim, lazy="selectin"),
        "postage": relationship(Postage, order_by=return_postage.c.postage, lazy="selectin"),
    },
)
