"""Batches of events: one transaction for all, and for each what it would have had alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.clock import rfc3339
from services.common.basics.errors import Conflict
from services.common.basics.ids import new_id
from services.common.basics.message import Message
from services.common.runtime import telemetry
from services.common.runtime.following import on
from services.common.runtime.handling import Handling, Incoming
from services.common.store import tables
from services.common.store.database import DatabaseUnavailable, Store, Work
from services.common.store.journal import as_published
from services.common.testing import fresh_store
from services.common.testing.statements import noting_statements
from services.common.tests.toys import Noted, ThingHappened

OURS = Caller("service:follower", trace_id="the lane's own")


def delivery(number: int, order: str = "ORD-1", **envelope: Any) -> Incoming:
    """Build a fact about an order, as it comes from the bus."""
    fields = {
        "id": new_id(), "service": "teller", "type": "thing_happened", "version": 1, "subject": order,
        "subject_seq": number, "order_number": order, "occurred_at": rfc3339(clock.now()), "actor": "service:teller",
        "trace_id": f"trace-{number}", "body": {"thing": order, "number": number},
    } | envelope  # fmt: skip
    return Incoming(Message.read(fields, handler="on_thing_happened"), fields, object())


class Follower(Handling):
    """Notes each fact, and the trace it is logged under; `trouble` may come after that, for a number."""

    name = "follower"

    def __init__(self, store: Store):
        self.transaction = lambda: store.work(Work, OURS)
        self.traces: list[str] = []
        self.settled: list[tuple[Incoming, str]] = []
        self.trouble: Callable[[Work, int], None] = lambda work, number: None
        self.follows = (on(ThingHappened, self._on_thing_happened),)

    def _on_thing_happened(self, work: Work, event: ThingHappened, _: Message) -> None:
        self.traces.append(telemetry.current_trace_id())
        work.journal.record(Noted(thing=event.thing, number=event.number))
        self.trouble(work, event.number)

    def handle(self, *batch: Incoming) -> None:
        waiting = [batch, ()]
        self.handle_events(lambda: waiting.pop(0), self._settle)

    def _settle(self, delivery: Incoming, error: Exception | None) -> None:
        self.settled.append((delivery, type(error).__name__ if error else "done"))

    @property
    def outcomes(self) -> list[tuple[int, str]]:
        return [(each.event.body["number"], outcome) for each, outcome in self.settled]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("toy", tmp_path) as store:
        yield store


@pytest.fixture
def follower(store: Store) -> Follower:
    return Follower(store)


def entries(store: Store) -> list[dict[str, Any]]:
    with store.work(Work, reading=True) as work:
        rows = work.session.execute(sa.select(tables.journal).order_by(tables.journal.c.position))
        return [{**as_published(dict(row))} for row in rows.mappings()]


def noted(store: Store) -> list[int]:
    return [entry["body"]["number"] for entry in entries(store)]


def follow_odd_numbers(follower: Follower) -> None:
    follower.follows = (on(ThingHappened, follower._on_thing_happened, when=lambda event, _: event.number % 2 == 1),)


def test_what_does_not_matter_is_settled_unhandled(store: Store, follower: Follower) -> None:
    follow_odd_numbers(follower)

    follower.handle(delivery(1), delivery(2), delivery(3))

    assert follower.outcomes == [(1, "done"), (2, "done"), (3, "done")]
    assert noted(store) == [1, 3]
    with store.work(Work, reading=True) as work:
        assert work.session.scalar(sa.select(sa.func.count()).select_from(tables.inbox)) == 2


def test_what_does_not_matter_opens_no_transaction(store: Store, follower: Follower) -> None:
    follow_odd_numbers(follower)

    with noting_statements(store) as asked:
        follower.handle(delivery(2), delivery(4))

    assert (asked, len(follower.settled)) == ([], 2)


def test_what_waits_in_the_inbox_is_handled_whatever_matters(store: Store, follower: Follower) -> None:
    follow_odd_numbers(follower)
    kept = delivery(2)
    with store.work(Work) as work:
        work.inbox.record_failure("on_thing_happened", kept.event.id, "{}", "trouble")

    follower.handle(replace(kept, message=None))

    assert noted(store) == [2]
    with store.work(Work, reading=True) as work:
        assert work.session.scalar(sa.select(tables.inbox.c.done_at)) is not None


def test_a_batch_shares_one_transaction(store: Store, follower: Follower) -> None:
    commits: list[list[int]] = []
    store.on_commit = lambda: commits.append(noted(store))

    follower.handle(delivery(1, "ORD-1"), delivery(2, "ORD-2"), delivery(3, "ORD-3"))

    assert commits == [[1, 2, 3]]
    assert follower.outcomes == [(1, "done"), (2, "done"), (3, "done")]


def test_no_waiter_is_told_before_all_of_it_is_committed(store: Store, follower: Follower) -> None:
    there: list[list[int]] = []
    follower._settle = lambda delivery, error: there.append(noted(store))  # type: ignore[method-assign]

    follower.handle(delivery(1), delivery(2))

    assert there == [[1, 2], [1, 2]]


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_one_that_fails_is_told_of_and_the_others_are_done_once(store: Store, follower: Follower, failing: int) -> None:
    def trouble(_: Work, number: int) -> None:
        if number == failing:
            raise Conflict("too much")

    follower.trouble = trouble

    follower.handle(delivery(1), delivery(2), delivery(3))

    assert noted(store) == [number for number in (1, 2, 3) if number != failing]
    assert follower.outcomes == [(n, "Conflict" if n == failing else "done") for n in (1, 2, 3)]


def test_a_failing_statement_fails_no_other_work(store: Store, follower: Follower) -> None:
    """On PostgreSQL nothing more can be said in a transaction after one such statement."""

    def fail_in_the_database(work: Work, number: int) -> None:
        if number == 2:
            work.session.execute(sa.insert(tables.schedule).values(name=None, next_at=work.now))

    follower.trouble = fail_in_the_database

    follower.handle(delivery(1), delivery(2), delivery(3))

    assert noted(store) == [1, 3]
    assert follower.outcomes == [(1, "done"), (2, "ConcurrentUpdate"), (3, "done")]


def test_an_event_twice_in_a_batch_is_done_once_acked_twice(store: Store, follower: Follower) -> None:
    first, other = delivery(1), delivery(2)
    again = Incoming(first.event, first.envelope, object())

    follower.handle(first, other, again)

    assert noted(store) == [1, 2]
    assert [(each is first, each is again, outcome) for each, outcome in follower.settled] == [
        (True, False, "done"),
        (False, False, "done"),
        (False, True, "done"),
    ]


def test_a_done_event_is_not_repeated_beside_a_new_one(store: Store, follower: Follower) -> None:
    known = delivery(1)
    follower.handle(known)

    follower.handle(delivery(2), known, delivery(3))

    assert noted(store) == [1, 2, 3]
    assert follower.outcomes[1:] == [(2, "done"), (1, "done"), (3, "done")]


def test_the_events_of_one_order_are_handled_in_order(store: Store, follower: Follower) -> None:
    """Whatever their ids, and whatever was in between."""
    ids = sorted((new_id() for _ in range(6)), reverse=True)
    came = [delivery(number, f"ORD-{number % 2}", id=id_) for number, id_ in enumerate(ids)]

    follower.handle(*came)

    assert noted(store) == [0, 2, 4, 1, 3, 5]


def test_an_event_about_no_order_goes_by_its_subject(store: Store, follower: Follower) -> None:
    follower.handle(delivery(1, "TIC-2", order_number=None), delivery(2, "TIC-1", order_number=None))

    assert noted(store) == [2, 1]


def test_each_event_of_a_batch_keeps_its_own_trace_and_cause(store: Store, follower: Follower) -> None:
    batch = [delivery(1), delivery(2, trace_id=""), delivery(3)]

    follower.handle(*batch)

    one, two, three = entries(store)
    assert [entry["causation_id"] for entry in (one, two, three)] == [each.event.id for each in batch]
    assert (one["trace_id"], three["trace_id"]) == ("trace-1", "trace-3")
    assert two["trace_id"] not in ("", OURS.trace_id, "trace-1", "trace-3")
    assert follower.traces == [one["trace_id"], two["trace_id"], three["trace_id"]]
    assert {entry["actor"] for entry in (one, two, three)} == {"service:follower"}
    assert telemetry.current_trace_id() == ""


def test_a_batch_that_never_commits_is_handled_again(store: Store, follower: Follower) -> None:
    """The database goes away in the middle of the first, and is away for each of the others; then they come again."""

    def trouble(_: Work, number: int) -> None:
        raise DatabaseUnavailable

    batch, follower.trouble = [delivery(1), delivery(2)], trouble
    follower.handle(*batch)
    assert follower.outcomes == [(1, "DatabaseUnavailable"), (2, "DatabaseUnavailable")]
    assert noted(store) == []

    follower.trouble = lambda work, number: None
    follower.handle(*batch)

    assert noted(store) == [1, 2]


def test_a_lane_goes_on_until_nothing_waits(store: Store, follower: Follower) -> None:
    waiting = [[delivery(1), delivery(2)], [delivery(3)], [], [delivery(4)]]

    follower.handle_events(lambda: waiting.pop(0), follower._settle)

    assert noted(store) == [1, 2, 3]
    assert len(waiting) == 1
