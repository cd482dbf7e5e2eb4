"""Support's tables, and how the domain's classes are kept in them.

tickets        one row per ticket; the inbox reads them by next deadline
messages       the threads, append-only: what was said stays as it was said; search_words: what tickets are found by
ratings        one per resolution; facts: what reports count (both in `report_tables`)
verifications  questions that are looked into, with the draft of the answer
ticket_links   hashes of the links that let guests in; link_requests: who asked for a new one
notifications  mails that wait, were sent, or were given up
order_contacts whom to write to about an order, sealed (projection of orders' events; `contact_tables`)
staff          who works here and as what
sign_in_codes  one-time codes (their ids: the digits follow from the secret); sign_in_requests: the browsers that asked
               for them; sign_in_limits: how many lately
api_keys       keys of the shop's own systems, by the hash of their secret (`key_tables`)
sessions       who is signed in, by the hash of the refresh token; known_browsers: from where before
factors        second factors, sealed; recovery_codes: hashes of what stands in for one, once; passkeys: public keys
staff_reads    which personal data staff have read; staff_read_subjects: the numbers of what was shown
order_links    links to orders that can be ended; privacy_requests: what customers ask about their own data
uploads        files that were sent with messages and returns (`upload_tables`); quarantines: see `guard_tables`
webhook_…      where events are sent to, and how that goes (`webhook_tables`)
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store import search
from services.common.store.tables import NAMING, Enumerated, Json, UtcDateTime
from services.support import (
    answer_tables,
    api,
    contact_tables,
    decision_tables,
    guard_tables,
    key_tables,
    ladder_tables,
    mail_in_tables,
    report_tables,
    team_tables,
    triage_tables,
    upload_tables,
    webhook_tables,
)
from services.support import domain as d
from services.support.api.privacy import PrivacyKind, PrivacyStatus
from services.support.knowledge.tables import add_tables

metadata = sa.MetaData(naming_convention=NAMING)
mapping = registry(metadata=metadata)

NUMBER, EMAIL, ACTOR = sa.String(20), sa.String(254), sa.String(330)


def _index_where(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("category", Enumerated(api.Category), nullable=False),
    sa.Column("topic", Enumerated(api.Topic)),
    sa.Column("origin", Enumerated(api.Origin), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("customer_name", sa.String(120), nullable=False),
    sa.Column("customer_email", EMAIL, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("order_number", NUMBER),
    sa.Column("order_proven", sa.Boolean, nullable=False),
    sa.Column("mailbox_proven", sa.Boolean, nullable=False),
    sa.Column("sku", sa.String(64)),
    sa.Column("previous_number", NUMBER),
    sa.Column("status", Enumerated(api.TicketStatus), nullable=False),
    sa.Column("status_before_spam", Enumerated(api.TicketStatus)),
    sa.Column("assignee", EMAIL),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("answered_cycle", sa.Integer, nullable=False),
    sa.Column("asked_cycle", sa.Integer, nullable=False),
    sa.Column("rated_cycle", sa.Integer, nullable=False),
    sa.Column("messages_count", sa.Integer, nullable=False),
    sa.Column("resolution_code", Enumerated(api.ResolutionCode)),
    sa.Column("resolution_note", sa.Text),
    sa.Column("resolution_ground", Enumerated(api.DeclineGround)),
    sa.Column("resolved_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by", Enumerated(api.ClosedBy)),
    sa.Column("next_due_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("public_version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("next_number", NUMBER),
    sa.Column("time_zone", sa.String(64)),
    sa.Column("language", sa.String(35)),
    sa.Column("waiting_since", UtcDateTime),
    sa.Column("reminded_at", UtcDateTime),
    sa.Column("verification_id", sa.String(36)),
    sa.Column("priority", Enumerated(api.Priority), nullable=False, server_default="normal"),
    sa.Column("team", sa.String(32)),
    sa.Column("escalated_at", UtcDateTime),
    sa.Column("escalated_cycle", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lead_answered_at", UtcDateTime),
    sa.CheckConstraint("closed_at IS NULL OR resolution_code IS NOT NULL", name="closed_is_resolved"),
    sa.CheckConstraint("answered_cycle <= cycle AND rated_cycle <= cycle", name="cycles"),
    sa.Index(None, "next_due_at", "number"),
    sa.Index(None, "status", "next_due_at", "number"),
    sa.Index(None, "category", "next_due_at", "number"),
    sa.Index(None, "assignee", "next_due_at", "number"),
    sa.Index(None, "customer_email", "opened_at", "number"),
    _index_where("ix_tickets_known", "opened_at", "number", where="customer_email <> 'erased'"),
    sa.Index(None, "order_number", "next_due_at", "number"),
    sa.Index(None, "opened_at", "number"),
    _index_where("ix_tickets_resolved", "resolved_at", where="status = 'resolved'"),
    _index_where("ix_tickets_waiting", "waiting_since", where="waiting_since IS NOT NULL"),
    _index_where("ix_tickets_escalated", "escalated_at", where="escalated_at IS NOT NULL"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("author", Enumerated(api.Author), nullable=False),
    sa.Column("actor", ACTOR, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("internal", sa.Boolean, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("posted_at", UtcDateTime, nullable=False),
    sa.Column("proven", sa.Boolean),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("public_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("verified_by", ACTOR),
    sa.Column("basis", decision_tables.CitedJson),
    sa.Column("cited", sa.Integer),
    sa.CheckConstraint("NOT internal OR author <> 'customer'", name="customers_write_in_public"),
    _index_where("ix_messages_answers", "posted_at", where="author = 'agent' AND NOT internal"),
    _index_where("ix_messages_without_basis", "posted_at", "ticket_number", "position", where="cited = 0"),
)

ticket_links = sa.Table(
    "ticket_links",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("mailed", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("renewed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("reads", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("ticket_number", "serial"),
)

link_requests = sa.Table(
    "link_requests",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("ticket_number", NUMBER, nullable=False),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Index(None, "requested_at"),
)

notifications = sa.Table(
    "notifications",
    metadata,
    sa.Column("key", sa.String(400), primary_key=True),
    sa.Column("recipient", EMAIL, nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("link", Enumerated(d.Link), nullable=False),
    sa.Column("link_key", sa.String(64), nullable=False),
    sa.Column("about", sa.String(64), nullable=False),
    sa.Column("reference", sa.String(64), nullable=False),
    sa.Column("ticket_number", NUMBER),
    sa.Column("order_number", NUMBER),
    sa.Column("tells_customer", sa.Boolean, nullable=False),
    sa.Column("status", Enumerated(d.NotificationStatus), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("not_after", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Column("greets", sa.String(200)),
    *(sa.Column(each, sa.String(64)) for each in ("thread", "in_reply_to")),
    sa.Column("answers", sa.String(260)),
    sa.Column("language", sa.String(35)),
    sa.CheckConstraint("(status = 'pending') = (next_attempt_at IS NOT NULL)", name="pending_is_scheduled"),
    _index_where("ix_notifications_due", "next_attempt_at", where="next_attempt_at IS NOT NULL"),
    *(sa.Index(None, each) for each in ("ticket_number", "created_at", "order_number", "recipient")),
    _index_where("ix_notifications_known", "created_at", where="recipient <> 'erased'"),
)

search_words = search.table(metadata)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("email", EMAIL, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("refresh_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("browser_hash", sa.String(64), nullable=False),
    sa.Column("device", sa.String(200), nullable=False),
    sa.Column("staff", sa.Boolean, nullable=False),
    sa.Column("factor", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Index(None, "email", "created_at"),
    sa.Index(None, "used_at"),
)

known_browsers = sa.Table(
    "known_browsers",
    metadata,
    sa.Column("email", EMAIL, primary_key=True),
    sa.Column("browser_hash", sa.String(64), primary_key=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index(None, "seen_at"),
)

factors = sa.Table(
    "factors",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    sa.Column("misses", sa.Integer, nullable=False),
    sa.Column("missed_at", UtcDateTime),
    sa.Index(None, "email"),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("email", EMAIL, primary_key=True),
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("used_at", UtcDateTime),
)

passkeys = sa.Table(
    "passkeys",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("challenge", sa.String(64), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("credential", sa.String(1400), unique=True),
    sa.Column("public_key", sa.Text),
    sa.Column("signs", sa.BigInteger, nullable=False),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("used_at", UtcDateTime),
    sa.Index(None, "email"),
)

staff_reads = sa.Table(
    "staff_reads",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("operation", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(200)),
    sa.Column("read_at", UtcDateTime, nullable=False),
    sa.Column("trace_id", sa.String(64), nullable=False),
    sa.Index(None, "read_at"),
    sa.Index(None, "email", "read_at"),
)

staff_read_subjects = sa.Table(
    "staff_read_subjects",
    metadata,
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("read_id", sa.String(36), primary_key=True),
    sa.Index(None, "read_id"),
)

order_links = sa.Table(
    "order_links",
    metadata,
    sa.Column("order_number", NUMBER, primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Index(None, "ends_at"),
)

sign_in_codes = sa.Table(
    "sign_in_codes",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("used_at", UtcDateTime),
    sa.Index(None, "email", "expires_at"),
    sa.Index(None, "expires_at"),
)

sign_in_requests = sa.Table(
    "sign_in_requests",
    metadata,
    sa.Column("request_hash", sa.String(64), primary_key=True),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("code_id", sa.String(64), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Index(None, "created_at"),
)

sign_in_limits = sa.Table(
    "sign_in_limits",
    metadata,
    sa.Column("email", EMAIL, primary_key=True),
    sa.Column("window_began_at", UtcDateTime, nullable=False),
    sa.Column("codes", sa.Integer, nullable=False),
    sa.Index(None, "window_began_at"),
)

OPEN_REQUEST = sa.text("status IN ('unconfirmed', 'running')")

privacy_requests = sa.Table(
    "privacy_requests",
    metadata,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("kind", Enumerated(PrivacyKind), nullable=False),
    sa.Column("email", EMAIL, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("code_id", sa.String(64), nullable=False),
    sa.Column("code_until", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("status", Enumerated(PrivacyStatus), nullable=False),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("due_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("parts", Json, nullable=False),
    sa.Column("answers", Json, nullable=False),
    sa.Column("erased_orders", Json, nullable=False),
    sa.Column("file_hash", sa.String(64), unique=True),
    sa.Column("file_until", UtcDateTime),
    sa.Index(None, "asked_at", "number"),
    # one open request of a kind for a mailbox, also of two that ask at once
    sa.Index(
        "uq_privacy_requests_open", "email", "kind", unique=True,
        postgresql_where=OPEN_REQUEST, sqlite_where=OPEN_REQUEST,
    ),
)  # fmt: skip

order_contacts = contact_tables.add(mapping)
verifications, suggestions, suggestion_followers = decision_tables.add(mapping)
teams, presences, assignments, rule_books = team_tables.add(mapping)
rungs, rung_mails, mail_choices = ladder_tables.add(mapping)
incoming_mails, unreachable_mailboxes = mail_in_tables.add(mapping)
canned_replies, quality_reviews, drafts = answer_tables.add(mapping)
merges, relations = triage_tables.add(mapping)
complaints = decision_tables.add_complaints(mapping)
mapping.map_imperatively(d.Ticket, tickets, version_id_col=tickets.c.version)
uploads = upload_tables.add(mapping, messages)
ratings, facts = report_tables.add(mapping)
quarantines = guard_tables.add(mapping)
api_keys = key_tables.add(mapping)
webhook_endpoints, webhook_deliveries = webhook_tables.add(mapping)
mapping.map_imperatively(d.TicketLink, ticket_links)
mapping.map_imperatively(d.LinkRequest, link_requests)
mapping.map_imperatively(d.Notification, notifications)
mapping.map_imperatively(d.Staff, staff, version_id_col=staff.c.version)
mapping.map_imperatively(d.SignInCode, sign_in_codes)
mapping.map_imperatively(d.SignInRequest, sign_in_requests)
mapping.map_imperatively(d.Session, sessions)
mapping.map_imperatively(d.KnownBrowser, known_browsers)
mapping.map_imperatively(d.Factor, factors)
mapping.map_imperatively(d.RecoveryCode, recovery_codes)
mapping.map_imperatively(d.OrderLink, order_links)
mapping.map_imperatively(d.PrivacyRequest, privacy_requests)
mapping.map_imperatively(d.Passkey, passkeys)
mapping.map_imperatively(d.StaffRead, staff_reads)
articles, article_versions, article_feedback = add_tables(metadata, mapping)
