"""Work that takes long takes turns: one at a time in a gateway, and few wait. The others are told to come back (503).

turns = Turns("Many files are being looked at; try again in a moment.")
with turns.one():
    …
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eventlet.semaphore import Semaphore

from gateway.http.errors import Refused

WAIT_SECONDS = 20  # for those before it
AT_ONCE, WAITING = 1, 6  # each that waits holds a worker of the gateway


class Turns:
    """The turns of one gateway at one kind of work. busy: what those are told who have none."""

    def __init__(self, busy: str) -> None:
        self._busy = busy
        self._turns, self._waiting = Semaphore(AT_ONCE), 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a turn for the block. Raise `refusal` where too many wait, or it does not come in time."""
        if self._waiting >= WAITING:
            raise self.refusal()
        self._waiting += 1
        try:
            has_turn = self._turns.acquire(timeout=WAIT_SECONDS)
        finally:
            self._waiting -= 1
        if not has_turn:
            raise self.refusal()
        try:
            yield
        finally:
            self._turns.release()

    def refusal(self) -> Refused:
        return Refused(503, "service_unavailable", self._busy, headers={"Retry-After": "10"})
