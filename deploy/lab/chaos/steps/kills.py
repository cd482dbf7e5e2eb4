"""One life with a kill in it: orders ends at a boundary, is started again, and everything comes to rest.

Afterwards there must be nothing to see of it: every promise of the fault harness is kept, no cent is lost, and what the
order left behind is what one left that was not disturbed.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import NamedTuple

from deploy.lab.chaos.member import Member
from deploy.lab.chaos.promises import judge
from deploy.lab.chaos.run import evidence_of
from deploy.lab.chaos.stage import NotReady, Stage
from deploy.lab.chaos.steps.lives import Life, Living
from deploy.lab.chaos.steps.traces import lost_cents, traces_of, unlike
from deploy.run import processes

REST_SECONDS = 150.0
LOOK_SECONDS = 0.2
MODULE = "deploy.lab.chaos.steps.crossings"


class Undisturbed(NamedTuple):
    """A life without a kill: what it left behind, and the boundaries that it crossed."""

    traces: Counter[str]
    boundaries: list[str]


class Outcome(NamedTuple):
    """What became of a life. ends, starts: how often orders was killed and started again. wrong: a line for each."""

    life: str
    boundary: str
    ends: int
    starts: int
    cents_lost: int
    wrong: list[str]

    @property
    def is_well(self) -> bool:
        return (self.ends, self.starts, self.cents_lost, self.wrong) == (1, 1, 0, [])


class Killing:
    """A platform whose orders can be told where to end."""

    def __init__(self, made: Stage, living: Living):
        self._made, self._living = made, living
        self._kill_at, self._crossed = made.folder / "kill-at", made.folder / "crossed"
        self._ran = made.folder / "ran"
        self._known: set[tuple[str, str]] = set()

    @property
    def orders(self) -> Member:
        return self._made.members["orders.1"]

    @property
    def ran(self) -> tuple[int, int]:
        """How often orders was killed, and how often it was started again."""
        ran = self._ran.read_text().split()
        return ran.count("killed"), ran.count("started") - 1

    def begin(self) -> None:
        """Run orders so that it knows its boundaries, and is started again whenever it was killed."""
        self.orders.kill()
        self.orders.command = sys.executable, "-m", MODULE, str(self._made.folder), "orders"
        self.orders.start()
        self._made.await_ready()

    def undisturbed(self, life: Life) -> Undisturbed:
        """Live it twice. Return what is there both times."""
        (first, crossed), (second, again) = self._live(life), self._live(life)
        if differs := unlike(first, second):
            raise NotReady(f"{life.name} is not the same twice: {', '.join(differs)}")
        return Undisturbed(second, [each for each in again if each in crossed])

    def killed(self, life: Life, boundary: str, undisturbed: Undisturbed) -> Outcome:
        """Live it with a kill at that boundary."""
        ends, starts = self.ran
        order = self._living.customer.place()
        life.begins(self._living, order)
        self.rest()
        self._known |= self.violations()
        self.arm(boundary)
        life.goes_on(self._living, order)
        wrong = [] if self.rest() else ["has not come to rest"]
        self.disarm()
        news = self.violations() - self._known
        left = traces_of(evidence_of(self._made, self._made.record), order.number)
        wrong += [*unlike(undisturbed.traces, left), *(f"{name}: {line}" for name, line in sorted(news))]
        lost = lost_cents(self._living, life, order)
        return Outcome(life.name, boundary, self.ran[0] - ends, self.ran[1] - starts, lost, wrong)

    def _live(self, life: Life) -> tuple[Counter[str], list[str]]:
        order = self._living.customer.place()
        life.begins(self._living, order)
        self.rest()
        before = len(self._crossed.read_text().splitlines())
        life.goes_on(self._living, order)
        if not self.rest() or lost_cents(self._living, life, order):
            raise NotReady(f"{life.name} does not come to rest even undisturbed")
        crossed = self._crossed.read_text().splitlines()[before:]
        return traces_of(evidence_of(self._made, self._made.record), order.number), named(crossed)

    def arm(self, boundary: str) -> None:
        """Have orders end at that boundary, once."""
        draft = self._kill_at.with_suffix(".draft")
        draft.write_text(boundary)
        draft.rename(self._kill_at)

    def disarm(self) -> None:
        """Have orders go on, if it has not come to where it was to end."""
        self._kill_at.unlink(missing_ok=True)

    def violations(self) -> set[tuple[str, str]]:
        """Judge all promises. Return (promise, what breaks it)."""
        verdicts = judge(evidence_of(self._made, self._made.record))
        return {(verdict.name, line) for verdict in verdicts for line in verdict.violations}

    def rest(self) -> bool:
        """Wait until nothing is under way, twice in a row. Return whether it came to that."""
        looks: list[bool] = []

        def rests() -> bool:
            time.sleep(LOOK_SECONDS)
            left = evidence_of(self._made, self._made.record).unsettled()
            looks.append(self._living.bank.all_told and not left and self.orders.ready())
            return looks[-2:] == [True, True]

        return processes.until(rests, REST_SECONDS)


def named(crossed: list[str]) -> list[str]:
    """Name each boundary by the first of its names, and by the how manieth of that name it is."""
    seen = Counter[str]()
    found = []
    for line in crossed:
        first = line.partition("|")[0]
        seen.update(line.split("|"))
        found.append(f"{first} {seen[first]}")
    return found
