"""The tables of what banks and providers say of our money, part of orders' tables (`tables`).

disputes     what customers' banks dispute, by the provider's name for it
movements    what providers have booked, each once; `matched` is the capture, refund or dispute of ours that it is
differences  what is in their books and not in ours, or the reverse; a row for each, so that a person is asked once
comparisons  how far the books of each provider are read: who stops in the middle goes on from there
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, UtcDateTime
from services.orders.api.statuses import BookedKind, DisputeStatus
from services.orders.domain.books import BookedEntry, Comparison, Difference
from services.orders.domain.dispute import Dispute

NUMBER, PROVIDER, NAME, SUBJECT = sa.String(20), sa.String(20), sa.String(200), sa.String(220)


def add(mapping: registry) -> tuple[sa.Table, sa.Table, sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return disputes, movements, differences, comparisons."""
    disputes = _disputes(mapping.metadata)
    movements, differences = _movements(mapping.metadata), _differences(mapping.metadata)
    comparisons = _comparisons(mapping.metadata)
    mapping.map_imperatively(Dispute, disputes)
    mapping.map_imperatively(BookedEntry, movements)
    mapping.map_imperatively(Difference, differences)
    mapping.map_imperatively(Comparison, comparisons)
    return disputes, movements, differences, comparisons


def _disputes(metadata: sa.MetaData) -> sa.Table:
    undecided = sa.text("ended_at IS NULL")
    return sa.Table(
        "disputes",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("payment_id", NUMBER, sa.ForeignKey("payments.payment_id"), nullable=False),
        sa.Column("order_number", NUMBER, nullable=False),
        sa.Column("provider", PROVIDER, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("case", NAME, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("answer_by", UtcDateTime, nullable=False),
        sa.Column("status", Enumerated(DisputeStatus), nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.Column("answered_by", sa.String(330), nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Index("uq_disputes_name", "provider", "name", unique=True),
        sa.Index(None, "payment_id"),
        sa.Index("ix_disputes_open", "answer_by", "id", postgresql_where=undecided, sqlite_where=undecided),
        sa.Index(None, "ended_at", "id"),
    )


def _movements(metadata: sa.MetaData) -> sa.Table:
    matched, open_ = sa.text("matched IS NOT NULL"), sa.text("matched IS NULL")
    return sa.Table(
        "movements",
        metadata,
        sa.Column("provider", PROVIDER, primary_key=True),
        sa.Column("name", NAME, primary_key=True),
        sa.Column("kind", Enumerated(BookedKind), nullable=False),
        sa.Column("cents", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("about", NAME, nullable=False),
        sa.Column("payment_reference", NAME, nullable=False),
        sa.Column("payment_id", sa.String(64), nullable=False),
        sa.Column("moved_at", UtcDateTime, nullable=False),
        sa.Column("matched", SUBJECT),
        sa.Index("uq_movements_matched", "matched", unique=True, postgresql_where=matched, sqlite_where=matched),
        sa.Index(None, "moved_at"),
        sa.Index(None, "payment_reference"),
        sa.Index("ix_movements_open", "provider", "moved_at", "name", postgresql_where=open_, sqlite_where=open_),
    )


def _differences(metadata: sa.MetaData) -> sa.Table:
    open_ = sa.text("ended_at IS NULL")
    return sa.Table(
        "differences",
        metadata,
        sa.Column("subject", SUBJECT, primary_key=True),
        sa.Column("provider", PROVIDER, nullable=False),
        sa.Column("payment_id", NUMBER, nullable=False),
        sa.Column("found_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Index("ix_differences_open", "provider", "subject", postgresql_where=open_, sqlite_where=open_),
    )


def _comparisons(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "comparisons",
        metadata,
        sa.Column("provider", PROVIDER, primary_key=True),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime),
        sa.Column("after", NAME, nullable=False),
        sa.Column("next_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
    )
