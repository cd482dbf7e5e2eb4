"""An answer that many ask for and that costs the services something: it is found out once, and given again for a while.

states = current_app.extensions.setdefault("health", Fresh(lambda found: 1.0))
states.get(lambda: ask_all())
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from eventlet.semaphore import Semaphore

T = TypeVar("T")


class Fresh(Generic[T]):
    """What was found out, and until when it is given again. `seconds` says for how long an answer is good."""

    def __init__(self, seconds: Callable[[T], float]):
        self._seconds = seconds
        self._asking = Semaphore()
        self._found: T | None = None
        self._good_until = float("-inf")

    def get(self, ask: Callable[[], T]) -> T:
        """Ask, unless that was done just now. Who comes while it is being done waits for the same answer."""
        with self._asking:
            if self._found is None or time.monotonic() > self._good_until:
                self._found = ask()
                self._good_until = time.monotonic() + self._seconds(self._found)
            return self._found
