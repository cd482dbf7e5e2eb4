"""Have files examined by a process of its own (`runtime.examine`), one at a time, within bounds.

    with examined(file, store) as found:           # or one of REFUSALS is raised
        found.media_type, found.kept, found.small  # open files; `kept` is what was sent, for PDF and text

A process that takes too long, or that is ended by its bounds, is a picture that is too large. Where many wait, the last
ones are told to come back (503).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import eventlet

from gateway.http import limits
from gateway.http.turns import Turns
from gateway.uploads.refusals import REFUSALS
from services.common.runtime.examining import run
from services.common.runtime.uploads import PIECE, UploadStore

OF_ONE = 5  # pages send all files of a message at once


@dataclass(frozen=True)
class Examined:
    """What a file is. small: of a picture."""

    media_type: str
    kept: IO[bytes]
    small: IO[bytes] | None


class Examiner:
    """The turns of one gateway."""

    def __init__(self) -> None:
        self._turns = Turns("Many files are being looked at; try again in a moment.", of_one=OF_ONE)

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
            with self._turns.one(*limits.asker()):
                found = run(sent, kept, small)
            if refusal := found.get("refusal"):
                raise REFUSALS[str(refusal)]
            is_picture = found["picture"] is True
            yield Examined(str(found["media_type"]), kept if is_picture else sent, small if is_picture else None)
