"""Labels that are bought of carriers (`domain.labels`).

label_offers  what sellers would take for a box, for a day
labels        one row for each that was wanted; a shipment has at most one that is wanted or bought
label_papers  what the carrier printed, sealed with the service's own key (`store.chain_keys`): it names the customer
label_costs   the ledger: one row for each movement of money, and each label is paid and refunded at most once
"""

from __future__ import annotations

import sqlalchemy as sa

from services.common.store.tables import Cents, Enumerated, UtcDateTime
from services.logistics.api.labels import CostKind, LabelStatus

LIVE = sa.text("status IN ('wanted', 'bought')")
_TO_DO = sa.text("attempt_at IS NOT NULL")
_UNLISTED = sa.text("manifest_id IS NULL AND bought_at IS NOT NULL")
_ON_ONE = sa.text("manifest_id IS NOT NULL")


def add(
    metadata: sa.MetaData, rates: sa.types.TypeEngine[tuple[object, ...]]
) -> tuple[sa.Table, sa.Table, sa.Table, sa.Table]:
    """Declare the tables. rates: how the rates of an offer are kept."""
    offers = sa.Table(
        "label_offers",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("shipment_number", sa.String(20), nullable=False),
        sa.Column("seller", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("rates", rates, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False, index=True),
    )
    labels = sa.Table(
        "labels",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("shipment_number", sa.String(20), nullable=False, index=True),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("offer_id", sa.String(36), nullable=False, index=True),
        sa.Column("seller", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("rate_id", sa.String(80), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("service", sa.String(60), nullable=False),
        sa.Column("amount", Cents, nullable=False),
        sa.Column("status", Enumerated(LabelStatus), nullable=False),
        sa.Column("wanted_at", UtcDateTime, nullable=False),
        sa.Column("wanted_by", sa.String(330), nullable=False),
        sa.Column("attempt_at", UtcDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("called_at", UtcDateTime),
        sa.Column("tracking_number", sa.String(64)),
        sa.Column("paper_url", sa.String(500), nullable=False),
        sa.Column("bought_at", UtcDateTime),
        sa.Column("problem_code", sa.String(40)),
        sa.Column("problem", sa.String(300)),
        sa.Column("manifest_id", sa.String(36)),
        sa.Index("ix_labels_unlisted", "bought_at", postgresql_where=_UNLISTED, sqlite_where=_UNLISTED),
        sa.Index("ix_labels_manifest_id", "manifest_id", postgresql_where=_ON_ONE, sqlite_where=_ON_ONE),
        sa.Index("ix_labels_live", "shipment_number", unique=True, postgresql_where=LIVE, sqlite_where=LIVE),
        sa.Index("ix_labels_attempt_at", "attempt_at", postgresql_where=_TO_DO, sqlite_where=_TO_DO),
    )
    papers = sa.Table(
        "label_papers",
        metadata,
        sa.Column("label_id", sa.String(36), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("kept_at", UtcDateTime, nullable=False, index=True),
    )
    costs = sa.Table(
        "label_costs",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("label_id", sa.String(36), nullable=False),
        sa.Column("kind", Enumerated(CostKind), nullable=False),
        sa.Column("amount", Cents, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("shipment_number", sa.String(20), nullable=False),
        sa.Column("order_number", sa.String(20), nullable=False),
        sa.Column("seller", sa.String(40), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("service", sa.String(60), nullable=False),
        sa.UniqueConstraint("label_id", "kind"),
        sa.Index("ix_label_costs_at_id", "at", "id"),
    )
    return offers, labels, papers, costs
