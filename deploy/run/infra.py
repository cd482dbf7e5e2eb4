"""Private RabbitMQ and PostgreSQL: on free ports of the loopback interface, data in one folder, several side by side.

    python -m deploy.run.infra up   [--dir var/infra]    start both (or find them running), say what to do next
    python -m deploy.run.infra env  [--dir var/infra]    print the PLEDGE_* variables, as lines for a shell
    python -m deploy.run.infra down [--dir var/infra]    stop both; the data stays

Neither needs a service manager, a fixed port or root.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.run import packages
from deploy.run.postgres import create_databases, separate_owners, start_postgres
from deploy.run.rabbitmq import rabbitmq_answers, rabbitmqctl, start_rabbitmq
from deploy.run.servers import NotStarted, Server, await_start, find, password_of
from services import SERVICES

__all__ = [
    "Server",
    "create_databases",
    "down",
    "find",
    "rabbitmqctl",
    "start_postgres",
    "start_rabbitmq",
    "temporary",
    "up",
]

SERVERS = ("rabbitmq", "postgres")
NEXT = """RabbitMQ and PostgreSQL run; their data is in {folder}.

  next            make migrate, then make run SERVICE=orders (logistics, aftersales, support, gateway), or make up
  the variables   eval "$(.venv/bin/python -m deploy.run.infra env --dir {folder})"     (passwords are among them)
  stop            make infra-down"""


def up(folder: Path, *, durable: bool = True) -> dict[str, str]:
    """Start both servers side by side. Return the variables with which the services find them."""
    packages.ensure("rabbitmq-server", "postgres")
    try:
        broker = start_rabbitmq(folder, wait=False)
        databases = start_postgres(folder, durable=durable)
        urls = create_databases(databases, SERVICES)
        owners = separate_owners(databases, SERVICES)
        await_start(broker, rabbitmq_answers)
    except BaseException:  # an interrupt too: half of it is of no use and must not stay behind
        down(folder, at_once=True)
        raise
    return {
        "PLEDGE_AMQP_URI": broker.uri,
        **{f"PLEDGE_{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
        **{f"PLEDGE_{name.upper()}_OWNER_URL": url for name, url in owners.items()},
        "PLEDGE_POSTGRES_ADMIN_URL": databases.uri,
        "PLEDGE_DEV": "1",
        "PLEDGE_SECRET": password_of(folder, "pledge"),
        "PLEDGE_TEST_AMQP_URI": broker.uri,
        "PLEDGE_TEST_PG_URL": databases.uri,
    }


def down(folder: Path, *, at_once: bool = False) -> None:
    """Stop what runs there."""
    for name in SERVERS:
        if server := find(folder.resolve(), name):
            server.stop(at_once=at_once)


@contextmanager
def temporary(folder: Path) -> Iterator[dict[str, str]]:
    """Run both servers for the time of a block, quick rather than durable. They are stopped and removed after it."""
    try:
        yield up(folder, durable=False)
    finally:
        down(folder, at_once=True)
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.run.infra", description="private RabbitMQ and PostgreSQL")
    parser.add_argument("command", choices=["up", "env", "down"])
    parser.add_argument("--dir", type=Path, default=Path("var/infra"))
    given = parser.parse_args(arguments)
    if given.command == "down":
        running = [name for name in SERVERS if find(given.dir.resolve(), name)]
        down(given.dir)
        print(
            f"stopped: {', '.join(running)}; the data stays in {given.dir}"
            if running
            else f"nothing ran in {given.dir}"
        )
        return 0
    if given.command == "env" and not all(find(given.dir.resolve(), name) for name in SERVERS):
        print(f"nothing runs in {given.dir}; start it with: make infra", file=sys.stderr)
        return 1
    try:
        variables = up(given.dir)
    except (packages.Missing, NotStarted) as problem:
        print(problem, file=sys.stderr)
        return 1
    if given.command == "env":
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items()))
    else:
        print(NEXT.format(folder=given.dir))
    return 0


if __name__ == "__main__":
    sys.exit(main())
