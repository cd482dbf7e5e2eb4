"""Helper processes that say when they are ready, and that are ended by their starter."""

from __future__ import annotations

import select
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.lab.bench.rounds import NoAnswer

START_SECONDS = 60.0


def started(
    command: list[str], env: Mapping[str, str], log: Path, seconds: float = START_SECONDS
) -> subprocess.Popen[bytes]:
    """Start a helper process that says `ready` on its output. Raise NoAnswer with the end of its log if it does not."""
    with log.open("ab") as errors:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env={**env}, stdin=subprocess.DEVNULL)
    assert child.stdout
    ready, _, _ = select.select([child.stdout], [], [], seconds)
    if not ready or child.stdout.readline() != b"ready\n":
        stopped(child)
        raise NoAnswer(f"{' '.join(command[2:4])} did not start:\n{log.read_text(errors='replace')[-2000:]}")
    return child


def stopped(child: subprocess.Popen[bytes]) -> None:
    """End a helper process, gently first."""
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout:
        child.stdout.close()


@contextmanager
def helpers() -> Iterator[Callable[..., int]]:
    """Yield `started`, which gives the process's id here; end all of them with the block, the last one first."""
    running: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], environ: Mapping[str, str], log: Path, seconds: float = START_SECONDS) -> int:
        running.append(started(command, environ, log, seconds))
        return running[-1].pid

    try:
        yield start
    finally:
        for child in reversed(running):
            stopped(child)
