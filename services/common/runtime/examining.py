"""Run the program that says what a file is (`examine`), as a process of its own, within bounds of time and memory.

    run(file, kept, small)      # {"media_type", "picture"}, or {"refusal"} with a code

A process that takes too long, or that is ended by its bounds, is a picture that is too large.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import IO

from services.common.runtime.programs import run_alone

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("examine.py")
SECONDS = 25  # that one file may take


def run(file: IO[bytes], kept: IO[bytes], small: IO[bytes]) -> dict[str, object]:
    """Run the program on a file. Return what it says."""
    file.seek(0)
    handles = (kept.fileno(), small.fileno())
    ended = run_alone(PROGRAM, *map(str, handles), seconds=SECONDS, given=file, handles=handles)
    if ended.code == 0:
        found: dict[str, object] = json.loads(ended.said)
        return found
    log.warning("a file was not examined to its end (%s): %s", ended.code, ended.problem)
    return {"refusal": "picture_too_large" if ended.code < 0 else "picture_unreadable"}
