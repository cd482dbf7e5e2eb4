"""The journal: written with the rows, never changed, and able to prove it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.common.store import tables
from services.common.store.database import ConcurrentUpdate, Store, Work
from services.common.store.restored import JournalRestored
from services.common.testing import customer, distributed, fresh_store
from services.common.tests.toys import NobodyCares, Person, ThingHappened, ThingSaid


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("toy", tmp_path) as store:
        yield store


def record(store: Store, thing: str, *numbers: int) -> None:
    with store.work(Work, customer()) as work:
        work.journal.record(*(ThingHappened(thing=thing, number=n, order_number="ORD-1") for n in numbers))


def flaws(store: Store) -> list[str]:
    with store.work(Work, reading=True) as work:
        return [f"{flaw.subject}/{flaw.subject_seq} {flaw.what}" for flaw in work.journal.verify()]


def tamper(store: Store, statement: str, **values: Any) -> None:
    """Change the journal as an owner of the database could, with its protection switched off."""
    with store.engine.begin() as connection:
        if store.is_sqlite:
            connection.execute(sa.text("DROP TRIGGER IF EXISTS journal_no_update"))
            connection.execute(sa.text("DROP TRIGGER IF EXISTS journal_no_delete"))
        else:
            connection.execute(sa.text("ALTER TABLE journal DISABLE TRIGGER ALL"))
        changed = connection.execute(sa.text(statement), values).rowcount
        assert changed == 1, "the test changed nothing"


def test_entries_of_a_subject_are_numbered_and_chained(store: Store) -> None:
    record(store, "a", 1, 2)
    record(store, "b", 7)
    record(store, "a", 3)

    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(tables.journal).where(tables.journal.c.subject == "a")).all()

    assert [row.subject_seq for row in rows] == [1, 2, 3]
    assert [row.prev_hash for row in rows] == ["0" * 64, rows[0].hash, rows[1].hash]
    assert {row.actor for row in rows} == {"customer:erased"}
    assert flaws(store) == []


def restored(store: Store, lost_from: int, lost_to: int) -> None:
    with store.work(Work) as work:
        at, lost, known_by = work.now, ("thing_happened",), ("follower",)
        place = {"lost_from": lost_from, "lost_to": lost_to}
        gap = JournalRestored(chain="a", order_number=None, backup_of=at, lost=lost, known_by=known_by, **place)
        work.journal.go_on_after(gap)


def test_a_chain_without_its_end_continues_past_what_is_known(store: Store) -> None:
    record(store, "a", 1, 2)

    restored(store, 3, 7)
    record(store, "a", 3)

    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(tables.journal).where(tables.journal.c.subject == "a")).all()
    assert [(row.subject_seq, row.type) for row in rows][2:] == [(8, "journal_restored"), (9, "thing_happened")]
    assert flaws(store) == []


def test_a_lost_chain_begins_past_what_others_know(store: Store) -> None:
    restored(store, 1, 4)
    record(store, "a", 1)

    assert flaws(store) == []


def test_a_gap_other_than_the_declared_one_is_found(store: Store) -> None:
    record(store, "a", 1, 2, 3)
    restored(store, 4, 7)

    tamper(store, "DELETE FROM journal WHERE subject = 'a' AND subject_seq = 3")

    assert flaws(store) == ["a/3 removed: 2 is followed by 8"]


def test_nothing_is_recorded_when_the_work_fails(store: Store) -> None:
    def fail() -> None:
        with store.work(Work) as work:
            work.journal.record(ThingHappened(thing="a", number=1))
            work.journal.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with store.engine.connect() as connection:
        for table in (tables.journal, tables.outbox, tables.journal_heads):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_every_entry_is_in_the_outbox_and_says_if_followed(store: Store) -> None:
    with store.work(Work) as work:
        work.journal.record(ThingHappened(thing="a", number=1), None, NobodyCares(thing="a", number=2))

    with store.engine.connect() as connection:
        waiting = connection.execute(
            sa.select(tables.journal.c.type, tables.outbox.c.followed)
            .join_from(tables.outbox, tables.journal, tables.journal.c.id == tables.outbox.c.entry_id)
            .order_by(tables.outbox.c.position)
        ).all()

    assert [tuple(row) for row in waiting] == [("thing_happened", True), ("nobody_cares", False)]


@pytest.mark.parametrize("statement", ["UPDATE journal SET body = '{}'", "DELETE FROM journal"])
def test_the_database_refuses_to_change_or_remove_an_entry(store: Store, statement: str) -> None:
    record(store, "a", 1)

    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(sa.text(statement))

    assert flaws(store) == []


def test_postgresql_refuses_to_empty_the_journal_as_well(store: Store) -> None:
    if not distributed():
        pytest.skip("SQLite has no TRUNCATE")
    record(store, "a", 1)

    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE journal"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", '{"number":2,"order_number":"ORD-1","thing":"changed"}'),
        ("actor", "customer:eve@example.com"),
        ("occurred_at", "2001-01-01 00:00:00+00"),
        ("order_number", "ORD-2"),
        ("audience", "public"),
        ("type", "another"),
        ("trace_id", "x"),
    ],
)
def test_verify_finds_an_entry_that_was_edited(store: Store, column: str, value: str) -> None:
    record(store, "a", 1, 2, 3)
    record(store, "b", 1)

    tamper(store, f"UPDATE journal SET {column} = :value WHERE subject = 'a' AND subject_seq = 2", value=value)  # noqa: S608

    assert flaws(store) == ["a/2 edited: the entry does not fit its hash"]


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_verify_finds_an_entry_that_was_removed_even_the_last(store: Store, gone: int) -> None:
    record(store, "a", 1, 2, 3)

    tamper(store, "DELETE FROM journal WHERE subject = 'a' AND subject_seq = :gone", gone=gone)

    assert any("removed" in flaw for flaw in flaws(store))


def test_verify_finds_a_whole_chain_that_was_removed(store: Store) -> None:
    record(store, "a", 1)
    record(store, "b", 1)

    tamper(store, "DELETE FROM journal WHERE subject = 'a'")

    assert flaws(store) == ["a/1 removed: the chain ends at 0"]


def test_verify_finds_an_inserted_entry_with_a_fitting_hash(store: Store) -> None:
    from services.common.store.journal import entry_hash

    record(store, "a", 1, 2)
    with store.engine.begin() as connection:
        last = (
            connection.execute(sa.select(tables.journal).order_by(tables.journal.c.position.desc())).mappings().first()
        )
        assert last is not None
        forged = {**last, "id": "forged", "subject_seq": 3, "prev_hash": last["hash"]}
        forged.pop("position")
        forged["hash"] = entry_hash(forged)
        connection.execute(sa.insert(tables.journal).values(forged))

    assert flaws(store) == ["a/3 inserted: the chain goes on past its recorded end"]


def test_verify_finds_a_chain_that_was_rehashed_from_an_edit_on(store: Store) -> None:
    """Rewriting every later hash too still fails at the head."""
    from services.common.store.journal import entry_hash

    record(store, "a", 1)
    with store.engine.connect() as connection:
        entry = dict(connection.execute(sa.select(tables.journal)).mappings().one())
    entry["body"] = '{"number":99}'
    tamper(store, "UPDATE journal SET body = :body, hash = :hash", body=entry["body"], hash=entry_hash(entry))

    assert flaws(store) == ["a/1 inserted: the chain goes on past its recorded end"]


def test_writers_of_one_subject_at_once_make_one_chain(store: Store) -> None:
    outcomes: list[str] = []

    def write(number: int) -> None:
        try:
            record(store, "a", number)
            outcomes.append("recorded")
        except ConcurrentUpdate:
            outcomes.append("refused")  # two began the chain at once: one of them is told to try again

    workers = [eventlet.spawn(write, number) for number in range(20)]
    for worker in workers:
        worker.wait()

    with store.engine.connect() as connection:
        seqs = connection.execute(sa.select(tables.journal.c.subject_seq).order_by("subject_seq")).scalars().all()
    assert len(outcomes) == 20
    assert seqs == list(range(1, outcomes.count("recorded") + 1))
    assert flaws(store) == []


def test_of_two_that_begin_one_chain_one_is_told(store: Store) -> None:
    def begin() -> str:
        with store.work(Work) as work:
            work.journal.begin("new")
            work.journal.record(ThingHappened(thing="new", number=1), ThingHappened(thing="new", number=2))
        return "begun"

    assert begin() == "begun"
    with pytest.raises(ConcurrentUpdate):
        begin()

    with store.work(Work) as work:
        work.journal.record(ThingHappened(thing="new", number=3))
    with store.work(Work, reading=True) as work:
        assert list(work.journal.verify()) == []
        assert work.session.scalar(sa.select(tables.journal_heads.c.subject_seq)) == 3


def test_the_timeline_shows_customers_public_entries_only(store: Store) -> None:
    record(store, "a", 1)

    with store.work(Work, reading=True) as work:
        everything = work.journal.timeline("ORD-1", public_only=False)
        public = work.journal.timeline("ORD-1", public_only=True)

    assert [entry["body"]["number"] for entry in everything] == [1]
    assert everything[0]["occurred_at"].endswith("Z")
    assert public == []


def test_a_long_timeline_shows_its_latest_entries_in_order(store: Store) -> None:
    record(store, "a", *range(7))

    with store.work(Work, reading=True) as work:
        shown = work.journal.timeline("ORD-1", public_only=False, limit=3)

    assert [entry["body"]["number"] for entry in shown] == [4, 5, 6]


def test_personal_texts_are_sealed_until_their_key_is_gone(store: Store) -> None:
    said = ThingSaid(thing="a", order_number="ORD-1", words="call 555", by=Person("Ada", ("1 Row", "")))
    with store.work(Work, customer()) as work:
        work.journal.record(said, said)

    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(tables.journal)).all()
    stored = "".join(row.body + row.actor for row in rows)
    assert not [word for word in ("555", "Ada", "1 Row", "ada@") if word in stored]
    assert [(entry["body"], entry["actor"]) for entry in story(store)] == [(said.body(), customer().actor)] * 2

    with store.work(Work) as work:
        work.erasures.drop_keys("a")
        work.journal.record(said)

    gone = {**said.body(), "words": "erased", "by": {"name": "erased", "lines": ["erased", ""]}}
    assert [entry["body"] for entry in story(store)] == [gone] * 3
    assert [entry["actor"] for entry in story(store)] == ["customer:erased", "customer:erased", "system"]
    assert flaws(store) == []


def story(store: Store) -> list[Any]:
    with store.work(Work, reading=True) as work:
        return list(work.journal.timeline("ORD-1", public_only=False))
