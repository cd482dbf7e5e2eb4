"""The command line: `make chaos-money` (see the package)."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from deploy.lab.chaos.customer import fill_shelves
from deploy.lab.chaos.run import ground
from deploy.lab.chaos.stage import NotReady, temporary_folder
from deploy.lab.chaos.steps.kills import Killing, Outcome
from deploy.lab.chaos.steps.lives import LIVES, Life, Living
from deploy.lab.chaos.steps.stripe import card_bank
from deploy.lab.chaos.stories import Stories
from deploy.run import packages
from deploy.run.servers import NotStarted


def run(lives: Sequence[Life], *, keep: bool, only_list: bool) -> int:
    """Kill at every boundary of these lives. Return 1 if anything was lost or left different, 2 if a kill missed.

    What became of each is told also if that breaks off.
    """
    began = time.monotonic()
    outcomes: list[Outcome] = []
    try:
        kill_at_each(lives, outcomes, keep=keep, only_list=only_list)
    finally:
        code = report(outcomes, time.monotonic() - began) if outcomes else 0
    return code


def kill_at_each(lives: Sequence[Life], outcomes: list[Outcome], *, keep: bool, only_list: bool) -> None:
    """Kill, and add each outcome as it comes."""
    began = time.monotonic()
    with ExitStack() as stack:
        bank = stack.enter_context(card_bank(stack.enter_context(temporary_folder())))
        made, play_bank, shop = stack.enter_context(ground(1, 1, keep=keep, settings=bank.settings()))
        bank.serves(made.url, made.record)
        fill_shelves(shop, ["ada"])
        killing = Killing(made, Living(Stories(shop, play_bank, "ada", seed=1), bank))
        killing.begin()
        print(f"the platform runs at {made.url}" + f", everything is kept in {made.folder}" * keep, flush=True)
        for life in lives:
            undisturbed = killing.undisturbed(life)
            print(f"{life.name}: {len(undisturbed.boundaries)} boundaries", flush=True)
            if only_list:
                print("\n".join(f"  {each}" for each in undisturbed.boundaries), flush=True)
            for boundary in () if only_list else undisturbed.boundaries:
                outcomes.append(killing.killed(life, boundary, undisturbed))
                say(outcomes[-1], time.monotonic() - began)


def say(outcome: Outcome, seconds: float) -> None:
    print(f"[{seconds:5.0f} s] {row(outcome)}", flush=True)
    for line in outcome.wrong:
        print(f"{'':10} {line}", flush=True)


def row(outcome: Outcome) -> str:
    state = "well" if outcome.is_well else "WRONG"
    return (
        f"{outcome.life:13}{outcome.boundary:68}{outcome.ends:7}{outcome.starts:9}"
        f"{outcome.cents_lost:11}  {state}"
    )  # fmt: skip


def report(outcomes: Sequence[Outcome], seconds: float) -> int:
    """Print the table. Return the exit code."""
    print(f"\n{'life':13}{'orders was killed when it':68}{'killed':>7}{'started':>9}{'cents lost':>11}")
    print("\n".join(map(row, outcomes)))
    wrong = [each for each in outcomes if each.cents_lost or each.wrong]
    missed = [each for each in outcomes if each.ends != 1 or each.starts != 1]
    lost = sum(each.cents_lost for each in outcomes)
    print(
        f"\n{len(outcomes)} boundaries, {sum(each.ends for each in outcomes)} kills, {lost} cents lost, "
        f"{len(wrong)} lives not as they were, {len(missed)} kills that missed, {seconds:.0f} s"
    )
    return 1 if wrong else 2 if missed else 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.lab.chaos.steps", description="orders killed between every two steps of money"
    )
    names = [life.name for life in LIVES]
    parser.add_argument("--lives", default=",".join(names), help=f"some of: {', '.join(names)}")
    parser.add_argument("--keep", action="store_true", help="leave the folder with logs and record")
    parser.add_argument("--list", action="store_true", help="name the boundaries, and kill nothing")
    given = parser.parse_args(arguments)
    wanted = given.lives.split(",")
    if not {*wanted} <= {*names}:
        parser.error(f"lives are {', '.join(names)}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    try:
        packages.ensure("rabbitmq-server", "postgres")
        return run([each for each in LIVES if each.name in wanted], keep=given.keep, only_list=given.list)
    except (packages.Missing, NotStarted, NotReady) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
