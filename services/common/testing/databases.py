"""A fresh database for a test: a migrated one without a row that its migrations did not write.

SQLite: a copy of a template file. PostgreSQL: copied from a template database, and given to the next test that asks
when it can be emptied, since a copy costs the server more than most tests do. It is emptied row by row; one whose
schema was changed, or whose rows of the migrations were, is dropped.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from services import SERVICES
from services.common.store.database import Store
from services.common.store.migrations import migrate
from services.common.store.migrations.kit import add_privacy, add_subjects_to_inbox, create_kit_tables

# What changes when anything of the schema does: the newest transaction, and the number of rows, of each catalogue.
_SHAPE = " UNION ALL ".join(
    f"SELECT '{catalogue}', count(*), max(xmin::text::bigint) FROM {catalogue}"  # noqa: S608 (names of catalogues)
    for catalogue in ("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_trigger", "pg_proc", "pg_type",
                      "pg_namespace", "pg_policy", "pg_extension", "pg_default_acl")
)  # fmt: skip
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE
    name text;
    found boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- no trigger that refuses, no foreign key
    FOR name IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND n.nspname = 'public' AND NOT c.relname = ANY(string_to_array('{kept}', ','))
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || name || ')' INTO found;
        IF found THEN
            EXECUTE 'DELETE FROM ' || name;
        END IF;
    END LOOP;
    FOR name IN SELECT seqrelid::regclass::text FROM pg_sequence LOOP
        PERFORM setval(name, (SELECT seqstart FROM pg_sequence WHERE seqrelid = name::regclass), false);
    END LOOP;
END $$
"""

_free: defaultdict[tuple[str, str], list[str]] = defaultdict(list)


def distributed() -> bool:
    """Return whether tests run on RabbitMQ and PostgreSQL instead of the embedded form."""
    return bool(os.environ.get("PLEDGE_TEST_AMQP_URI") and os.environ.get("PLEDGE_TEST_PG_URL"))


@contextmanager
def fresh_store(
    service: str, folder: Path, *, postgres: bool | None = None, settings: object = None
) -> Iterator[Store]:
    """Yield the migrated, empty database of one service; on PostgreSQL if the tests run distributed, or if told.

    settings: what each unit of work has as its `settings`.
    """
    with fresh_database_url(service, folder, postgres=postgres) as url:
        store = Store(url, settings=settings)
        try:
            yield store
        finally:
            store.dispose()


@contextmanager
def fresh_database_url(service: str, folder: Path, *, postgres: bool | None = None) -> Iterator[str]:
    """Yield the URL of such a database."""
    if not (distributed() if postgres is None else postgres):
        path = folder / f"{service}.db"
        shutil.copy(_sqlite_template(service), path)
        yield f"sqlite:///{path}"
        return
    name, free = f"t_{service}_{uuid.uuid4().hex[:12]}", _free[service, _server()]
    if free:
        _as_superuser(f'ALTER DATABASE "{free.pop()}" RENAME TO "{name}"')  # the last test's threads find nothing
    else:
        _as_superuser(f'CREATE DATABASE "{name}" TEMPLATE "{_postgres_template(service, _server())}"')
    try:
        yield _url_of(name).render_as_string(hide_password=False)
    finally:
        if _emptied(name, service):
            free.append(name)
        else:
            _as_superuser(f'DROP DATABASE "{name}" WITH (FORCE)')


def _emptied(name: str, service: str) -> bool:
    """Empty the database. Returns whether it is like its template again."""
    shape, rows = _likeness(_postgres_template(service, _server()), _server())
    with _connected(name) as connection:
        connection.exec_driver_sql(_END_OTHERS)
        if _shape(connection) != shape or _rows(connection, [*rows]) != rows:
            return False
        connection.exec_driver_sql(_EMPTY.format(kept=",".join(rows)))
        return True


@cache
def _likeness(template: str, _server: str) -> tuple[list[sa.Row[tuple[object, ...]]], dict[str, str]]:
    """Return the shape of a template, and what is in the tables into which its migrations write."""
    with _connected(template) as connection:
        tables = sa.inspect(connection).get_table_names("public")
        written = [each for each in tables if connection.exec_driver_sql(f'SELECT 1 FROM "{each}" LIMIT 1').first()]  # noqa: S608
        return _shape(connection), _rows(connection, written)


def _shape(connection: sa.Connection) -> list[sa.Row[tuple[object, ...]]]:
    return [*connection.exec_driver_sql(_SHAPE)]


def _rows(connection: sa.Connection, tables: list[str]) -> dict[str, str]:
    digest = "SELECT md5(string_agg(each::text, chr(10) ORDER BY each::text)) FROM"
    return {each: connection.exec_driver_sql(f'{digest} "{each}" each').scalar_one() or "" for each in tables}


@cache
def _sqlite_template(service: str) -> Path:
    path = Path(mkdtemp(prefix="pledge-template-")) / f"{service}.db"
    _prepare(service, f"sqlite:///{path}")
    return path


@cache
def _postgres_template(service: str, _server: str) -> str:
    """Make the template, once for each server that tests use."""
    name = f"template_{service}_{os.getpid()}"
    _as_superuser(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    _prepare(service, _url_of(name).render_as_string(hide_password=False))
    return name


def _prepare(service: str, url: str) -> None:
    """Migrate one of the platform's services; a service that a test made up gets the kit's tables only."""
    if service in SERVICES:
        migrate(service, url)
        return
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        create_kit_tables()
        add_subjects_to_inbox()
        add_privacy()
    engine.dispose()


def _server() -> str:
    return os.environ["PLEDGE_TEST_PG_URL"]


def _url_of(database: str | None) -> sa.URL:
    return sa.make_url(_server()).set(drivername="postgresql+psycopg2", database=database)


@contextmanager
def _connected(database: str) -> Iterator[sa.Connection]:
    """Connect as the superuser; each statement is a transaction of its own."""
    engine = sa.create_engine(_url_of(database), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        yield connection


@cache
def _superuser(server: str) -> sa.Engine:
    """Return what connects to the server's first database; one connection is kept open."""
    return sa.create_engine(
        _url_of(sa.make_url(server).database), isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True
    )


def _as_superuser(*statements: str) -> None:
    with _superuser(_server()).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
