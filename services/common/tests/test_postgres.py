"""Transactions on PostgreSQL: begun and ended with the statements they hold, and as safe as the driver's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import eventlet
import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.api import RedriveLetters, Redriven
from services.common.basics.caller import ADMIN
from services.common.store import tables
from services.common.store.database import ConcurrentUpdate, DatabaseUnavailable, Store, Work
from services.common.store.upsert import add_if_new
from services.common.testing import eventually, fresh_database_url, staff
from services.common.tests.toys import Teller, ThingHappened

pytestmark = pytest.mark.integration

ENDS_HERE = {"commit": True}
LATER = {"later": True}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh_database_url("toy", tmp_path) as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Open a store with one connection, so that each transaction has the connection of the one before it."""
    store = Store(url, pool_size=1)
    yield store
    store.dispose()


@pytest.fixture
def other(url: str) -> Iterator[sa.Connection]:
    """Open a second connection, each of whose statements is a transaction."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def backend(store: Store) -> int:
    """Return the number of the server's process behind the store's connection."""
    with store.engine.connect() as connection:
        pid: int = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        return pid


def heard(other: sa.Connection, pid: int) -> tuple[str, str, object]:
    """Return what the server was last told on that connection, its state, and since when."""
    query = sa.text("SELECT query, state, state_change FROM pg_stat_activity WHERE pid = :pid")
    said, state, since = other.execute(query, {"pid": pid}).one()
    return said, state, since


def names(other: sa.Connection) -> list[str]:
    return list(other.execute(sa.select(tables.schedule.c.name).order_by(tables.schedule.c.name)).scalars())


def add(name: str) -> sa.Insert:
    return sa.insert(tables.schedule).values(name=name, next_at=sa.func.now())


class Undone(Exception):
    """Something went wrong in a unit of work after all that it had to say."""


def work_undone(store: Store, *statements: sa.Insert, options: Mapping[str, bool] | None = None) -> None:
    with store.work(Work) as work:
        work.session.connection()
        for statement in statements:
            work.session.execute(statement, execution_options=options or {})
        raise Undone


def work_ended(store: Store, *statements: sa.Insert, event: ThingHappened | None = None) -> None:
    """Run a unit of work that does not wait for these statements."""
    with store.work(Work) as work:
        for statement in statements:
            work.session.execute(statement, execution_options=LATER)
        work.journal.record(event)


def part(work: Work, *statements: sa.Insert, undone: bool = False) -> None:
    """Run a savepoint that does not wait for these statements."""
    with work.session.begin_nested():
        for statement in statements:
            work.session.execute(statement, execution_options=LATER)
        if undone:
            raise Undone


def work_ended_by(store: Store, last: sa.Insert, *before: sa.Insert) -> None:
    with store.work(Work) as work:
        for statement in before:
            work.session.execute(statement)
        work.session.execute(last, execution_options=ENDS_HERE)


def test_begin_travels_with_the_first_statement_and_no_other(store: Store, other: sa.Connection) -> None:
    pid = backend(store)

    with store.work(Work) as work:
        work.session.execute(sa.text("SELECT 1"))
        first = heard(other, pid)
        work.session.execute(sa.text("SELECT 2"))
        second = heard(other, pid)

    assert first[:2] == ("BEGIN; SELECT 1", "idle in transaction")
    assert second[:2] == ("SELECT 2", "idle in transaction")
    assert heard(other, pid)[:2] == ("COMMIT", "idle")


def test_the_journal_statement_carries_the_commit(store: Store, other: sa.Connection) -> None:
    pid = backend(store)

    with store.work(Work) as work:
        work.journal.record(ThingHappened(thing="a", number=1))

    said, state, _ = heard(other, pid)
    assert (said.split()[0], state) == ("WITH", "idle")  # the server shows the first thousand characters only


def test_an_unused_transaction_sends_nothing_to_the_server(store: Store, other: sa.Connection) -> None:
    pid = backend(store)
    with store.work(Work) as work:
        work.session.execute(sa.text("SELECT 1"))
    before = heard(other, pid)

    with store.work(Work) as work:
        work.session.connection()
    with pytest.raises(Undone):
        work_undone(store)

    assert heard(other, pid) == before


def test_work_after_an_unused_transaction_begins_its_own(store: Store, other: sa.Connection) -> None:
    with store.work(Work) as work:
        work.session.connection()
    with pytest.raises(Undone):
        work_undone(store, add("a"))

    assert names(other) == []


@pytest.mark.parametrize("before", [[], [add("a")]], ids=["alone", "last of two"])
def test_a_last_statement_that_fails_takes_its_commit_with_it(
    store: Store, other: sa.Connection, before: list[sa.Insert]
) -> None:
    other.execute(add("there"))

    with pytest.raises(ConcurrentUpdate):
        work_ended_by(store, add("there"), *before)

    assert names(other) == ["there"]
    work_ended_by(store, add("b"))  # and the connection is as good as new
    assert names(other) == ["b", "there"]


def test_a_hidden_failure_is_not_committed(store: Store, other: sa.Connection) -> None:
    """The driver's own commit would come back as if all were well."""
    other.execute(add("there"))

    def hush_up() -> None:
        with store.work(Work) as work:
            work.session.execute(add("a"))
            with suppress(sa.exc.IntegrityError):
                work.session.execute(add("there"))

    with pytest.raises(sa.exc.InternalError, match="nothing of the transaction was kept"):
        hush_up()

    assert names(other) == ["there"]
    work_ended_by(store, add("b"))
    assert names(other) == ["b", "there"]


