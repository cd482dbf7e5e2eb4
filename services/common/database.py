"""One service's database, and the unit of work in which everything happens.

    class OrdersService(Service):
        name = "orders"
        work = Database(Work)                 # Work: the service's own, from repository.py

        @rpc
        def place_order(self, order):
            with self.work() as work:         # one transaction: commits here, or rolls back with the error
                ...

What a work holds: the caller, the time it began, the journal, the inbox, the clocks, and the service's repositories.
As it commits, the journal is written last (its chains are locked for the shortest time), then the relay is woken.

Both databases behave alike, which takes some care. PostgreSQL: psycopg2 (the one driver that yields to eventlet by
itself), every statement and every idle transaction bounded in time (`postgres`). SQLite: WAL, BEGIN IMMEDIATE, and one
connection for writing, so that greenthreads queue for it in Python and never inside SQLite, where waiting stops the
process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sqlalchemy as sa
from nameko.extensions import DependencyProvider
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from services.common import clock, guard, idempotency, postgres, tables
from services.common.caller import SYSTEM, Caller
from services.common.clocks import Commitments
from services.common.errors import Conflict, Unavailable
from services.common.inbox import Inbox
from services.common.journal import Journal

forbid_in_transaction = guard.forbid_in_transaction


class DatabaseUnavailable(Unavailable):
    """The database does not answer; try again later."""

    code = "database_unavailable"


class ConcurrentUpdate(Conflict):
    """Somebody else changed the same thing at the same moment; look again and retry."""

    code = "concurrent_update"


class Work:
    """One transaction and what belongs to it. Services add their repositories as cached properties.

    caller: on whose behalf the next events are recorded; when a service handles many, one after the other
    """

    def __init__(self, session: Session, caller: Caller, now: datetime):
        self.session, self.caller, self.now = session, caller, now

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.session, lambda: self.caller, self.now)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.session, self.now)

    @cached_property
    def commitments(self) -> Commitments:
        return Commitments(self.session, self.now)

    def once(self, command: str, request: Any, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The reply of `act`, done at most once for the caller's idempotency key (see `idempotency.once`)."""
        return idempotency.once(self.session, self.caller, self.now, command, request, act)


WorkT = TypeVar("WorkT", bound=Work)


class Store:
    """A service's database: its engines and its units of work."""

    def __init__(self, url: str, *, pool_size: int = 24):
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = _sqlite(self.url, writing=True)
            self.reader = _sqlite(self.url, writing=False)
        else:
            self.engine = postgres.engine(self.url, pool_size)
            self.reader = self.engine.execution_options(begin=postgres.SNAPSHOT)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(self.reader, expire_on_commit=False)
        event.listen(self._write, "do_orm_execute", _read_anew)
        self.on_commit: Callable[[], None] = lambda: None

    @contextmanager
    def work(self, kind: type[WorkT], caller: Caller = SYSTEM, *, reading: bool = False) -> Iterator[WorkT]:
        """One transaction. Errors of the database become Unavailable or Conflict; everything else passes through.

        reading: nothing may be recorded, and all is read as of one moment; on SQLite it does not wait for writers.
        """
        recorded = 0
        with guard.transaction(), translated(), (self._read if reading else self._write)() as session:
            work = kind(session, caller, clock.now())
            yield work
            if not reading:
                session.flush()
                recorded = work.journal.flush(commit=True)
                session.commit()
        if recorded:
            self.on_commit()

    def ping(self) -> None:
        """Raise unless the database answers."""
        with translated(), self.reader.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    def dispose(self) -> None:
        self.engine.dispose()
        self.reader.dispose()


