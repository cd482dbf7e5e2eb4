"""Journal → relay → bus → inbox → handler: each fact has its effect exactly once, and none is lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic

import eventlet
import orjson
import pytest
import sqlalchemy as sa
from eventlet.event import Event

from services.common.basics import clock
from services.common.basics.ids import new_id
from services.common.basics.message import Message
from services.common.basics.personal import CUSTOMER_ERASED
from services.common.bus import publisher, relay
from services.common.bus.connections import connect
from services.common.bus.consumer import QueueConsumer
from services.common.bus.relay import Relay
from services.common.runtime import messaging
from services.common.runtime.database import Database
from services.common.runtime.failures import UNREADABLE
from services.common.runtime.handling import Incoming
from services.common.runtime.messaging import BATCH, MANY, InboxConsumer, declare_topology, subscriptions
from services.common.runtime.telemetry import BACKLOG, ObservedContainer, measure_backlog
from services.common.store import inbox, tables
from services.common.store.chain_keys import OWN
from services.common.store.database import ConcurrentUpdate, Store, Work
from services.common.store.journal_rows import GENESIS
from services.common.testing import Platform, customer, distributed, eventually, running
from services.common.tests.broker import Proxy
from services.common.tests.toys import Follower, Teller, ThingHappened


@pytest.fixture(autouse=True)
def _as_new() -> Iterator[None]:
    Follower.reset()
    yield
    Follower.reset()
    OWN.use("")


def inbox_of(platform: Platform) -> InboxConsumer:
    return next(each for each in platform.containers["follower"].subextensions if isinstance(each, InboxConsumer))


def database_of(platform: Platform) -> Database[Work]:
    return next(each for each in platform.containers["follower"].dependencies if isinstance(each, Database))


def relay_of(platform: Platform) -> Relay:
    return next(each for each in platform.containers["teller"].dependencies if isinstance(each, Database)).relay


def tell(platform: Platform, *numbers: int) -> None:
    """Publish one fact for each number, about a thing of its own."""
    for number in numbers:
        platform.publish("teller", "thing_happened", {"thing": f"thing-{number}", "number": number})


def noted(platform: Platform) -> list[int]:
    return sorted(entry["body"]["number"] for entry in platform.journal("follower", "noted"))


def arrived(platform: Platform) -> list[int]:
    """Empty the follower's queue. Return its numbers, first to last."""
    with connect(platform.uri) as connection:
        get = connection.default_channel.basic_get
        return [
            orjson.loads(got.body)["body"]["number"] for got in iter(lambda: get("follower.inbox", no_ack=True), None)
        ]


def waiting(platform: Platform, service: str) -> int:
    with platform.store(service).engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(tables.outbox)) or 0


def test_what_one_service_records_another_handles_once(tmp_path: Path) -> None:
    with running(Teller, Follower, folder=tmp_path) as platform:
        platform.call("teller", "tell", "a", list(range(30)))

        eventually(lambda: noted(platform) == list(range(30)))
        eventually(lambda: waiting(platform, "teller") == 0)


def test_the_trace_and_the_cause_go_with_the_event(tmp_path: Path) -> None:
    with running(Teller, Follower, folder=tmp_path) as platform:
        platform.call("teller", "tell", "a", [1])

        (effect,) = platform.eventually_recorded("follower", "noted")
        (cause,) = platform.journal("teller", "thing_happened")

    assert effect["causation_id"] == cause["id"]
    assert effect["trace_id"] == cause["trace_id"]
    assert effect["actor"] == "service:follower"


def test_two_replicas_share_the_work_and_nothing_is_done_twice(tmp_path: Path) -> None:
    with running(Teller, Teller, Follower, Follower, folder=tmp_path) as platform:
        for start in range(0, 60, 10):
            platform.call("teller", "tell", f"thing-{start}", list(range(start, start + 10)))

        eventually(lambda: len(noted(platform)) >= 60)

        assert noted(platform) == list(range(60))


