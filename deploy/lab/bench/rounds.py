"""One round of load, measured: what came out of it, how long each operation took, and what every process spent on it.

    with Generator({"operation": "place_and_pay", "clients": 20, "target": …}) as load:
        figures = measure(load, place, seconds=5)

The figures count everything that the operations set off: the meters are read again only when all tiers are quiet. What
the processes spend without requests (timers, heartbeats) is measured once and taken off.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

import orjson

from deploy.lab.bench import meters
from deploy.lab.bench.meters import Memory
from deploy.lab.bench.postgres import Counters
from deploy.run.processes import started_at
from services.common.basics.untyped import Fields, JsonDict

PREPARE_SECONDS = 240.0
BEYOND_SECONDS = 180.0  # what the last operations of a round may take longer than the round
WARM_UP_SECONDS = 0.5
LOAD = "load"


class NoAnswer(Exception):
    """The load generator died or went silent."""


class Died(Exception):
    """A process under load is gone; carries the end of its log."""


class Generator:
    """A process of load.py, prepared for one operation."""

    def __init__(self, job: Fields, wanted: int = 0):
        self.clients: int = job["clients"]
        self._child = subprocess.Popen(
            [sys.executable, "-m", "deploy.lab.bench.load"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        self.pid = self._child.pid
        try:
            self._say({**job, "wanted": wanted})
            self._hear(PREPARE_SECONDS)
        except BaseException:
            self.close()
            raise

    def round(self, seconds: float, pause: float = 0.0) -> JsonDict:
        """Run one round. pause: seconds that a client rests between the beginnings of two operations."""
        self._say({"seconds": seconds, "pause": pause})
        answer: dict[str, object] = self._hear(seconds + BEYOND_SECONDS)
        return answer

    def close(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def __enter__(self) -> Generator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _say(self, line: Mapping[str, object]) -> None:
        assert self._child.stdin
        self._child.stdin.write(orjson.dumps(line) + b"\n")
        self._child.stdin.flush()

    def _hear(self, seconds: float) -> Any:
        assert self._child.stdout
        ready, _, _ = select.select([self._child.stdout], [], [], seconds)
        line = self._child.stdout.readline() if ready else b""
        if not line:
            raise NoAnswer(f"the load generator died, or did not answer in {seconds:.0f} s")
        return orjson.loads(line)


@dataclass(frozen=True)
class Place:
    """What is under load: its processes by name, its database server if it has one, what it takes when idle."""

    tiers: Mapping[str, int]
    counters: Callable[[], Counters] | None = None
    idle: Mapping[str, float] = field(default_factory=dict)  # shares of a core
    logs: Path | None = None  # <name>.log of each process

    def check(self) -> None:
        """Raise Died if one of the processes has ended: later figures would say nothing."""
        for name, pid in self.tiers.items():
            if started_at(pid) is None:
                log = self.logs / f"{name}.log" if self.logs else None
                end = log.read_text(errors="replace")[-4000:] if log and log.exists() else "it left no log"
                raise Died(f"{name} died under load:\n{end}")


@dataclass
class Figures:
    """What one or several rounds of an operation gave. Times in ms; CPU in seconds for 1,000 operations."""

    seconds: float
    latencies: list[float]
    failures: int
    errors: dict[str, int]
    cpu: dict[str, float]
    counted: Counters | None = None
    memory: dict[str, Memory] = field(default_factory=dict)
    quiet: bool = True
    others: float = 0.0  # cores that programs which are not ours kept busy meanwhile

    @property
    def operations(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.operations / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return that quantile of the latencies, in ms."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0

    def cpu_per_1000(self) -> dict[str, float]:
        return {name: 1000 * spent / max(self.operations, 1) for name, spent in self.cpu.items()}

    @property
    def cpu_total(self) -> float:
        """CPU seconds per 1,000 operations of all tiers but the load generator."""
        return sum(spent for name, spent in self.cpu_per_1000().items() if name != LOAD)

    def to_json(self) -> dict[str, object]:
        shown: dict[str, object] = {
            "operations": self.operations, "failures": self.failures, "errors": self.errors,
            "per_second": round(self.per_second, 2), "seconds": round(self.seconds, 2), "settled": self.quiet,
            "others_cores": round(self.others, 2),
            **{f"p{share}_ms": round(self.percentile(share / 100), 2) for share in (50, 95, 99)},
            "cpu_s_per_1000": {name: round(spent, 2) for name, spent in self.cpu_per_1000().items()},
            "cpu_s_per_1000_all_tiers": round(self.cpu_total, 2),
            "memory_mb": {name: {"rss": round(m.rss, 1), "pss": round(m.pss, 1)} for name, m in self.memory.items()},
        }  # fmt: skip
        if self.counted:
            shown |= {name: round(each / max(self.operations, 1), 2) for name, each in self.counted._asdict().items()}
        return shown


def measure(load: Generator, place: Place, seconds: float, *, pause: float = 0.0, settle: bool = True) -> Figures:
    """Run one round with all meters around it. settle: include what it set off, so wait for the end of that."""
    tiers = {**place.tiers, LOAD: load.pid}
    counted_before = place.counters() if place.counters else None
    began, busy, before = time.monotonic(), meters.busy_seconds(), meters.cpu_seconds(tiers)
    got = load.round(seconds, pause)
    quiet = not settle or meters.wait_until_quiet(place.tiers, sum(place.idle.values()))
    spent, elapsed = meters.spent_between(before, meters.cpu_seconds(tiers)), time.monotonic() - began
    place.check()
    others = (meters.busy_seconds() - busy - sum(spent.values())) / elapsed
    spent = {name: max(each - place.idle.get(name, 0.0) * elapsed, 0.0) for name, each in spent.items()}
    counted = place.counters() - counted_before if place.counters and counted_before else None
    held = meters.memory(tiers)
    return Figures(
        got["seconds"], got["latencies"], got["failures"], got["errors"], spent, counted, held, quiet, max(others, 0.0)
    )


def merged(rounds: Sequence[Figures]) -> Figures:
    """Merge several rounds of the same into one."""
    errors: dict[str, int] = {}
    for each in rounds:
        for text, count in each.errors.items():
            errors[text] = errors.get(text, 0) + count
    cpu = {name: sum(each.cpu[name] for each in rounds) for name in rounds[0].cpu}
    counted = [each.counted for each in rounds if each.counted]
    return Figures(
        sum(each.seconds for each in rounds),
        [latency for each in rounds for latency in each.latencies],
        sum(each.failures for each in rounds),
        errors,
        cpu,
        sum(counted[1:], counted[0]) if counted else None,
        rounds[-1].memory,
        all(each.quiet for each in rounds),
        median(each.others for each in rounds),
    )


def warm_up(load: Generator, place: Place) -> None:
    """Run a short round that does not count, to compile statements, fill pools and run code for the first time."""
    measure(load, place, WARM_UP_SECONDS)


def in_turns(
    sides: Mapping[str, tuple[Generator, Place]], seconds: float, turns: int, *, settle: bool = True
) -> dict[str, list[Figures]]:
    """Run each side for a round, several times: disturbances on the machine affect all of them alike."""
    taken: dict[str, list[Figures]] = {name: [] for name in sides}
    for load, place in sides.values():
        warm_up(load, place)
    for _ in range(turns):
        for name, (load, place) in sides.items():
            taken[name].append(measure(load, place, seconds, settle=settle))
    return taken


def ratio(ours: Sequence[Figures], theirs: Sequence[Figures]) -> float:
    """Return how many times as many operations per second ours does as theirs, in the median of the turns."""
    pairs = [(a.per_second, b.per_second) for a, b in zip(ours, theirs, strict=True)]
    return median(a / b if b else float("inf") for a, b in pairs)


def cpu_ratio(ours: Sequence[Figures], theirs: Sequence[Figures]) -> float:
    """Return how many times as much CPU, all tiers together, theirs needs for one operation: the steadiest figure."""
    return merged(theirs).cpu_total / (merged(ours).cpu_total or 1.0)
