"""The distributed form on one machine: every service a process of its own, on private RabbitMQ and PostgreSQL.

    python -m deploy.run.up [--dir var/infra]

Prints the page of addresses when all are ready. Ctrl-C stops them, the gateway first; servers that were running before
stay, those started here stop too. When one process dies, the others are stopped: what is wrong is in its log.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deploy.run import infra, packages, processes
from deploy.run.processes import Process
from deploy.run.servers import NotStarted, find
from deploy.run.welcome import welcome_text
from services import SERVICES
from services.common.runtime.config import Settings

READY_SECONDS = 60.0
NAMES = (*SERVICES, "gateway")


class NotReady(Exception):
    """A process did not become ready; carries the end of its log."""


@contextmanager
def platform(environ: Mapping[str, str], logs: Path) -> Iterator[dict[str, Process]]:
    """Run all processes of the platform, ready, for the time of a block. The end-to-end tests use it too."""
    subprocess.run([sys.executable, "-m", "deploy.run.prepare"], env={**environ}, check=True, timeout=120)
    logs.mkdir(parents=True, exist_ok=True)
    ports = dict(zip(NAMES, processes.free_ports(len(NAMES)), strict=True))
    running: dict[str, Process] = {}
    try:
        for name, port in ports.items():
            running[name] = start(name, environ, f"127.0.0.1:{port}", logs)
        for name, port in ports.items():
            await_ready(running[name], port, logs / f"{name}.log")
        yield running
    finally:
        for name in reversed(NAMES):
            if name in running:
                processes.stop(running[name], signal.SIGTERM, seconds=35)


def start(name: str, environ: Mapping[str, str], ops_address: str, logs: Path) -> Process:
    """Start one service as a process that answers its operators on that address."""
    command = [sys.executable, "-m", "services", name]
    return processes.start(command, env={**environ, "PLEDGE_OPS_ADDRESS": ops_address}, log=logs / f"{name}.log")


def await_ready(process: Process, ops_port: int, log: Path, seconds: float = READY_SECONDS) -> None:
    """Return when the process can work; NotReady when it died or took too long."""
    url = f"http://127.0.0.1:{ops_port}/health/ready"
    if not processes.until(lambda: not process.alive or _answers(url), seconds) or not process.alive:
        raise NotReady(f"{log.stem} did not become ready:\n{log.read_text(errors='replace')[-3000:]}")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=3) as answer:  # noqa: S310 (our own address)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.run.up", description="the platform as processes")
    parser.add_argument("--dir", type=Path, default=Path("var/infra"))
    folder = parser.parse_args(arguments).dir
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell that starts us in the background has SIGINT ignored
        signal.signal(number, _interrupt)
    before = find(folder.resolve(), "rabbitmq")
    try:
        environ = {**os.environ, **infra.up(folder)}
        with platform(environ, folder / "log") as running:
            print(welcome_text(Settings.load(environ)), flush=True)
            while all(process.alive for process in running.values()):
                time.sleep(0.5)
            dead = [name for name, process in running.items() if not process.alive]
            print(f"{', '.join(dead)} died; see {folder / 'log'}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        print("Pledge has stopped.", flush=True)
        return 0
    except (packages.Missing, NotStarted, NotReady) as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        if before is None:
            infra.down(folder)


if __name__ == "__main__":
    sys.exit(main())
