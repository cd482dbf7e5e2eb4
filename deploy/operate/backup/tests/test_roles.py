"""A restore on PostgreSQL leaves each role what it had: the owner its tables, the service its narrow rights."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from deploy.operate.backup.restore import restore
from deploy.operate.backup.take import take
from deploy.operate.by_hand import opened
from services import SERVICES
from services.common.basics import clock
from services.common.store.database import Work
from services.common.store.migrations import migrate
from services.orders.api import OrderExpired

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

OWNERS = sa.text(
    "SELECT DISTINCT pg_get_userbyid(o) FROM (SELECT relowner AS o FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT proowner FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace UNION ALL SELECT datdba FROM pg_database "
    "WHERE datname = current_database()) AS owned"
)
GRANTS = sa.text(
    "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
    "WHERE table_schema = 'public' AND grantee = :role ORDER BY 1, 2"
)
FORBIDDEN = (
    "UPDATE journal SET body = '{}'", "DELETE FROM journal", "DROP TABLE journal CASCADE", "CREATE TABLE mine (id int)",
    "ALTER TABLE journal DISABLE TRIGGER ALL", "CREATE TEMPORARY TABLE mine (id int)", "DROP FUNCTION refuse_change()",
)  # fmt: skip


def at(admin: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def databases(owned_by: str, folder: Path) -> Iterator[dict[str, str]]:
    """Yield the variables of four migrated databases. `{}` in `owned_by` is the role that runs."""
    admin = sa.make_url(os.environ["PLEDGE_TEST_PG_URL"]).set(drivername="postgresql+psycopg2")
    password, mark = uuid.uuid4().hex, uuid.uuid4().hex[:8]
    names = {service: f"b_{service}_{mark}" for service in SERVICES}
    environ = {
        "PLEDGE_AMQP_URI": os.environ["PLEDGE_TEST_AMQP_URI"], "PLEDGE_DEV": "1", "PLEDGE_DATA_DIR": str(folder),
        "PLEDGE_POSTGRES_ADMIN_URL": os.environ["PLEDGE_TEST_PG_URL"],
    }  # fmt: skip
    roles = []
    try:
        for service, name in names.items():
            owner = owned_by.format(name)
            for role in (name, owner):
                at(admin, f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}'")
                roles.append(role)
            at(admin, f'CREATE DATABASE "{name}" OWNER "{owner}"', f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
            run, owns = (
                admin.set(database=name, username=each, password=password).render_as_string(hide_password=False)
                for each in (name, owner)
            )
            migrate(service, owns, run_as=name)
            environ |= {f"PLEDGE_{service.upper()}_DATABASE_URL": run, f"PLEDGE_{service.upper()}_OWNER_URL": owns}
        yield environ
    finally:
        with sa.create_engine(admin, poolclass=sa.pool.NullPool).connect() as connection:
            found = sa.text("SELECT datname FROM pg_database WHERE datname LIKE :mark")
            left = connection.scalars(found, {"mark": f"b\\_%\\_{mark}%"}).all()
        at(
            admin,
            *(f'DROP DATABASE "{name}" WITH (FORCE)' for name in left),
            *(f'DROP ROLE "{role}"' for role in roles),
        )


def rights(environ: dict[str, str]) -> tuple[set[str], list[tuple[str, str]]]:
    """Return who owns what is in the database of orders, and what the role that runs may do with its tables."""
    url = sa.make_url(environ["PLEDGE_ORDERS_DATABASE_URL"])
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        owners = {*connection.scalars(OWNERS)}
        granted = [(str(row[0]), str(row[1])) for row in connection.execute(GRANTS, {"role": url.username})]
    for statement in FORBIDDEN:
        with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match=r"denied|must be owner"):
            connection.exec_driver_sql(statement)
    return owners, granted


@pytest.mark.parametrize(
    ("owned_by", "told"),
    [("{}_owner", True), ("{}_owner", False), ("keeper_of_{}", True), ("keeper_of_{}", False)],
)
def test_a_restore_leaves_every_role_its_rights(tmp_path: Path, owned_by: str, told: bool) -> None:
    """Owners of any name; told: whether the operator names the owner, which the operations container is not given."""
    with databases(owned_by, tmp_path) as environ:
        before = rights(environ)
        if not told:
            environ = {name: value for name, value in environ.items() if not name.endswith("_OWNER_URL")}
        with opened(environ["PLEDGE_ORDERS_DATABASE_URL"]) as store, store.work(Work) as work:
            work.journal.record(OrderExpired(order_number="ORD-1"))

        backup = take(environ)
        for turn in range(2):
            with clock.frozen(clock.now() + timedelta(seconds=turn)):
                restore(environ, backup, "orders", anyway=True)  # the broker is that of all tests

            assert rights(environ) == before
        assert before[0] == {owned_by.format(sa.make_url(environ["PLEDGE_ORDERS_DATABASE_URL"]).username)}
        with opened(environ["PLEDGE_ORDERS_DATABASE_URL"]) as store, store.work(Work) as work:
            work.journal.record(OrderExpired(order_number="ORD-1"))
            assert list(work.journal.verify()) == []
