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

LOOK_SECONDS = 15.0
REFUSED = Gauge("pledge_closures_refused", "whether the file of closures says nonsense, so that older ones hold")
Stamp = tuple[int, int, int]

log = logging.getLogger(__name__)


class ClosuresFile:
    """The file as it was at the last look, and when it was last read: not yet, since it may change during the start."""

    def __init__(self, path: Path):
        self.path = path
        self._found: Stamp | None = None
        self._read: Stamp | None = None

    def look(self) -> bool:
        """Put what the file says in force if that is new. Return whether it was.

        It is read once it is the same at two looks: half a file may make sense too. What cannot be read is tried again.
        """
        before, self._found = self._found, self._stamp()
        if self._found != before or (self._found is not None and self._found == self._read):
            return False
        try:
            changed = close(read_overlay(self.path))
        except OSError as problem:
            return self._refuse(problem)
        except ValueError as problem:
            self._read = self._found
            return self._refuse(problem)
        self._read = self._found
        REFUSED.set(0)
        if changed:
            log.warning("PLEDGE_CLOSURES was read again: %s", self.path)
        return changed

    def _refuse(self, problem: Exception) -> bool:
        REFUSED.set(1)
        log.error("PLEDGE_CLOSURES is not read again, what was read before holds: %s", problem)
        return False

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
