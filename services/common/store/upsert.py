"""Insert a row unless its key exists, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.common.store.direct import run, run_each

Insert = Callable[[type | sa.Table], sqlite.Insert | postgresql.Insert]
"""The INSERT of a table or a mapped class that knows ON CONFLICT."""


def dialect_insert(session: Session) -> Insert:
    """Return the INSERT that knows ON CONFLICT, of the database at hand."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def add_if_new(session: Session, table: sa.Table, row: Mapping[str, object]) -> bool:
    """Insert `row` unless its key exists. Return True if inserted.

    A concurrent insert of the same key waits for the first to commit.
    """
    return bool(run(session, _insert_new(dialect_insert(session), table, told=True), row))


def add_those_new(
    session: Session, table: sa.Table, rows: Mapping[str, object] | Sequence[Mapping[str, object]]
) -> None:
    """Insert the rows whose key is new. Which ones is not reported, so it can travel with the next statement."""
    those = [rows] if isinstance(rows, Mapping) else rows
    run_each(session, _insert_new(dialect_insert(session), table, told=False), those)


def insert_new(connection: sa.Connection, table: sa.Table) -> sa.Executable:
    """Return the statement that inserts rows whose key is new, for who has a connection and no session."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return _insert_new(insert, table, told=False)


@cache
def _insert_new(insert: Insert, table: sa.Table, *, told: bool) -> sa.Executable:
    new = insert(table).on_conflict_do_nothing()
    return new.returning(*table.primary_key) if told else new


def values_of(item: object, table: sa.Table) -> dict[str, object]:
    """Return a row of the table, from the attributes that bear its columns' names."""
    return {column.name: getattr(item, column.name) for column in table.c}
