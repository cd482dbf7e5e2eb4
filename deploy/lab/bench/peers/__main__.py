"""`python -m deploy.lab.bench.peers`: Vendure and the platform, in turns."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from deploy.lab.bench.__main__ import end, guarded, numbers
from deploy.lab.bench.peers import npm, vendure
from deploy.lab.bench.places import DISTRIBUTED, Ground
from deploy.lab.bench.rounds import Generator, in_turns
from deploy.lab.bench.run import Bench, Options

STORY = (("place_and_pay", "vendure_order", "place and pay"), ("read_order", "vendure_read", "read an order"))
"""Our operation, theirs, and what both do."""


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        npm.program("node")
        installed = npm.install(given.folder.resolve() / "vendure")
    except npm.NotHad as problem:
        print(problem, file=sys.stderr)
        return os.EX_UNAVAILABLE
    options = Options(given.out, forms=(DISTRIBUTED,), clients=given.clients, seconds=given.seconds, turns=given.turns)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return guarded(lambda: compare(options, installed))


def compare(options: Options, installed: Path) -> int:
    """Measure both, and save what was found; the number of failed requests."""
    with Ground() as ground, vendure.running(installed, ground.folder / "vendure") as (url, theirs):
        bench = Bench(options, ground)
        try:
            with bench.stack:
                ours = bench.distributed
                for operation, peer, name in STORY:
                    for clients in options.clients:
                        with (
                            Generator(ours.job(operation, clients)) as load,
                            Generator(bench.job(peer, clients, url=url)) as their_load,
                        ):
                            sides = {"pledge": (load, ours.place), "vendure": (their_load, theirs)}
                            taken = in_turns(sides, options.seconds, options.turns)
                        bench.tell("peers", name, clients, taken)
                        bench.versus(f"{name}, {clients} clients: × Vendure", taken["pledge"], taken["vendure"])
        finally:
            bench.report.print_summary()
            bench.report.save(options.out, {name: str(value) for name, value in vars(options).items()})
    return bench.report.failures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.lab.bench.peers", description="what a peer costs, beside us"
    )
    parser.add_argument("--clients", type=numbers, default=(4, 20), help="how many at a time, as in 4,20")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round")
    parser.add_argument("--turns", type=int, default=3, help="rounds of each side")
    parser.add_argument("--folder", type=Path, default=Path("var/peers"), help="where npm installs it")
    parser.add_argument("--out", type=Path, default=Path("var/bench-peers"), help="folder of results.json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
