"""Work that takes long takes turns: one at a time in a gateway, and few wait. The others are told to come back (503).

turns = Turns("Many files are being looked at; try again in a moment.", of_one=2)
with turns.one(*limits.asker()):
    …

No client takes all places: one that has `of_one` of them already is told so (429), and the others find room. Nor do
those of one network, however many names they have: `LEFT` places are for others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from eventlet.semaphore import Semaphore

from gateway.http.errors import Refused

WAIT_SECONDS = 20  # for those before it
AT_ONCE, WAITING = 1, 6  # each that waits holds a worker of the gateway
LEFT = 2


class Turns:
    """The turns of one gateway at one kind of work.

    busy: what those are told who have none. of_one: how many places one client has, at work and waiting.
    """

    def __init__(self, busy: str, *, of_one: int) -> None:
        self._busy, self._of_one = busy, of_one
        self._turns, self._waiting, self._places = Semaphore(AT_ONCE), 0, Counter[str]()

    @contextmanager
    def one(self, whose: str, network: str) -> Iterator[None]:
        """Hold a turn for the block. Raise `refusal` where too many wait, or it does not come in time."""
        held = {f"one {whose}": self._of_one, f"network {network}": AT_ONCE + WAITING - LEFT}
        if any(self._places[each] >= most for each, most in held.items()):
            raise Refused(429, "too_many_requests", "Wait for what you asked for before.", details={"retry_after": 10})
        self._places.update(held.keys())
        try:
            with self._turn():
                yield
        finally:
            self._places.subtract(held.keys())
            self._places += Counter()  # what nobody has is forgotten

    @contextmanager
    def _turn(self) -> Iterator[None]:
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
