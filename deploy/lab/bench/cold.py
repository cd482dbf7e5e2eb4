"""The embedded form from an empty folder to its first answer, and what a form holds in memory."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from deploy.lab.bench import meters, places
from deploy.run import processes


class Cold(NamedTuple):
    seconds: float
    cpu_seconds: float
    memory: str


def start() -> Cold:
    """Start what `make run` starts: migrations, first data, all services, the gateway. Packages are installed."""
    folder = Path(mkdtemp(prefix="pledge-bench-"))
    (port,) = processes.free_ports(1)
    environ, log = places.settings(folder, port), folder / "all.log"
    process = processes.start([sys.executable, "-m", "deploy.run.embedded"], env=environ, log=log)
    try:
        seconds = places.await_answer(f"{environ['PLEDGE_PUBLIC_URL']}/v1/health", lambda: process.alive, log)
        spent = meters.cpu_seconds({"all": process.pid})["all"]
        return Cold(seconds, spent, memory_of({"all": process.pid}))
    finally:
        processes.stop(process, signal.SIGTERM, seconds=30)
        shutil.rmtree(folder, ignore_errors=True)


def memory_of(tiers: Mapping[str, int]) -> str:
    """Return the memory of each process, as a line."""
    held = meters.memory(tiers)
    shown = ", ".join(f"{name} {each.pss:.0f}" for name, each in held.items())
    return f"PSS {sum(each.pss for each in held.values()):.0f} MB ({shown})"
