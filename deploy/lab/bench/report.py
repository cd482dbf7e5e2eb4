"""What a run found: rows of figures, comparisons with what was aimed at; as a table, as JSON."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.lab.bench.rounds import LOAD, Figures
from services.common.basics.untyped import Fields, JsonDict

HEAD = (
    "section", "side", "operation", "clients", "per s", "p50", "p95", "p99", "fail", "CPU s/1000", "others", "tx",
    "WAL kB", "fsyncs", "PSS MB", "of the CPU",
)  # fmt: skip
"""Times in ms; `others`: cores that others kept busy meanwhile; transactions, WAL and fsyncs are per operation."""


@dataclass(frozen=True)
class Comparison:
    """One figure beside its aim: `at_least` or `at_most`, or none of both when it is only told."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def aim(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}" if self.at_most is not None else ""

    @property
    def met(self) -> bool | None:
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.value <= self.at_most if self.at_most is not None else None


@dataclass
class Report:
    """Everything that one run found, in the order in which it was found."""

    rows: list[JsonDict] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    counts: list[JsonDict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: int = 0

    def add(self, section: str, side: str, operation: str, clients: int, figures: Figures) -> None:
        """Add a row. It is printed at once, so that a long run can be watched."""
        row = {"section": section, "side": side, "operation": operation, "clients": clients, **figures.to_json()}
        if not self.rows:
            print(line(HEAD), flush=True)
        self.rows.append(row)
        self.failures += figures.failures
        print(line(cells(row)), flush=True)
        for text, count in figures.errors.items():
            print(f"    {count} × {text}", flush=True)

    def compare(self, name: str, value: float, **aim: Any) -> None:
        self.comparisons.append(Comparison(name, round(value, 3), **aim))

    def note(self, text: str) -> None:
        self.notes.append(text)
        print(f"  {text}", flush=True)

    def print_summary(self) -> None:
        """Print what was counted, and how everything compares."""
        if self.counts:
            print("\nof one operation alone     statements and commits = request + follower + relay + errand")
        for counted in self.counts:
            parts = f"{_parts(counted['statements'])}   {_parts(counted['commits'])}"
            print(f"  {counted['operation']:24} {parts}")
        if self.comparisons:
            print("\ncompared")
        for each in self.comparisons:
            verdict = {True: "met", False: "NOT MET", None: ""}[each.met]
            print(f"  {each.name:74} {each.value:9.2f}  {each.aim:8} {verdict:8}{each.note}")

    def save(self, folder: Path, options: Mapping[str, object]) -> Path:
        """Write results.json in that folder."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "machine": {"cores": os.cpu_count(), "load": os.getloadavg(), "python": platform.python_version()},
            "options": dict(options),
            "failures": self.failures,
            "comparisons": [{**vars(each), "aim": each.aim, "met": each.met} for each in self.comparisons],
            "counts": self.counts,
            "rows": self.rows,
            "notes": self.notes,
        }
        (folder / "results.json").write_text(json.dumps(kept, indent=1, default=str))
        return folder / "results.json"


def cells(row: Fields) -> tuple[object, ...]:
    """Format a row of figures for the table, the CPU by process with the most expensive first."""
    cpu: Mapping[str, float] = row["cpu_s_per_1000"]
    parts = sorted(((spent, name) for name, spent in cpu.items() if spent >= 0.005), reverse=True)
    of_it = " ".join(f"{name} {_short(spent)}" for spent, name in parts)
    times = [f"{row[name]:.1f}" for name in ("per_second", "p50_ms", "p95_ms", "p99_ms")]
    counted = [row.get("transactions"), row.get("wal_bytes"), row.get("wal_fsyncs")]
    shown = ["-" if each is None else f"{each / unit:.1f}" for each, unit in zip(counted, (1, 1000, 1), strict=True)]
    held = sum(each["pss"] for name, each in row["memory_mb"].items() if name != LOAD)
    what = (row["section"], row["side"], row["operation"], row["clients"])
    cost = (row["failures"], _short(row["cpu_s_per_1000_all_tiers"]), f"{row['others_cores']:.1f}")
    return (*what, *times, *cost, *shown, f"{held:.0f}", of_it)


def line(columns: Sequence[object]) -> str:
    section, side, operation, *numbers, of_it = (str(each) for each in columns)
    widths = (7, 8, 8, 8, 8, 5, 10, 6, 6, 7, 6, 6)
    right = " ".join(f"{number:>{width}}" for number, width in zip(numbers, widths, strict=True))
    return f"{section:10} {side:12} {operation:18} {right}  {of_it}"


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _parts(counted: Mapping[str, float]) -> str:
    parts = [counted[kind] for kind in ("request", "follower", "relay", "errand")]
    return f"{sum(parts):6.1f} = {' + '.join(f'{part:.1f}' for part in parts)}"
