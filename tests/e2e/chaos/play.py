"""A running platform of the fault harness, without faults, and one customer who plays what a test needs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.promises import judge
from deploy.lab.chaos.run import evidence_of
from deploy.lab.chaos.stage import Stage
from deploy.lab.chaos.steps.stripe import CardBank
from deploy.lab.chaos.stories import Stories
from deploy.run import processes

SECONDS = 60.0


class Play(NamedTuple):
    """A running platform with one customer."""

    stage: Stage
    customer: Stories
    cards: CardBank
    rest: Callable[[], None]

    @property
    def evidence(self) -> Evidence:
        return evidence_of(self.stage, self.customer.record)

    def violations(self) -> set[tuple[str, str]]:
        return {(verdict.name, line) for verdict in judge(self.evidence) for line in verdict.violations}

    def newly_broken(self, story: Callable[[Play], None]) -> set[str]:
        """Return the promises with violations that were not there before the story."""
        before = self.violations()
        story(self)
        self.rest()
        return {name for name, _ in self.violations() - before}

    def replace(self, service: str, *command: str) -> None:
        """Start a service again, with this sabotage or with none."""
        member = self.stage.members[f"{service}.1"]
        member.kill()
        member.command = (sys.executable, "-m", "deploy.lab.chaos.sabotage", *command) if command else ()
        member.start()
        assert processes.until(member.ready, SECONDS), member.log.read_text()[-2000:]

    def await_end(self, service: str) -> None:
        """Wait until the service ends itself, and start it as it should be."""
        member = self.stage.members[f"{service}.1"]
        assert processes.until(lambda: member.child is not None and member.child.poll() is not None, SECONDS)
        self.replace(service)

    def until(self, condition: Callable[[Evidence], Any]) -> None:
        assert processes.until(lambda: bool(condition(self.evidence)), SECONDS)
