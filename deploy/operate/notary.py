"""Sign the ends of the journals: `python -m deploy.operate.notary [--every SECONDS]`; see `signed`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError

from deploy.operate.by_hand import NoDatabase, opened, unusable
from deploy.operate.signed import Distrusted, folder_of, notarize
from services import SERVICES
from services.common.basics import clock
from services.common.runtime.config import ConfigError, Settings
from services.common.store.database import Work

AGAIN_SECONDS = 60.0
"""How long a notary waits after something was wrong: a database that starts again is back by then."""


def sign_all(environ: Mapping[str, str]) -> int:
    """Sign every journal. Return the exit code: 1 when one does not fit what was signed before."""
    settings, failed = Settings.load(environ), 0
    folder = folder_of(settings, environ)
    for service in SERVICES:
        with opened(settings.database_url(service)) as store, store.work(Work, reading=True) as work:
            try:
                print(f"{service:12} {notarize(folder, service, work.session, clock.now())} entries signed")
            except Distrusted as problem:
                print(problem, file=sys.stderr)
                failed = 1
    return failed


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.operate.notary", description="sign the journals' ends")
    parser.add_argument("--every", type=float, default=0.0, metavar="SECONDS", help="go on; by default: once")
    every = parser.parse_args(arguments).every
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # nothing is half signed: a line that is cut off counts not
    while True:
        try:
            code = sign_all(os.environ)
        except (ConfigError, NoDatabase, Distrusted) as problem:
            print(problem, file=sys.stderr)
            code = 2
        except DBAPIError as problem:
            print(unusable(problem), file=sys.stderr)
            code = 2
        if not every:
            return code
        sys.stdout.flush()
        time.sleep(every if code == 0 else min(every, AGAIN_SECONDS))


if __name__ == "__main__":
    sys.exit(main())
