"""The kit's tables, the same in every service's database, and the column types all tables use.

journal           every step a service took; append-only (triggers refuse UPDATE, DELETE and TRUNCATE)
journal_heads     the last entry of each subject's chain: its lock while writing, its end when verifying
outbox            one small row per journal entry that the broker has not confirmed yet
inbox             events handled, failed and to be retried, or parked, per handler
commitments       the clocks
schedule          when each periodic job is next due, for all replicas together
erasures          what is erased as soon as it has ended, because its customer asked for that
idempotency_keys  commands already answered, with the answer
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from services.common.basics.money import Money

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A growing row id; SQLite only counts up columns of type INTEGER."""

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
JSON_OPTIONS: dict[str, object] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}
"""How engines write and read it."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time, in UTC on its way in and out of both databases; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Cents(sa.types.TypeDecorator[Money]):
    """An amount of USD as whole cents."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.cents

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        return None if value is None else Money(value)


class Enumerated(sa.types.TypeDecorator[StrEnum]):
    """A status or kind, by value; a CHECK is the table's to add where the list is closed."""

    impl = sa.String(40)
    cache_ok = True

    def __init__(self, enum: type[StrEnum]):
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.enum(value)


metadata = sa.MetaData(naming_convention=NAMING)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("position", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("subject_seq", sa.Integer, nullable=False),
    sa.Column("order_number", sa.String(64)),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(330), nullable=False),
    sa.Column("occurred_at", UtcDateTime, nullable=False),
    sa.Column("trace_id", sa.String(64), nullable=False),
    sa.Column("causation_id", sa.String(36)),
    # exactly as it was hashed and as it travels, hence no JSON type that would rewrite it
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("audience", sa.String(10), nullable=False),
    sa.Column("prev_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("subject", "subject_seq"),
    sa.Index(None, "order_number", "position"),
)

journal_heads = sa.Table(
    "journal_heads",
    metadata,
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("subject_seq", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    # what opens the personal data of this chain (`sealing`); "" once it is erased, NULL before there were keys
    sa.Column("key", sa.String(100)),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("position", BigId, primary_key=True, autoincrement=True),
    sa.Column("entry_id", sa.String(36), nullable=False, unique=True),
    sa.Column("followed", sa.Boolean, nullable=False),
    sa.Column("not_before", UtcDateTime),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("handler", sa.String(80), primary_key=True),
    sa.Column("event_id", sa.String(64), primary_key=True),
    # how far the teller's chain is known here, should the teller lose its end; null: handled before this was kept
    sa.Column("subject", sa.String(64)),
    sa.Column("subject_seq", sa.Integer),
    sa.Column("message", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("done_at", UtcDateTime),
    sa.Column("dead_at", UtcDateTime),
    sa.Index(
        "ix_inbox_due",
        "next_attempt_at",
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_inbox_dead",
        "dead_at",
        postgresql_where=sa.text("dead_at IS NOT NULL"),
        sqlite_where=sa.text("dead_at IS NOT NULL"),
    ),
)

commitments = sa.Table(
    "commitments",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("order_number", sa.String(64)),
    sa.Column("owner", sa.String(40), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("next_notice_at", UtcDateTime),
    sa.Column("paused_at", UtcDateTime),
    sa.Column("stopped_at", UtcDateTime),
    # the whole clock, as commitments.Clock writes and reads it; the columns above are what queries look for
    sa.Column("clock", Json, nullable=False),
    sa.Index(None, "subject", "kind"),
    sa.Index(None, "order_number"),
    sa.Index(
        "ix_commitments_notice",
        "next_notice_at",
        postgresql_where=sa.text("next_notice_at IS NOT NULL"),
        sqlite_where=sa.text("next_notice_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_commitments_running",
        "due_at",
        "id",
        postgresql_where=sa.text("stopped_at IS NULL"),
        sqlite_where=sa.text("stopped_at IS NULL"),
    ),
    sa.Index(None, "started_at", "kind"),
)

schedule = sa.Table(
    "schedule",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("next_at", UtcDateTime, nullable=False),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("request_id", sa.String(20), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("command", sa.String(80), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("reply", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index(None, "created_at"),
)
