"""PostgreSQL through psycopg2 with fewer round trips: BEGIN travels with the first statement of a transaction, and
COMMIT, where the last statement is known, with that one.

A round trip costs each side more than most of our statements do, and the driver's own way is one for BEGIN and one for
COMMIT around every transaction. So the driver is told to leave transactions alone (autocommit), and this dialect begins
and ends them: SQLAlchemy, its sessions and savepoints work as ever, and a transaction in which nothing was said costs
nothing at all. Server-side cursors are what is given up: the driver wants to own their transaction.

Two execution options:

    begin="BEGIN ISOLATION LEVEL …"      of an engine: what its transactions begin with
    commit=True                          of a statement: it is the last of its transaction, and no result is wanted

A statement that fails takes the COMMIT behind it down with it: the server skips the rest of what it was sent.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from psycopg2.errors import InFailedSqlTransaction
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, connection
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""For reading: every statement of the transaction sees the same moment."""

STATEMENT_MS, LOCK_MS, IDLE_MS, UNHEARD_MS = 10_000, 5_000, 15_000, 15_000


class Connection(connection):
    """A connection that remembers a transaction which is to begin with the next statement."""

    to_begin = False

    @property
    def in_transaction(self) -> bool:
        return bool(self.info.transaction_status != TRANSACTION_STATUS_IDLE)


class Dialect(PGDialect_psycopg2):
    """The psycopg2 dialect that begins and ends transactions itself."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        _of_driver(dbapi_connection).to_begin = True

    def do_commit(self, dbapi_connection: Any) -> None:
        self._end(dbapi_connection, "COMMIT")

    def do_rollback(self, dbapi_connection: Any) -> None:
        self._end(dbapi_connection, "ROLLBACK")

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if begin := _begin(cursor, context):
            statement = f"{begin}; {statement}"
        if _option(context, "commit"):
            statement += "; COMMIT"
        cursor.execute(statement, parameters)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        self._begin_now(cursor, context)
        super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        self._begin_now(cursor, context)
        cursor.execute(statement)

    def _begin_now(self, cursor: Any, context: Any) -> None:
        if begin := _begin(cursor, context):
            cursor.execute(begin)

    def _end(self, dbapi_connection: Any, how: str) -> None:
        connection = _of_driver(dbapi_connection)
        connection.to_begin = False
        if connection.in_transaction:
            with connection.cursor() as cursor:
                cursor.execute(how)
                if cursor.statusmessage != how:  # the server rolls back what failed, and does not call that an error
                    raise InFailedSqlTransaction("a statement had failed: nothing of the transaction was kept")


def _of_driver(dbapi_connection: Any) -> Connection:
    """The driver's own connection, out of the wrapper that the pool gives."""
    own: Connection = getattr(dbapi_connection, "dbapi_connection", dbapi_connection)
    return own


def _begin(cursor: Any, context: Any) -> str | None:
    """What begins the transaction, when it is to begin now."""
    to_begin, cursor.connection.to_begin = cursor.connection.to_begin, False
    return str(_option(context, "begin") or "BEGIN") if to_begin else None


def _option(context: Any, name: str) -> Any:
    return context.execution_options.get(name) if context else None


registry.register("postgresql.pledge", __name__, "Dialect")


def engine(url: sa.URL, pool_size: int) -> sa.Engine:
    """An engine whose statements, waits for locks and idle transactions are bounded in time."""
    options = (
        f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS} "
        f"-c idle_in_transaction_session_timeout={IDLE_MS} -c timezone=UTC"
    )
    return sa.create_engine(
        url.set(drivername="postgresql+pledge"),
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,
        executemany_mode="values_plus_batch",  # several UPDATEs of one flush are one round trip
        connect_args={
            "connection_factory": Connection,
            "options": options,
            "connect_timeout": 3,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "tcp_user_timeout": UNHEARD_MS,  # keepalives say nothing while a question of ours is on its way
        },
    )