def test_a_message_that_comes_three_times_has_one_effect(tmp_path: Path) -> None:
    with running(Follower, folder=tmp_path) as platform:
        event_id = new_id()
        for _ in range(3):
            platform.publish("teller", "thing_happened", {"thing": "a", "number": 1}, event_id=event_id)
        platform.publish("teller", "thing_happened", {"thing": "b", "number": 2})

        eventually(lambda: 2 in noted(platform))

        assert noted(platform) == [1, 2]


def test_a_failing_handler_leaves_no_effect_and_is_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conflict while it looks for what is to be retried ends neither the looking nor the service."""
    ended: list[str] = []

    def conflict(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM inbox" in statement and not ended:
            ended.append(statement)
            raise ConcurrentUpdate

    monkeypatch.setattr(messaging, "REQUEUE_PAUSE_SECONDS", 0.0)
    Follower.refused = {1}
    with running(Follower, folder=tmp_path) as platform:
        platform.publish("teller", "thing_happened", {"thing": "a", "number": 1})
        eventually(lambda: failures(platform))
        assert noted(platform) == []
        sa.event.listen(database_of(platform).store.engine, "before_cursor_execute", conflict)
        eventually(lambda: ended)

        Follower.refused = set()

        eventually(lambda: noted(platform) == [1])
        assert failures(platform) == []


def test_a_poison_message_is_parked_and_can_be_redriven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MAX_ATTEMPTS", 2)
    Follower.refused = {13}
    with running(Follower, folder=tmp_path) as platform:
        for number in (13, 1, 2):
            platform.publish("teller", "thing_happened", {"thing": str(number), "number": number})
        eventually(lambda: noted(platform) == [1, 2])
        (dead,) = eventually(lambda: platform.dead_letters("follower"))

        assert dead["handler"] == "on_thing_happened"
        assert dead["attempts"] == 2
        assert "too much" in dead["error"]
        assert dead["message"]["body"]["number"] == 13

        Follower.refused = set()
        with platform.store("follower").work(Work) as work:
            assert work.inbox.redrive() == 1

        eventually(lambda: noted(platform) == [1, 2, 13])
        assert platform.dead_letters("follower") == []


def test_what_is_parked_stays_parked_when_it_is_delivered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MAX_ATTEMPTS", 1)
    Follower.refused = {13}
    with running(Follower, folder=tmp_path) as platform:
        event_id = platform.publish("teller", "thing_happened", {"thing": "a", "number": 13})
        eventually(lambda: platform.dead_letters("follower"))
        Follower.refused = set()

        platform.publish("teller", "thing_happened", {"thing": "a", "number": 13}, event_id=event_id)
        platform.publish("teller", "thing_happened", {"thing": "b", "number": 2})
        eventually(lambda: noted(platform))

        assert noted(platform) == [2]


@pytest.mark.parametrize(
    "body",
    [b'{"id": "x"}', b"[1, 2]", b'"text"', b"{broken", b"\xff\xfe", b"\x00\x01", b'{"a": "\\u0000"}', b'"\\ud800"'],
)
def test_what_no_handler_can_read_is_kept_as_a_dead_letter(tmp_path: Path, body: bytes) -> None:
    with running(Teller, Follower, folder=tmp_path) as platform:
        with connect(platform.uri) as connection:
            channel = connection.default_channel
            message = channel.prepare_message(body, 0, "application/json", "utf-8", {}, {"delivery_mode": 2})
            channel.basic_publish(message, exchange="teller.events", routing_key="thing_happened")
        platform.call("teller", "tell", "a", [1])

        (dead,) = eventually(lambda: platform.dead_letters("follower"))
        eventually(lambda: noted(platform) == [1])

        assert dead["handler"] == UNREADABLE

        with platform.store("follower").work(Work) as work:
            assert work.inbox.redrive() == 1
        (again,) = eventually(lambda: platform.dead_letters("follower"))
        platform.call("teller", "tell", "b", [2])
        eventually(lambda: noted(platform) == [1, 2])  # it lives on, whatever it was given another chance

    assert again["event_id"] == dead["event_id"]


def test_what_an_older_release_could_not_read_can_be_redriven(tmp_path: Path) -> None:
    with running(Teller, Follower, folder=tmp_path) as platform:
        inbox_of(platform)._handlers = {}  # as if it did not follow this yet
        platform.call("teller", "tell", "a", [1])
        (dead,) = eventually(lambda: platform.dead_letters("follower"))
        assert "nobody here follows" in dead["error"]
        inbox_of(platform)._handlers = inbox_of(platform)._methods()

        with platform.store("follower").work(Work) as work:
            work.inbox.redrive()

        eventually(lambda: noted(platform) == [1])
        assert unhandled(platform) == []


def test_what_failed_before_is_tried_by_itself() -> None:
    came, failed = [message(number) for number in (1, 2, 4)], message(3, retried=True)
    consumer = InboxConsumer()
    consumer._waiting = [*came[:2], failed, came[2]]

    assert [consumer._take() for _ in range(4)] == [came[:2], [failed], came[2:], []]


def test_many_events_gather_where_they_can_wait() -> None:
    came, consumer = [message(number) for number in range(BATCH + 1)], InboxConsumer()
    consumer._gather, consumer._waiting, consumer._came = 600.0, came[:1], deque([-600.0] * MANY, MANY)

    alone = consumer._take()
    consumer._waiting = came[1:2]
    few = consumer._take()
    consumer._came.extend([monotonic()] * MANY)
    consumer._waiting = came[1:BATCH]
    many = consumer._take()
    consumer._waiting = came[1:]

    assert (alone, few, many) == (came[:1], came[1:2], [])
    assert [consumer._take(), consumer._take()] == [came[1:], []]


def message(number: int, *, retried: bool = False) -> Incoming:
    fields = {
        "id": new_id(), "service": "teller", "type": "thing_happened", "version": 1, "subject": "a",
        "subject_seq": number, "occurred_at": "2026-03-02T00:00:00Z", "body": {"thing": "a", "number": number},
    }  # fmt: skip
    return Incoming(Message.read(fields), fields, None if retried else object())


def test_an_event_no_database_can_store_is_kept_as_a_failure(tmp_path: Path) -> None:
    with running(Follower, folder=tmp_path) as platform:
        platform.publish("teller", "thing_happened", {"thing": "a\0b", "number": 1}, subject="a")
        platform.publish("teller", "thing_happened", {"thing": "c", "number": 2}, subject="c")

        eventually(lambda: 2 in noted(platform))
        eventually(lambda: 1 in noted(platform) or failures(platform))  # SQLite takes it, PostgreSQL cannot


def test_the_journal_of_a_stopped_service_is_published_later(tmp_path: Path) -> None:
    """The embedded bus forgets with its process; the outbox does not."""
    with running(Teller, Follower, folder=tmp_path) as platform:
        platform.containers["follower"].stop()
        platform.call("teller", "tell", "a", [1, 2, 3])
        eventually(lambda: platform.journal("teller"))

        with another_follower(platform):
            eventually(lambda: noted(platform) == [1, 2, 3])


def test_an_entry_that_no_key_opens_holds_up_no_other(tmp_path: Path) -> None:
    one, other = (f"2026-03-02-{end}:{end * 16}" for end in ("ab12", "cd34"))
    with running(Teller, Follower, folder=tmp_path) as platform:
        OWN.use(one)
        with platform.store("teller").work(Work, customer()) as work:
            work.journal.record(ThingHappened(thing="locked", number=1), ThingHappened(thing="locked", number=2))
            work.journal.flush()
            OWN.use(other)  # before it is committed: the relay sees neither with its key

        platform.call("teller", "tell", "open", [3])
        eventually(lambda: noted(platform) == [3])
        eventually(lambda: waiting(platform, "teller") == 2)

        with platform.store("teller").work(Work) as work:
            work.erasures.drop_keys("locked")
        with clock.shifted(timedelta(minutes=2)):  # what waits for a key is looked at once a minute
            platform.call("teller", "tell", "open", [4])
            eventually(lambda: noted(platform) == [1, 2, 3, 4])
        (first, *_) = platform.journal("teller", "thing_happened")
        assert first["actor"] == CUSTOMER_ERASED


@pytest.mark.integration
def test_what_is_committed_is_published_before_a_service_ends(tmp_path: Path) -> None:
    """The embedded bus keeps nothing; there it is published when the service is back."""
    with running(Teller, folder=tmp_path) as platform:
        empty_inbox(platform)
        with platform.store("teller").work(Work) as work:  # not the service's own store: the relay is not woken
            work.journal.record(ThingHappened(thing="a", number=1))

        platform.containers["teller"].stop()

        assert waiting(platform, "teller") == 0
        assert depth(platform, "follower.inbox") == 1


def empty_inbox(platform: Platform) -> None:
    """Declare the follower's queue again: it may hold what the last test left."""
    with connect(platform.uri) as connection:
        connection.default_channel.queue_delete("follower.inbox")
    declare_topology(platform.uri, [Follower])


