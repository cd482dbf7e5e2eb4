"""Run services as a process: `python -m services orders [logistics …]`, or `python -m services gateway`.

A member is found by its name (`members`). How it stops, and with which exit code: see `services.common.runtime.runner`.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # at every import; known, and no news in a log

import eventlet

if __name__ == "__main__":  # before anything else is imported; a test run does it in its conftest
    eventlet.monkey_patch()

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from services.common.runtime import runner
from services.common.runtime.config import ConfigError, Settings
from services.common.runtime.stored import require_sealed
from services.members import change_terms, close_calendars, service_class, settings_class

log = logging.getLogger("services")


def main(names: Sequence[str], environ: Mapping[str, str]) -> int:
    """Serve these members until a signal; return the exit code."""
    if not names:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        every = [settings_class(name).load(environ) for name in names]  # each says what it lacks, before it starts
        for settings in every:
            require_sealed(settings)
        change_terms(every[0])
        close_calendars(every[0])
        return runner.serve([service_class(name) for name in names], environ, started=partial(_ready, names))
    except ConfigError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def _ready(names: Sequence[str], settings: Settings) -> None:
    log.info("ready: %s; %s", ", ".join(names), settings.public_url if runner.GATEWAY in names else "Ctrl-C stops it")


if __name__ == "__main__":
    runner.leave(main(sys.argv[1:], os.environ))
