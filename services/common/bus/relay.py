"""The relay: publishes what the journal holds.

Woken right after each commit, it takes the oldest entries from the outbox, publishes them in one batch, persistent and
confirmed, and deletes the outbox rows that were taken over. It sweeps as a fallback, for what a crash left behind. The
broker takes some milliseconds to confirm: what is committed meanwhile goes out beside the batch, and does not wait.

One relay of a service publishes at a time: an advisory lock that belongs to the batch's transaction, so that any
replica takes over when one dies or freezes (the database ends a transaction that sits idle). The entries of one subject
go out in the order of its chain. An entry that the broker does not take stays, and is tried again later; what comes
after it does not wait for that, so followers go by `subject_seq`. One that no key of this process opens stays, too,
until that key is given, or its chain is erased: then it goes out as erased.

A row is deleted when the entry is safe with its followers: on RabbitMQ when the broker confirmed it; on the embedded
bus, which keeps nothing, when every follower has acked it. What is under way there is not published again meanwhile.
A crash between publishing and deleting publishes twice; the inbox makes that harmless.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

import eventlet
import orjson
import sqlalchemy as sa
from eventlet.event import Event
from kombu.exceptions import OperationalError as BrokerAway
from sqlalchemy.dialects.postgresql import ARRAY

from services.common import tracing
from services.common.basics import clock
from services.common.basics.clock import rfc3339
from services.common.bus.publisher import EntrySettled, Outgoing, journal_publisher
from services.common.store import tables
from services.common.store.chain_keys import KeyMissing
from services.common.store.database import Store
from services.common.store.sealing import unseal
from services.common.store.statements import execute_last

log = logging.getLogger(__name__)

BATCH, MAX_UNDER_WAY = 200, 1000
SWEEP_SECONDS = 2.0
LOCK_RETRY_SECONDS = 0.02
BESIDE_SECONDS = 0.05  # then the lock is released, or other replicas would rarely get it
PAUSE_SECONDS = 0.5
RETRY_AFTER, LOCKED_RETRY_AFTER = timedelta(seconds=2), timedelta(minutes=1)
Entry = sa.Row[tuple[object, ...]]
"""A row of the journal, with its place in the outbox."""
_out, _HEAD, _PLACES = tables.outbox.c, tables.journal_heads, ARRAY(sa.BigInteger)
_NEXT = (
    sa.select(tables.journal, _HEAD.c.key.label("chain_key"), _out.position.label("outbox_position"), _out.followed)
    .join_from(tables.outbox, tables.journal, tables.journal.c.id == _out.entry_id)
    .outerjoin(_HEAD, _HEAD.c.subject == tables.journal.c.subject)
    .where(sa.or_(_out.not_before.is_(None), _out.not_before <= sa.bindparam("now", type_=tables.UtcDateTime)))
    .order_by(_out.position)
    .limit(BATCH)
)
"""The oldest entries that wait to be published."""
_NEXT_BESIDE = {
    True: _NEXT.where(_out.position.not_in(sa.bindparam("under_way", expanding=True))),
    False: _NEXT.where(_out.position != sa.all_(sa.bindparam("under_way", type_=_PLACES))),
}
"""By whether it is SQLite. On PostgreSQL they are one text for any number of entries, which can be prepared."""
_DONE = {
    True: sa.delete(tables.outbox).where(_out.position.in_(sa.bindparam("done", expanding=True))),
    False: sa.delete(tables.outbox).where(_out.position == sa.any_(sa.bindparam("done", type_=_PLACES))),
}


def _under_lock() -> sa.Select[tuple[object, ...]]:
    """Select the lock and what it protects in one statement. A row without an entry says only whether the lock is held.

    A relay that released the lock between this statement's snapshot and its lock may have published what is found: it
    is published twice, as after a crash.
    """
    lock = sa.select(
        sa.func.pg_try_advisory_xact_lock(sa.func.hashtext("pledge.relay")).label("held"),
        # the transaction only deletes outbox rows: if a crash of the server loses that, they go out once more
        sa.func.set_config("synchronous_commit", "off", True).label("mode"),
    ).cte("lock")
    entries = _NEXT.where(lock.c.held).lateral("entries")
    rows = sa.select(lock.c.held, *entries.c).select_from(lock.outerjoin(entries, sa.true()))
    return rows.order_by(entries.c.outbox_position)


_NEXT_UNDER_LOCK = _under_lock()


class Bell:
    """A wake-up call: `ring` never blocks, rings without a waiter are kept as one."""

    def __init__(self) -> None:
        self._rung = False
        self._waiter: Event | None = None

    def ring(self) -> None:
        self._rung = True
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.send()

    def wait(self, seconds: float) -> None:
        """Wait until it rings, or that many seconds."""
        if not self._rung:
            self._waiter = waiter = Event()
            with eventlet.Timeout(seconds, False):
                waiter.wait()
            self._waiter = None
        self._rung = False


class Relay:
    """The relay of one service in this process; `run` is its greenthread."""

    def __init__(self, store: Store, service: str, amqp_uri: str):
        self._store, self._service = store, service
        self._publisher = journal_publisher(amqp_uri)
        self._bell, self._news, self._stopping, self._publishing = Bell(), False, False, False
        self._under_way: set[int] = set()
        self._settled: list[tuple[int, str | None]] = []
        self._locked: set[int] = set()
        """The places of entries that cannot be opened here, until that is written."""

    def wake(self) -> None:
        """Wake the relay, because there is something new in the outbox."""
        self._news = True
        self._bell.ring()

    def stop(self) -> None:
        """Publish what is there, then end."""
        self._stopping = True
        self._bell.ring()

    def run(self) -> None:
        """Publish until stopped; a broker or database that is away is waited for, and nothing is lost meanwhile."""
        while True:
            try:
                idle = self._publish_next()
            except Exception as exc:
                # whatever went wrong, the rows are still there: a relay that dies would silence the service
                log.warning("relay of %s: %s", self._service, exc, exc_info=not isinstance(exc, BrokerAway | OSError))
                if self._stopping:
                    break
                idle = PAUSE_SECONDS
            if self._stopping and idle > LOCK_RETRY_SECONDS:  # the holder of the lock may not see our last entries
                break
            if idle:
                self._bell.wait(idle)
        self._publisher.close()

    def _publish_next(self) -> float:
        """Publish what is there; how long to wait before looking again (0: there is more)."""
        self._delete_settled()
        if len(self._under_way) >= MAX_UNDER_WAY:
            return SWEEP_SECONDS
        self._publisher.connect()
        taken = self._publish_embedded() if self._store.is_sqlite else self._publish_under_lock()
        if taken is None:
            return LOCK_RETRY_SECONDS
        return 0.0 if self._news or taken >= BATCH else SWEEP_SECONDS

    def _publish_embedded(self) -> int:
        """Publish one batch on SQLite; those who ack it settle it. Return the number of entries."""
        with self._store.reader.connect() as connection:
            rows = self._look_beside(connection)
        self._publishing = True  # what is settled meanwhile is deleted right here: no need to wake up for it
        try:
            self._publish(rows)
        finally:
            self._publishing = False
        self._delete_settled()
        return len(rows)

    def _publish_under_lock(self) -> int | None:
        """Publish a batch on PostgreSQL, and what comes until all is confirmed.

        Return the number of entries, or None without the lock.
        """
        with self._store.engine.begin() as connection:
            self._news = False
            rows = connection.execute(_NEXT_UNDER_LOCK, {"now": clock.now()}).all()
            if not rows[0].held:
                return None
            rows = self._take([row for row in rows if row.id and row.outbox_position not in self._under_way])
            taken = len(rows)
            self._publish_beside(rows)
            until = time.monotonic() + BESIDE_SECONDS
            while len(self._under_way) > len(self._settled):
                self._bell.wait(SWEEP_SECONDS)
                if self._news and taken < BATCH and time.monotonic() < until and not self._failed():
                    rows = self._look_beside(connection)
                    taken += len(rows)
                    self._publish_beside(rows)
            self._delete_settled(connection)
        return taken

    def _failed(self) -> bool:
        return any(problem for _, problem in self._settled)

    def _look_beside(self, connection: sa.Connection) -> Sequence[Entry]:
        """Take the oldest entries that are not under way, and mark them as under way."""
        self._news = False
        values = {"now": clock.now(), "under_way": sorted(self._under_way)}
        return self._take(connection.execute(_NEXT_BESIDE[self._store.is_sqlite], values).all())

    def _take(self, rows: Sequence[Entry]) -> Sequence[Entry]:
        self._under_way.update(row.outbox_position for row in rows)
        return rows

    def _publish_beside(self, rows: Sequence[Entry]) -> None:
        """Publish like `_publish`, in a greenthread that waits for the broker's answers."""
        if rows:
            eventlet.spawn(self._publish, rows)

    def _publish(self, rows: Sequence[Entry]) -> None:
        """Send a batch. Each entry is settled once, now or later, whatever happens."""
        if not rows:
            return
        waiting, began = {row.id: row for row in rows}, time.time_ns()

        def settled(entry_id: str, problem: str | None) -> None:
            row = waiting.pop(entry_id, None)
            if row is None:
                return
            self._settled.append((row.outbox_position, problem))
            tracing.published(row, began, problem)
            if not self._publishing:
                self._bell.ring()

        try:
            self._publisher.publish(list(self._readable(rows, settled)), settled)
        except Exception as exc:
            log.exception("relay of %s: a batch could not be sent", self._service)
            for entry_id in list(waiting):
                settled(entry_id, repr(exc))

    def _readable(self, rows: Sequence[Entry], settled: EntrySettled) -> Iterator[Outgoing]:
        """Yield what can be sent. One entry that cannot be opened costs that entry, not those beside it."""
        for row in rows:
            try:
                yield self._outgoing(row)
            except KeyMissing as problem:
                self._locked.add(row.outbox_position)
                settled(row.id, f"{row.type} of {row.subject}: {problem}")

    def _outgoing(self, row: Entry) -> Outgoing:
        body, actor = unseal(row.body, row.actor, row.chain_key)
        envelope = {
            "id": row.id,
            "service": self._service,
            "type": row.type,
            "version": row.version,
            "subject": row.subject,
            "subject_seq": row.subject_seq,
            "order_number": row.order_number,
            "occurred_at": rfc3339(row.occurred_at),
            "actor": actor,
            "trace_id": row.trace_id,
            "causation_id": row.causation_id,
            "audience": row.audience,
            "body": orjson.Fragment(body),
        }
        return Outgoing(
            id=row.id,
            exchange=f"{self._service}.events",
            routing_key=row.type,
            body=orjson.dumps(envelope),
            headers={},
            mandatory=row.followed,
        )

    def _delete_settled(self, connection: sa.Connection | None = None) -> None:
        settled, self._settled = self._settled, []
        if not settled:
            return
        try:
            if connection is not None:
                self._write_outcomes(connection, settled)
            else:
                with self._store.engine.begin() as own:
                    self._write_outcomes(own, settled)
        finally:
            # if the delete itself failed the rows are still there and simply go out once more
            self._under_way.difference_update(position for position, _ in settled)

    def _write_outcomes(self, connection: sa.Connection, settled: list[tuple[int, str | None]]) -> None:
        done = [position for position, problem in settled if problem is None]
        later = {position: problem for position, problem in settled if problem is not None}
        if later:
            log.warning("%d entries of %s not taken, first: %s", len(later), self._service, next(iter(later.values())))
            locked = self._locked & {*later}
            self._locked -= locked
            for positions, pause in ((later.keys() - locked, RETRY_AFTER), (locked, LOCKED_RETRY_AFTER)):
                postpone = sa.update(tables.outbox).where(_out.position.in_(sorted(positions)))
                if positions:
                    connection.execute(postpone.values(not_before=clock.now() + pause))
        if done:
            execute_last(connection, _DONE[self._store.is_sqlite], {"done": done})