@pytest.fixture
def journal_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Platform, Proxy]]:
    """Run a teller behind a proxy, with the follower's queue empty and a relay that waits long."""
    monkeypatch.setattr(publisher, "CONFIRM_SECONDS", 60.0)
    monkeypatch.setattr(relay, "BESIDE_SECONDS", 60.0)
    with running(Teller, folder=tmp_path) as platform:
        empty_inbox(platform)
        network = Proxy(platform.uri)
        relay_of(platform)._publisher = publisher.journal_publisher(network.uri)
        relay_of(platform)._publisher.connect()
        yield platform, network
        network.close()


@pytest.mark.integration
def test_new_entries_do_not_wait_for_earlier_confirms(journal_behind: tuple[Platform, Proxy]) -> None:
    platform, network = journal_behind
    network.silence("back")
    platform.call("teller", "tell", "a", [1])
    eventually(lambda: depth(platform, "follower.inbox") == 1)
    platform.call("teller", "tell", "a", [2])
    eventually(lambda: depth(platform, "follower.inbox") == 2)
    assert waiting(platform, "teller") == 2
    network.flow()

    eventually(lambda: waiting(platform, "teller") == 0)
    assert arrived(platform) == [1, 2]
    assert network.accepted == 1


@pytest.mark.integration
def test_batches_reconnect_together_and_all_arrive(
    journal_behind: tuple[Platform, Proxy],
) -> None:
    platform, network = journal_behind
    network.silence()
    for number in range(4):
        platform.call("teller", "tell", "a", [number])
        eventually(lambda: not relay_of(platform)._news)  # it is under way
    network.cut()

    eventually(lambda: waiting(platform, "teller") == 0)
    assert set(arrived(platform)) == {0, 1, 2, 3}
    assert network.accepted == 2


