"""The same operations with many orders already there: what a page, a read, a new order cost must not grow.

Two figures do not depend on other programs here: the CPU that an operation takes, and how many rows the databases
read for a round of everything (reads.py), where what has no index shows at once. What is there already is made by
copies.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from deploy.lab.bench import copies, reads
from deploy.lab.bench.places import Ground, Platform
from deploy.lab.bench.report import Report
from deploy.lab.bench.rounds import Figures, Generator, measure, merged, warm_up
from deploy.lab.bench.shop import Shop

OPERATIONS = ("read_order", "list_orders", "list_queue", "contact", "tracking", "place_and_pay")
CLIENTS, TURNS, ALLOWED = 4, 3, 1.3
READ_AT_LEAST = 1000  # rows; below, the planner of a small table rightly reads it all


def measure_growth(ground: Ground, platform: Platform, report: Report, sizes: Sequence[int], seconds: float) -> None:
    """Measure each operation with no other orders, then with that many; report ratios of latency, CPU and rows read."""
    shop = Shop(platform.target)
    templates = copies.templates(ground, shop)
    empty, few = _measured(platform, seconds, report, "empty"), reads.by_everything(ground, shop)
    loaded = 0
    for size in sorted(sizes):
        began = time.monotonic()
        for what in copies.load(ground, templates, loaded, size):
            report.note(what)
        loaded = size
        ground.postgres.ask("CHECKPOINT")
        (held,) = ground.postgres.ask("SELECT pg_size_pretty(sum(pg_database_size(oid))) FROM pg_database")
        report.note(f"{size:,} orders are there after {time.monotonic() - began:.0f} s; the databases hold {held[0]}")
        full = _measured(platform, seconds, report, f"{size:,} orders")
        for operation, found in full.items():
            _compare(report, f"{operation} with {size:,} orders", empty[operation], found)
        _compare_reads(report, size, few, reads.by_everything(ground, shop))


def _compare(report: Report, name: str, before: Figures, found: Figures) -> None:
    if not found.operations or not before.operations:
        return  # its failures have been told
    busy = f"others kept {before.others:.1f}, then {found.others:.1f} cores busy"
    report.compare(
        f"{name}: × the p50 of none", found.percentile(0.5) / before.percentile(0.5), at_most=ALLOWED, note=busy
    )
    report.compare(f"{name}: × the CPU of none", found.cpu_total / before.cpu_total, at_most=ALLOWED)


def _compare_reads(report: Report, size: int, before: reads.Read, found: reads.Read) -> None:
    ratio = found.total() / max(before.total(), 1)
    report.compare(f"a round of everything with {size:,} orders: × the rows read with none", ratio, at_most=ALLOWED)
    for table, count in found.most_common():
        if count > max(ALLOWED * before[table], READ_AT_LEAST):
            report.note(f"{table}: {count:,} rows read with {size:,} orders, {before[table]:,} with none")


def _measured(platform: Platform, seconds: float, report: Report, side: str) -> dict[str, Figures]:
    found = {}
    for operation in OPERATIONS:
        with Generator(platform.job(operation, CLIENTS)) as generator:
            warm_up(generator, platform.place)
            rounds = [measure(generator, platform.place, seconds / 2) for _ in range(TURNS)]
        found[operation] = merged(rounds)
        report.add("growth", side, operation, CLIENTS, found[operation])
    return found
