"""Starting and stopping server processes by their id: bounded, and safe against an id that was given to another."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

FOUND_BY_PROC = Path("/proc/self/stat").exists()
_children: dict[int, subprocess.Popen[bytes]] = {}  # what we started and have not yet seen the end of


class Process(NamedTuple):
    """A running program: its id and the moment it started, which together name it for good."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        return started_at(self.pid) == self.started


def start(command: list[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None) -> Process:
    """Start a program in a session of its own, so that a Ctrl-C meant for us does not reach it."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            env={**env},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children[child.pid] = child
    return Process(child.pid, started_at(child.pid) or "")


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock of that file, which need not exist."""
    if not path.exists():
        return False
    with path.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def stop(process: Process, *signals: signal.Signals, seconds: float = 20) -> None:
    """Send each signal in turn until the program is gone, waiting `seconds` after each; at last SIGKILL."""
    for number in (*signals, signal.SIGKILL):
        if not process.alive:
            break
        os.kill(process.pid, number)
        until(lambda: not process.alive, seconds)
    until(lambda: reap(process.pid), seconds)  # its threads may take a moment longer than itself


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition came true within that time."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def started_at(pid: int) -> str | None:
    """Return when that process started, in the system's own words, or None if it is gone or only a zombie."""
    if FOUND_BY_PROC:
        try:
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if status[0] == "Z" else status[19]
    asked = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, moment = asked.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else moment.strip()


def reap(pid: int) -> bool:
    """Reap an ended child, so that it does not stay as a zombie. Return True if there is none left."""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
    return pid not in _children


def free_ports(count: int) -> list[int]:
    """Return free ports of the loopback interface, below those the system gives to outgoing connections."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            taken = socket.socket()
            try:
                taken.bind(("127.0.0.1", random.randrange(20_000, 32_000)))  # noqa: S311 (no secret)
            except OSError:
                taken.close()
            else:
                held.append(taken)
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def is_free(port: int) -> bool:
    """Return whether a server could listen on that port of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
