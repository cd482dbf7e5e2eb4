"""See `deploy.operate.doctor`."""

from __future__ import annotations

import eventlet

if __name__ == "__main__":  # before anything else is imported: asking the services needs it; tests do it in conftest
    eventlet.monkey_patch()

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from deploy.operate.doctor import broker, calendars, certificates, databases, files, mail_in, running, safety, terms
from deploy.operate.doctor.finding import Finding
from services import SERVICES
from services.common.runtime.config import ConfigError, Settings

WATCH_SECONDS = 3.0


def examine(environ: Mapping[str, str], pause: Callable[[], None] = lambda: None) -> Iterator[Finding]:
    """Yield everything that is wrong. Raise ConfigError if the settings do not even say where to look."""
    settings = Settings.load(environ)
    yield from running.examine(settings)
    yield from broker.examine(settings, pause)
    yield from databases.examine(settings)
    yield from safety.examine(settings, environ)
    yield from files.examine(environ)
    yield from mail_in.examine(environ)
    yield from certificates.examine(settings.amqp_uri, {name: settings.database_url(name) for name in SERVICES})
    yield from calendars.examine(environ)
    yield from terms.examine(settings)


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.operate.doctor", description="what is wrong, in words")
    parser.add_argument("--watch", type=float, default=WATCH_SECONDS, help="seconds between two looks at the queues")
    given = parser.parse_args(arguments)
    try:
        findings = list(examine(environ, partial(time.sleep, given.watch)))
    except ConfigError as problem:
        print(f"cannot look: {problem}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings" if findings else "all is well")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
