"""The one Alembic environment; each service keeps its own versions in `services/<service>/migrations/versions`.

    python -m services.common.migrations                     # every service: its tables, then the bus's queues
    python -m services.common.migrations orders              # one service

Every version calls what it needs of `kit` for the kit's own tables, so that one service can be upgraded alone.
Migrations only add while the old code still runs; what they take away comes one release later.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

SERVICES = ("orders", "logistics", "aftersales", "support")
_HERE = Path(__file__).parent


def migrate(service: str, url: str, revision: str = "head") -> None:
    """Bring one service's database to the newest version; creates the SQLite file and its folder when missing.

    Two replicas that migrate at once wait for each other (advisory lock on PostgreSQL).
    """
    target = sa.make_url(url)
    if target.get_backend_name() == "sqlite":
        if target.database and target.database != ":memory:":
            Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    else:
        target = target.set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(target, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('pledge.migrate'))"))
        config = alembic_config(service)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def alembic_config(service: str) -> Config:
    """Alembic's configuration for one service, without a file."""
    config = Config()
    versions = _HERE.parent.parent / service / "migrations" / "versions"
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(versions))
    config.attributes["service"] = service
    return config


def target_metadata(service: str) -> list[sa.MetaData]:
    """What the service's database should look like: the kit's tables and its own."""
    from services.common import tables as kit

    own: Any = import_module(f"services.{service}.tables")
    return [kit.metadata, own.metadata]
