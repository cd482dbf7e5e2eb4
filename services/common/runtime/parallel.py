"""Calls to the world outside, several at a time: a slow one does not hold up the others.

    calls = Parallel(20)
    calls.run(partial(send, letter))      # beside those that are under way
    while calls.wait():                   # until all are done
        ...

A call must see to its own errors. One that does not is logged, and blocks no other.

    in_thread(parse, text)                # what computes for long: others get on meanwhile
    within(10.0, partial(ask, url))       # what may take its time, but not more than that
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import eventlet
from eventlet import tpool
from eventlet.greenpool import GreenPool

PAUSE_SECONDS = 0.25

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Parallel:
    """At most `most` calls at a time, in greenthreads."""

    def __init__(self, most: int):
        self._pool = GreenPool(most)

    def run(self, call: Callable[[], None]) -> None:
        """Start a call beside those under way. Wait while there are too many."""
        self._pool.spawn_n(_make, call)

    def wait(self) -> bool:
        """Wait a moment for the calls under way. Return False if there are none any more."""
        eventlet.sleep(0)
        if self._pool.running():
            eventlet.sleep(PAUSE_SECONDS)
        return bool(self._pool.running())


def _make(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:
        log.exception("a call beside others failed")


def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a call returns that computes for long, or waits for the disk, made in a thread of its own."""
    found: T = tpool.execute(call, *args, **kwargs)
    return found


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call returns. Raise TimeoutError when it waits longer than that, however it comes on.

    What ends the call is no Exception: a library that tries again after an OSError does not hold on to it.
    """
    with eventlet.Timeout(seconds) as ours:
        try:
            return call()
        except eventlet.Timeout as ended:
            if ended is not ours:
                raise
            raise TimeoutError(f"not done within {seconds} seconds") from None
