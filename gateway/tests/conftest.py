"""A running gateway with a port of its own, and small peers in place of the services."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from kombu import Exchange

from gateway.service import GatewayService
from gateway.settings import RATES
from gateway.tests.peers import PEERS
from gateway.tests.tokens import access_token
from services import SERVICES
from services.common.basics.clock import now
from services.common.bus.connections import connect, declare, events_exchange
from services.common.runtime.config import container_config
from services.common.testing import distributed, eventually


class Running:
    """The gateway, its address, and the services behind it."""

    def __init__(self, uri: str, containers: dict[str, Any]):
        self.uri, self.containers = uri, containers
        gateway = containers["gateway"]
        server = next(each for each in gateway.extensions if hasattr(each, "stop_accepting") and hasattr(each, "run"))
        self.live = next(each for each in gateway.dependencies if each.attr_name == "live")
        self.port = server._sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def asked(self, service: str) -> Any:
        """Return what that service was asked, and by whom."""
        return next(each for each in self.containers[service].dependencies if each.attr_name == "asked")

    def request(self, method: str, path: str, **how: Any) -> requests.Response:
        return requests.request(method, self.url + path, timeout=20, **how)

    def get(self, path: str, token: str | None = None, **how: Any) -> requests.Response:
        headers = {**how.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        return self.request("GET", path, headers=headers, **how)

    def post(self, path: str, json: Any = None, **how: Any) -> requests.Response:
        return self.request("POST", path, json=json, **how)


def begin(stack: ExitStack, folder: Path, *, peers: tuple[Any, ...] = PEERS, **settings: str) -> Running:
    """Start a gateway with these settings, and some or all of the peers; the stack ends them."""
    from nameko.containers import get_container_cls

    uri = os.environ["PLEDGE_TEST_AMQP_URI"] if distributed() else f"inproc://gateway-{uuid.uuid4().hex[:8]}"
    environ = {
        "PLEDGE_AMQP_URI": uri,
        "PLEDGE_HTTP_ADDRESS": "127.0.0.1:0",
        "PLEDGE_DEV": "1",
        "PLEDGE_DATA_DIR": str(folder),
        **settings,
    }
    declare(uri, *map(events_exchange, SERVICES), Exchange("nameko-rpc", type="topic", durable=True))
    remove(uri, *({*SERVICES} - {each.name for each in peers}))
    config = container_config(environ)
    containers = {}
    for service in (*peers, GatewayService):
        containers[service.name] = get_container_cls(config)(service, config)
        stack.callback(containers[service.name].kill)
        containers[service.name].start()
    stack.callback(containers["gateway"].stop)  # ends open streams; killed, they would leave their sockets behind
    running = Running(uri, containers)
    eventually(lambda: running.live.connected)
    return running


def remove(uri: str, *services: str) -> None:
    """Remove the queues of services that are not there: a call would wait in what another test left of them."""
    with connect(uri) as connection:
        for name in services:
            connection.default_channel.queue_delete(f"rpc-{name}")


class Kept:
    """The gateway of a file: begun when a test asks for it, and kept for the next test that does."""

    def __init__(self, folder: Path):
        self._folder, self._stack = folder, ExitStack()
        self._running: Running | None = None

    def running(self) -> Running:
        if self._running is None:
            rates: Any = dict.fromkeys(RATES, "1000/minute")
            self._running = begin(self._stack, self._folder, **rates)
        return self._running

    def end(self) -> None:
        """Stop it. Its peers and those of another gateway would take each other's calls on one broker."""
        self._running = None
        self._stack.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    kept = Kept(tmp_path_factory.mktemp("data"))
    yield kept
    kept.end()


@pytest.fixture
def start(tmp_path: Path, kept: Kept) -> Iterator[Any]:
    """Start a gateway with settings of one's own: `start(peers=…, PLEDGE_…="…")`."""
    if distributed():
        kept.end()
    with ExitStack() as stack:
        yield partial(begin, stack, tmp_path)


@pytest.fixture
def gateway(kept: Kept) -> Running:
    """Return a gateway with all peers, which were asked nothing yet; one for all tests of a file."""
    running = kept.running()
    for service in SERVICES:
        running.asked(service).forget()
    return running


@pytest.fixture
def an_agent() -> str:
    """Return the access token of a support agent."""
    return access_token("grace@pledge.example", ["agent"], now())
