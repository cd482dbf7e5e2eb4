"""The command line of the fault harness: `make chaos`, and the checker alone (see the package)."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path

from deploy.lab.chaos import record
from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.promises import Verdict, judge
from deploy.lab.chaos.run import evidence_of, ground, play
from deploy.lab.chaos.schedule import schedule
from deploy.lab.chaos.stage import NotReady
from deploy.run import packages
from deploy.run.servers import NotStarted
from services import SERVICES
from services.common.runtime.config import Settings

FULL_SECONDS, QUICK_SECONDS = 480.0, 100.0
SHOWN = 10


def run(seed: int, seconds: float, *, keep: bool) -> int:
    """Run everything. Return 1 if a promise is broken, 2 if the harness could not do its work."""
    print(f"seed {seed}, {seconds:.0f} s of faults: python -m deploy.lab.chaos --seconds {seconds:.0f} --seed {seed}")
    print("\n".join(map(str, schedule(seed, seconds))), flush=True)
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {line}", flush=True)

    with ground(seed, 2, keep=keep) as (made, bank, shop):
        say(f"the platform runs at {made.url}" + f", everything is kept in {made.folder}" * keep)
        problems = play(made, bank, shop, seed, seconds, say)
        evidence = evidence_of(made, shop.record)
        say(f"judging {summary(evidence)}")
        code = report(judge(evidence))
    for problem in problems:
        print(f"the harness itself: {problem}", file=sys.stderr)
    return code or (2 if problems else 0)


def check(path: Path | None) -> int:
    """Run the checker on existing databases, with the record of a run if there is one."""
    settings = Settings.load(os.environ)
    databases = {service: settings.database_url(service) for service in SERVICES}
    entries = record.read(path) if path else []
    return report(judge(Evidence(databases, entries, "" if settings.embedded else settings.amqp_uri)))


def report(verdicts: list[Verdict]) -> int:
    """Print the promises as a table, then what breaks them. Return 1 if anything does."""
    print(f"\n{'':8}{'violations':>10}  promise")
    for verdict in verdicts:
        state = "BROKEN" if verdict.violations else "kept"
        print(f"{state:8}{len(verdict.violations):10}  {verdict.name.replace('_', ' ')}")
    for verdict in verdicts:
        if verdict.violations:
            print(f"\n{verdict.name}: {verdict.promise}")
            print("\n".join(f"  {line}" for line in verdict.violations[:SHOWN]))
            if len(verdict.violations) > SHOWN:
                print(f"  … and {len(verdict.violations) - SHOWN} more")
    broken = [verdict.name for verdict in verdicts if verdict.violations]
    print(f"\nbroken: {', '.join(broken)}" if broken else f"\nall {len(verdicts)} promises are kept")
    return 1 if broken else 0


def summary(evidence: Evidence) -> str:
    """Return how much there is to judge."""
    deliveries = sum(len(evidence.rows(service, "inbox")) for service in SERVICES)
    counts = {
        "orders": len(evidence.rows("orders", "orders")),
        "payments": len(evidence.recorded("captured")),
        "refunds": len(evidence.rows("orders", "refunds")),
        "shipments": len(evidence.rows("logistics", "shipments")),
        "returns": len(evidence.rows("aftersales", "returns")),
        "tickets": len(evidence.rows("support", "tickets")),
        "events": sum(len(evidence.rows(service, "journal")) for service in SERVICES),
        "deliveries": deliveries,
        "answers": len(evidence.recorded("answer")),
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.lab.chaos", description="faults, and what must hold after them"
    )
    parser.add_argument("command", nargs="?", choices=["run", "check"], default="run")
    parser.add_argument("--seconds", type=float, default=FULL_SECONDS, help="how long faults are made")
    parser.add_argument("--quick", action="store_true", help="about two minutes")
    parser.add_argument("--seed", type=int, help="of a run to repeat")
    parser.add_argument("--keep", action="store_true", help="leave the folder with logs and record")
    parser.add_argument("--record", type=Path, help="for check: the record.jsonl of a run")
    given = parser.parse_args(arguments)
    if given.command == "check":
        return check(given.record)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    try:
        packages.ensure("rabbitmq-server", "postgres")
        return run(seed, QUICK_SECONDS if given.quick else given.seconds, keep=given.keep)
    except (packages.Missing, NotStarted, NotReady) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
