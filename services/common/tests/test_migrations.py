"""Migrations make exactly the tables that the code expects, on both databases, and any number of times."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services import SERVICES
from services.common.store.migrations import migrate
from services.common.testing import fresh_database_url
from services.members import metadata_of


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_and_tables_agree(service: str, tmp_path: Path) -> None:
    with fresh_database_url(service, tmp_path) as url:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = compare_metadata(context, metadata_of(service))  # type: ignore[arg-type]
        engine.dispose()

    assert differences == []


@pytest.mark.parametrize("service", SERVICES)
def test_check_constraints_are_in_the_migrations_too(service: str, tmp_path: Path) -> None:
    """Alembic does not compare CHECKs, and the standard's invariants are CHECKs."""
    promised = {
        (table.name, constraint.name)
        for metadata in metadata_of(service)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    with fresh_database_url(service, tmp_path) as url:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        inspector = sa.inspect(engine)
        made = {
            (table, check["name"])
            for table in inspector.get_table_names()
            for check in inspector.get_check_constraints(table)
        }
        engine.dispose()

    assert promised == made


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deeper/orders.db"

    migrate("orders", url)
    migrate("orders", url)

    assert (tmp_path / "deeper" / "orders.db").exists()


@pytest.mark.integration
def test_two_replicas_may_migrate_at_once(tmp_path: Path) -> None:
    import eventlet

    base = sa.make_url(os.environ["PLEDGE_TEST_PG_URL"])
    engine = sa.create_engine(base, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    name = f"t_migrate_{os.getpid()}"
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = base.set(database=name).render_as_string(hide_password=False)
    try:
        replicas = [eventlet.spawn(migrate, "orders", url) for _ in range(3)]
        for replica in replicas:
            replica.wait()
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
