"""`python -m deploy.lab.bench`: runs the sections that are wished and tells what they found."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.lab.bench import places
from deploy.lab.bench.chart import chart
from deploy.lab.bench.places import Ground
from deploy.lab.bench.report import Report
from deploy.lab.bench.rounds import Died, NoAnswer
from deploy.lab.bench.run import Bench, Options
from deploy.lab.bench.sections import QUICK, SECTIONS, USUAL
from deploy.lab.bench.wire import Failed
from deploy.run import packages, up
from deploy.run.servers import NotStarted


def end(*_: object) -> None:
    """End the run by way of what stops everything that was started."""
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    options = Options(given.out, given.quick, given.forms or places.FORMS, given.clients or (1, 20, 100))
    options.growth = given.growth or options.growth
    wished = given.only or (QUICK if given.quick else USUAL)
    if given.quick:
        options.seconds, options.turns = 1.2, 1
        options.clients, options.forms = given.clients or (8,), given.forms or (places.DISTRIBUTED,)
    if given.growth and "growth" not in wished:
        wished = (*wished, "growth")
    if given.seconds:
        options.seconds = given.seconds
    if not Path("/proc/self/stat").exists():
        print("the meters need /proc, so this runs on Linux only", file=sys.stderr)
        return 1
    began = time.monotonic()
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell that starts us in the background has SIGINT ignored
        signal.signal(number, end)

    def measured() -> int:
        failures = run(options, wished)
        print(f"\n{time.monotonic() - began:.0f} s; results and chart in {options.out}")
        return failures

    return guarded(measured)


def guarded(measure: Callable[[], int]) -> int:
    """Run it, and return the exit code: 1 if requests failed or it broke off (and say why), 130 if it was ended."""
    try:
        return 1 if measure() else 0
    except (packages.Missing, NotStarted, up.NotReady, NoAnswer, Died, Failed) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(options: Options, wished: tuple[str, ...]) -> int:
    """Run these sections, save what they found even when one breaks off; the number of failed requests."""
    with Ground() as ground:
        bench = Bench(options, ground)
        try:
            with bench.stack:
                for name in SECTIONS:
                    if name in wished:
                        SECTIONS[name](bench)
        finally:
            report = bench.report
            report.print_summary()
            shown: dict[str, object] = {name: str(value) for name, value in vars(options).items()}
            report.save(options.out, {**shown, "sections": wished})
            (options.out / "chart.svg").write_text(chart(costs(report), report.comparisons))
    return report.failures


def costs(report: Report) -> list[dict[str, object]]:
    """Return the rows of whole operations, each at the number of clients that is nearest to twenty."""
    whole = [row for row in report.rows if row["section"] in ("place", "operations")]
    usual = min({row["clients"] for row in whole}, key=lambda clients: abs(clients - 20), default=0)
    return [row for row in whole if row["clients"] == usual]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.lab.bench", description="what the platform costs")
    parser.add_argument("--quick", action="store_true", help="a short look, in about two minutes")
    parser.add_argument("--only", type=_names(tuple(SECTIONS)), help=f"of {','.join(SECTIONS)}")
    parser.add_argument("--forms", type=_names(places.FORMS), help="embedded,distributed")
    parser.add_argument("--clients", type=numbers, help="how many at a time, as in 1,20,100")
    parser.add_argument("--seconds", type=float, help="of each round")
    parser.add_argument("--growth", type=numbers, help="orders already there, as in 10000,100000,1000000")
    parser.add_argument("--out", type=Path, default=Path("var/bench"), help="folder of results.json and chart.svg")
    return parser


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(","))


class _names:
    """Some of these names, separated by commas."""

    def __init__(self, known: tuple[str, ...]):
        self.known = known

    def __call__(self, text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(","))
        if unknown := {*chosen} - {*self.known}:
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not one of {', '.join(self.known)}")
        return chosen


if __name__ == "__main__":
    sys.exit(main())
