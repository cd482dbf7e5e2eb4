"""PostgreSQL through psycopg2 with fewer round trips: what needs no answer travels with the next statement that does.

A round trip costs each side more than most of our statements do, and the driver makes one of each BEGIN, each statement
and each COMMIT. So it is told to leave transactions alone (autocommit), and this dialect begins and ends them, and
holds back what needs no answer: BEGIN, the INSERTs of an ORM flush that return nothing, and what is marked `later`.
They are sent, in their order and in the same transaction, ahead of the next statement that is answered, or of COMMIT.

SQLAlchemy, its sessions and savepoints work as ever, but for two things. What is wrong with a statement that was held
back is told by the one it travels with: the transaction fails just the same, only later. To catch an error at its own
place, do not hold it back. And there are no server-side cursors: the driver wants to own their transaction.

Three execution options:

    later=True                           of a statement: its outcome is not awaited
    commit=True                          of a statement: it is the last of its transaction, and no result is wanted
    begin="BEGIN ISOLATION LEVEL …"      of an engine: what its transactions begin with

The server skips what stands behind a statement that fails, COMMIT too. What is asked often is `prepared`; each value
says its type, so that the server takes a prepared statement for what it takes the plain one for.

`basics.speed` says what it gains; PLEDGE_PLAIN=statements leaves it out, and the three options mean nothing then.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import cast

import psycopg2
import sqlalchemy as sa
from psycopg2.errorcodes import DEADLOCK_DETECTED, SERIALIZATION_FAILURE
from psycopg2.errors import InFailedSqlTransaction
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, cursor
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.engine.interfaces import ExecutionContext

from services.common.basics import speed
from services.common.basics.speed import Piece
from services.common.basics.untyped import Fields
from services.common.store.prepared import Preparing, as_prepared, is_outdated
from services.common.store.tables import JSON_OPTIONS

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""For reading: every statement of the transaction sees the same moment."""

STATEMENT_MS, LOCK_MS, IDLE_MS, UNHEARD_MS = 10_000, 5_000, 15_000, 15_000

ENDED_FOR_ANOTHER = frozenset({DEADLOCK_DETECTED, SERIALIZATION_FAILURE})
_NOTHING = sa.text("SELECT")


class Connection(Preparing):
    """A connection that remembers what is to be said ahead of the next statement."""

    def __init__(self, *arguments: object, **options: object):
        super().__init__(*arguments, **options)
        self.to_begin = False
        self.ahead: list[bytes] = []

    @property
    def in_transaction(self) -> bool:
        return bool(self.info.transaction_status != TRANSACTION_STATUS_IDLE)


def _typed(kind: type, **members: object) -> type:
    """Return the type whose values say it: `%(number)s::VARCHAR`."""
    return type(kind.__name__, (kind,), {"render_bind_cast": True, **members})


_PLAIN: tuple[type, ...] = (
    sa.String, sa.Integer, sa.SmallInteger, sa.BigInteger, sa.Boolean, sa.DateTime, sa.Date, sa.Float,
)  # fmt: skip
_TYPED: dict[type, type] = {
    **{kind: _typed(kind) for kind in _PLAIN},
    sa.JSON.JSONIntIndexType: _typed(sa.JSON.JSONIntIndexType, __visit_name__="json_int_index"),
    sa.JSON.JSONStrIndexType: _typed(sa.JSON.JSONStrIndexType, __visit_name__="json_str_index"),
}


