"""What must be closed in the composed form. Each check tries to enter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from deploy.compose.docker import Failed, docker, inspect, refused
from deploy.compose.stack import Stack
from services import SERVICES

NAMES = (*SERVICES, "gateway")
TOOLS = "pip pip3 gcc cc g++ make ld git curl wget"
INTRUDER = """
import amqp, ssl, sys
from urllib.parse import urlsplit
where = urlsplit(open('/run/secrets/orders_amqp_uri').read().strip())
trust = {'ca_certs': '/run/tls/ca.pem', 'cert_reqs': ssl.CERT_REQUIRED, 'server_hostname': 'rabbitmq'}
own = {'userid': where.username, 'password': where.password, 'virtual_host': 'pledge'}
connection = amqp.Connection('rabbitmq:5671', ssl=trust, **own)
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


PLAIN = """
import amqp, psycopg2, ssl
from urllib.parse import urlsplit
def broker(host, files):
    where = urlsplit(open('/run/secrets/orders_amqp_uri').read().strip())
    own = {'userid': where.username, 'password': where.password, 'virtual_host': 'pledge', 'connect_timeout': 5}
    amqp.Connection(host, ssl=files, **own).connect()
def database(options):
    url = open('/run/secrets/orders_database_url').read().strip().partition('?')[0].replace('+psycopg2', '')
    psycopg2.connect(f'{url}?{options}', connect_timeout=5)
trust = {'ca_certs': '/run/tls/ca.pem', 'cert_reqs': ssl.CERT_REQUIRED}
authorities = ssl.get_default_verify_paths().openssl_cafile
attempts = {
    'the broker, plain': lambda: broker('rabbitmq:5672', False),
    'the broker, plain, on its TLS port': lambda: broker('rabbitmq:5671', False),
    'a broker of another name': lambda: broker('rabbitmq:5671', {**trust, 'server_hostname': 'postgres'}),
    'a broker that the world must vouch for': lambda: broker('rabbitmq:5671', {
        'ca_certs': authorities, 'cert_reqs': ssl.CERT_REQUIRED, 'server_hostname': 'rabbitmq'}),
    'the databases, plain': lambda: database('sslmode=disable'),
    'a database that another vouches for': lambda: database(f'sslmode=verify-full&sslrootcert={authorities}'),
}
broker('rabbitmq:5671', {**trust, 'server_hostname': 'rabbitmq'})
database('sslmode=verify-full&sslrootcert=/run/tls/ca.pem')
for name, attempt in attempts.items():
    try:
        attempt()
    except (OSError, amqp.exceptions.AMQPError, psycopg2.OperationalError):
        continue
    print(name)
"""


def containers_are_confined(stack: Stack) -> None:
    """Check that containers are not root, write nothing, have no rights or tools, and see only what is declared."""
    for name in NAMES:
        container = stack.one(name)
        host = inspect(container)["HostConfig"]
        if not host["ReadonlyRootfs"] or host["CapDrop"] != ["ALL"] or not host["Memory"] or host["Privileged"]:
            raise Failed(f"{name} is not confined: {host}")
        if docker("exec", container, "id", "-u").strip() == "0":
            raise Failed(f"{name} runs as root")
        found = docker("exec", container, "sh", "-c", f"for tool in {TOOLS}; do command -v $tool; done; true")
        if found or not refused("exec", container, "python", "-c", "import pip"):
            raise Failed(f"{name} brings tools that it never needs: {found or 'pip'}")
        secrets = docker("exec", container, "ls", "/run/secrets").split()
        if any(secret.startswith(f"{other}_") for secret in secrets for other in {*NAMES} - {name}):
            raise Failed(f"{name} holds another's secrets: {secrets}")
        code = docker("exec", container, "find", "/app", "-name", "*.py").split()
        others = [path for path in code for other in {*NAMES} - {name} if re.match(rf"/app/(services/)?{other}/", path)]
        if not code or not all(re.search(r"^/app/services/\w+/(__init__\.py|api/)", path) for path in others):
            raise Failed(f"{name} holds more of others than what they declare: {others}")
        if refused("exec", container, "sh", "-c", "! touch /app/x /opt/x /usr/x"):
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
    """Check that each role enters its own database and no other."""
    for role in SERVICES:
        for database in (*SERVICES, "postgres", "template1"):
            entered = not refused("exec", stack.one("postgres"), "bash", "-c", _as(role, database))
            if entered != (role == database):
                raise Failed(f"{role} {'can' if entered else 'cannot'} enter {database}")


def the_broker_knows_its_users(stack: Stack) -> None:
    """Check that the broker refuses the user of orders what orders does not need."""
    done = docker("exec", stack.one("orders"), "python", "-W", "ignore", "-c", INTRUDER).strip()
    if done:
        raise Failed(f"the broker lets orders {done}")


def all_is_encrypted(stack: Stack) -> None:
    """Check that nothing comes in without TLS, that we trust no other server, and that no service has their keys."""
    done = docker("exec", stack.one("orders"), "python", "-W", "ignore", "-c", PLAIN).strip()
    if done:
        raise Failed(f"orders comes in, or lets itself be fooled: {done}")
    plain = (
        "SELECT usename FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE NOT ssl AND client_addr IS NOT NULL"
    )
    if found := stack.sql("postgres", plain):
        raise Failed(f"without TLS: {found}")
    for name in NAMES:
        found = docker("exec", stack.one(name), "find", "/run/tls", "-name", "*.key").split()
        if found:
            raise Failed(f"{name} holds keys of servers: {found}")


def _as(role: str, database: str) -> str:
    password = f"$(sed 's,.*//[^:]*:,,; s,@.*,,' /run/secrets/{role}_database_url)"
    return f"PGPASSWORD={password} psql -h 127.0.0.1 -U {role} -d {database} -c ''"


def queues_keep_what_they_are_given(stack: Stack) -> None:
    """Check that queues are quorum queues, each under the policy that limits it and keeps what it rejects."""
    columns = ("name", "type", "policy", "effective_policy_definition")
    listed = stack.broker("list_queues", "-p", "pledge", *columns, "--formatter", "json")
    queues = {each["name"]: each for each in json.loads(listed)}
    for service in SERVICES:
        inbox, requests = queues[f"{service}.inbox"], queues[f"rpc-{service}"]
        limits = dict(inbox["effective_policy_definition"])
        if (inbox["type"], inbox["policy"], limits.get("dead-letter-exchange")) != (
            "quorum",
            "inboxes",
            "dead-letters",
        ):
            raise Failed(f"an inbox that is no quorum queue, or loses what it rejects: {inbox}")
        if requests["policy"] != "requests":
            raise Failed(f"nothing limits {requests}")
    if queues["dead-letters"]["type"] != "quorum" or '"quorum"' not in stack.broker(
        "list_vhosts", "name", "default_queue_type", "--formatter", "json"
    ):
        raise Failed(f"quorum queues are not the default: {queues}")


CHECKS: dict[str, Callable[[Stack], None]] = {
    "containers are confined": containers_are_confined,
    "only the gateway is published": only_the_gateway_is_published,
    "databases are apart": databases_are_apart,
    "all is encrypted": all_is_encrypted,
    "the broker knows its users": the_broker_knows_its_users,
    "queues keep what they are given": queues_keep_what_they_are_given,
}
