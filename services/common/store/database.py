"""One service's database, and the unit of work in which everything happens.

    class OrdersService(Service):
        name = "orders"
        work = Database(Work)                 # Work: the service's own, from repository.py

        @rpc
        def place_order(self, order):
            with self.transaction() as work:  # one transaction: commits here, or rolls back with the error
                ...

What a work holds: the caller, the time it began, the journal, the inbox, the clocks, and the service's repositories.
As it commits, the journal is written last (its chains are locked for the shortest time), then the relay is woken.
Two that wait for each other's rows are a circle, of which the database ends one: `repeated` runs that once more, and so
does `in_one`, for what opens its transaction itself.

Both databases behave alike, which takes some care. PostgreSQL: psycopg2 (the one driver that yields to eventlet by
itself), every statement and every idle transaction bounded in time (`postgres`). SQLite: WAL, BEGIN IMMEDIATE, and one
connection for writing, so that greenthreads queue for it in Python and never inside SQLite, where waiting stops the
process. What is deleted or overwritten is overwritten in the file too, so that what was erased is gone.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from services.common.basics import clock, guard
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.errors import Conflict, Unavailable
from services.common.store import idempotency, postgres, tables
from services.common.store.blind import Blind
from services.common.store.chain_keys import Opens
from services.common.store.commitments import Commitments
from services.common.store.direct import WROTE
from services.common.store.erasures import Erasures
from services.common.store.inbox import Inbox
from services.common.store.journal import Journal
from services.common.store.leases import Leases

Reply = TypeVar("Reply")
ATTEMPTS = 4
"""How often a unit of work is run at most while the database ends it (`repeated`)."""
log = logging.getLogger(__name__)


class DatabaseUnavailable(Unavailable):
    """The database does not answer; try again later."""

    code = "database_unavailable"
    message = "The database does not answer; try again later."


class ConcurrentUpdate(Conflict):
    """The same thing was changed at the same moment. Look again and retry."""

    code = "concurrent_update"
    message = "Somebody else changed the same thing at the same moment; look again and retry."


class EndedForAnother(ConcurrentUpdate):
    """The database ended this transaction for another one's sake: two waited for each other. Run it again."""


class Work:
    """One transaction and what belongs to it. Services add their repositories as cached properties.

    caller:   on whose behalf the next events are recorded; when a service handles many, one after the other
    settings: the service's own, of the kind that its unit of work says
    seals:    what seals the rows that stand plainly, as a process starts (`sealed_rows`, `blind`)
    """

    settings: object
    seals: ClassVar[Sequence[Callable[[Opens, Callable[[], bool]], int]]] = ()

    def __init__(self, session: Session, caller: Caller, now: datetime, settings: object = None):
        self.session, self.caller, self.now, self.settings = session, caller, now, settings

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.session, lambda: self.caller, self.now)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.session, self.now)

    @cached_property
    def commitments(self) -> Commitments:
        return Commitments(self.session, self.now)

    @cached_property
    def erasures(self) -> Erasures:
        return Erasures(self.session, self.now)

    @cached_property
    def blind(self) -> Blind:
        return Blind(self.session)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self.session, self.now)

    def end(self) -> None:
        """Do what comes last in a transaction that writes, before its journal is written."""
        if "erasures" in vars(self):
            self.erasures.end()

    def once(self, command: str, request: object, act: Callable[[], Reply], *, asker: str = "") -> Reply:
        """Return the reply of `act`, done at most once for the caller's idempotency key (see `idempotency.once`)."""
        return idempotency.once(self.session, self.caller, self.now, command, request, act, asker)

    def repeats(self, command: str, request: object) -> bool:
        """Return whether the caller's key says that this was done before (see `idempotency.repeats`)."""
        return idempotency.repeats(self.session, self.caller, command, request)

    def once_for(self, thing: str, command: str, request: object, act: Callable[[], Reply]) -> Reply:
        """Return the reply of `act` about one of many things: the caller's key holds for each of them by itself.

        Nothing else is to be done for the caller in this unit of work.
        """
        if key := self.caller.idempotency_key:
            self.caller = replace(self.caller, idempotency_key=f"{key} {thing}")
        return self.once(command, request, act)


