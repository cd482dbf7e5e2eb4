"""The one Alembic environment; each service keeps its own versions in `services/<service>/migrations/versions`.

    migrate("orders", "postgresql://…")            # `python -m services.migrate orders` also declares its queues

Every version calls what it needs of `kit` for the kit's own tables, so that one service can be upgraded alone.
Migrations only add while the old code still runs; what they take away comes one release later (see `rules`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from services.common.store.rights import grant_run_time

PATIENCE_SECONDS, LOOK_AGAIN_SECONDS = 600.0, 0.2
LOCK_MILLISECONDS = 10_000
_HERE = Path(__file__).parent


def migrate(service: str, url: str, revision: str = "head", *, run_as: str | None = None) -> None:
    """Bring one service's database to the newest version; creates the SQLite file and its folder when missing.

    Two replicas that migrate at once wait for each other. On PostgreSQL each version is a transaction of its own, and
    one that waits too long for a table gives up rather than have all of that table's users queue behind it.

    run_as: the role that the service runs as, where it is another than the one that migrates (`rights`).
    """
    target = sa.make_url(url)
    if target.get_backend_name() == "sqlite":
        if target.database and target.database != ":memory:":
            Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    else:
        target = target.set(drivername="postgresql+psycopg2")
    options = {} if target.get_backend_name() == "sqlite" else {"options": f"-c lock_timeout={LOCK_MILLISECONDS}"}
    engine = sa.create_engine(target, poolclass=sa.pool.NullPool, connect_args=options)
    with _alone(engine) as connection:
        config = alembic_config(service)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if run_as:
            grant_run_time(connection, run_as)
            connection.commit()
    engine.dispose()


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield the connection to migrate on, while no other process migrates that database.

    On PostgreSQL a connection of its own holds the lock, and asks for it repeatedly: waiting for it inside a statement
    would hold a snapshot, and an index that is built concurrently would wait for that in turn.
    """
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not guard.scalar(sa.text("SELECT pg_try_advisory_lock(hashtext('pledge.migrate'))")):
            if time.monotonic() > deadline:
                raise TimeoutError(f"somebody else has been migrating {engine.url.database} for too long")
            time.sleep(LOOK_AGAIN_SECONDS)
        with engine.connect() as connection:
            yield connection


def alembic_config(service: str) -> Config:
    """Return Alembic's configuration for one service, without a file."""
    config = Config()
    versions = _HERE.parents[2] / service / "migrations" / "versions"
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(versions))
    config.attributes["service"] = service
    return config
