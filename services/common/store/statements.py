"""Statements whose outcome is not awaited. On PostgreSQL they cost no round trip of their own (see `postgres`).

What is wrong with one is told by a later statement of the transaction, or by its commit: the transaction fails just the
same. Nothing outside `store` passes an execution option for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

LATER: Mapping[str, bool] = {"later": True}
LAST: Mapping[str, bool] = {"commit": True}
_of = cache(lambda column: sa.select(column).where(column == sa.bindparam("key")))


def add_rows(session: Session, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert these rows, none if there are none."""
    if rows:
        session.execute(sa.insert(table).inline(), rows, execution_options=LATER)


def lock(session: Session, column: sa.Column[str], key: str) -> None:
    """Lock the row with that key until the transaction ends; what is read of it afterwards is the newest.

    It is taken with the next statement, ahead of it: that one sees what was committed while the lock was waited for.
    On SQLite a transaction that writes is alone: there is nothing to ask for.
    """
    lock_rows(session, _of(column), {"key": key})


def lock_rows(session: Session, query: sa.Select[Any], values: Mapping[str, object] | None = None) -> None:
    """Lock the rows that a query of one table finds, like `lock`."""
    if session.get_bind().dialect.name != "sqlite":
        execute_ahead(session, query.with_for_update(), values)


def execute_ahead(session: Session, statement: sa.Executable, values: Mapping[str, object] | None = None) -> None:
    """Execute a statement ahead of the next one. What it returns is not told."""
    session.execute(statement, values, execution_options=LATER)


def execute_last(connection: sa.Connection, statement: sa.Executable) -> None:
    """Execute the last statement of the connection's transaction, which is to be committed then."""
    connection.execute(statement, execution_options=LAST)
