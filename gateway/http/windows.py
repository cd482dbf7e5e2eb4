"""Moving windows: how often something was done in the last minute, hour or day, in this process's memory.

`limits` reads what is allowed ("5/minute;50/day"). Its own memory starts a thread each hundredth of a second as long as
somebody knocks, to forget what is over: a twentieth of a gateway's time under load. Here a window forgets when it is
asked, and all that nobody asks after are looked through once in a while.
"""

from __future__ import annotations

import time
from collections import deque

from limits import RateLimitItem

LOOK_THROUGH_SECONDS = 60


class Windows:
    """Counts for each limit and key apart."""

    def __init__(self) -> None:
        self._hits: dict[str, tuple[float, deque[float]]] = {}  # how long a hit counts; when each was, oldest first
        self._looked_through = time.time()

    def hit(self, limit: RateLimitItem, *key: str) -> float | None:
        """Count one more and return None; or, when that is too many, the seconds until the next is allowed."""
        now, expiry = time.time(), limit.get_expiry()
        if now - self._looked_through > LOOK_THROUGH_SECONDS:
            self._forget(now)
        _, hits = self._hits.setdefault(limit.key_for(*key), (expiry, deque()))
        while hits and hits[0] < now - expiry:
            hits.popleft()
        if len(hits) >= limit.amount:
            return hits[0] + expiry - now if hits else float(expiry)
        hits.append(now)
        return None

    def _forget(self, now: float) -> None:
        self._looked_through = now
        for name in [name for name, (expiry, hits) in self._hits.items() if not hits or hits[-1] < now - expiry]:
            del self._hits[name]