@pytest.mark.integration
def test_batches_without_a_database_are_published_again(
    journal_behind: tuple[Platform, Proxy],
) -> None:
    platform, network = journal_behind
    network.silence("back")
    for number in range(3):
        platform.call("teller", "tell", "a", [number])
        eventually(lambda number=number: depth(platform, "follower.inbox") == number + 1)  # type: ignore[misc]
    with platform.store("teller").engine.connect() as connection:
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(sa.text(f"{ended} AND pid <> pg_backend_pid()"))
    network.flow()

    eventually(lambda: waiting(platform, "teller") == 0)
    assert sorted(arrived(platform)) == [0, 0, 1, 1, 2, 2]


def test_publishing_twice_has_one_effect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Teller, Follower, folder=tmp_path) as platform:
        own = relay_of(platform)
        note, noted_down = own._write_outcomes, list[int]()

        def lost_once(connection: sa.Connection, settled: list[tuple[int, str | None]]) -> None:
            noted_down.append(len(settled))
            if len(noted_down) == 1:
                raise OSError("the power failed")
            note(connection, settled)

        monkeypatch.setattr(own, "_write_outcomes", lost_once)
        platform.call("teller", "tell", "a", [1])
        eventually(lambda: waiting(platform, "teller") == 0)
        eventually(lambda: depth(platform, "follower.inbox") == 0)

        assert noted_down == [1, 1]
        platform.containers["follower"].stop()  # what it has in hand is done
        assert noted(platform) == [1]


