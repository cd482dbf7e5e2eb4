"""The tables of how answers are made and how good they are, part of support's tables (`tables`).

canned_replies   texts with variables that staff answer with, of all or of one person, with what they set besides
quality_reviews  answers that a lead reads: drawn by lot, sent back, or badly rated; with what they found
drafts           what staff write and have not sent (`draft_tables`)
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, UtcDateTime
from services.support import draft_tables
from services.support.api.articles import ArticleTopic
from services.support.api.canned import ReplyScope
from services.support.api.quality import QualityReason
from services.support.api.statuses import AgentCode, Category, Priority, Turn
from services.support.domain.canned import CannedReply
from services.support.domain.quality import QualityReview

NUMBER, EMAIL, ACTOR = sa.String(20), sa.String(254), sa.String(330)


def add(mapping: registry) -> tuple[sa.Table, sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return canned replies, quality reviews and drafts."""
    replies = sa.Table(
        "canned_replies",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("scope", Enumerated(ReplyScope), nullable=False),
        sa.Column("owner", EMAIL),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("topic", Enumerated(ArticleTopic)),
        sa.Column("then", Enumerated(Turn)),
        sa.Column("category", Enumerated(Category)),
        sa.Column("priority", Enumerated(Priority)),
        sa.Column("resolve", Enumerated(AgentCode)),
        sa.Column("saved_by", ACTOR, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("(scope = 'own') = (owner IS NOT NULL)", name="own_has_owner"),
        sa.Index(None, "owner", "name", "id"),
        sa.Index(None, "name", "id"),
    )
    reviews = sa.Table(
        "quality_reviews",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reason", Enumerated(QualityReason), nullable=False),
        sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), nullable=False),
        sa.Column("agent", ACTOR, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("remark", sa.Text),
        sa.Column("score", sa.Integer),
        sa.Column("answered_at", UtcDateTime, nullable=False),
        sa.Column("drawn_at", UtcDateTime, nullable=False),
        sa.Column("reviewed_by", ACTOR),
        sa.Column("reviewed_at", UtcDateTime),
        sa.Column("polite", sa.Integer),
        sa.Column("truthful", sa.Integer),
        sa.Column("complete", sa.Integer),
        sa.Column("note", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("reviewed_by IS NULL OR reviewed_by <> agent", name="two_people"),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (polite IS NULL) AND (polite IS NULL) = (truthful IS NULL) "
            "AND (polite IS NULL) = (complete IS NULL)",
            name="read_whole",
        ),
        sa.CheckConstraint(
            "polite BETWEEN 1 AND 5 AND truthful BETWEEN 1 AND 5 AND complete BETWEEN 1 AND 5", name="marks"
        ),
        sa.Index(None, "ticket_number"),
        sa.Index(None, "drawn_at", "id"),
        sa.Index(None, "agent", "drawn_at", "id"),
    )
    mapping.map_imperatively(CannedReply, replies, version_id_col=replies.c.version)
    mapping.map_imperatively(QualityReview, reviews, version_id_col=reviews.c.version)
    return replies, reviews, draft_tables.add(mapping)
