"""A private PostgreSQL, with a database and a role for each service; as root it runs as `postgres`, because it must."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import psycopg2.extensions

from deploy.run import packages, processes
from deploy.run.servers import NotStarted, Server, await_start, find, password_of, same_port

_POSTGRES_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "log_min_messages": "warning",
}


def start_postgres(
    folder: Path,
    port: int | None = None,
    *,
    wait: bool = True,
    durable: bool = True,
    options: Mapping[str, str] | None = None,
) -> Server:
    """Start a database server with the superuser `postgres`. `durable=False` trades safety at a power cut for speed.

    options: further settings of the server.
    """
    folder = folder.resolve()
    if running := find(folder, "postgres"):
        return running
    program, data = packages.path_of("postgres"), folder / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    port, password = port or same_port(folder, "postgres", processes.free_ports(1)[0]), password_of(folder, "postgres")
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder), "PGPASSWORD": password}
    as_owner = _as_postgres(folder, data) if os.geteuid() == 0 else []
    if not (data / "PG_VERSION").exists():
        _initdb([*as_owner, str(program.parent / "initdb")], data, password, env)
    chosen = {**_POSTGRES_OPTIONS, "port": str(port), "fsync": "on" if durable else "off", **(options or {})}
    flags = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    command = [*as_owner, str(program), "-D", str(data), *flags]
    started = processes.start(command, env=env, log=folder / "postgres.log", cwd=Path("/"))
    uri = f"postgresql+psycopg2://postgres:{password}@127.0.0.1:{port}/postgres"
    server = Server("postgres", folder, port, password, uri, env, [started]).save()
    return await_start(server, postgres_answers) if wait else server


def create_databases(server: Server, services: Iterable[str]) -> dict[str, str]:
    """Create one role and one database for each service, which no other role may enter: {"orders": url, …}."""
    urls = {}
    connection = psycopg2.connect(**_connection(server))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
        for name in services:
            password = hashlib.sha256(f"{server.password}:{name}".encode()).hexdigest()[:32]
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE ROLE "{name}" LOGIN PASSWORD %s', [password])
                cursor.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
                cursor.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
            urls[name] = f"postgresql+psycopg2://{name}:{password}@127.0.0.1:{server.port}/{name}"
    connection.close()
    return urls


def separate_owners(server: Server, services: Iterable[str]) -> dict[str, str]:
    """Give each database to a role that migrates it, so that the service's own role may not: {"orders": owner's url}.

    What the service's role owned until now is handed over too.
    """
    urls = {}
    for name in services:
        owner = f"{name}_owner"
        password = hashlib.sha256(f"{server.password}:{owner}".encode()).hexdigest()[:32]
        with _superuser(server, name) as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [owner])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE ROLE "{owner}" LOGIN PASSWORD %s', [password])
            cursor.execute(f'ALTER DATABASE "{name}" OWNER TO "{owner}"')
            cursor.execute(f'REASSIGN OWNED BY "{name}" TO "{owner}"')
            cursor.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{name}"')
        urls[name] = f"postgresql+psycopg2://{owner}:{password}@127.0.0.1:{server.port}/{name}"
    return urls


@contextmanager
def _superuser(server: Server, database: str) -> Iterator[psycopg2.extensions.cursor]:
    """Yield a superuser's cursor in that database, whose statements stand alone."""
    connection = psycopg2.connect(**{**_connection(server), "dbname": database})
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def postgres_answers(server: Server) -> bool:
    try:
        psycopg2.connect(**_connection(server)).close()
    except psycopg2.OperationalError:
        return False
    return True


def _as_postgres(folder: Path, data: Path) -> list[str]:
    """Return the prefix that runs a program as the user `postgres`, which owns the data and can reach its folder."""
    owner = pwd.getpwnam("postgres")
    if not data.exists():
        data.mkdir(mode=0o700)
        os.chown(data, owner.pw_uid, owner.pw_gid)
    plain = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    if subprocess.run([*plain, "test", "-w", str(data)], cwd="/").returncode == 0:
        return plain
    # a folder above is closed to others, as temporary folders are: let it pass, and leave that folder closed
    return [*plain, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def _initdb(program: list[str], data: Path, password: str, env: Mapping[str, str]) -> None:
    """Make the data folder; the superuser's password goes through a file that only the owner of the data can read."""
    secret = data.with_name("postgres.initial")
    secret.touch(mode=0o600)
    secret.write_text(password)
    if data.exists():
        os.chown(secret, data.stat().st_uid, data.stat().st_gid)
    command = [*program, "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "scram-sha-256"]
    made = subprocess.run(
        [*command, "--no-sync", f"--pwfile={secret}"], env=env, cwd="/", text=True, capture_output=True, timeout=120
    )
    secret.unlink()
    if made.returncode:
        raise NotStarted(f"initdb failed:\n{made.stdout}{made.stderr}")


def _connection(server: Server) -> dict[str, object]:
    place = {"host": "127.0.0.1", "port": server.port, "dbname": "postgres"}
    return {**place, "user": "postgres", "password": server.password, "connect_timeout": 3}