def test_a_stopping_service_handles_or_leaves_but_never_parks(tmp_path: Path) -> None:
    with running(Teller, Follower, folder=tmp_path) as platform:
        stopping = eventlet.spawn(platform.containers["follower"].stop)
        while not stopping.dead:
            platform.publish("teller", "thing_happened", {"thing": "a", "number": 1})
            eventlet.sleep(0)
        stopping.wait()

        assert platform.dead_letters("follower") == []


def test_a_stopping_replica_leaves_waiting_events_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messaging, "BATCH", 1)
    monkeypatch.setattr(messaging, "LANES", 1)
    Follower.gates = {1: Event()}
    with running(Follower, folder=tmp_path) as platform:
        tell(platform, 1, 2, 3)
        eventually(lambda: len(inbox_of(platform)._waiting) == 2)
        stopping = eventlet.spawn(platform.containers["follower"].stop)
        eventually(lambda: not inbox_of(platform)._waiting)
        Follower.gates[1].send()
        stopping.wait()

        assert noted(platform) == [1]
        assert depth(platform, "follower.inbox") == 2

        with another_follower(platform):
            eventually(lambda: noted(platform) == [1, 2, 3])


def test_events_of_a_dead_replica_are_done_once_by_another(tmp_path: Path) -> None:
    Follower.gates = {2: Event()}
    with running(Follower, folder=tmp_path) as platform:
        tell(platform, 1, 2, 3)
        eventually(lambda: 2 in Follower.begun)

        platform.containers["follower"].kill()
        Follower.gates = {}

        with another_follower(platform):
            eventually(lambda: noted(platform) == [1, 2, 3])
        assert noted(platform) == [1, 2, 3]


def test_what_comes_during_a_kill_goes_to_another_replica(tmp_path: Path) -> None:
    """It must not come and go for ever meanwhile: on the embedded bus nothing else would get its turn."""
    Follower.gates = {}
    with running(Follower, folder=tmp_path) as platform:
        container = platform.containers["follower"]
        container._being_killed = True
        tell(platform, 1)
        eventually(lambda: depth(platform, "follower.inbox") == 0)

        container._being_killed = False
        container.kill()

        with another_follower(platform):
            eventually(lambda: noted(platform) == [1])


@pytest.mark.integration
def test_a_slow_handler_blocks_no_other_event(tmp_path: Path) -> None:
    """On PostgreSQL: in SQLite one transaction writes at a time, and what is slow in it holds up all."""
    Follower.gates = {1: Event()}
    with running(Follower, folder=tmp_path) as platform:
        tell(platform, 1)
        eventually(lambda: Follower.begun)
        tell(platform, 2, 3)

        eventually(lambda: noted(platform) == [2, 3])

        Follower.gates[1].send()
        eventually(lambda: noted(platform) == [1, 2, 3])


@pytest.mark.integration
def test_two_slow_handlers_block_no_other_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messaging, "BATCH", 1)
    Follower.gates = {1: Event(), 2: Event()}
    with running(Follower, folder=tmp_path) as platform:
        tell(platform, 1, 2, 3)

        eventually(lambda: noted(platform) == [3])

        for gate in Follower.gates.values():
            gate.send()
        eventually(lambda: noted(platform) == [1, 2, 3])


def test_no_event_is_lost_while_the_database_is_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running(Follower, folder=tmp_path) as platform:
        with database_away(platform):
            tell(platform, *range(5))
            eventually(lambda: "failed on" in caplog.text)

        eventually(lambda: noted(platform) == [*range(5)])
        eventually(lambda: depth(platform, "follower.inbox") == 0)

        assert platform.dead_letters("follower") == []


