"""A process for the tests of the runner: `python -m services.common.tests.runner_toy <what its one job does> <folder>`.

The job leaves marks in the folder, so that a test outside sees how far it is.
"""

import eventlet

eventlet.monkey_patch()

import os
import sys
from pathlib import Path
from unittest.mock import patch

from eventlet.event import Event
from nameko.testing.services import once

from services.common.runtime import runner
from services.common.runtime.config import ConfigError

JOB, FOLDER = sys.argv[1], Path(sys.argv[2])


class ToyService:
    name = "toy"

    @once
    def job(self):
        (FOLDER / "began").touch()
        if JOB == "hang":
            Event().wait()
        if JOB == "wait":
            while not (FOLDER / "go").exists():
                eventlet.sleep(0.02)
        (FOLDER / "finished").touch()


class DyingRunner(runner.Runner):
    """A greenthread of its container fails, which is the end of it."""

    def start(self):
        super().start()
        for container in self.containers:
            container.spawn_managed_thread(lambda: 1 / 0)


if __name__ == "__main__":
    kind = DyingRunner if JOB == "die" else runner.Runner
    with patch.object(runner, "Runner", kind):
        try:
            code = runner.serve([ToyService], os.environ)
        except ConfigError as problem:
            sys.stderr.write(f"{problem}\n")
            code = 2
    runner.leave(code)
