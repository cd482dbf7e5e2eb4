"""Bring services up to date before they start: `python -m services.common.migrations [orders …]`; none named: all.

For each service: its tables, its exchanges and queues, its first data. Any number of times, by any number at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.util import find_spec

from services.common.config import ConfigError, Settings
from services.common.database import Store
from services.common.messaging import declare_topology
from services.common.migrations import SERVICES, migrate
from services.common.runner import service_class


def prepare(service: str, settings: Settings) -> None:
    """One service, which needs no other service's code, database or queues for it."""
    url = settings.database_url(service)
    migrate(service, url)
    declare_topology(settings.amqp_uri, [service_class(service)])
    if find_spec(f"services.{service}.seed"):
        store = Store(url, pool_size=1)
        importlib.import_module(f"services.{service}.seed").seed(store)
        store.dispose()


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
