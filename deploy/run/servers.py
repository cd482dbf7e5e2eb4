"""A private server: a process with its data, its port and its password in one folder, found again by its record."""

from __future__ import annotations

import json
import os
import secrets
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.run import processes
from deploy.run.processes import Process

BOOT_SECONDS = 90.0


class NotStarted(Exception):
    """A server did not come up in time; carries the end of its log."""


@dataclass
class Server:
    """A running server. `uri` is its administrator's; `env` is what its command-line tools need."""

    name: str
    folder: Path
    port: int
    password: str
    uri: str
    env: dict[str, str]
    processes: list[Process]

    @property
    def pid(self) -> int:
        """The process that a test of outages may stop, freeze or kill."""
        return self.processes[0].pid

    @property
    def running(self) -> bool:
        return self.processes[0].alive

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it and what it started; `at_once` without a tidy shutdown. The data stays."""
        gentle = signal.SIGINT if self.name == "postgres" else signal.SIGTERM
        hard = signal.SIGQUIT if self.name == "postgres" else signal.SIGKILL
        for each in self.processes:
            if each.alive:
                os.kill(each.pid, signal.SIGCONT)  # a frozen process takes no other signal
            processes.stop(each, hard if at_once else gentle)
        self.record.unlink(missing_ok=True)

    @property
    def record(self) -> Path:
        return self.folder / f"{self.name}.json"

    def save(self) -> Server:
        self.record.touch(mode=0o600)
        self.record.write_text(json.dumps({**asdict(self), "folder": str(self.folder)}))
        return self


def find(folder: Path, name: str) -> Server | None:
    """Return the server that was started in that folder and still runs."""
    with suppress(FileNotFoundError):
        kept = json.loads((folder / f"{name}.json").read_text())
        kept |= {"folder": folder, "processes": [Process(*each) for each in kept["processes"]]}
        server = Server(**kept)
        if server.running:
            return server
        server.stop()
    return None


def await_start(server: Server, answers: Callable[[Server], bool], seconds: float = BOOT_SECONDS) -> Server:
    """Return when it serves clients; NotStarted, with the end of its log, when it died or took too long."""
    if not processes.until(lambda: not server.running or answers(server), seconds) or not server.running:
        server.stop(at_once=True)
        log = (server.folder / f"{server.name}.log").read_text(errors="replace")
        raise NotStarted(f"{server.name} did not start on port {server.port}:\n{log[-3000:]}")
    return server


def same_port(folder: Path, name: str, free: int) -> int:
    """Return the port of the last time if it is still free, so that printed variables stay true."""
    kept = folder / f"{name}.port"
    if kept.exists() and processes.is_free(int(kept.read_text())):
        return int(kept.read_text())
    kept.write_text(str(free))
    return free


def password_of(folder: Path, name: str) -> str:
    """Return the password that was made when the folder was new."""
    kept = folder / f"{name}.password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(24).replace("-", "x"))
    return kept.read_text()
