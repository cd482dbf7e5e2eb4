"""The pool that keeps its greenthreads: what runs in one must not notice that another ran there before."""

from contextvars import ContextVar

import eventlet
import pytest
from eventlet.event import Event
from greenlet import GreenletExit

from services.common.runtime.workers import KeptPool
from services.common.testing import eventually

said = ContextVar("said", default="nothing")


@pytest.fixture
def pool():
    pool = KeptPool(2)
    yield pool
    pool.dismiss()


def say(word):
    before = said.get()
    said.set(word)
    return before, eventlet.getcurrent()


def test_workers_in_turn_share_only_a_greenthread(pool):
    before, greenthread = pool.spawn(say, "a word").wait()

    assert pool.spawn(say, "another").wait() == ("nothing", greenthread)
    assert before == "nothing"


def test_as_many_run_at_once_as_there_are_places_and_others_wait(pool):
    release = Event()
    begun = []

    def work(name):
        begun.append(name)
        release.wait()

    for name in "ab":
        pool.spawn(work, name)
    third = eventlet.spawn(pool.spawn, work, "c")
    eventually(lambda: pool.waiting() == 1)

    assert (begun, pool.free(), pool.running()) == (["a", "b"], 0, 2)

    release.send()
    third.wait().wait()
    assert (begun, pool.free(), pool.running()) == (["a", "b", "c"], 2, 0)


def test_a_failure_reaches_the_waiter_and_frees_the_place(pool):
    told = []
    work = pool.spawn(int, "no number")
    work.link(lambda ended, *more: told.append((ended, more)), "more")

    with pytest.raises(ValueError, match="no number"):
        work.wait()

    assert told == [(work, ("more",))]
    assert pool.spawn(int, "1").wait() == 1


def test_who_links_after_the_end_is_told_at_once(pool):
    told = list[object]()
    work = pool.spawn(int, "1")
    work.wait()

    work.link(told.append)

    assert told == [work]


def test_a_killed_call_ends_and_its_greenthread_continues(pool):
    begun, cleaned = Event(), list[bool]()

    def work():
        try:
            begun.send(eventlet.getcurrent())
            Event().wait()
        finally:
            cleaned.append(True)

    running = pool.spawn(work)
    greenthread = begun.wait()
    running.kill()

    with pytest.raises(GreenletExit):
        running.wait()
    assert cleaned
    assert pool.free() == 2
    assert pool.spawn(eventlet.getcurrent).wait() is greenthread


def test_what_is_killed_before_it_begins_never_does(pool):
    begun = list[bool]()
    work = pool.spawn(begun.append, True)

    work.kill()
    eventlet.sleep(0)

    with pytest.raises(GreenletExit):
        work.wait()
    assert (begun, pool.free()) == ([], 2)


def test_to_kill_what_has_ended_does_nothing(pool):
    work = pool.spawn(int, "1")
    work.wait()

    work.kill()

    assert work.wait() == 1


def test_work_after_a_dismissal_is_still_done(pool):
    begun, release = Event(), Event()

    def work():
        begun.send(eventlet.getcurrent())
        release.wait()

    busy = pool.spawn(work)
    greenthread = begun.wait()

    pool.dismiss()

    assert pool.spawn(int, "1").wait() == 1
    release.send()
    busy.wait()
    eventually(lambda: greenthread.dead)


def test_a_late_throw_at_an_idle_greenthread_takes_no_place_away(pool, capsys):
    idle = pool.spawn(eventlet.getcurrent).wait()
    eventlet.sleep(0)

    eventlet.kill(idle, TimeoutError("nobody cancelled it"))

    assert "nobody cancelled it" in capsys.readouterr().err
    assert pool.spawn(eventlet.getcurrent).wait() is not idle
