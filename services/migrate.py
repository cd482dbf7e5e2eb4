"""Bring services up to date before they start: `python -m services.migrate [orders …]`; none named: all.

For each service: its tables, its exchanges and queues, its first data. It may run any number of times, and at once.
"""

from __future__ import annotations

import os
import sys

from services import SERVICES
from services.common.runtime.config import ConfigError, Settings
from services.common.runtime.messaging import declare_topology
from services.common.store.migrations import migrate
from services.members import seed, service_class


def prepare(service: str, settings: Settings) -> None:
    """Prepare one service, which needs no other service's code, database or queues for it."""
    migrate(service, settings.owner_url(service), run_as=settings.database_role(service))
    declare_topology(settings.amqp_uri, [service_class(service)])
    seed(service, settings)


def main(names: list[str]) -> None:
    unknown = sorted({*names} - {*SERVICES})
    if unknown:
        raise ConfigError([f"there is no service {name!r}" for name in unknown])
    settings = Settings.load(os.environ)
    if settings.embedded:
        raise ConfigError(["PLEDGE_AMQP_URI is not set; the embedded form prepares itself when it starts"])
    for name in names or SERVICES:
        prepare(name, settings)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ConfigError as problem:
        sys.exit(str(problem))
