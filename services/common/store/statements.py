"""Statements whose outcome is not awaited. On PostgreSQL they cost no round trip of their own (see `postgres`).

What is wrong with one is told by a later statement of the transaction, or by its commit: the transaction fails just the
same. Nothing outside `store` passes an execution option for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.direct import run, run_each

LATER: Mapping[str, bool] = {"later": True}
LAST: Mapping[str, bool] = {"commit": True}
_insert = cache(lambda table: sa.insert(table).inline())
_locking = cache(lambda column: sa.select(column).where(column == sa.bindparam("key")).with_for_update())


def add_rows(session: Session, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert these rows, none if there are none."""
    run_each(session, _insert(table), rows)


def change_later(session: Session, statement: sa.Executable, values: Mapping[str, object] | None = None) -> None:
    """Execute a statement that changes rows; how many is not told."""
    session.execute(statement, values, execution_options=LATER)


def earliest(column: sa.Column[datetime]) -> sa.Select[datetime]:
    """Select the earliest time in a column that has an index where it is not null; none if it is nowhere given."""
    return sa.select(column).where(column.is_not(None)).order_by(column).limit(1)


def lock(session: Session, column: sa.Column[str], key: str) -> None:
    """Lock the row with that key until the transaction ends; what is read of it afterwards is the newest.

    It is taken with the next statement, ahead of it: that one sees what was committed while the lock was waited for.
    On SQLite a transaction that writes is alone: there is nothing to ask for.
    """
    if session.get_bind().dialect.name != "sqlite":
        run(session, _locking(column), {"key": key}, later=True)


def execute_last(connection: sa.Connection, statement: sa.Executable, values: Mapping[str, object]) -> None:
    """Execute the last statement of the connection's transaction, which is to be committed then."""
    connection.execute(statement, values, execution_options=LAST)
