"""How long after the producer's commit a follower sets to work: both moments are the databases' own record.

The commit is PostgreSQL's commit timestamp of the journal's row; the follower's begin is `inbox.done_at`, read as its
transaction starts. Both on one machine, hence one clock. A service that lets events gather is left out: what it
does is not waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from deploy.lab.bench.places import Ground, Platform
from deploy.lab.bench.rounds import Generator, measure, warm_up
from services import SERVICES
from services.members import service_class

SETTLE_SECONDS = 20.0


class Latency(NamedTuple):
    per_second: float
    events: int
    p50_ms: float
    p99_ms: float
    failures: int


def commit_to_consumer(ground: Ground, platform: Platform, clients: int, seconds: float, share: float) -> Latency:
    """Measure while orders are placed and paid: at full speed, or (share < 1) at that part of it."""
    settled = settler(ground)
    with Generator(platform.job("place_and_pay", clients)) as load:
        warm_up(load, platform.place)
        pause = 0.0
        if share < 1:
            pause = clients / (share * measure(load, platform.place, seconds / 2).per_second)
        settled()
        since = float(ground.postgres.ask("SELECT extract(epoch FROM clock_timestamp())")[0][0])
        found = measure(load, platform.place, seconds, pause=pause)
    settled()
    waits = sorted(_waits(ground, since))
    p50, p99 = (1000 * waits[int(part * len(waits))] if waits else 0.0 for part in (0.5, 0.99))
    return Latency(found.per_second, len(waits), p50, p99, found.failures)


def settler(ground: Ground) -> Callable[[], None]:
    """Return a function that waits until every event is published and handled, and nothing new is."""

    def look() -> tuple[int, int]:
        states = [
            ground.postgres.ask("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM inbox)", database=service)
            for service in SERVICES
        ]
        return sum(state[0][0] for state in states), sum(state[0][1] for state in states)

    def settled() -> None:
        deadline, before = time.monotonic() + SETTLE_SECONDS, (-1, -1)
        while (seen := look()) != before or seen[0]:
            if time.monotonic() > deadline:
                break
            before = seen
            time.sleep(0.25)

    return settled


def _waits(ground: Ground, since: float) -> list[float]:
    committed: dict[str, float] = {}
    for service in SERVICES:
        committed |= ground.postgres.commit_times(service, "journal", "id")
    handled = "SELECT event_id, extract(epoch FROM done_at) FROM inbox WHERE done_at >= to_timestamp(%s)"
    awaited = [each for each in SERVICES if not getattr(service_class(each), "gather_seconds", 0)]
    return [
        float(at) - committed[event]
        for service in awaited
        for event, at in ground.postgres.ask(handled, [since], service)
        if committed.get(event, 0.0) >= since
    ]
