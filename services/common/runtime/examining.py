"""Run the program that says what a file is (`examine`), as a process of its own, within bounds of time and memory.

    run(file, kept, small)      # {"media_type", "picture"}, or {"refusal"} with a code

A process that takes too long, or that is ended by its bounds, is a picture that is too large. Nothing here blocks: it
waits for the process as for any other machine.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import IO

import eventlet
from eventlet.green import subprocess

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("examine.py")
SECONDS = 25  # that one file may take


def run(file: IO[bytes], kept: IO[bytes], small: IO[bytes]) -> dict[str, object]:
    """Run the program on a file. Return what it says."""
    file.seek(0)
    handles = (kept.fileno(), small.fileno())
    process = subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM), *map(str, handles)], stdin=file, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, pass_fds=handles, env={}, cwd="/",
    )  # fmt: skip
    said, problem = b"", b""
    try:
        with eventlet.Timeout(SECONDS, False):
            said, problem = process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            pipe.close()
    if process.returncode == 0:
        found: dict[str, object] = json.loads(said)
        return found
    log.warning(
        "a file was not examined to its end (%s): %s", process.returncode, problem[-500:].decode("utf-8", "replace")
    )
    return {"refusal": "picture_too_large" if process.returncode < 0 else "picture_unreadable"}
