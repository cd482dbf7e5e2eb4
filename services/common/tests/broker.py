"""What the tests of the bus stand on: containers that are killed in the end, a RabbitMQ and a network to be harmed."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import new_class
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import eventlet
from eventlet.event import Event
from nameko.containers import ServiceContainer

from deploy.run.rabbitmq import start_rabbitmq
from deploy.run.servers import Server
from services.common.basics.api import Api, command
from services.common.bus.rpc import RpcClient

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 60.0


def until(condition: Callable[[], Answer], seconds: float = PATIENCE_SECONDS) -> Answer:
    """Return the first true answer of the condition. Raise AssertionError if none comes in time."""
    with eventlet.Timeout(seconds, False):
        while True:
            answer = condition()
            if answer:
                return answer
            eventlet.sleep(0.02)
    raise AssertionError(f"still not so after {seconds} s")


def interface(service: str, *methods: str) -> type[Api]:
    """Build an interface of commands with these names and no other declaration."""

    def declared(name: str) -> Callable[..., Any]:
        def method(self: Any) -> None: ...

        method.__name__ = name
        return command(roles=())(method)

    return new_class(
        "Interface",
        (Api,),
        {"service": service},
        lambda body: body.update(zip(methods, map(declared, methods), strict=True)),
    )


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
        """Count the messages a queue holds, including delivered but unacked ones."""
        lines = self.control("list_queues", "-p", "pledge", "name", "messages").splitlines()
        return int(dict(line.split("\t") for line in lines if "\t" in line).get(queue, "0"))


class Proxy:
    """A network between us and the broker: it cuts what passes into small pieces, goes silent, breaks, or is gone."""

    def __init__(self, uri: str, piece: int = 65536, tls: ssl.SSLContext | None = None):
        parts = urlsplit(uri)
        self._target, self._piece, self._tls = (parts.hostname, parts.port), piece, tls
        self._listener = eventlet.listen(("127.0.0.1", 0), reuse_port=False)
        self.uri = uri.replace(f":{parts.port}/", f":{self._listener.getsockname()[1]}/")
        self.accepted, self.refusing = 0, False
        self._gates = {"there": Event(), "back": Event()}
        self._open, self._ends = set[Any](), eventlet.GreenPool()
        self.flow()
        self._server = eventlet.spawn(self._serve)

    def silence(self, *ways: str) -> None:
        """Stop the flow to the broker, back, or both ways, without notice, until `flow`."""
        for way in ways or self._gates:
            self._gates[way] = Event()

    def flow(self) -> None:
        """Continue with what was held back, if its connection is still there."""
        for gate in self._gates.values():
            if not gate.ready():
                gate.send()

    def cut(self) -> None:
        """Break every connection: what was held back is lost."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.flow()

    def close(self) -> None:
        self._server.kill()
        self._listener.close()
        self.cut()
        self._ends.waitall()

    def _serve(self) -> None:
        while True:
            client, _ = self._listener.accept()
            self.accepted += 1
            try:
                if self.refusing:
                    raise ConnectionRefusedError
                if self._tls:
                    client = self._tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
                    client.do_handshake()
                upstream = socket.create_connection(self._target)
            except OSError:
                client.close()
                continue
            self._open |= {client, upstream}
            both = [
                eventlet.spawn(self._pump, *way) for way in ((client, upstream, "there"), (upstream, client, "back"))
            ]
            self._ends.spawn_n(self._close_after, both, (client, upstream))

    def _pump(self, source: Any, sink: Any, way: str) -> None:
        with suppress(OSError, ValueError):  # the latter is how a TLS socket says that it was shut down
            while data := source.recv(self._piece):
                self._gates[way].wait()
                sink.sendall(data)
                eventlet.sleep(0)
        for each in (source, sink):  # one side hung up: so does the other
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _close_after(self, pumps: list[Any], sockets: tuple[Any, Any]) -> None:
        for pump in pumps:
            pump.wait()
        for each in sockets:
            self._open.discard(each)
            each.close()
