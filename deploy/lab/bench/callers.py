"""RPC without HTTP, from greenthreads of the load generator: our client, stock nameko's, and a bare round trip."""

from __future__ import annotations

import time
from typing import Any

import amqp
import eventlet
from eventlet.event import Event
from nameko.containers import ServiceContainer, WorkerContext
from nameko.rpc import RpcProxy, rpc

from deploy.lab.bench.floor import ECHO_QUEUE, connect
from deploy.lab.bench.samples import PRODUCT
from services.common.basics.untyped import Fields
from services.common.bus.rpc import RpcClient

Job = Fields
SECONDS = 30.0
BURNED = 40_000  # hashes: some milliseconds


class Ours:
    """One call of our RPC: a product by its SKU."""

    def __init__(self, job: Job):
        self.client = RpcClient(job["amqp_uri"])

    def prepare(self, wanted: int) -> None:
        self.act(0)

    def act(self, client: int) -> None:
        reply = self.client.call("orders", "get_product", ("MUG-CLAY-350",), timeout=SECONDS)
        if reply["sku"] != "MUG-CLAY-350":
            raise ValueError("a reply of somebody else")


class Burn(Ours):
    """A call that keeps the service's processor busy."""

    def act(self, client: int) -> None:
        self.client.call("orders", "burn", (BURNED,), timeout=SECONDS)


class Stock:
    """The same call with nameko's own RpcProxy, which shares one reply queue between greenthreads as a service does."""

    def __init__(self, job: Job):
        class Caller:
            name = "stock_caller"
            echo = RpcProxy("stock_echo")

            @rpc
            def call(self) -> None:
                """Do nothing: a worker must belong to an entrypoint, which is never called."""

        self.container = ServiceContainer(Caller, {"AMQP_URI": job["amqp_uri"]})
        self.container.start()
        (self.proxy,), (self.entrypoint,) = self.container.dependencies, self.container.entrypoints

    def prepare(self, wanted: int) -> None:
        self.act(0)

    def act(self, client: int) -> None:
        context = WorkerContext(self.container, self.container.service_cls(), self.entrypoint)
        reply = self.proxy.get_dependency(context).get_product("MUG-CLAY-350")
        if reply["sku"] != "MUG-CLAY-350":
            raise ValueError("a reply of somebody else")


class Bare:
    """The floor: a message to a queue and back, py-amqp alone under eventlet, nothing encoded, nothing acknowledged."""

    def __init__(self, job: Job):
        self.channel = connect(job["amqp_uri"])
        self.queue = self.channel.queue_declare("", exclusive=True).queue
        self.channel.basic_consume(self.queue, no_ack=True, callback=self._heard)
        self.waiting: dict[str, Event] = {}
        self.count, self.body = 0, repr(PRODUCT).encode()
        eventlet.spawn_n(self._listen)

    def prepare(self, wanted: int) -> None:
        self.act(0)

    def act(self, client: int) -> None:
        self.count += 1
        name, heard = str(self.count), Event()
        self.waiting[name] = heard
        message = amqp.Message(self.body, correlation_id=name, reply_to=self.queue, delivery_mode=1)
        self.channel.basic_publish(message, "", ECHO_QUEUE)
        if heard.wait(SECONDS) is None:
            raise TimeoutError("no echo")

    def _listen(self) -> None:
        while True:
            self.channel.connection.drain_events()

    def _heard(self, message: Any) -> None:
        self.waiting.pop(message.correlation_id).send(time.perf_counter())
