"""Have files examined by a process of its own (`runtime.examine`), one at a time, within bounds.

    with examined(file, store) as found:           # or one of REFUSALS is raised
        found.media_type, found.kept, found.small  # open files; `kept` is what was sent, for PDF and text

A process that takes too long, or that is ended by its bounds, is a picture that is too large. Where many wait, the last
ones are told to come back (503). Nothing here blocks the gateway: it waits for the process as for any other machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import eventlet
from eventlet.semaphore import Semaphore

from gateway.http.errors import Refused
from gateway.uploads.refusals import REFUSALS
from services.common.runtime.examining import run
from services.common.runtime.uploads import PIECE, UploadStore

WAIT_SECONDS = 20  # for those before it
AT_ONCE, WAITING = 1, 6  # each that waits holds a worker of the gateway


@dataclass(frozen=True)
class Examined:
    """What a file is. small: of a picture."""

    media_type: str
    kept: IO[bytes]
    small: IO[bytes] | None


class Examiner:
    """The turns of one gateway."""

    def __init__(self) -> None:
        self._turns, self._waiting = Semaphore(AT_ONCE), 0

    @contextmanager
    def examined(self, file: IO[bytes], store: UploadStore) -> Iterator[Examined]:
        """Say what the file is; what is written for it is gone after the block."""
        with ExitStack() as stack:
            kept, small, sent = (stack.enter_context(store.scratch()) for _ in range(3))
            file.seek(0)
            while piece := file.read(PIECE):
                sent.write(piece)
                eventlet.sleep(0)
            sent.flush()
            with self._turn():
                found = run(sent, kept, small)
            if refusal := found.get("refusal"):
                raise REFUSALS[str(refusal)]
            is_picture = found["picture"] is True
            yield Examined(str(found["media_type"]), kept if is_picture else sent, small if is_picture else None)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._waiting >= WAITING:
            raise _busy()
        self._waiting += 1
        try:
            has_turn = self._turns.acquire(timeout=WAIT_SECONDS)
        finally:
            self._waiting -= 1
        if not has_turn:
            raise _busy()
        try:
            yield
        finally:
            self._turns.release()


def _busy() -> Refused:
    detail = "Many files are being looked at; try again in a moment."
    return Refused(503, "service_unavailable", detail, headers={"Retry-After": "10"})
