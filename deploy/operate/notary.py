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
from services.common.store.database import DatabaseUnavailable, Work

AGAIN_SECONDS = 60.0
"""How long a notary waits where a journal cannot be read: a database that starts again is back by then."""
DISTRUSTED, UNUSABLE = 1, 2


def sign_all(environ: Mapping[str, str]) -> int:
    """Sign every journal that can be. Return the exit code: 1 when one does not fit what was signed, else 2 for others.

    What does not fit is for a person to look at; a database that cannot be used may be back in a minute.
    """
    settings, codes = Settings.load(environ), {0}
    folder = folder_of(settings, environ)
    for service in SERVICES:
        try:
            with opened(settings.database_url(service)) as store, store.work(Work, reading=True) as work:
                print(f"{service:12} {notarize(folder, service, work.session, clock.now())} entries signed")
        except Distrusted as problem:
            print(problem, file=sys.stderr)
            codes.add(DISTRUSTED)
        except (NoDatabase, DBAPIError, DatabaseUnavailable) as problem:
            print(f"{service}: {unusable(problem) if isinstance(problem, DBAPIError) else problem}", file=sys.stderr)
            codes.add(UNUSABLE)
    return DISTRUSTED if DISTRUSTED in codes else max(codes)


def pause(code: int, every: float) -> float:
    """Return how long to wait: the whole journal is read each time, so only what may pass is tried again sooner."""
    return min(every, AGAIN_SECONDS) if code == UNUSABLE else every


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.operate.notary", description="sign the journals' ends")
    parser.add_argument("--every", type=float, default=0.0, metavar="SECONDS", help="go on; by default: once")
    every = parser.parse_args(arguments).every
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # nothing is half signed: a line that is cut off counts not
    while True:
        try:
            code = sign_all(os.environ)
        except ConfigError as problem:
            print(problem, file=sys.stderr)
            code = UNUSABLE
        if not every:
            return code
        sys.stdout.flush()
        time.sleep(pause(code, every))


if __name__ == "__main__":
    sys.exit(main())
