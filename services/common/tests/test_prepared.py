"""Statements that are prepared on PostgreSQL: they say and do the same as plain ones, and no failure outlives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.common.basics import clock, speed
from services.common.store import tables
from services.common.store.database import DatabaseUnavailable, Store, Work
from services.common.store.prepared import OFTEN
from services.common.testing import fresh_database_url

pytestmark = pytest.mark.integration

ROW = tables.schedule.c
COUNT = sa.select(sa.func.count()).where(ROW.name == sa.bindparam("name"))
TYPED = sa.select(
    sa.literal(7), sa.literal("x"), sa.case((ROW.name == "a", 1), else_=2) + 1, sa.cast({"k": [5]}, tables.Json)["k"][0]
).where(ROW.name.in_(["a", "b"]), ROW.next_at <= sa.bindparam("now", type_=tables.UtcDateTime))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a store with one connection, which knows what was prepared before."""
    with fresh_database_url("toy", tmp_path) as url:
        store = Store(url, pool_size=1)
        with store.engine.begin() as connection:  # no values, so that this is never prepared itself
            connection.exec_driver_sql("INSERT INTO schedule (name, next_at) VALUES ('a', now())")
        yield store
        store.dispose()


def ask(store: Store, statement: sa.Executable, values: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
    with store.work(Work) as work:
        return [tuple(row) for row in work.session.execute(statement, values or {})]


def ask_often(store: Store, statement: sa.Executable, values: Mapping[str, object] | None = None) -> list[object]:
    return [ask(store, statement, values) for _ in range(OFTEN + 2)]


def prepared(store: Store) -> list[str]:
    """Return what is prepared on the store's connection, without the numbers."""
    return [str(name).rpartition(" ")[0] for (name,) in ask(store, sa.text("SELECT name FROM pg_prepared_statements"))]


def test_what_is_asked_often_is_prepared_and_says_the_same(store: Store) -> None:
    values = {"now": clock.now()}
    plain = ask(store, TYPED, values)

    assert [*ask_often(store, TYPED, values), *ask_often(store, COUNT, {"name": "a"})] == (
        [plain] * (OFTEN + 2) + [[(1,)]] * (OFTEN + 2)
    )
    assert prepared(store) == ["SELECT FROM schedule"] * 2
    with speed.without("prepared"):
        assert ask(store, TYPED, values) == plain


def test_what_cannot_be_prepared_is_asked_plainly(store: Store) -> None:
    kind = sa.text("SELECT CAST(pg_typeof(:anything) AS text)")

    assert ask_often(store, kind, {"anything": "x"}) == [[("unknown",)]] * (OFTEN + 2)
    assert prepared(store) == []


def test_prepared_statements_outlive_a_transaction_that_failed(store: Store) -> None:
    add = sa.insert(tables.schedule).values(name=sa.bindparam("name"), next_at=sa.func.now()).returning(ROW.name)
    names = [f"job {number}" for number in range(OFTEN + 1)]
    assert [ask(store, add, {"name": name}) for name in names] == [[(name,)] for name in names]

    with store.work(Work) as work:
        with pytest.raises(sa.exc.IntegrityError), work.session.begin_nested():
            work.session.execute(add, {"name": "a"})
        work.session.execute(add, {"name": "b"})

    assert ask(store, add, {"name": "c"}) == [("c",)]
    assert prepared(store) == ["INSERT INTO schedule"]


def test_a_changed_table_costs_one_refusal_and_no_more(store: Store) -> None:
    """A migration while the service runs: who meets it is told to come again."""
    names = sa.select(ROW.name).where(ROW.name == sa.bindparam("name"))
    ask_often(store, names, {"name": "a"})
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE schedule ALTER COLUMN name TYPE varchar(90)")

    with pytest.raises(DatabaseUnavailable):
        ask(store, names, {"name": "a"})

    assert ask_often(store, names, {"name": "a"}) == [[("a",)]] * (OFTEN + 2)
