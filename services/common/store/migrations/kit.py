"""The kit's tables as migrations see them: each step frozen as it was released.

A service's first version calls `create_kit_tables`; what the kit adds later becomes a further function here, called by
a further version of each service.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

from services.common.basics.personal import CUSTOMER_ERASED, ERASED
from services.common.store.tables import BigId, Json, UtcDateTime

FILL = 10_000
"""Rows that are held, and sent, at once when a new table is filled."""
_TERM = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
_REFUSE_ON_POSTGRESQL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def create_kit_tables() -> None:
    """Create the tables of the kit, and the protection of the journal."""
    op.create_table(
        "commitments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=True),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("next_notice_at", UtcDateTime(), nullable=True),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.Column("clock", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    op.create_index(
        "ix_commitments_notice",
        "commitments",
        ["next_notice_at"],
        postgresql_where=sa.text("next_notice_at IS NOT NULL"),
        sqlite_where=sa.text("next_notice_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_commitments_order_number"), "commitments", ["order_number"])
    op.create_index(
        "ix_commitments_running",
        "commitments",
        ["due_at", "id"],
        postgresql_where=sa.text("stopped_at IS NULL"),
        sqlite_where=sa.text("stopped_at IS NULL"),
    )
    op.create_index(op.f("ix_commitments_started_at_kind"), "commitments", ["started_at", "kind"])
    op.create_index(op.f("ix_commitments_subject_kind"), "commitments", ["subject", "kind"])
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("command", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"])
    op.create_table(
        "inbox",
        sa.Column("handler", sa.String(length=80), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("dead_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("handler", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index(
        "ix_inbox_dead",
        "inbox",
        ["dead_at"],
        postgresql_where=sa.text("dead_at IS NOT NULL"),
        sqlite_where=sa.text("dead_at IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_due",
        "inbox",
        ["next_attempt_at"],
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("position", BigId, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("subject_seq", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=True),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=330), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("causation_id", sa.String(length=36), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_journal")),
        sa.UniqueConstraint("id", name=op.f("uq_journal_id")),
        sa.UniqueConstraint("subject", "subject_seq", name=op.f("uq_journal_subject_subject_seq")),
    )
    op.create_index(op.f("ix_journal_order_number_position"), "journal", ["order_number", "position"])
    op.create_table(
        "journal_heads",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("subject_seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_journal_heads")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", BigId, autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("followed", sa.Boolean(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_outbox_entry_id")),
    )
    op.create_table(
        "schedule",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    make_append_only("journal")


def add_subjects_to_inbox() -> None:
    """Keep with each handled event which chain it is of and how far along; nothing for what was handled before."""
    op.add_column("inbox", sa.Column("subject", sa.String(length=64), nullable=True))
    op.add_column("inbox", sa.Column("subject_seq", sa.Integer(), nullable=True))


def add_privacy() -> None:
    """Keep a key with each chain of the journal, and what waits to be erased."""
    op.add_column("journal_heads", sa.Column("key", sa.String(length=100), nullable=True))
    op.create_table(
        "erasures",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=20), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_erasures")),
    )


def add_sealed(table: str) -> None:
    """Let texts of a table stand sealed beside their columns (`store.sealed_rows`)."""
    op.add_column(table, sa.Column("own_key", sa.Text(), nullable=True))
    op.add_column(table, sa.Column("sealed", Json, nullable=True))


def add_search() -> None:
    """Add the table of terms that things are found by (`store.search`)."""
    op.create_table(
        "search_words",
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("word", _TERM, nullable=False),
        sa.PrimaryKeyConstraint("subject", "part", "word", name=op.f("pk_search_words")),
    )
    op.create_index("ix_search_words_word_subject", "search_words", ["word", "subject"])


def fill_search(found: Iterable[tuple[str, str, Iterable[str]]]) -> None:
    """Let rows that were there before be found: (subject, part, terms) of each; do so twice without harm.

    Many rows go with one statement, so that filling takes no round trip for each subject.
    """
    words = sa.table("search_words", *(sa.column(name, sa.Text()) for name in ("subject", "part", "word")))
    connection = op.get_bind()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(words).on_conflict_do_nothing()
    rows = (
        {"subject": subject, "part": part, "word": term}
        for subject, part, terms in found
        for term in dict.fromkeys(terms)
        if term
    )
    while batch := list(islice(rows, FILL)):
        connection.execute(new, batch)


def let_erase(table: str, *erased: str) -> None:
    """Let an append-only table take one change: these columns become the words that stand for erased data."""
    words = ", ".join(f"'{word}'" for word in (ERASED, CUSTOMER_ERASED))
    differs = "IS NOT" if op.get_context().dialect.name == "sqlite" else "IS DISTINCT FROM"
    others = " OR ".join(
        f"(NEW.{name} {differs} OLD.{name} AND coalesce(NEW.{name}, '') NOT IN ({words}))" for name in erased
    )
    if op.get_context().dialect.name == "sqlite":
        columns = [each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)]
        kept = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in columns if name not in erased)
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {kept} OR {others} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    names = ", ".join(f"'{name}'" for name in erased)
    kept = f"to_jsonb(NEW) - ARRAY[{names}] IS DISTINCT FROM to_jsonb(OLD) - ARRAY[{names}]"
    op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({kept} OR {others}) "
        "EXECUTE FUNCTION refuse_change()"
    )


def make_append_only(table: str) -> None:
    """Make the database itself refuse every UPDATE, DELETE and TRUNCATE of a table."""
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(_REFUSE_ON_POSTGRESQL)
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def create_index_concurrently(name: str, table: str, columns: list[str], **options: Any) -> None:
    """Create an index on a table in use. PostgreSQL builds it beside the writers, outside of the migration's
    transaction.

    A build that was cut off leaves an index that is not valid; the next attempt replaces it. The build waits for all
    who write when it begins, however long that takes, and blocks no one meanwhile.
    """
    if op.get_context().dialect.name == "sqlite":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute("RESET lock_timeout")