@pytest.mark.integration
def test_an_event_the_database_always_aborts_is_parked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database ends what is stuck, and is there all the while: no reason to try the same thing for ever."""
    monkeypatch.setattr(inbox, "MAX_ATTEMPTS", 1)
    with running(Follower, folder=tmp_path) as platform, platform.store("follower").engine.begin() as somebody:
        head = {"subject": "thing-1", "subject_seq": 0, "hash": GENESIS}
        somebody.execute(sa.insert(tables.journal_heads).values(head))  # the handler waits to begin the same chain
        tell(platform, 1)

        (dead,) = eventually(lambda: platform.dead_letters("follower"))

    assert "DatabaseUnavailable" in dead["error"]


@contextmanager
def another_follower(platform: Platform) -> Iterator[None]:
    again = ObservedContainer(Follower, dict(platform.containers["follower"].config))
    again.start()
    try:
        yield
    finally:
        again.stop()


@contextmanager
def database_away(platform: Platform) -> Iterator[None]:
    """Make the database refuse connections. On SQLite, remove a table instead: the error is the same."""
    store = platform.store("follower")
    if distributed():
        name = store.url.database
        with as_superuser(store) as superuser:
            superuser.execute(sa.text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
            ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"
            superuser.execute(sa.text(ended), {"name": name})
            yield
            superuser.execute(sa.text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
        return
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE inbox RENAME TO elsewhere"))
    yield
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO inbox"))


@contextmanager
def as_superuser(store: Store) -> Iterator[sa.Connection]:
    url = store.url.set(drivername="postgresql+psycopg2", database="postgres")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        yield connection


def test_an_unanswered_cancel_does_not_block_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer = QueueConsumer()
    gone = [Event(), Event()]
    monkeypatch.setattr(consumer, "_pending_remove_providers", dict(enumerate(gone)))
    monkeypatch.setattr(consumer, "_consumers", dict.fromkeys(range(2), Deaf()))

    with pytest.raises(TimeoutError):
        consumer._cancel_consumers_if_requested()

    assert all(event.ready() for event in gone)


class Deaf:
    def cancel(self) -> None:
        raise TimeoutError


def test_an_event_without_a_queue_waits_until_there_is_one(tmp_path: Path) -> None:
    with running(Teller, folder=tmp_path) as platform:
        with connect(platform.uri) as connection:
            connection.default_channel.queue_delete("follower.inbox")  # a real broker keeps that of the last test
        platform.call("teller", "tell", "a", [1])
        eventually(lambda: postponed(platform))

        declare_topology(platform.uri, [Follower])

        eventually(lambda: depth(platform, "follower.inbox") == 1)


def test_subscriptions_of_a_service_can_be_listed() -> None:
    assert list(subscriptions(Follower)) == [("teller", "thing_happened", "on_thing_happened")]
    assert list(subscriptions(Teller)) == []


def test_pauses_between_attempts_grow_to_a_limit() -> None:
    pauses = [inbox.pause_after(n) for n in range(1, inbox.MAX_ATTEMPTS)]

    assert pauses == sorted(pauses)
    assert pauses[0] == inbox.FIRST_PAUSE
    assert pauses[-1] == inbox.LONGEST_PAUSE


def failures(platform: Platform) -> list[str]:
    with platform.store("follower").engine.connect() as connection:
        query = sa.select(tables.inbox.c.error).where(tables.inbox.c.attempts > 0, tables.inbox.c.done_at.is_(None))
        return [str(error) for error in connection.execute(query).scalars()]


def unhandled(platform: Platform) -> list[str]:
    """Return the handlers of what is kept and not done."""
    with platform.store("follower").engine.connect() as connection:
        return [
            *connection.execute(sa.select(tables.inbox.c.handler).where(tables.inbox.c.done_at.is_(None))).scalars()
        ]


def postponed(platform: Platform) -> list[int]:
    with platform.store("teller").engine.connect() as connection:
        query = sa.select(tables.outbox.c.position).where(tables.outbox.c.not_before.is_not(None))
        return list(connection.execute(query).scalars())


def depth(platform: Platform, queue: str) -> int:
    with connect(platform.uri) as connection:
        return int(connection.default_channel.queue_declare(queue, passive=True).message_count)


def test_what_waits_can_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MAX_ATTEMPTS", 1)
    Follower.refused = {13}
    with running(Follower, folder=tmp_path) as platform:
        platform.publish("teller", "thing_happened", {"thing": "a", "number": 13})
        eventually(lambda: platform.dead_letters("follower"))
        container = platform.containers["follower"]

        measure_backlog([container])

        assert BACKLOG.labels("follower", "dead_letters")._value.get() == 1
        assert BACKLOG.labels("follower", "retries")._value.get() == 0
        assert BACKLOG.labels("follower", "outbox_entries")._value.get() == 0