class Database(DependencyProvider, Generic[WorkT]):
    """The nameko dependency: `self.work()` is a unit of work on behalf of whoever made the call."""

    if TYPE_CHECKING:  # what nameko puts in its place on each worker's instance

        def __get__(self, instance: object, owner: type) -> Callable[..., AbstractContextManager[WorkT]]: ...

    def __init__(self, work: type[WorkT]):
        self.work_class = work

    def setup(self) -> None:
        from services.common.relay import Relay

        settings, service = self.container.config["settings"], self.container.service_name
        self.store = Store(settings.database_url(service), pool_size=self.container.max_workers + 4)
        self.relay = Relay(self.store, service, settings.amqp_uri)
        self.store.on_commit = self.relay.wake

    def start(self) -> None:
        self._relaying = self.container.spawn_managed_thread(self.relay.run, identifier="relay")

    def stop(self) -> None:
        """Called when the workers are done: publish what they committed, then let go."""
        self.relay.stop()
        self._relaying.wait()
        self.store.dispose()

    def kill(self) -> None:
        self.relay.stop()

    def get_dependency(self, worker_ctx: Any) -> Callable[..., AbstractContextManager[WorkT]]:
        caller = Caller.from_headers(worker_ctx.data.get("caller"))

        def work(*, reading: bool = False) -> AbstractContextManager[WorkT]:
            return self.store.work(self.work_class, caller, reading=reading)

        return work

    def health(self) -> None:
        """Raise unless the database answers (readiness)."""
        self.store.ping()

    def backlog(self) -> dict[str, float]:
        """What waits here, for /metrics: entries to be published and the age of the oldest, retries, dead letters."""
        out, inbox = tables.outbox, tables.inbox.c
        oldest = (
            sa.select(tables.journal.c.occurred_at)
            .join_from(out, tables.journal, tables.journal.c.id == out.c.entry_id)
            .order_by(out.c.position)
            .limit(1)
        )
        with translated(), self.store.reader.connect() as connection:
            since = connection.scalar(oldest)
            waiting = connection.scalar(sa.select(sa.func.count()).select_from(out))
            retries = connection.scalar(sa.select(sa.func.count()).where(inbox.next_attempt_at.is_not(None)))
            dead = connection.scalar(sa.select(sa.func.count()).where(inbox.dead_at.is_not(None)))
        age = (clock.now() - since).total_seconds() if since else 0.0
        return {
            "outbox_entries": waiting or 0,
            "outbox_seconds": age,
            "retries": retries or 0,
            "dead_letters": dead or 0,
        }

    def promises(self) -> list[dict[str, Any]]:
        """For /metrics, of the clocks started in the last seven days: how many were kept, breached, still run."""
        with self.store.work(Work, reading=True) as work:
            return work.commitments.report(work.now - timedelta(days=7), work.now)


@contextmanager
def translated() -> Iterator[None]:
    """The database's own errors as ours, so that a caller learns whether to retry."""
    try:
        yield
    except (IntegrityError, StaleDataError) as exc:
        raise ConcurrentUpdate from exc
    except (OperationalError, InterfaceError, PoolTimeout) as exc:
        raise DatabaseUnavailable from exc
    except DBAPIError as exc:
        if exc.connection_invalidated:
            raise DatabaseUnavailable from exc
        raise


def dialect_insert(session: Session) -> Any:
    """The INSERT that knows ON CONFLICT, of the database at hand."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def add_if_new(session: Session, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Add a row unless its key is there; whether it was added. Who comes second at the same moment waits, and hears."""
    return session.execute(_insert_new(dialect_insert(session), table, told=True), row).first() is not None


def add_those_new(session: Session, table: sa.Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Add these rows but for those whose key is there; nobody waits to hear which (`postgres`)."""
    session.execute(_insert_new(dialect_insert(session), table, told=False), rows, execution_options={"later": True})


@cache
def _insert_new(insert: Any, table: sa.Table, *, told: bool) -> Any:
    new = insert(table).on_conflict_do_nothing()
    return new.returning(*table.primary_key) if told else new


def _read_anew(state: ORMExecuteState) -> None:
    """What is locked is read as it is now, even where the session knows it from before (events of one batch do)."""
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.update_execution_options(populate_existing=True)


def values_of(item: object, table: sa.Table) -> dict[str, Any]:
    """A row of the table, from the attributes that bear its columns' names."""
    return {column.name: getattr(item, column.name) for column in table.c}


def _sqlite(url: sa.URL, *, writing: bool) -> sa.Engine:
    size = 1 if writing else 5
    engine = sa.create_engine(url, pool_size=size, max_overflow=0, pool_timeout=10, **tables.JSON_OPTIONS)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin too late: we send BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=2000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
