"""Moving windows: how often something was done in the last minute, hour or day, here and in the other gateways.

`limits` reads what is allowed ("5/minute;50/day"). Its own memory starts a thread each hundredth of a second as long as
a request comes, to forget what is over: a twentieth of a gateway's time under load. Here a window forgets when it is
asked, and all unused ones are checked once in a while. There are at most MOST windows; when more keys
come than that, those that were hit longest ago are forgotten, so that strangers cannot fill the memory.

Each hit is told to `tell`, and what the others tell is noted with `note` (live/sharing.py).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from limits import RateLimitItem

LOOK_THROUGH_SECONDS = 60
MOST = 100_000


class Hit(NamedTuple):
    """What became of a hit. `wait`: seconds until the next is allowed, where this one was too many; else None.

    left: how many more are allowed now. reset: seconds until there is one more.
    """

    wait: float | None
    left: int
    reset: float


class Windows:
    """Counts for each limit and key apart."""

    def __init__(self, tell: Callable[[str, int, int], None] = lambda _name, _seconds, _most: None) -> None:
        self.tell = tell
        self._hits: dict[str, tuple[float, deque[float]]] = {}  # how long a hit counts; when each was, oldest first
        self._looked_through = time.time()

    def hit(self, limit: RateLimitItem, *key: str) -> Hit:
        """Count one more, unless that is too many."""
        now, expiry = time.time(), limit.get_expiry()
        name, hits = self._window_of(limit, key, now)
        if len(hits) >= limit.amount:
            wait = _wait(hits, expiry, now)
            return Hit(wait, 0, wait)
        hits.append(now)
        self.tell(name, expiry, limit.amount)
        return Hit(None, limit.amount - len(hits), hits[0] + expiry - now)

    def look(self, limit: RateLimitItem, *key: str) -> Hit:
        """Return what a hit would be told just now. Count nothing."""
        now, expiry = time.time(), limit.get_expiry()
        _, hits = self._window_of(limit, key, now)
        left = limit.amount - len(hits)
        wait = _wait(hits, expiry, now)
        return Hit(None if left > 0 else wait, max(0, left), wait)

    def note(self, name: str, seconds: int, most: int) -> None:
        """Count what another gateway let through just now, even where it is too many: both have let one through."""
        now = time.time()
        hits = self._window(name, seconds, now)
        if len(hits) < most:
            hits.append(now)

    def _window_of(self, limit: RateLimitItem, key: tuple[str, ...], now: float) -> tuple[str, deque[float]]:
        name = f"{'/'.join(key)}/{limit.amount}/{limit.get_expiry()}"
        return name, self._window(name, limit.get_expiry(), now)

    def _window(self, name: str, expiry: float, now: float) -> deque[float]:
        if now - self._looked_through > LOOK_THROUGH_SECONDS:
            self._forget(now)
        _, hits = self._hits.pop(name, (expiry, None))
        hits = deque() if hits is None else hits
        self._hits[name] = (expiry, hits)  # the last that was asked after stands last
        if len(self._hits) > MOST:
            del self._hits[next(iter(self._hits))]
        while hits and hits[0] < now - expiry:
            hits.popleft()
        return hits

    def _forget(self, now: float) -> None:
        self._looked_through = now
        for name in [name for name, (expiry, hits) in self._hits.items() if not hits or hits[-1] < now - expiry]:
            del self._hits[name]


def _wait(hits: deque[float], expiry: int, now: float) -> float:
    return hits[0] + expiry - now if hits else float(expiry)
