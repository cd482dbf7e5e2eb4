"""Units of work, idempotent commands, timers and the sweep of the clocks, on a database."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import Invalid
from services.common.basics.guard import forbid_in_transaction
from services.common.basics.ids import new_id
from services.common.commitments import Clock, start
from services.common.runtime.timers import claim
from services.common.store import tables
from services.common.store.database import Store, Work
from services.common.store.idempotency import IdempotencyKeyReused, forget_old
from services.common.store.leases import LeaseLost
from services.common.store.postgres import STATEMENT_MS, UNHEARD_MS
from services.common.testing import customer, fresh_store, guest
from services.common.testing.statements import noting_statements
from services.common.tests.strategies import TERMS
from services.common.tests.toys import ThingHappened

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("toy", tmp_path) as store:
        yield store


def count(store: Store, table: sa.Table) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_relay_is_woken_after_a_commit_with_an_entry(store: Store) -> None:
    woken: list[int] = []
    store.on_commit = lambda: woken.append(count(store, tables.outbox))

    with store.work(Work) as work:
        work.journal.record(ThingHappened(thing="a", number=1))
    with store.work(Work):
        pass

    assert woken == [1]


def test_no_transaction_and_no_remote_call_inside_a_transaction(store: Store) -> None:
    with store.work(Work):
        with pytest.raises(RuntimeError, match="another transaction"), store.work(Work):
            pass
        with pytest.raises(RuntimeError, match="a call to the bank"):
            forbid_in_transaction("a call to the bank")

    forbid_in_transaction("a call to the bank")


def test_a_transaction_binds_only_the_greenthread_that_holds_it(store: Store) -> None:
    def elsewhere() -> bool:
        forbid_in_transaction("a call")
        return True

    with store.work(Work):
        assert eventlet.spawn(elsewhere).wait()


def once(store: Store, caller: Caller, request: Any, command: str = "tell", asker: str = "") -> dict[str, Any]:
    with store.work(Work, caller) as work:

        def act() -> dict[str, Any]:
            work.journal.record(ThingHappened(thing="a", number=request["n"]))
            return {"n": request["n"], "id": new_id()}

        return work.once(command, request, act, asker=asker)


def test_the_same_key_and_request_are_done_once(store: Store) -> None:
    first = once(store, customer(key="k"), {"n": 1})
    again = once(store, customer(key="k"), {"n": 1})

    assert first == again
    assert count(store, tables.journal) == 1


def test_twenty_at_once_with_one_key_have_one_effect(store: Store) -> None:
    workers = [eventlet.spawn(once, store, customer(key="k"), {"n": 1}) for _ in range(20)]

    answers = [worker.wait() for worker in workers]

    assert len({answer["id"] for answer in answers}) == 1
    assert count(store, tables.journal) == 1


@pytest.mark.parametrize(("request_", "command"), [({"n": 2}, "tell"), ({"n": 1}, "another")])
def test_a_key_used_for_something_else_is_refused(store: Store, request_: Any, command: str) -> None:
    once(store, customer(key="k"), {"n": 1})

    with pytest.raises(IdempotencyKeyReused):
        once(store, customer(key="k"), request_, command)


def test_keys_belong_to_their_sender(store: Store) -> None:
    once(store, customer("ada@example.com", key="k"), {"n": 1})
    once(store, customer("eve@example.com", key="k"), {"n": 2})
    once(store, guest(), {"n": 3})
    once(store, guest(), {"n": 3})

    assert count(store, tables.journal) == 4


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("a@x.example", 1), ("b@x.example", 1), False),
        (("a@x.example", 1), (" A@x.example", 1), True),
        (("", 1), ("", 2), False),
        (("", 1), ("", 1), True),
    ],
)
def test_guests_are_told_apart_by_who_they_say_they_are(
    store: Store, one: tuple[str, int], other: tuple[str, int], same: bool
) -> None:
    caller = replace(guest(), idempotency_key="1")

    replies = [once(store, caller, {"n": number}, asker=asker) for asker, number in (one, other)]

    assert (replies[0] == replies[1]) is same


def test_a_command_that_failed_can_be_tried_again_with_its_key(store: Store) -> None:
    def fail() -> dict[str, Any]:
        raise Invalid("no")

    with pytest.raises(Invalid), store.work(Work, customer(key="k")) as work:
        work.once("tell", {"n": 1}, fail)

    assert once(store, customer(key="k"), {"n": 1})["n"] == 1


def test_keys_are_forgotten_after_a_day(store: Store) -> None:
    once(store, customer(key="k"), {"n": 1})

    with clock.shifted(timedelta(hours=25)), store.work(Work) as work:
        assert forget_old(work.session, work.now) == 1


def test_a_job_is_claimed_once_per_period_by_all_replicas(store: Store) -> None:
    second = timedelta(seconds=1)
    with clock.frozen(MONDAY):
        claims = [eventlet.spawn(claim, store, "job", second) for _ in range(5)]
        assert sum(worker.wait()[0] for worker in claims) == 1

    claimed = 0
    for tenth in range(1, 51):
        with clock.frozen(MONDAY + tenth * second / 10):
            claimed += claim(store, "job", second)[0] + claim(store, "job", second)[0]

    assert claimed == 5


def test_a_lease_is_held_by_one_until_it_ends_or_runs_out(store: Store) -> None:
    minute = timedelta(minutes=1)

    def take(_: object = None) -> datetime | None:
        with store.work(Work) as work:
            return work.leases.take("books", minute)

    with clock.frozen(MONDAY):
        (held,) = [each for each in eventlet.GreenPool(5).imap(take, range(5)) if each]
        with store.work(Work) as work:
            held = work.leases.renew("books", held, 2 * minute)
    with clock.frozen(MONDAY + minute):
        assert take() is None
    with clock.frozen(MONDAY + 2 * minute):
        other = take()
        assert other is not None
    with pytest.raises(LeaseLost), store.work(Work) as work:
        work.leases.renew("books", held, minute)
    with clock.frozen(MONDAY + 2 * minute), store.work(Work) as work:
        work.leases.end("books", held)
        assert work.leases.take("books", minute) is None, "who lost it ends nothing"
        work.leases.end("books", other)
        assert work.leases.take("books", minute) is not None


def test_a_job_does_not_pile_up_after_an_outage(store: Store) -> None:
    second = timedelta(seconds=1)
    with clock.frozen(MONDAY):
        claim(store, "job", second)

    with clock.frozen(MONDAY + timedelta(hours=1)):
        due = clock.now() + second
        assert [claim(store, "job", second) for _ in range(3)] == [(True, due), (False, due), (False, due)]


def a_dispatch_clock(subject: str = "SHP-1", at: datetime = MONDAY) -> Clock:
    return start(
        "dispatch", subject, at, id=new_id(), owner="toy", terms=TERMS["dispatch"],
        calendar="CN", zone="Asia/Shanghai", order_number="ORD-1",
    )  # fmt: skip


def sweep(store: Store, at: datetime) -> list[str]:
    with clock.frozen(at), store.work(Work) as work:
        events = work.commitments.sweep()
        work.journal.record(*events)
        return [event.type for event in events]


def test_a_clock_is_told_of_once_before_and_once_after_its_time(store: Store) -> None:
    promise = a_dispatch_clock()
    with store.work(Work) as work:
        work.commitments.start(promise)

    before = promise.warn_at - timedelta(seconds=1)
    told = [sweep(store, at) for at in (before, promise.warn_at, promise.due_at, promise.due_at + timedelta(hours=1))]
    later = sweep(store, promise.due_at + timedelta(days=3))

    assert told == [[], ["commitment_at_risk"], [], ["commitment_breached", "breach_attributed"]]
    assert later == []


def test_a_clock_stopped_in_time_is_never_told_of(store: Store) -> None:
    promise = a_dispatch_clock()
    with store.work(Work) as work:
        work.commitments.start(promise)
    with clock.frozen(promise.due_at), store.work(Work) as work:
        work.commitments.stop("dispatch", "SHP-1", promise.due_at)
        work.commitments.stop("dispatch", "SHP-1", promise.due_at + timedelta(days=1))

    assert sweep(store, promise.due_at + timedelta(days=9)) == []
    with store.work(Work, reading=True) as work:
        (shown,) = work.commitments.of_order("ORD-1")
    assert shown["status"] == "kept"


def test_held_clocks_are_read_once_and_known_as_they_were_saved(store: Store) -> None:
    earlier, later, at = a_dispatch_clock(), a_dispatch_clock(at=MONDAY + timedelta(days=1)), MONDAY + timedelta(days=2)
    with store.work(Work) as work:
        work.commitments.start(earlier)

    with store.work(Work) as work, noting_statements(store) as asked:
        (held,) = work.commitments.hold("SHP-1")
        held.stop(at)  # and is not saved
        work.commitments.start(later)
        work.commitments.stop("dispatch", "SHP-1", at)
        known = work.commitments.on("SHP-1")
        assert work.commitments.hold("SHP-2", new=True) == work.commitments.on("SHP-2") == []

    with store.work(Work, reading=True) as work:
        assert work.commitments.on("SHP-1") == known
    assert [each.stopped_at for each in known] == [None, at]
    assert [each.split()[0] for each in asked] == ["SELECT", "INSERT", "UPDATE"]


def test_two_sweeps_at_once_tell_of_each_clock_once(store: Store) -> None:
    with store.work(Work) as work:
        for number in range(10):
            work.commitments.start(a_dispatch_clock(f"SHP-{number}"))
    late = MONDAY + timedelta(days=30)

    with clock.frozen(late):

        def once() -> int:
            with store.work(Work) as work:
                events = work.commitments.sweep()
                work.journal.record(*events)
                return len(events)

        told = [eventlet.spawn(once) for _ in range(4)]
        assert sum(worker.wait() for worker in told) == 20  # each breach, and who broke it


def test_the_report_counts_what_was_kept_and_what_was_not(store: Store) -> None:
    clocks = [a_dispatch_clock(f"SHP-{number}") for number in range(4)]
    with clock.frozen(MONDAY), store.work(Work) as work:
        for each in clocks:
            work.commitments.start(each)
        work.commitments.stop("dispatch", "SHP-0", MONDAY + timedelta(days=1))
        work.commitments.stop("dispatch", "SHP-1", MONDAY + timedelta(days=30))
        work.commitments.pause("dispatch", "SHP-2", "waiting for the customer")

    with clock.frozen(MONDAY + timedelta(days=40)), store.work(Work, reading=True) as work:
        report = work.commitments.report(MONDAY - timedelta(days=1), MONDAY + timedelta(days=1))
        running = work.commitments.list_running(limit=1)
        rest = work.commitments.list_running(limit=5, cursor=running["next_cursor"])

    assert report == [{"kind": "dispatch", "started": 4, "kept": 1, "breached": 2, "running": 1, "by_unknown": 2}]
    assert len(running["items"]) == 1
    assert len(rest["items"]) == 1
    assert rest["next_cursor"] is None


@pytest.mark.integration
def test_a_connection_dies_when_its_server_is_silent(store: Store) -> None:
    """Otherwise a caller waits for as long as TCP repeats it; the composed form's test cuts such a cable."""
    with store.engine.connect() as connection:
        line = socket.socket(fileno=os.dup(connection.connection.driver_connection.fileno()))  # type: ignore[union-attr]
        with line:
            unheard = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert STATEMENT_MS < unheard == UNHEARD_MS
