"""Bring databases, queues and first data up to date, before any service starts: `python -m deploy.prepare`.

Harmless when everything is there already, and when two do it at once on PostgreSQL.
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


def prepare(settings: Settings) -> None:
    """Tables, queues and first data of every service, in this order: seeding may publish."""
    if settings.embedded:
        importlib.import_module("services.common.inproc")  # registers the transport of inproc://
    for service in SERVICES:
        migrate(service, settings.database_url(service))
    declare_topology(settings.amqp_uri, [service_class(service) for service in SERVICES])
    for service in SERVICES:
        if find_spec(f"services.{service}.seed"):
            store = Store(settings.database_url(service), pool_size=1)
            importlib.import_module(f"services.{service}.seed").seed(store)
            store.dispose()


if __name__ == "__main__":
    try:
        prepare(Settings.load(os.environ))
    except ConfigError as problem:
        sys.exit(str(problem))
