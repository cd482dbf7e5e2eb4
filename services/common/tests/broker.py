"""What the tests of the bus stand on: containers that are killed in the end, and a RabbitMQ that may be harmed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import eventlet
from nameko.containers import ServiceContainer

from deploy.rabbitmq import start_rabbitmq
from deploy.servers import Server
from services.common.rpc import RpcClient

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 20.0


def until(condition: Callable[[], Answer], seconds: float = PATIENCE_SECONDS) -> Answer:
    """The first true answer of the condition; AssertionError when none comes in time."""
    with eventlet.Timeout(seconds, False):
        while True:
            answer = condition()
            if answer:
                return answer
            eventlet.sleep(0.02)
    raise AssertionError(f"still not so after {seconds} s")


class Bus:
    """Services started on one bus, under names that no other test uses."""

    def __init__(self, uri: str, heartbeat: float = 10):
        self.uri, self.suffix = uri, uuid4().hex[:8]
        self.config: dict[str, Any] = {"AMQP_URI": uri, "HEARTBEAT": heartbeat}
        self._heartbeat = heartbeat
        self._containers: list[Any] = []
        self._client: RpcClient | None = None

    def name(self, service: str) -> str:
        return f"{service}-{self.suffix}"

    @property
    def client(self) -> RpcClient:
        if self._client is None:
            self._client = RpcClient(self.uri, self._heartbeat)
        return self._client

    def start(self, service_class: type, **config: Any) -> Any:
        container = ServiceContainer(service_class, {**self.config, **config})
        self._containers.append(container)
        container.start()
        return container

    def call(self, service: str, method: str, *args: Any, timeout: float = 10.0) -> Any:
        return self.client.call(self.name(service), method, args, timeout=timeout)

    def close(self) -> None:
        pool = eventlet.GreenPool()
        for container in self._containers:
            pool.spawn_n(container.kill)
        with eventlet.Timeout(10, False):
            pool.waitall()
        if self._client is not None:
            self._client.close()


class Rabbit:
    """A private RabbitMQ: it may be restarted, frozen and put under a memory alarm."""

    def __init__(self, folder: Path):
        self._folder = folder
        self.server: Server = start_rabbitmq(folder)
        self.uri = self.server.uri

    def control(self, *command: str) -> str:
        done = subprocess.run(
            ["rabbitmqctl", "-q", *command], env=self.server.env, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    def stop(self) -> None:
        self.server.stop(at_once=True)

    def start(self) -> None:
        self.server = start_rabbitmq(self._folder, self.server.port)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        os.kill(self.server.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.server.pid, signal.SIGCONT)

    @contextmanager
    def memory_alarm(self) -> Iterator[None]:
        self.control("set_vm_memory_high_watermark", "0")
        try:
            yield
        finally:
            self.control("set_vm_memory_high_watermark", "0.4")

    def depth(self, queue: str) -> int:
        """How many messages a queue holds, delivered but unacked ones included."""
        lines = self.control("list_queues", "-p", "pledge", "name", "messages").splitlines()
        return int(dict(line.split("\t") for line in lines if "\t" in line).get(queue, "0"))
