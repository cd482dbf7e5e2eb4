"""Helper processes that say when they are ready, and that are ended by their starter."""

from __future__ import annotations

import select
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.lab.bench.rounds import NoAnswer


def started(command: list[str], env: Mapping[str, str], log: Path, seconds: float = 60.0) -> subprocess.Popen[bytes]:
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
