"""What the role that runs may do in its database, on PostgreSQL: work with rows, and change nothing else."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services import SERVICES
from services.common.store.database import Store
from services.common.store.migrations import migrate
from services.common.store.rights import may_change_its_journal
from services.orders.tests.scenario import announced, play
from services.orders.tests.scene import Scene

pytestmark = pytest.mark.integration
FORBIDDEN = [
    "UPDATE journal SET actor = 'nobody'",
    "DELETE FROM journal",
    "TRUNCATE journal",
    "ALTER TABLE journal DISABLE TRIGGER USER",
    "ALTER TABLE journal DISABLE TRIGGER journal_append_only",
    "DROP TRIGGER journal_append_only ON journal",
    "DROP TABLE journal CASCADE",
    "ALTER TABLE journal ADD COLUMN other text",
    "ALTER TABLE journal OWNER TO CURRENT_USER",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE TRIGGER mine BEFORE INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON INSERT TO journal DO INSTEAD NOTHING",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE journal (id int)",
    "CREATE SCHEMA mine",
    "TRUNCATE journal_heads",
    "UPDATE alembic_version SET version_num = '9999'",
    "GRANT ALL ON journal TO PUBLIC",
    "LOCK TABLE journal IN ACCESS EXCLUSIVE MODE",
]


@contextmanager
def two_roles(service: str) -> Iterator[tuple[str, str]]:
    """Yield the URLs of a migrated database: as the role that runs, and as its owner."""
    admin = sa.make_url(os.environ["PLEDGE_TEST_PG_URL"]).set(drivername="postgresql+psycopg2")
    name, password = f"r_{service}_{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    run, owner = (
        admin.set(database=name, username=role, password=password).render_as_string(hide_password=False)
        for role in (name, f"{name}_owner")
    )
    _as_admin(
        admin,
        *(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}'" for role in (name, f"{name}_owner")),
        f'CREATE DATABASE "{name}" OWNER "{name}_owner"',
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
    )
    try:
        migrate(service, owner, run_as=name)
        migrate(service, owner, run_as=name)  # any number of times
        yield run, owner
    finally:
        _as_admin(admin, f'DROP DATABASE "{name}" WITH (FORCE)', f'DROP ROLE "{name}"', f'DROP ROLE "{name}_owner"')


def _as_admin(admin: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("service", SERVICES)
def test_the_role_that_runs_cannot_rewrite_what_happened(service: str) -> None:
    with two_roles(service) as (run, owner):
        engines = [sa.create_engine(url, poolclass=sa.pool.NullPool) for url in (run, owner)]
        allowed = [statement for statement in FORBIDDEN if _is_allowed(engines[0], statement)]
        journals = []
        for engine in engines:
            with engine.connect() as connection:
                journals.append(may_change_its_journal(connection))

    assert allowed == []
    assert journals == [False, True]


def _is_allowed(engine: sa.Engine, statement: str) -> bool:
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
            connection.rollback()
    except DBAPIError as refused:
        return not re.search("permission denied|must be owner", str(refused.orig))
    return True


def test_orders_does_all_that_it_does_with_these_rights() -> None:
    with two_roles("orders") as (run, _owner):
        store = Store(run)
        try:
            scene = Scene(store).stocked("MUG")
            play(scene)
            found = announced(scene)
            scene.holds()
        finally:
            store.dispose()

    assert {"order_placed", "refund_settled", "refund_counted", "remedy_accepted"} <= {*found}
