"""The embedded form: four services, the gateway and the bus in one process, one SQLite file per service.

    python -m services.common.runner all

Databases are brought up to date and seeded first. One folder serves one process: two would write one SQLite file.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.prepare import prepare
from deploy.welcome import page
from services.common.config import ConfigError, Settings
from services.common.migrations import SERVICES
from services.common.runner import GATEWAY, serve


def run(environ: Mapping[str, str]) -> int:
    """Prepare everything, serve until a signal; returns the exit code."""
    settings = Settings.load(environ)
    with only_process(settings.data_dir):
        prepare(settings)
        return serve([*SERVICES, GATEWAY], environ, started=_welcome)


@contextmanager
def only_process(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; ConfigError when another has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = f"PLEDGE_DATA_DIR: another process works in {folder.resolve()}; stop it or name another folder"
            raise ConfigError([problem]) from None
        yield


def _welcome(settings: Settings) -> None:
    print(page(settings), flush=True)
