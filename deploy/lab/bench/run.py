"""One run: what is wished, where it happens, what it has found so far."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from deploy.lab.bench import places
from deploy.lab.bench.places import DISTRIBUTED, Ground, Platform
from deploy.lab.bench.report import Report
from deploy.lab.bench.rounds import Figures, cpu_ratio, merged, ratio


@dataclass
class Options:
    """How much of everything."""

    out: Path
    quick: bool = False
    forms: tuple[str, ...] = places.FORMS
    clients: tuple[int, ...] = (1, 20, 100)
    seconds: float = 5.0
    turns: int = 3
    growth: tuple[int, ...] = (10_000, 100_000)


@dataclass
class Bench:
    """One run: what is wished, where it happens, what was found. The distributed platform is started once."""

    options: Options
    ground: Ground
    report: Report = field(default_factory=Report)
    stack: ExitStack = field(default_factory=ExitStack)
    _distributed: Platform | None = None

    @property
    def distributed(self) -> Platform:
        if self._distributed is None:
            self._distributed = self.stack.enter_context(places.platform(DISTRIBUTED, self.ground))
        return self._distributed

    def job(self, operation: str, clients: int, **more: object) -> dict[str, object]:
        return {"operation": operation, "clients": clients, **more}

    def versus(self, name: str, ours: list[Figures], theirs: list[Figures], aim: float | None = None) -> None:
        """Compare our rate with theirs, with the CPU ratio, which holds for a machine of our own."""
        note = f"by CPU {cpu_ratio(ours, theirs):.2f}"
        self.report.compare(name, ratio(ours, theirs), at_least=aim, note=note)

    def tell(self, section: str, operation: str, clients: int, taken: dict[str, list[Figures]]) -> None:
        for side, rounds in taken.items():
            self.report.add(section, side, operation, clients, merged(rounds))
