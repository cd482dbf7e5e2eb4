"""Rows for tests: many at once, what stands in them, how they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.database import Store, Work


def copy_rows(connection: sa.Connection, table: sa.Table, times: int, **other: str) -> None:
    """Copy each row of a table so often, by one statement.

    other: SQL for the columns that differ from copy to copy; `n` counts the copies from 100001 on.
    """
    names = [column.name for column in table.columns]
    told = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(other.get(name, f'"{name}"') for name in names)
    counted = f"SELECT 100001 UNION ALL SELECT n + 1 FROM counted WHERE n < {100000 + times}"  # noqa: S608 (names of columns)
    copies = f"WITH RECURSIVE counted(n) AS ({counted}) INSERT INTO {table.name} ({told}) SELECT {values}"
    connection.execute(sa.text(f"{copies} FROM {table.name}, counted"))


def tables_that_say(engine: sa.Engine, *words: str) -> dict[str, list[str]]:
    """Return the tables in which one of these words stands, in any case, each with the words."""
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            said = str(connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()).casefold()  # noqa: S608 (a table's own name)
            if here := [word for word in words if word.casefold() in said]:
                found[name] = here
    return found


def seal_rows(store: Store, work: type[Work]) -> int:
    """Seal the rows that stand plainly, as a process does when it starts. Return how many these were."""

    @contextmanager
    def transaction() -> Iterator[Session]:
        with store.work(work) as opened:
            yield opened.session

    return sum(seal(transaction, lambda: False) for seal in work.seals)


def statements(connection: sa.Connection, act: Callable[[], object]) -> list[str]:
    """Return what the act asks of the database on this connection."""
    asked: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
    act()
    return asked


def plans(engine: sa.Engine, act: Callable[[], object]) -> dict[str, str]:
    """Return each statement of an act with the database's plan for it.

    PostgreSQL is told to avoid reading whole tables: what it still reads whole has no index that serves.
    """
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        asked.append((statement, given))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    found = {}
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, given in asked:
            if statement.startswith(("SELECT", "DELETE", "UPDATE")):
                explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
                told = connection.exec_driver_sql(explain + statement, given).all()  # type: ignore[arg-type]
                found[statement] = " | ".join(str(row) for row in told)
        connection.rollback()
    return found
