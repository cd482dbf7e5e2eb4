"""RabbitMQ with the rights of the composed form: the platform lives with them, and what is more is refused.

The broker is a private one; it loads what `make_secrets` makes of definitions.json, as the container does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest
from amqp.exceptions import AccessRefused

from deploy.checks.broker_rights import followed
from deploy.compose.make_secrets import make_secrets, password_of
from deploy.run import processes
from deploy.run.rabbitmq import start_rabbitmq
from deploy.run.up import await_ready, start
from gateway.live.own_queue import queue_name
from services import SERVICES
from services.common.bus.connections import close, connect

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

USERS = (*SERVICES, "gateway")
EXCHANGES = (
    "nameko-rpc",
    "gateway.limits",
    "gateway.viewers",
    "dead-letters",
    *(f"{service}.events" for service in SERVICES),
)
QUEUES = ("dead-letters", *(f"{service}.inbox" for service in SERVICES), *(f"rpc-{service}" for service in SERVICES))
OWN = {**{service: {f"{service}.inbox", f"rpc-{service}"} for service in SERVICES}, "gateway": set[str]()}


@pytest.fixture(scope="module")
def uris(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Start a broker with these rights and every service's queues; give the URI of each user."""
    folder = tmp_path_factory.mktemp("rights")
    make_secrets(folder / "secrets")
    options = f"load_definitions = {folder / 'secrets' / 'rabbitmq_definitions'}\n"
    broker = start_rabbitmq(folder / "broker", options=options)
    place = f"127.0.0.1:{broker.port}"
    try:
        found = {
            user: f"amqp://{user}:{password_of(folder / 'secrets' / f'{user}_amqp_uri')}@{place}/pledge"
            for user in USERS
        }
        for service in SERVICES:
            _run(["services.migrate", service], _environ(folder, found[service]))
        yield found
    finally:
        broker.stop(at_once=True)


def _environ(folder: Path, uri: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    return {**kept, "PLEDGE_AMQP_URI": uri, "PLEDGE_DATA_DIR": str(folder / "var"), "PLEDGE_DEV": "1"}


def _run(module: list[str], environ: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *module], env=environ, capture_output=True, text=True, timeout=240,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refusal(uri: str, act: str, *names: str, **options: bool) -> str:
    """Return why the broker refuses a method of a channel to that user; "" if it does not."""
    connection = connect(uri)
    try:
        getattr(connection.channel(), act)(*names, **options)
    except AccessRefused as problem:
        return str(problem)
    finally:
        close(connection)
    return ""


def test_a_user_makes_and_deletes_its_own_queues_alone(uris: Mapping[str, str]) -> None:
    for user, queue in product(USERS, QUEUES):
        declared = refusal(uris[user], "queue_declare", queue, durable=True, auto_delete=False)
        if queue in OWN[user]:
            assert declared == "", (user, queue)
        else:
            assert "ACCESS_REFUSED" in declared, (user, queue)
            assert refusal(uris[user], "queue_delete", queue), (user, queue)
            assert refusal(uris[user], "queue_purge", queue), (user, queue)
            assert refusal(uris[user], "basic_consume", queue), (user, queue)
            assert refusal(uris[user], "queue_bind", queue, "nameko-rpc", "orders.*")


@pytest.mark.parametrize("user", USERS)
def test_a_user_makes_no_other_names(uris: Mapping[str, str], user: str) -> None:
    strange = [f"{user}.other", "orders.inbox.more", "x", f"x{user}.inbox", *(f"{other}.events" for other in SERVICES)]
    mine = [queue_name("live"), queue_name("limits"), queue_name("viewers"), f"rpc.reply-{'0a' * 16}"]

    for name in strange + (mine if user != "gateway" else []):
        assert refusal(uris[user], "queue_declare", name, durable=True), name
    if user == "gateway":
        for name in mine:
            assert not refusal(uris[user], "queue_declare", name, exclusive=True)


@pytest.mark.parametrize("user", USERS)
def test_every_exchange_is_out_of_reach_of_users(uris: Mapping[str, str], user: str) -> None:
    for name in (*EXCHANGES, f"{user}.more"):
        assert refusal(uris[user], "exchange_declare", name, "topic", durable=True)
        assert refusal(uris[user], "exchange_delete", name)


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_asks_for_no_events_but_those_it_follows(uris: Mapping[str, str], user: str) -> None:
    known = followed()
    for source in SERVICES:
        mine = known.get((user, source), [])
        others = {type_ for (_, whose), types in known.items() if whose == source for type_ in types} - {*mine}
        for key in ("#", "*", "order_#", *sorted(others)[:3]):
            assert refusal(uris[user], "queue_bind", f"{user}.inbox", f"{source}.events", key), (source, key)
        for key in mine[:1]:
            assert not refusal(uris[user], "queue_bind", f"{user}.inbox", f"{source}.events", key)


def test_the_platform_lives_with_these_rights(
    uris: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    tmp_path = tmp_path_factory.mktemp("platform")
    http, *ports = processes.free_ports(1 + len(USERS))
    address = {"PLEDGE_HTTP_ADDRESS": f"127.0.0.1:{http}", "PLEDGE_PUBLIC_URL": f"http://127.0.0.1:{http}"}
    environs = {user: {**_environ(tmp_path, uri), **address} for user, uri in uris.items()}
    for service in SERVICES:
        _run(["services.migrate", service], environs[service])
    (tmp_path / "log").mkdir()

    with ExitStack() as stack:
        running = {}
        for user, port in zip(USERS, ports, strict=True):
            running[user] = start(user, environs[user], f"127.0.0.1:{port}", tmp_path / "log")
            stack.callback(processes.stop, running[user])
        for user, port in zip(USERS, ports, strict=True):
            await_ready(running[user], port, tmp_path / "log" / f"{user}.log")
        told = _run(["deploy.demo", "--url", address["PLEDGE_PUBLIC_URL"]], environs["gateway"])
        logs = "".join((tmp_path / "log" / f"{user}.log").read_text("utf-8") for user in USERS)

    assert "Every step was as promised" in told
    assert "ACCESS_REFUSED" not in logs
