"""The keys of chains stand sealed in the database: who has a copy of it reads no personal data in the journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from services.common.basics import clock
from services.common.basics.errors import Unavailable
from services.common.runtime.database import Database
from services.common.store import chain_keys, tables
from services.common.store.chain_keys import OWN, ChainKeys, KeyMissing, seal_kept_texts, seal_plain_keys
from services.common.store.database import ConcurrentUpdate, Store, Work
from services.common.store.inbox import MAX_ATTEMPTS
from services.common.testing import customer, fresh_store
from services.common.tests.toys import Person, ThingSaid

OLD, NEW = f"2026-03-02-ab12:{'1f' * 32}", f"2026-11-29-cd34:{'2e' * 32}"
names = st.from_regex(r"[A-Za-z0-9-]{1,16}", fullmatch=True)
rings = st.lists(
    st.tuples(names, st.binary(min_size=32, max_size=32)), min_size=1, max_size=4, unique_by=lambda x: x[0]
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("toy", tmp_path) as store:
        yield store


@pytest.fixture(autouse=True)
def own() -> Iterator[ChainKeys]:
    yield OWN
    OWN.use("")


def say(store: Store, thing: str, words: str = "my back door is open") -> None:
    said = ThingSaid(thing=thing, order_number="ORD-1", words=words, by=Person("Ada", ("1 High Street",)))
    with store.work(Work, customer()) as work:
        work.journal.record(said)


def story(store: Store) -> list[str]:
    with store.work(Work, reading=True) as work:
        assert list(work.journal.verify()) == []
        return [json.dumps(entry["body"]) for entry in work.journal.timeline("ORD-1", public_only=False)]


def stored_keys(store: Store) -> dict[str, str]:
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(tables.journal_heads.c.subject, tables.journal_heads.c.key))
        return {row.subject: row.key for row in rows}


def seal(store: Store, what: Callable[..., int] = seal_plain_keys) -> int:
    @contextmanager
    def transaction() -> Iterator[Session]:
        with store.work(Work) as work:
            yield work.session

    return what(transaction, lambda: False)


def text(ring: list[tuple[str, bytes]]) -> str:
    return ", ".join(f"{name}:{key.hex()}" for name, key in ring)


@given(rings)
def test_each_key_of_ours_opens_what_it_sealed(ring: list[tuple[str, bytes]]) -> None:
    found = ChainKeys()
    made = []
    for place in range(len(ring)):
        found.use(text(ring[place:] + ring[:place]))
        made.append(found.new_key())
        assert made[-1].startswith(f"{ring[place][0]}.")
        assert len(made[-1]) <= 100

    plain = [found.open(stored) for stored in made]

    assert len({*plain}) == len(ring)
    assert all(found.open(found.seal(key)) == key for key in plain)
    found.use(text(ring[1:]))
    with pytest.raises(KeyMissing, match=ring[0][0]):
        found.open(made[0])


@given(st.text(max_size=120))
def test_what_is_no_key_opens_nothing(stored: str) -> None:
    found = ChainKeys()
    found.use(OLD)
    if "." not in stored:
        assert found.open(stored) == stored
    else:
        with pytest.raises(KeyMissing, match="PLEDGE_JOURNAL_KEYS"):
            found.open(stored)
    assert found.unwrap(found.wrap(stored)) == stored
    assert found.unwrap(f"~{stored} ") == f"~{stored} "


def test_a_copy_of_the_database_opens_no_chain(store: Store, own: ChainKeys) -> None:
    own.use(OLD)
    say(store, "a")
    say(store, "a", "the key is below the mat")
    assert ["mat" in each for each in story(store)] == [False, True]
    assert {key.partition(".")[0] for key in stored_keys(store).values()} == {"2026-03-02-ab12"}

    for others in ("", NEW, OLD.replace("1f", "3d")):
        own.use(others)
        with pytest.raises(KeyMissing):
            story(store)
        with pytest.raises(KeyMissing):
            say(store, "a")  # nothing is lost, and nothing is written that cannot be read

    own.use(f"{NEW}, {OLD}")
    assert len(story(store)) == 2


def test_who_asks_is_told_when_nothing_can_be_compared(store: Store, own: ChainKeys) -> None:
    own.use(OLD)
    with store.work(Work) as work:
        stored = work.blind.of("ada@example.com")

    own.use(NEW)
    with store.work(Work, reading=True) as work:
        for ask in (work.blind.forms, lambda text: work.blind.mentions(tables.journal_heads.c.subject, text)):
            with pytest.raises(Unavailable):
                ask("ada@example.com")
    own.use(OLD)
    with store.work(Work, reading=True) as work:
        assert stored in work.blind.forms("ada@example.com")


def test_keys_of_before_are_sealed_once_and_erased_ones_stay(
    store: Store, own: ChainKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_keys, "PAGE", 3)
    for number in range(8):
        say(store, f"thing-{number}")
    with store.work(Work) as work:
        work.erasures.drop_keys("thing-5")
    before = story(store)

    own.use(OLD)
    assert (seal(store), seal(store)) == (7, 0)
    kept = stored_keys(store)
    assert kept.pop("thing-5") == ""
    assert all(key.startswith("2026-03-02-ab12.") for key in kept.values())
    assert story(store) == before

    own.use(f"{NEW}, {OLD}")
    assert (seal(store), seal(store)) == (7, 0)
    own.use(NEW)
    assert story(store) == before


def test_a_key_that_is_lost_keeps_no_other_from_being_sealed(store: Store, own: ChainKeys) -> None:
    own.use(OLD)
    say(store, "lost")
    own.use("")
    say(store, "plain")

    own.use(NEW)

    assert seal(store) == 1
    assert {name: key.partition(".")[0] for name, key in stored_keys(store).items()} == {
        "lost": "2026-03-02-ab12", "plain": "2026-11-29-cd34"
    }  # fmt: skip


def test_a_conflict_leaves_sealing_to_the_next_start(store: Store, own: ChainKeys) -> None:
    def conflict(*_: object) -> None:
        raise ConcurrentUpdate

    say(store, "a")
    own.use(OLD)
    database: Any = Database(Work)
    database.store, database._stopping, database.container = store, False, SimpleNamespace(service_name="toy")
    sa.event.listen(store.engine, "before_cursor_execute", conflict, once=True)

    sealed = []
    for _start in range(2):
        database._seal_keys()
        sealed.append("." in stored_keys(store)["a"])

    assert sealed == [False, True]


def test_readers_come_before_writers(store: Store, own: ChainKeys) -> None:
    """While it is off, what is written can be read by a process that knows no sealing; what is sealed is read."""
    own.use(OLD)
    say(store, "sealed")

    own.use(OLD, writes=False)
    say(store, "plain", "a release before reads this")
    say(store, "sealed", "and this")
    with store.engine.connect() as connection:
        bodies = connection.scalars(sa.select(tables.journal.c.body).order_by(tables.journal.c.position)).all()
    assert seal(store) == 0
    assert [sum(word in body for word in ("~sealed", "before", "and this")) for body in bodies] == [1, 1, 1]
    assert "." not in stored_keys(store)["plain"]
    assert len(story(store)) == 3

    own.use(OLD)
    assert seal(store) == 1
    say(store, "plain", "strangers read nothing")
    with store.engine.connect() as connection:
        newest = connection.scalar(sa.select(tables.journal.c.body).order_by(tables.journal.c.position.desc()).limit(1))
    assert "strangers" not in str(newest)
    assert "strangers" in story(store)[-1]


def test_what_was_erased_is_gone_while_writers_wait(store: Store, own: ChainKeys) -> None:
    own.use(OLD, writes=False)
    say(store, "a")
    with store.work(Work) as work:
        work.erasures.drop_keys("a")

    say(store, "a", "words after the erasure")

    assert "words after" not in story(store)[-1]


def repeat(store: Store) -> str:
    """Send one command again, or for the first time. Return its reply."""
    with store.work(Work, customer(key="k")) as work:
        return str(work.once("tell", {"n": 1}, lambda: {"to": "Ada, 1 High Street"})["to"])


def kept(store: Store) -> str:
    """Return all that stands in the database of replies and of messages that wait for another try."""
    reply, message = tables.idempotency_keys.c.reply, tables.inbox.c.message
    with store.engine.connect() as connection:
        return "\n".join(str(text) for column in (reply, message) for text in connection.scalars(sa.select(column)))


def test_what_is_kept_for_a_repeat_is_sealed(store: Store, own: ChainKeys) -> None:
    own.use(OLD)
    repeat(store)
    with store.work(Work) as work:
        work.inbox.record_failure("on_thing", "a", '{"name": "Ada"}', "away")
        work.inbox.record_failure("on_thing", "b", '{"name": "Ada"}', "wrong", fatal=True)
    assert "Ada" not in kept(store)

    own.use(f"{NEW}, {OLD}")
    assert repeat(store) == "Ada, 1 High Street"
    with store.work(Work) as work, clock.shifted(timedelta(hours=1)):
        assert [each["message"] for each in work.inbox.dead()] == [{"name": "Ada"}]

    own.use(NEW)
    with pytest.raises(Unavailable):
        repeat(store)  # it was done, and is not done again
    with clock.shifted(timedelta(hours=1)), store.work(Work) as work:
        assert work.inbox.claim_due() == []
        assert "sealed" in str(work.inbox.dead()[0]["message"])

    own.use(OLD)
    with clock.shifted(timedelta(hours=2)), store.work(Work) as work:
        assert [each.message for each in work.inbox.claim_due()] == ['{"name": "Ada"}']


def test_a_message_that_no_key_opens_is_given_up(store: Store, own: ChainKeys) -> None:
    own.use(OLD)
    with store.work(Work) as work:
        work.inbox.record_failure("on_thing", "a", '{"name": "Ada"}', "away")

    own.use(NEW)
    for hour in range(1, MAX_ATTEMPTS):
        with clock.shifted(timedelta(hours=hour)), store.work(Work) as work:
            assert work.inbox.dead() == []
            assert work.inbox.claim_due() == []

    with store.work(Work) as work:
        work.erasures.forget_copies("somebody.else@example.com")
    with store.work(Work) as work:
        (dead,) = work.inbox.dead()
        assert dead["attempts"] == MAX_ATTEMPTS
        assert "KeyMissing: PLEDGE_JOURNAL_KEYS has not the key '2026-03-02-ab12'" in str(dead["error"])
        assert work.inbox.redrive() == 1
    own.use(f"{NEW}, {OLD}")
    with clock.shifted(timedelta(days=1)), store.work(Work) as work:
        assert [each.message for each in work.inbox.claim_due()] == ['{"name": "Ada"}']


def test_what_is_kept_sealed_of_a_customer_is_forgotten(store: Store, own: ChainKeys) -> None:
    own.use(OLD)
    for name in ("ada@example.com", "nada@example.com"):
        with store.work(Work, customer(key=name)) as work:
            work.once("tell", {}, lambda name=name: {"email": name})  # type: ignore[misc]
            work.inbox.record_failure("on_thing", name, json.dumps({"by": f"customer:{name}"}), "wrong", fatal=True)

    with store.work(Work) as work:
        work.erasures.forget_copies("ada@example.com")

    with store.work(Work) as work:
        assert [each["message"] for each in work.inbox.dead()] == [None, {"by": "customer:nada@example.com"}]
    with store.engine.connect() as connection:
        replies = connection.scalars(sa.select(tables.idempotency_keys.c.reply)).all()
    assert [own.unwrap(str(each)) for each in replies] == ['{"email":"nada@example.com"}']


def test_an_erasure_that_lacks_a_key_lets_nothing_repeat(store: Store, own: ChainKeys) -> None:
    own.use(OLD)
    repeat(store)
    with store.work(Work) as work:
        work.inbox.record_failure("on_thing", "a", '{"name": "Ada"}', "wrong", fatal=True)

    own.use(NEW)
    with store.work(Work) as work:
        work.erasures.forget_copies("ada@example.com")
    with pytest.raises(Unavailable):
        repeat(store)

    own.use(OLD)
    assert repeat(store) == "Ada, 1 High Street"
    with store.work(Work) as work:
        assert [each["message"] for each in work.inbox.dead()] == [None]


def test_readers_of_what_is_kept_come_before_writers(store: Store, own: ChainKeys) -> None:
    own.use(OLD, writes=False)
    repeat(store)
    assert "Ada" in kept(store)

    own.use(OLD)
    assert repeat(store) == "Ada, 1 High Street"


def test_what_was_kept_is_sealed_again_when_keys_change(
    store: Store, own: ChainKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_keys, "PAGE", 2)
    repeat(store)
    with store.work(Work) as work:
        for number in range(5):
            work.inbox.record_failure("on_thing", str(number), "Ada", "wrong", fatal=number % 2 == 0)

    for ring in (OLD, f"{NEW}, {OLD}"):
        own.use(ring)
        assert (seal(store, seal_kept_texts), seal(store, seal_kept_texts)) == (6, 0)
    own.use(NEW)

    assert "Ada" not in kept(store)
    assert repeat(store) == "Ada, 1 High Street"
    with store.work(Work) as work:
        assert [each["message"] for each in work.inbox.dead()] == ["Ada"] * 3
