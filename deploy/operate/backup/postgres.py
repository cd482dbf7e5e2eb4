"""The distributed form: pg_dump of one snapshot, pg_restore into a database beside the one that is there.

Databases are made and renamed by an administrator (`PLEDGE_POSTGRES_ADMIN_URL`): a service's role may do neither.
What is in them belongs to the role that migrates, where there is one.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg2
import sqlalchemy as sa
from psycopg2.extensions import cursor

from deploy.operate.backup.manifest import Facts, Refused
from deploy.run import packages
from services.common.store.rights import grant_run_time

SUFFIX = ".dump"
DUMP_SECONDS = 6 * 3600


def take(url: str, target: Path) -> Facts:
    """Write a dump. Return what that same snapshot holds."""
    with _connected(url) as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        found = _facts(cursor)
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={target}")
        cursor.execute("COMMIT")
    return found


def load(url: str, source: Path, admin: str) -> str:
    """Load the backup beside the database, for a look at it and a later swap. Return its URL."""
    name, owner = f"{_name(url)}_restoring", sa.make_url(url).username
    with _connected(_needed(admin)) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
        cursor.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    fresh = sa.make_url(url).set(database=name).render_as_string(hide_password=False)
    try:
        options = ["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", f"--dbname={name}"]
        _run("pg_restore", fresh, *options, str(source))
    except BaseException:
        discard(fresh, admin)
        raise
    return fresh


def hand_over(url: str, fresh: str, admin: str, owner: str | None) -> None:
    """Give what was restored to the role that owns the service's tables, and the run-time role its narrow rights.

    owner: that role, as PLEDGE_<SERVICE>_OWNER_URL names it. Without it the owner of what is there now, else
    `<role>_owner`; where none is found, or one role does both, nothing changes.
    """
    role = sa.make_url(url).username or ""
    owner = owner or _owner_of(url, admin) or _existing(f"{role}_owner", admin)
    if owner is None or owner == role:
        return
    place = sa.make_url(_needed(admin)).set(database=_name(fresh)).render_as_string(hide_password=False)
    with _connected(place) as cursor:
        cursor.execute(f'ALTER DATABASE "{_name(fresh)}" OWNER TO "{owner}"')
        cursor.execute(f'REASSIGN OWNED BY "{role}" TO "{owner}"')
    engine = sa.create_engine(sa.make_url(place).set(drivername="postgresql+psycopg2"), poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        grant_run_time(connection, role)
    engine.dispose()


def _owner_of(url: str, admin: str) -> str | None:
    """Return who owns the journal that is there now, None where there is none."""
    with _connected(_needed(admin)) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_name(url)])
        if cursor.fetchone() is None:
            return None
    place = sa.make_url(admin).set(database=_name(url)).render_as_string(hide_password=False)
    with _connected(place) as cursor:
        cursor.execute("SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'journal'")
        found = cursor.fetchone()
        return str(found[0]) if found else None


def _existing(role: str, admin: str) -> str | None:
    with _connected(_needed(admin)) as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return role if cursor.fetchone() else None


def facts(url: str) -> Facts:
    with _connected(url) as cursor:
        return _facts(cursor)


def swap(url: str, fresh: str, now: datetime, admin: str) -> str:
    """Swap the fresh database with the other, which is kept: both or neither. Return that one's new name."""
    name, kept = _name(url), f"{_name(url)}_replaced_{now:%Y%m%dt%H%M%S}"
    try:
        with _connected(_needed(admin)) as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            there = cursor.fetchone()
            if there:
                cursor.execute(f'ALTER DATABASE "{name}" RENAME TO "{kept}"')
            cursor.execute(f'ALTER DATABASE "{_name(fresh)}" RENAME TO "{name}"')
            cursor.execute("COMMIT")
    except psycopg2.errors.ObjectInUse as problem:
        raise Refused(f"somebody came to work in {name} meanwhile: {problem}") from problem
    return kept if there else ""


def discard(fresh: str, admin: str) -> None:
    with _connected(admin) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{_name(fresh)}" WITH (FORCE)')


def who_works(url: str, admin: str) -> str:
    """Return whose sessions are open there, in words; "" if there are none."""
    sessions = (
        "SELECT usename, count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend' GROUP BY 1"  # a vacuum of the server's own gives way
    )
    with _connected(_needed(admin)) as cursor:
        cursor.execute(sessions, [_name(url)])
        return ", ".join(f"{count} sessions of {role}" for role, count in cursor.fetchall())


def _facts(cursor: cursor) -> Facts:
    cursor.execute("SELECT version_num, (SELECT coalesce(max(position), 0) FROM journal) FROM alembic_version")
    return Facts(*cursor.fetchone())


def _run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. The environment has the password: everyone can read a command line."""
    place, path = sa.make_url(url), packages.path_of("pg_dump").with_name(program)
    variables = {
        "PGHOST": place.host,
        "PGPORT": str(place.port or 5432),
        "PGDATABASE": place.database,
        "PGUSER": place.username,
        "PGPASSWORD": place.password,
        **{f"PG{name.upper()}": value for name, value in place.query.items() if name.startswith("ssl")},
    }
    environ = {**os.environ, **{name: str(value) for name, value in variables.items() if value}}
    done = subprocess.run([str(path), *arguments], env=environ, capture_output=True, text=True, timeout=DUMP_SECONDS)
    if done.returncode:
        raise Refused(f"{program} of {place.database}: {done.stderr.strip()[-1500:]}")


@contextmanager
def _connected(url: str) -> Iterator[cursor]:
    """Yield a cursor whose statements stand alone, unless they BEGIN."""
    connection = psycopg2.connect(sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def _needed(admin: str) -> str:
    if not admin:
        raise Refused("PLEDGE_POSTGRES_ADMIN_URL is not set; expected the URL of a role that may create databases")
    return admin


def _name(url: str) -> str:
    return sa.make_url(url).database or ""
