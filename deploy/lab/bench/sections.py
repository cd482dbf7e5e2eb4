"""What is measured, in sections that can be run one by one; each puts its rows and comparisons into the report.

rpc         a call and its reply, without HTTP: ours, stock nameko's, a bare round trip of py-amqp
gateway     the same through our gateway (schemas, problem documents, tokens) and through nameko's own HTTP
place       placing an order: ours whole, nameko's own example shop, the bare commit of such rows
operations  every operation, in both forms, with 1, 20 and 100 clients
counts      statements and commits of one operation
latency     from the producer's commit to the follower's work
replicas    one and two replicas of a service that burns CPU
cold        the embedded form from nothing to its first answer
growth      the same with many orders already there
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import orjson

from deploy.lab.bench import bus, floor, growth, latency, operations, places, statements
from deploy.lab.bench import cold as coldness
from deploy.lab.bench.places import EMBEDDED, Platform
from deploy.lab.bench.rounds import (
    Figures,
    Generator,
    NoAnswer,
    Place,
    in_turns,
    measure,
    warm_up,
)
from deploy.lab.bench.run import Bench

PROBES = 5
CHAIN_PER_SECOND = 12  # more whole returns than one second can take


def place(bench: Bench) -> None:
    options, ground, platform = bench.options, bench.ground, bench.distributed
    example = {"method": "POST", "path": "/orders", "body": orjson.dumps(operations.EXAMPLE).decode()}
    with places.stock(ground, "orders", "products", "gateway") as (stock_url, theirs):
        their_place = Place({**theirs, **ground.servers}, ground.postgres.counters)
        for clients in [each for each in options.clients if each <= 20]:
            with (
                Generator(platform.job("place_order", clients)) as load,
                Generator(bench.job("request", clients, url=stock_url, **example)) as stock_load,
            ):
                sides = {"distributed": (load, platform.place), "nameko shop": (stock_load, their_place)}
                taken = in_turns(sides, options.seconds, options.turns)
            bench.tell("place", "place order", clients, taken)
            name = f"placing an order, {clients} clients: × nameko's example (1 call each)"
            bench.versus(name, taken["distributed"], taken["nameko shop"], 1.0)
    for clients in (1, 20):
        each = floor.commits(ground.floor_url, ground.servers["postgres"], clients, min(options.seconds, 3.0))
        cpu = ", ".join(f"{name} {value:.2f}" for name, value in each.cpu_per_1000.items())
        bench.report.note(
            f"floor: one commit of an order's rows, {clients} clients: {each.per_second:.0f}/s, "
            f"p50 {each.p50_ms:.2f} ms, CPU s per 1,000: {cpu}"
        )


def all_operations(bench: Bench) -> None:
    for form in bench.options.forms:
        if form == EMBEDDED:
            with places.platform(EMBEDDED) as platform:
                _operations(bench, platform)
        else:
            _operations(bench, bench.distributed)


def _operations(bench: Bench, platform: Platform) -> None:
    options = bench.options
    idle = ", ".join(f"{name} {100 * share:.1f}" for name, share in platform.place.idle.items())
    memory = coldness.memory_of(platform.place.tiers)
    bench.report.note(f"{platform.form}, before any load: {memory}; idle CPU in % of a core: {idle}")
    for clients in options.clients:
        for operation in operations.OF_SHOP:
            try:
                found = _measured(platform, operation, clients, options.seconds)
            except NoAnswer as problem:
                platform.place.check()
                bench.report.failures += 1  # the other operations are still worth knowing
                bench.report.note(f"{operation}, {platform.form}, {clients} clients: {problem}")
                continue
            bench.report.add("operations", platform.form, operation, clients, found)
            if operation == "place_and_pay" and clients == min(20, max(options.clients)):
                name = f"place and pay, {platform.form}, {clients} clients: CPU s per 1,000, all tiers"
                bench.report.compare(name, found.cpu_total, at_most=18)


def _measured(platform: Platform, operation: str, clients: int, seconds: float) -> Figures:
    chain = operation == "return_and_refund"
    wanted = 2 * clients + int(CHAIN_PER_SECOND * seconds) if chain else 0
    with Generator(platform.job(operation, clients), wanted) as load:
        warm_up(load, platform.place)
        return measure(load, platform.place, seconds)


def counts(bench: Bench) -> None:
    platform = bench.distributed
    for operation in ("place_and_pay",) if bench.options.quick else ("place_order", *operations.OF_SHOP):
        wanted = PROBES if operation == "return_and_refund" else 0
        alone = operations.OPERATIONS[operation](platform.job(operation, 1))
        alone.prepare(wanted)
        settled = latency.settler(bench.ground)
        settled()
        log = bench.ground.postgres_log
        found = statements.count(bench.ground.postgres, log, partial(alone.act, 0), PROBES, settled)
        bench.report.counts.append({"operation": operation, **found.to_json()})
        bench.options.out.mkdir(parents=True, exist_ok=True)
        (bench.options.out / f"statements-{operation}.txt").write_text(found.trace)
        if operation == "place_and_pay":
            bench.report.compare("place and pay: SQL statements", found.statements["request"], at_most=20)
            bench.report.compare("place and pay: commits", found.commits["request"], at_most=3)


def latencies(bench: Bench) -> None:
    clients = min(20, max(bench.options.clients))
    for name, share, aim in (("saturated", 1.0, {"at_most": 15.0}), ("half of that rate", 0.5, {})):
        found = latency.commit_to_consumer(bench.ground, bench.distributed, clients, bench.options.seconds, share)
        bench.report.failures += found.failures
        bench.report.note(
            f"commit → consumer, {clients} clients, {name} ({found.per_second:.0f} orders/s): "
            f"{found.events} deliveries, p50 {found.p50_ms:.1f} ms, p99 {found.p99_ms:.1f} ms"
        )
        bench.report.compare(f"commit → consumer p99 ms, {clients} clients, {name}", found.p99_ms, **aim)


def cold(bench: Bench) -> None:
    found = coldness.start()
    bench.report.note(
        f"cold start of the embedded form: {found.seconds:.1f} s to the first 200, "
        f"{found.cpu_seconds:.1f} CPU s; {found.memory}"
    )


def growing(bench: Bench) -> None:
    growth.measure_growth(bench.ground, bench.distributed, bench.report, bench.options.growth, bench.options.seconds)


SECTIONS: dict[str, Callable[[Bench], None]] = {
    "rpc": bus.rpc,
    "gateway": bus.gateway,
    "replicas": bus.replicas,
    "place": place,
    "operations": all_operations,
    "counts": counts,
    "latency": latencies,
    "cold": cold,
    "growth": growing,
}
QUICK = ("rpc", "operations", "counts")
USUAL = tuple(SECTIONS)