def test_a_savepoint_undoes_only_what_came_after_it(store: Store, other: sa.Connection) -> None:
    other.execute(add("there"))

    def add_two(work: Work) -> None:
        with work.session.begin_nested():
            work.session.execute(add("a"))
            work.session.execute(add("there"))

    with store.work(Work) as work:
        with pytest.raises(sa.exc.IntegrityError):
            add_two(work)
        work.session.execute(add("b"))
        with work.session.begin_nested():
            work.session.execute(add("c"))
        assert names(other) == ["there"]

    assert names(other) == ["b", "c", "there"]


def test_a_reader_sees_one_moment(store: Store, other: sa.Connection) -> None:
    other.execute(add("a"))
    count = sa.select(sa.func.count()).select_from(tables.schedule)

    with store.work(Work, reading=True) as work:
        seen = [work.session.scalar(count)]
        other.execute(add("b"))
        seen.append(work.session.scalar(count))

    assert seen == [1, 1]
    with store.work(Work) as work:  # the same connection, for writing
        assert work.session.scalar(count) == 2
        other.execute(add("c"))
        assert work.session.scalar(count) == 3


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_a_reader_cannot_write(store: Store, other: sa.Connection, many: bool) -> None:
    """Not in the form either in which the driver is given many rows, and BEGIN goes ahead of them."""
    other.execute(add("a"))
    update = sa.text("UPDATE schedule SET next_at = now() WHERE name = :name")

    with pytest.raises(sa.exc.InternalError, match="read-only"), store.work(Work, reading=True) as work:
        work.session.connection().execute(update, [{"name": "a"}, {"name": "b"}] if many else {"name": "a"})


def test_many_rows_are_in_the_transaction_too(store: Store, other: sa.Connection) -> None:
    rename = sa.text("UPDATE schedule SET name = :to WHERE name = :name")
    other.execute(add("a"))
    other.execute(add("b"))

    with store.work(Work) as work:
        work.session.connection().execute(rename, [{"name": "a", "to": "c"}, {"name": "b", "to": "d"}])
        assert names(other) == ["a", "b"]

    assert names(other) == ["c", "d"]


@pytest.mark.parametrize("before", [[], [add("a")]], ids=["before a word was said", "in the middle"])
def test_a_connection_cut_in_a_transaction_leaves_no_trace(
    store: Store, other: sa.Connection, before: list[sa.Insert]
) -> None:
    pid = backend(store)

    def cut() -> None:
        with store.work(Work) as work:
            work.session.connection()
            for statement in before:
                work.session.execute(statement)
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            work.session.execute(add("b"))

    with pytest.raises(DatabaseUnavailable):
        cut()

    assert names(other) == []
    assert backend(store) != pid
    with pytest.raises(Undone):
        work_undone(store, add("c"))
    work_ended_by(store, add("d"))
    assert names(other) == ["d"]


def test_the_kits_own_statements_fail_like_any_other(store: Store, other: sa.Connection) -> None:
    pid, soon = backend(store), clock.now()

    def cut() -> None:
        with store.work(Work) as work:
            assert add_if_new(work.session, tables.schedule, {"name": "a", "next_at": soon})
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            add_if_new(work.session, tables.schedule, {"name": "b", "next_at": soon})

    with pytest.raises(DatabaseUnavailable):
        cut()
    with pytest.raises(sa.exc.DataError), store.work(Work) as work:
        add_if_new(work.session, tables.schedule, {"name": "long" * 30, "next_at": soon})

    work_ended(store, add("c"))
    assert names(other) == ["c"]


