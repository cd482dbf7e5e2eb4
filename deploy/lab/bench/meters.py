"""What a process costs: CPU seconds and memory of a process and all of its children, read from /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
QUIET_SHARE = 0.08  # of one core, all tiers together, beyond what their timers take
LOOK_SECONDS = 0.4


class Memory(NamedTuple):
    """In MB. PSS counts what processes share once: the only figure whose sum is true."""

    rss: float
    pss: float


def cpu_seconds(tiers: Mapping[str, int]) -> dict[str, float]:
    """Return user and system time so far of each named process with its children, also those that ended."""
    spent, children = _processes()
    return {name: sum(spent.get(each, 0.0) for each in _tree(pid, children)) for name, pid in tiers.items()}


def busy_seconds() -> float:
    """Return the CPU seconds that the whole machine has spent so far, ours and others'."""
    fields = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / TICKS


def memory(tiers: Mapping[str, int]) -> dict[str, Memory]:
    """Return what each named process with its children holds now."""
    _, children = _processes()
    return {name: _memory(_tree(pid, children)) for name, pid in tiers.items()}


def spent_between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {name: max(after[name] - before.get(name, 0.0), 0.0) for name in after}


def wait_until_quiet(tiers: Mapping[str, int], idle: float = 0.0, seconds: float = 20.0) -> bool:
    """Wait until what was set off has come to its end; whether it did in that time. `idle`: what timers take."""
    deadline = time.monotonic() + seconds
    return _until(lambda: _share(tiers) < idle + QUIET_SHARE, deadline)


def idle_shares(tiers: Mapping[str, int], seconds: float) -> dict[str, float]:
    """Measure the share of a core that each keeps busy without requests: timers, heartbeats, sweeps."""
    before, began = cpu_seconds(tiers), time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - began
    return {name: spent / elapsed for name, spent in spent_between(before, cpu_seconds(tiers)).items()}


def _until(condition: Callable[[], bool], deadline: float) -> bool:
    while not (met := condition()) and time.monotonic() < deadline:
        pass  # the condition itself takes LOOK_SECONDS
    return met


def _share(tiers: Mapping[str, int]) -> float:
    return sum(idle_shares(tiers, LOOK_SECONDS).values())


def _processes() -> tuple[dict[int, float], dict[int, list[int]]]:
    """Return CPU seconds by process, with those of its ended children, and the children of each process."""
    spent: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdecimal():
            continue
        with suppress(OSError):
            fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            pid, parent = int(entry.name), int(fields[1])
            spent[pid] = sum(int(each) for each in fields[11:15]) / TICKS
            children.setdefault(parent, []).append(pid)
    return spent, children


def _tree(pid: int, children: Mapping[int, list[int]]) -> list[int]:
    found, new = [pid], [pid]
    while new:
        new = [child for each in new for child in children.get(each, ())]
        found += new
    return found


def _memory(pids: list[int]) -> Memory:
    rss = pss = 0
    for pid in pids:
        with suppress(OSError):  # gone meanwhile, or not ours to look into
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith(("Rss:", "Pss:")):
                    kilobytes = int(line.split()[1])
                    rss, pss = (rss + kilobytes, pss) if line.startswith("Rss:") else (rss, pss + kilobytes)
    return Memory(rss / 1024, pss / 1024)
