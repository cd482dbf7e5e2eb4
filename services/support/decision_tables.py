"""The tables of what a second person decides about, part of support's tables (`tables`).

verifications  questions that are looked into, with the draft of the answer
complaints     one per ticket of that category: its steps, what was found and decided, what was changed because of it
suggestions    one per ticket of that category, in our words; suggestion_followers: the mailboxes that are told
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, Json, UtcDateTime
from services.support import api
from services.support import domain as d
from services.support.api.statuses import ComplaintCause, ComplaintStatus

NUMBER, EMAIL, ACTOR = sa.String(20), sa.String(254), sa.String(330)
CitedJson = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""What an answer rests on; NULL where nothing is cited."""


def add_complaints(mapping: registry) -> sa.Table:
    """Add the table of complaints and keep the domain's class in it."""
    complaints = sa.Table(
        "complaints",
        mapping.metadata,
        sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), primary_key=True),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("status", Enumerated(ComplaintStatus), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("owner", EMAIL),
        sa.Column("findings", sa.Text),
        sa.Column("told", sa.Text),
        sa.Column("told_at", UtcDateTime),
        sa.Column("proposal", Json),
        sa.Column("decided", Json),
        sa.Column("earlier", Json),
        sa.Column("cause", Enumerated(ComplaintCause)),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("objected_at", UtcDateTime),
        sa.Column("asks", sa.Integer, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("changed", sa.Text),
        sa.Column("decide_by", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("status <> 'decided' OR (decided_at IS NOT NULL AND cause IS NOT NULL)", name="has_cause"),
        sa.Index(None, "status", "decide_by", "ticket_number"),
        sa.Index(None, "decided_at", "ticket_number"),
    )
    mapping.map_imperatively(d.Complaint, complaints, version_id_col=complaints.c.version)
    return complaints


def add(mapping: registry) -> tuple[sa.Table, sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return verifications, suggestions and their followers."""
    verifications = sa.Table(
        "verifications",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("known", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text),
        sa.Column("asked_by", ACTOR, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("status", Enumerated(api.VerificationStatus), nullable=False),
        sa.Column("draft", sa.Text),
        sa.Column("drafted_by", ACTOR),
        sa.Column("drafted_at", UtcDateTime),
        sa.Column("decided_by", ACTOR),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("note", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("basis", CitedJson),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("status <> 'verified' OR decided_by <> drafted_by", name="two_people"),
        sa.Index(None, "ticket_number"),
        sa.Index(None, "status", "asked_at", "id"),
    )

    suggestions = sa.Table(
        "suggestions",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), nullable=False, unique=True),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("moved_at", UtcDateTime, nullable=False),
        sa.Column("status", Enumerated(api.SuggestionStatus), nullable=False),
        sa.Column("title", sa.String(120)),
        sa.Column("text", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("link", sa.String(500)),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("followers", sa.Integer, nullable=False),
        sa.Column("review_by", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("NOT public OR (title IS NOT NULL AND text IS NOT NULL)", name="public_has_words"),
        sa.CheckConstraint("status <> 'declined' OR reason IS NOT NULL", name="declined_has_reason"),
        sa.Index(None, "status", "received_at", "id"),
        sa.Index(None, "received_at", "id"),
    )

    suggestion_followers = sa.Table(
        "suggestion_followers",
        mapping.metadata,
        sa.Column("suggestion_id", sa.String(36), sa.ForeignKey("suggestions.id"), primary_key=True),
        sa.Column("email", EMAIL, primary_key=True),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Index(None, "email"),
    )

    mapping.map_imperatively(d.Verification, verifications, version_id_col=verifications.c.version)
    mapping.map_imperatively(d.Suggestion, suggestions, version_id_col=suggestions.c.version)
    mapping.map_imperatively(d.SuggestionFollower, suggestion_followers)
    return verifications, suggestions, suggestion_followers
