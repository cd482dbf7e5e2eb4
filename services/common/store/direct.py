"""The kit's own statements straight to PostgreSQL's driver: SQLAlchemy's layers cost more than such a statement does.

    rows = run(session, _LOCK, {"subjects": subjects})              # in the session's transaction, after its flush
    run(session, _KEEP, {"of": key, "reply": reply}, later=True)    # its outcome is not awaited (`statements`)
    run_each(session, sa.insert(table), rows)

The statement is SQLAlchemy's, compiled once; values are converted by their types, and errors are SQLAlchemy's. What
comes back is not converted: ask for texts, numbers and JSON only. `IN` with a list of values is for the session. Who
listens to an engine's statements hears these.

On SQLite, and with PLEDGE_PLAIN=direct, the session executes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg2
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from services.common.basics import speed
from services.common.basics.speed import Piece
from services.common.store.postgres import Dialect, of_driver, say

Rows = Sequence[Sequence[Any]]
WROTE = "wrote"
"""In what is told of a session: that it wrote something."""


class _Compiled(NamedTuple):
    """A statement's text, its own values, and what converts each that is given."""

    text: str
    own: Mapping[str, object]
    convert: Mapping[str, Callable[[object], object] | None]


def run(
    session: Session,
    statement: sa.Executable,
    values: Mapping[str, object],
    *,
    later: bool = False,
    commit: bool = False,
) -> Rows:
    """Execute a statement; return its rows, none where its outcome is not awaited."""
    if not _is_direct(session):
        result = session.execute(statement, values, execution_options={"later": later, "commit": commit})
        return result.all() if result.returns_rows else ()  # type: ignore[attr-defined]
    return _run(session, statement, values, later=later, commit=commit)


def run_each(session: Session, statement: sa.Executable, rows: Sequence[Mapping[str, object]]) -> None:
    """Execute a statement for each of these, without awaiting how it goes."""
    if _is_direct(session):
        for place, row in enumerate(rows):
            _run(session, statement, row, later=True, heard=place == 0)
    elif rows:
        session.execute(statement, rows, execution_options={"later": True})


def _run(
    session: Session,
    statement: sa.Executable,
    values: Mapping[str, object],
    *,
    later: bool = False,
    commit: bool = False,
    heard: bool = True,
) -> Rows:
    session._autoflush()  # as `execute` does
    if not statement.is_select:
        session.info[WROTE] = True
    connection = session.connection()
    text, own, convert = _compiled(statement, connection.dialect, tuple(values))
    given = {name: value if (by := convert[name]) is None else by(value) for name, value in {**own, **values}.items()}
    with of_driver(connection.connection).cursor() as cursor:
        for hear in connection.dispatch.before_cursor_execute if heard else ():
            hear(connection, cursor, text, given, None, False)
        try:
            say(cursor, text, given, connection.get_execution_options(), later=later, commit=commit)
            return cursor.fetchall() if cursor.description and not later else ()
        except BaseException as problem:  # a worker that is killed leaves a connection behind that is no use any more
            if isinstance(problem, Exception) and not isinstance(problem, psycopg2.Error):
                raise
            connection._handle_dbapi_exception(problem, text, given, cursor, None)


def _is_direct(session: Session) -> bool:
    return speed.is_on(Piece.DIRECT) and isinstance(session.get_bind().dialect, Dialect)


@lru_cache(500)
def _compiled(statement: sa.Executable, dialect: sa.Dialect, names: tuple[str, ...]) -> _Compiled:
    assert isinstance(statement, sa.ClauseElement)
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    if compiled.post_compile_params:
        raise TypeError(f"a list of values in {compiled}: let the session execute it")
    convert = {name: each.type.dialect_impl(dialect).bind_processor(dialect) for name, each in compiled.binds.items()}
    own = {name: value for name, value in compiled.params.items() if name not in names}
    return _Compiled(str(compiled), own, convert)
