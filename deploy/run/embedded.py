"""The embedded form: four services, the gateway and the bus in one process, one SQLite file per service.

    python -m deploy.run.embedded

Keys are made at the first start (`own_keys`), databases brought up to date and seeded. One folder serves one process:
two would write one SQLite file.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # at every import; known, and no news in a log

import eventlet

if __name__ == "__main__":  # before anything else is imported
    eventlet.monkey_patch()

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.run.own_keys import with_own_keys
from deploy.run.prepare import prepare
from deploy.run.welcome import welcome_text
from services import SERVICES
from services.common.runtime import runner
from services.common.runtime.config import ConfigError, InTheWay, Settings
from services.common.runtime.exposure import close_to_others
from services.members import GATEWAY, change_terms, close_calendars, service_class


def run(environ: Mapping[str, str]) -> int:
    """Prepare everything, serve until a signal; returns the exit code."""
    settings = Settings.load(environ)
    change_terms(settings)
    close_calendars(settings)
    with only_process(settings.data_dir):
        if settings.embedded:
            environ = with_own_keys(environ, settings.data_dir)
        prepare(settings)
        return runner.serve([service_class(name) for name in (*SERVICES, GATEWAY)], environ, started=_welcome)


@contextmanager
def only_process(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; InTheWay when another has it, or it cannot be made."""
    where = folder.resolve()
    try:
        close_to_others(folder)
        held = (folder / "lock").open("w")
    except OSError as problem:
        raise InTheWay(f"PLEDGE_DATA_DIR: {where} cannot be used: {problem.strerror}; name another folder") from None
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InTheWay(
                f"PLEDGE_DATA_DIR: another process works in {where}; stop it or name another folder"
            ) from None
        yield


def _welcome(settings: Settings) -> None:
    print(welcome_text(settings), flush=True)


def main(environ: Mapping[str, str]) -> int:
    """Run until a signal; 2 when the configuration is wrong."""
    try:
        code = run(environ)
        if code == 0:
            print("Pledge has stopped; nothing was cut off.", flush=True)
        return code
    except ConfigError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


if __name__ == "__main__":
    runner.leave(main(os.environ))