def test_held_statements_travel_with_the_next_query(store: Store, other: sa.Connection) -> None:
    pid = backend(store)

    with store.work(Work) as work:
        work.session.execute(add("50% off; 'now'"), execution_options=LATER)
        _, before, _ = heard(other, pid)
        count = work.session.execute(sa.text("SELECT count(*) FROM schedule WHERE name LIKE '50%'")).scalar()
        said, after, _ = heard(other, pid)

    assert (before, count, after) == ("idle", 1, "idle in transaction")
    assert [part.split()[0] for part in said.split("; ") if part[0].isupper()] == ["BEGIN", "INSERT", "SELECT"]
    assert names(other) == ["50% off; 'now'"]


def test_held_statements_travel_with_the_commit_at_last(store: Store, other: sa.Connection) -> None:
    pid = backend(store)

    with store.work(Work) as work:
        work.session.execute(add("a"), execution_options=LATER)
        work.session.execute(add("b"), execution_options=LATER)

    assert heard(other, pid)[0].endswith("; COMMIT")
    assert names(other) == ["a", "b"]


def test_what_fails_later_fails_the_transaction(store: Store, other: sa.Connection) -> None:
    with pytest.raises(ConcurrentUpdate):
        work_ended(store, add("a"), add("a"))
    with pytest.raises(ConcurrentUpdate):
        work_ended(store, add("b"), add("b"), event=ThingHappened(thing="a", number=1))

    assert names(other) == []
    with store.work(Work, reading=True) as work:
        assert work.session.execute(sa.select(sa.func.count()).select_from(tables.journal)).scalar() == 0


def test_what_was_held_back_is_forgotten_with_its_transaction(store: Store, other: sa.Connection) -> None:
    with pytest.raises(Undone):
        work_undone(store, add("a"), options=LATER)

    with store.work(Work) as work:
        work.session.execute(add("b"), execution_options=LATER)

    assert names(other) == ["b"]


def test_what_was_held_back_in_a_savepoint_is_undone_with_it(store: Store, other: sa.Connection) -> None:
    with store.work(Work) as work:
        work.session.execute(add("a"), execution_options=LATER)
        with pytest.raises(Undone):
            part(work, add("b"), undone=True)
        part(work, add("c"))

    assert names(other) == ["a", "c"]


def test_a_savepoint_reports_its_failure_and_goes_no_further(store: Store, other: sa.Connection) -> None:
    with store.work(Work) as work:
        work.session.execute(add("a"), execution_options=LATER)
        with pytest.raises(sa.exc.IntegrityError):
            part(work, add("a"))

    assert names(other) == ["a"]


def test_rows_of_an_orm_flush_need_no_round_trip_of_their_own(store: Store, other: sa.Connection) -> None:
    class Job:
        def __init__(self, name: str):
            self.name, self.next_at = name, clock.now()

    registry = sa.orm.registry()
    registry.map_imperatively(Job, tables.schedule)
    pid = backend(store)
    try:
        with store.work(Work) as work:
            work.session.add_all([Job("a"), Job("b")])
            work.session.flush()
            _, state, _ = heard(other, pid)
    finally:
        registry.dispose()

    assert state == "idle"
    assert names(other) == ["a", "b"]


class Crossing(Teller):
    """Touches one row, waits until another worker has touched its own, then touches that one too."""

    name = "crossing"
    attempts: ClassVar[list[str]] = []
    met: ClassVar[list[str]] = []

    def redrive_letters(self, wish: RedriveLetters) -> Redriven:
        for row in wish.events:
            Crossing.attempts.append(row)
            self.work.session.execute(
                sa.update(tables.schedule).where(tables.schedule.c.name == row).values(next_at=sa.func.now())
            )
            Crossing.met.append(row)
            eventually(lambda: len(set(Crossing.met)) == 2)
        self.work.journal.record(ThingHappened(thing=wish.events[0], number=1))
        return {"redriven": 1}


def test_of_two_that_wait_for_each_other_both_are_done(url: str, other: sa.Connection) -> None:
    store = Store(url, pool_size=2)
    other.execute(add("one"))
    other.execute(add("two"))

    def ask(*rows: str) -> object:
        service: Any = Crossing()
        service.caller, service.links = staff(ADMIN), ()
        service.transaction = partial(store.work, Work, service.caller)
        return service.redrive_letters({"events": list(rows)})

    asked = [eventlet.spawn(ask, *rows) for rows in (("one", "two"), ("two", "one"))]

    assert [each.wait() for each in asked] == [{"redriven": 1}] * 2
    assert len(Crossing.attempts) > 4, "neither was in the way of the other"
    assert other.scalar(sa.select(sa.func.count()).select_from(tables.journal)) == 2, "each is done once"
    store.dispose()
