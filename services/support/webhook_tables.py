"""The tables of webhooks that we send, part of support's tables (`tables`).

webhook_endpoints   where events go to, and which; secrets are sealed with our own key (`chain_keys`)
webhook_deliveries  one row for each event and address: what is sent, without personal data, and how that went
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, Json, UtcDateTime
from services.support.api.webhook_events import DisabledReason
from services.support.api.webhooks import DeliveryState
from services.support.domain.webhooks import WebhookDelivery, WebhookEndpoint


def add(mapping: registry) -> tuple[sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return endpoints and deliveries."""
    endpoints = sa.Table(
        "webhook_endpoints",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("event_types", Json, nullable=False),
        sa.Column("description", sa.String(120)),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("old_secret", sa.Text),
        sa.Column("old_until", UtcDateTime),
        sa.Column("disabled_at", UtcDateTime),
        sa.Column("disabled_reason", Enumerated(DisabledReason)),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.String(330), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("(disabled_at IS NULL) = (disabled_reason IS NULL)", name="disabled_says_why"),
    )
    deliveries = sa.Table(
        "webhook_deliveries",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("endpoint_id", sa.String(36), sa.ForeignKey("webhook_endpoints.id"), nullable=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("event_type", sa.String(64), nullable=False),
        sa.Column("order_number", sa.String(20)),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("occurred_at", UtcDateTime, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("next_attempt_at", UtcDateTime),
        sa.Column("state", Enumerated(DeliveryState), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("attempts", Json, nullable=False),
        sa.UniqueConstraint("endpoint_id", "event_id"),
        sa.CheckConstraint("(state = 'pending') = (next_attempt_at IS NOT NULL)", name="pending_is_due"),
        sa.Index(None, "next_attempt_at"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "endpoint_id", "created_at", "id"),
        sa.Index(None, "state", "created_at", "id"),
    )
    mapping.map_imperatively(WebhookEndpoint, endpoints)
    mapping.map_imperatively(WebhookDelivery, deliveries)
    return endpoints, deliveries
