"""Run a program of ours as a process of its own, within a bound of time. Nothing here blocks: it waits for the process
as for any other machine.

    ended = run_alone(PROGRAM, seconds=25, given=b"…")       # given: its input, as bytes or as an open file
    ended.code, ended.said, ended.problem                    # below 0: it was ended, as what takes too long is
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

import eventlet
from eventlet.green import subprocess

TOLD_CHARACTERS = 500  # of what it complained of


class Ended(NamedTuple):
    """How a program ended. said: what it wrote; problem: the end of what it complained of."""

    code: int
    said: bytes
    problem: str


def run_alone(
    program: Path, *arguments: str, seconds: float, given: bytes | IO[bytes], handles: Sequence[int] = ()
) -> Ended:
    """Run the program without our environment, and end it when its time is over. handles: open files it may use."""
    written = given if isinstance(given, bytes) else None
    process = subprocess.Popen(
        [sys.executable, "-I", str(program), *arguments], stdin=subprocess.PIPE if written is not None else given,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=handles, env={}, cwd="/",
    )  # fmt: skip
    said, problem = b"", b""
    try:
        with eventlet.Timeout(seconds, False):
            said, problem = process.communicate(written)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return Ended(process.returncode, said, problem[-TOLD_CHARACTERS:].decode("utf-8", "replace"))