WorkT = TypeVar("WorkT", bound=Work)


class Store:
    """A service's database: its engines and its units of work."""

    def __init__(self, url: str, *, pool_size: int = 24, settings: object = None):
        self.url, self.settings = sa.make_url(url), settings
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = _sqlite(self.url, writing=True)
            self.reader = _sqlite(self.url, writing=False)
        else:
            self.engine, self.reader = postgres.engines(self.url, pool_size)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(self.reader, expire_on_commit=False)
        event.listen(self._write, "do_orm_execute", _read_anew)
        event.listen(self._write, "do_orm_execute", _note_statement)
        event.listen(self._write, "after_flush", _note_flush)
        self.on_commit: Callable[[], None] = lambda: None
        self.bells: list[Callable[[], None]] = []
        """Rung when a unit of work has written something: what it wrote may be due before what its hearers wait for."""

    @contextmanager
    def work(self, kind: type[WorkT], caller: Caller = SYSTEM, *, reading: bool = False) -> Iterator[WorkT]:
        """Open one transaction. Database errors become Unavailable or Conflict; everything else passes through.

        reading: nothing may be recorded, and all is read as of one moment; on SQLite it does not wait for writers.
        """
        recorded, wrote = 0, False
        with guard.transaction(), translated(), (self._read if reading else self._write)() as session:
            work = kind(session, caller, clock.now(), self.settings)
            yield work
            if not reading:
                work.end()
                session.flush()
                recorded = work.journal.flush(commit=True)
                session.commit()
                wrote = bool(recorded) or WROTE in session.info
        if recorded:
            self.on_commit()
        for ring in self.bells if wrote else ():
            ring()

    def ping(self) -> None:
        """Raise unless the database answers."""
        with translated(), self.reader.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    def dispose(self) -> None:
        self.engine.dispose()
        self.reader.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Raise the database's own errors as ours, so that a caller learns whether to retry."""
    try:
        yield
    except (IntegrityError, StaleDataError) as exc:
        raise ConcurrentUpdate from exc
    except (OperationalError, InterfaceError, PoolTimeout) as exc:
        raise (EndedForAnother if postgres.is_worth_repeating(exc) else DatabaseUnavailable) from exc
    except DBAPIError as exc:
        if exc.connection_invalidated:
            raise DatabaseUnavailable from exc
        raise


def in_one(transaction: Callable[[], AbstractContextManager[WorkT]], act: Callable[[WorkT], Reply]) -> Reply:
    """Return what `act` does in a transaction of its own; it is run again as `repeated` says."""

    def unit() -> Reply:
        with transaction() as work:
            return act(work)

    return repeated(unit)


def repeated(unit: Callable[[], Reply]) -> Reply:
    """Return what `unit` does; run it again if the database ended its transaction for another one's sake.

    It opens its transaction itself and does nothing else: nothing of an attempt that was ended is kept.
    Raise EndedForAnother, a ConcurrentUpdate, if that happens in each of the `ATTEMPTS`.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return unit()
        except EndedForAnother as ended:
            log.info("attempt %d was ended by the database, once more: %s", attempt, ended.__cause__)
    return unit()


def _read_anew(state: ORMExecuteState) -> None:
    """Read locked rows again, even if the session knows them from before (events of one batch do)."""
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.update_execution_options(populate_existing=True)


def _note_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info[WROTE] = True


def _note_flush(session: Session, _context: object) -> None:
    session.info[WROTE] = True


def _sqlite(url: sa.URL, *, writing: bool) -> sa.Engine:
    size = 1 if writing else 5
    engine = sa.create_engine(url, pool_size=size, max_overflow=0, pool_timeout=10, **tables.JSON_OPTIONS)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin too late: we send BEGIN ourselves
        kept_safe = ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON")
        for pragma in (*kept_safe, "foreign_keys=ON", "busy_timeout=2000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
