"""The shop's own closures (`PLEDGE_CLOSURES`), read again while the process runs when their file changes.

A file that says nonsense by then changes nothing: what was in force stays so, and it is said in the log and by
`pledge_closures_refused`. A clock that runs keeps the calendar that it started with.
"""

from __future__ import annotations

import logging
from pathlib import Path

import eventlet
from prometheus_client import Gauge

from services.common.calendar import close, read_overlay

LOOK_SECONDS = 30.0
REFUSED = Gauge("pledge_closures_refused", "whether the file of closures says nonsense, so that older ones hold")
Stamp = tuple[int, int, int]

log = logging.getLogger(__name__)


class ClosuresFile:
    """The file as it was when it was last read."""

    def __init__(self, path: Path):
        self.path = path
        self._seen = self._stamp()

    def look(self) -> bool:
        """Put what the file says in force if it has changed. Return whether it did."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            close(read_overlay(self.path))
        except (OSError, ValueError) as problem:
            REFUSED.set(1)
            log.error("PLEDGE_CLOSURES is not read again, what was read before holds: %s", problem)
            return False
        REFUSED.set(0)
        log.warning("PLEDGE_CLOSURES was read again: %s", self.path)
        return True

    def watch(self) -> None:
        """Look every now and then, for ever."""
        while True:
            eventlet.sleep(LOOK_SECONDS)
            self.look()

    def _stamp(self) -> Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
