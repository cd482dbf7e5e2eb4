"""What must be closed in the composed form; each check tries the door."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

from deploy.compose.make_secrets import SERVICES
from deploy.compose.stack import Failed, Stack, docker, inspect

NAMES = (*SERVICES, "gateway")
INTRUDER = """
import amqp, sys
from urllib.parse import urlsplit
where = urlsplit(open('/run/secrets/orders_amqp_uri').read().strip())
connection = amqp.Connection('rabbitmq:5672', userid=where.username, password=where.password, virtual_host='pledge')
connection.connect()
attempts = {
    'read the inbox of support': lambda channel: channel.basic_get('support.inbox'),
    'delete the inbox of support': lambda channel: channel.queue_delete('support.inbox'),
    'read dead letters': lambda channel: channel.basic_get('dead-letters'),
    'make a queue': lambda channel: channel.queue_declare('of-ones-own'),
    'speak for support': lambda channel: channel.basic_publish_confirm(amqp.Message('x'), 'support.events', 'x'),
    'call support': lambda channel: channel.basic_publish_confirm(amqp.Message('x'), 'nameko-rpc', 'support.x'),
    'write into a queue': lambda channel: channel.basic_publish_confirm(amqp.Message('x'), '', 'support.inbox'),
}
for name, attempt in attempts.items():
    try:
        attempt(connection.channel())
    except amqp.exceptions.AccessRefused:
        continue
    print(name)
"""


def containers_are_confined(stack: Stack) -> None:
    """Not root, nothing writable, no rights, no tools, and no other service's code or secrets."""
    for name in NAMES:
        container = stack.one(name)
        host = inspect(container)["HostConfig"]
        if not host["ReadonlyRootfs"] or host["CapDrop"] != ["ALL"] or not host["Memory"] or host["Privileged"]:
            raise Failed(f"{name} is not confined: {host}")
        shown = docker(
            "exec", container, "sh", "-c", "id -u; ls /app /app/services; which pip gcc make; ls /run/secrets"
        )
        words = shown.split()
        others = {each for each in (*NAMES, "pip", "gcc", "make") if each != name and each in words}
        if (
            words[0] == "0"
            or others
            or any(word.startswith(f"{other}_") for word in words for other in set(NAMES) - {name})
        ):
            raise Failed(f"{name} holds more than it needs:\n{shown}")
        if docker_fails("exec", container, "sh", "-c", "! touch /app/x /opt/x /usr/x"):
            raise Failed(f"{name} can write into its own image")


def only_the_gateway_is_published(stack: Stack) -> None:
    published: dict[str, set[str]] = {}
    for service in (*NAMES, "rabbitmq", "postgres"):
        ports = inspect(stack.one(service))["NetworkSettings"]["Ports"] or {}
        published |= {f"{service} {port}": {each["HostIp"] for each in where} for port, where in ports.items() if where}
    if published != {"gateway 8000/tcp": {"127.0.0.1"}}:
        raise Failed(f"published: {published}")
    if not json.loads(docker("network", "inspect", f"{stack.project}_inside"))[0]["Internal"]:
        raise Failed("the inner network leads outside")


def databases_are_apart(stack: Stack) -> None:
    """Each role enters its own database and no other."""
    for role in SERVICES:
        for database in (*SERVICES, "postgres", "template1"):
            entered = not docker_fails("exec", stack.one("postgres"), "bash", "-c", _as(role, database))
            if entered != (role == database):
                raise Failed(f"{role} {'can' if entered else 'cannot'} enter {database}")


def the_broker_knows_its_users(stack: Stack) -> None:
    """What the user of orders has no business with is refused."""
    done = docker("exec", stack.one("orders"), "python", "-W", "ignore", "-c", INTRUDER).strip()
    if done:
        raise Failed(f"the broker lets orders {done}")


def _as(role: str, database: str) -> str:
    password = f"$(sed 's,.*//[^:]*:,,; s,@.*,,' /run/secrets/{role}_database_url)"
    return f"PGPASSWORD={password} psql -h 127.0.0.1 -U {role} -d {database} -c ''"


def docker_fails(*arguments: str) -> bool:
    return subprocess.run(["docker", *arguments], capture_output=True, timeout=60, check=False).returncode != 0


CHECKS: dict[str, Callable[[Stack], None]] = {
    "containers are confined": containers_are_confined,
    "only the gateway is published": only_the_gateway_is_published,
    "databases are apart": databases_are_apart,
    "the broker knows its users": the_broker_knows_its_users,
}