class Dialect(PGDialect_psycopg2):
    """The psycopg2 dialect that begins and ends transactions itself, and says at once what can be said at once."""

    supports_statement_cache = True
    colspecs = {**PGDialect_psycopg2.colspecs, **_TYPED}

    def is_disconnect(self, e: object, connection: object, cursor: object) -> bool:
        # every connection has prepared for the tables as they were
        return is_outdated(e) or bool(super().is_disconnect(e, connection, cursor))  # type: ignore[no-untyped-call]

    def do_begin(self, dbapi_connection: object) -> None:
        of_driver(dbapi_connection).to_begin = True

    def do_commit(self, dbapi_connection: object) -> None:
        own = of_driver(dbapi_connection)
        own.to_begin = False
        if own.ahead or own.in_transaction:
            try:
                with own.cursor() as cursor:
                    cursor.execute(b"; ".join([*_taken(own), b"COMMIT"]))
                    if cursor.statusmessage != "COMMIT":  # the server rolls back what failed, and calls that no error
                        raise InFailedSqlTransaction("a statement had failed: nothing of the transaction was kept")
            except psycopg2.Error:
                # for SQLAlchemy a COMMIT that failed has ended the transaction; ours may not have been reached
                with suppress(psycopg2.Error):
                    self.do_rollback(own)
                raise

    def do_rollback(self, dbapi_connection: object) -> None:
        own = of_driver(dbapi_connection)
        own.to_begin = False
        own.ahead.clear()
        if own.in_transaction:
            with own.cursor() as cursor:
                cursor.execute("ROLLBACK")

    def do_release_savepoint(self, connection: sa.Connection, name: str) -> None:
        if of_driver(connection.connection).ahead:
            try:
                connection.execute(_NOTHING)
            except sa.exc.DBAPIError:
                self.do_rollback_to_savepoint(connection, name)
                raise
        super().do_release_savepoint(connection, name)  # type: ignore[no-untyped-call]

    def do_rollback_to_savepoint(self, connection: sa.Connection, name: str) -> None:
        of_driver(connection.connection).ahead.clear()  # what was held back since belongs to what is undone
        super().do_rollback_to_savepoint(connection, name)  # type: ignore[no-untyped-call]

    def do_execute(
        self, cursor: cursor, statement: str, parameters: object, context: ExecutionContext | None = None
    ) -> None:
        options = context.execution_options if context else {}
        commit = bool(options.get("commit"))
        say(cursor, statement, parameters, options, later=_needs_no_answer(context), commit=commit)

    def do_executemany(
        self, cursor: cursor, statement: str, parameters: object, context: ExecutionContext | None = None
    ) -> None:
        if _needs_no_answer(context):
            for each in cast("Iterable[object]", parameters):
                self.do_execute(cursor, statement, each, context)
            return
        self._say_what_waits(cursor, context)
        super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_execute_no_params(self, cursor: cursor, statement: str, context: ExecutionContext | None = None) -> None:
        self._say_what_waits(cursor, context)
        cursor.execute(statement)

    def _say_what_waits(self, cursor: cursor, context: ExecutionContext | None) -> None:
        _begin(cursor.connection, context.execution_options if context else {})
        if cursor.connection.ahead:
            cursor.execute(b"; ".join(_taken(cursor.connection)))


def is_worth_repeating(exc: Exception) -> bool:
    """Return whether the server ended the transaction for another one's sake, so that it is done when run again."""
    return getattr(getattr(exc, "orig", None), "pgcode", None) in ENDED_FOR_ANOTHER


def say(
    cursor: cursor, statement: str, parameters: object, options: Fields, *, later: bool = False, commit: bool = False
) -> None:
    """Say a statement, after all that waits; or keep it (`later`), or end the transaction with it (`commit`)."""
    own = cursor.connection
    _begin(own, options)
    statement = as_prepared(own, statement)
    if later:
        own.ahead.append(cursor.mogrify(statement, parameters))
    elif own.ahead or commit:
        end = [b"COMMIT"] if commit else []
        cursor.execute(b"; ".join([*_taken(own), cursor.mogrify(statement, parameters), *end]))
    else:
        cursor.execute(statement, parameters)


def _begin(own: Connection, options: Fields) -> None:
    if own.to_begin:
        own.prepare_wanted()
        own.to_begin = False
        own.ahead.append(options.get("begin", "BEGIN").encode())


def _taken(own: Connection) -> list[bytes]:
    ahead, own.ahead = own.ahead, []
    return ahead


def _needs_no_answer(context: ExecutionContext | None) -> bool:
    """Return whether this returns nothing and is marked so, or adds rows in an ORM flush, which has a mapper's cache.

    An INSERT that would return the number of its row is silent only if it is `inline()`.
    """
    if context is None or context.compiled is None or getattr(context.compiled, "effective_returning", None):
        return False
    options = context.execution_options
    return bool(options.get("later") or (context.isinsert and "compiled_cache" in options))


def of_driver(dbapi_connection: object) -> Connection:
    """Return the driver's own connection from the wrapper that the pool gives."""
    return cast("Connection", getattr(dbapi_connection, "dbapi_connection", dbapi_connection))


registry.register("postgresql.pledge", __name__, "Dialect")


def engines(url: sa.URL, pool_size: int) -> tuple[sa.Engine, sa.Engine]:
    """Create the engine for writing and the one for reading, in which all of a transaction sees the same moment.

    Both share their connections. Statements, waits for locks and idle transactions are bounded in time.
    """
    options = (
        f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS} "
        f"-c idle_in_transaction_session_timeout={IDLE_MS} -c timezone=UTC"
    )
    arguments = {
        "options": options,
        "connect_timeout": 3,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "tcp_user_timeout": UNHEARD_MS,  # keepalives say nothing while a question of ours is on its way
    }
    pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 5, "pool_use_lifo": True, **JSON_OPTIONS}
    if not speed.is_on(Piece.STATEMENTS):
        plain = sa.create_engine(url.set(drivername="postgresql+psycopg2"), connect_args=arguments, **pool)
        return plain, plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    engine = sa.create_engine(
        url.set(drivername="postgresql+pledge"),
        isolation_level="AUTOCOMMIT",
        executemany_mode="values_plus_batch",  # several UPDATEs of one flush are one round trip
        connect_args={"connection_factory": Connection, **arguments},
        **pool,
    )
    return engine, engine.execution_options(begin=SNAPSHOT)
