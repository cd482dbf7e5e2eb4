"""Bring databases, queues and first data up to date, before any service starts: `python -m deploy.run.prepare`.

Harmless when everything is there already, and when two do it at once on PostgreSQL.
"""

from __future__ import annotations

import os
import sys

from services import SERVICES
from services.common.bus.embedded import inproc
from services.common.runtime.config import ConfigError, Settings
from services.common.runtime.messaging import declare_topology
from services.common.store.migrations import migrate
from services.members import seed, service_class


def prepare(settings: Settings) -> None:
    """Prepare tables, queues and first data of every service, in this order: seeding may publish."""
    if settings.embedded:
        inproc.register()
    for service in SERVICES:
        migrate(service, settings.owner_url(service), run_as=settings.database_role(service))
    declare_topology(settings.amqp_uri, [service_class(service) for service in SERVICES])
    for service in SERVICES:
        seed(service, settings)


if __name__ == "__main__":
    try:
        prepare(Settings.load(os.environ))
    except ConfigError as problem:
        sys.exit(str(problem))
