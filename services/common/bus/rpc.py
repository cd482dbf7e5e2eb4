"""RPC for services: `@rpc` answers, `ServiceClient` asks. Same wire format as nameko's own, without its waits.

    class OrdersService:
        name = "orders"

        @rpc
        def place_order(self, order): ...

    class Gateway:
        orders = ServiceClient(OrdersApi)        # self.orders.place_order(order)

A request carries the caller (`worker_ctx.data["caller"]`) and its deadline. A request whose deadline has passed is
dropped when it is received, and again if no worker was free by then: a call that its caller gave up is not executed.
A worker's own calls inherit the deadline; events do not, they must be published whatever happens.
"""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from inspect import Parameter
from logging import getLogger
from types import TracebackType
from typing import Any, TypeVar

import eventlet
from kombu.message import Message as Received
from nameko import rpc as stock
from nameko.constants import AMQP_URI_CONFIG_KEY, HEARTBEAT_CONFIG_KEY
from nameko.exceptions import ContainerBeingKilled, IncorrectSignature, MalformedRequest, MethodNotFound

from services.common.basics.errors import ServiceError, Unavailable
from services.common.bus.connections import HEARTBEAT_SECONDS, SharedExchange
from services.common.bus.consumer import QueueConsumer
from services.common.bus.rpc_body import DEADLINE, encode_error, encode_result
from services.common.bus.rpc_client import RpcClient
from services.common.bus.sender import Sender
from services.common.bus.service_client import ServiceClient
from services.common.bus.wire import Packet

__all__ = ["RpcClient", "ServiceClient", "rpc"]

log = getLogger(__name__)

REPLY_SECONDS = 30.0
DRAIN_SECONDS = 2.0

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | None
Method = TypeVar("Method", bound=Callable[..., object])


class RpcConsumer(stock.RpcConsumer):
    """The request queue of a service (`rpc-<service>`, as nameko names it) and the way back for replies."""

    queue_consumer = QueueConsumer()
    sender: Sender
    _methods: dict[str, Rpc]

    def setup(self) -> None:
        super().setup()
        self.queue.exchange = SharedExchange(self.queue.exchange.name, type="topic", durable=True)
        config = self.container.config
        self.sender = Sender(config[AMQP_URI_CONFIG_KEY], config.get(HEARTBEAT_CONFIG_KEY, HEARTBEAT_SECONDS))

    def start(self) -> None:
        prefix = self.container.service_name
        self._methods = {f"{prefix}.{provider.method_name}": provider for provider in self._providers}

    def stop(self) -> None:
        """Send the remaining replies, then close. Called after the last worker."""
        super().stop()
        self.sender.drain(DRAIN_SECONDS)
        self.sender.close()

    def kill(self) -> None:
        self.sender.close()

    def handle_message(self, body: object, message: Received) -> None:
        """Handle a request. Never raise: what is wrong with it goes back as its reply."""
        deadline = message.headers.get(DEADLINE)
        if deadline is not None and time.time() >= deadline:
            self.drop_expired(message)
            return
        try:
            key = message.delivery_info["routing_key"]
            if key not in self._methods:
                raise MethodNotFound(key.rpartition(".")[2])
            self._methods[key].handle_message(body, message)
        except Exception:
            self.handle_result(message, None, sys.exc_info())

    def drop_expired(self, message: Received) -> None:
        log.info("dropped %s: its deadline had passed", message.delivery_info["routing_key"])
        self.queue_consumer.ack_message(message)

    def handle_result(self, message: Received, result: object, exc_info: Any) -> tuple[object, object]:
        """Send the reply, then ack the request; if the reply cannot even be kept for sending, the request goes back.

        A result that is not JSON is an error of the service: logged here, "internal_error" for the caller.
        """
        try:
            body = encode_result(result) if exc_info is None else encode_error(exc_info[1])
        except TypeError:
            log.exception("the result of %s is not JSON", message.delivery_info["routing_key"])
            result, exc_info = None, sys.exc_info()
            body = encode_error(exc_info[1])
        try:
            self._reply(message, body)
        except Unavailable as exc:
            log.warning("no reply to %s could be sent: %s", message.delivery_info["routing_key"], exc)
            self.requeue_message(message)
        else:
            self.queue_consumer.ack_message(message)
        return result, exc_info

    def _reply(self, request: Received, body: bytes) -> None:
        reply_to = request.properties.get("reply_to")
        if not reply_to:
            return  # a request that wants no answer
        remaining = request.headers.get(DEADLINE, time.time() + REPLY_SECONDS) - time.time()
        properties = {"delivery_mode": 1, "correlation_id": request.properties.get("correlation_id")}
        reply = Packet(body, self.queue.exchange.name, reply_to, properties, expires_at=time.monotonic() + remaining)
        self.sender.publish(reply, patient=True)


class Rpc(stock.Rpc):
    """The entrypoint behind `@rpc`."""

    rpc_consumer = RpcConsumer()

    def __init__(self, **options: object):
        super().__init__(expected_exceptions=ServiceError, **options)

    def handle_message(self, body: object, message: Received) -> None:
        if not isinstance(body, Mapping) or not isinstance(body.get("args"), list):
            raise MalformedRequest("a request needs `args` and `kwargs`")
        args, kwargs = body["args"], body.get("kwargs") or {}
        self.check_signature(args, kwargs)
        context = self.unpack_message_headers(message)
        deadline = context.pop(DEADLINE, None)  # else every event of this worker would carry it
        spawn = partial(
            self.container.spawn_worker,
            self,
            args,
            kwargs,
            context_data=context,
            handle_result=partial(self.handle_result, message),
        )
        try:
            worker_ctx = self._in_time(spawn, deadline)
        except ContainerBeingKilled:
            self.rpc_consumer.requeue_message(message)
            return
        if worker_ctx is None:
            self.rpc_consumer.drop_expired(message)
        else:
            worker_ctx.deadline = deadline  # its greenthread has not run yet

    def check_signature(self, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
        """Raise IncorrectSignature unless the method can be called like this. Its signature is read once."""
        if not kwargs and len(args) == self._usual_count:
            return
        try:
            self._signature.bind(None, *args, **kwargs)
        except TypeError as exc:
            raise IncorrectSignature(str(exc)) from exc

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(getattr(self.container.service_cls, self.method_name))

    @cached_property
    def _usual_count(self) -> int | None:
        """How many arguments our clients give, all by their place; None where that does not say enough.

        Binding them to the signature each time takes 7 % of a call.
        """
        parameters = self._signature.parameters.values()
        return len(parameters) - 1 if {each.kind for each in parameters} == {Parameter.POSITIONAL_OR_KEYWORD} else None

    def _in_time(self, spawn: Callable[[], object], deadline: float | None) -> Any:
        """Return the worker's context, or None if no worker was free before the deadline."""
        if deadline is None or self.container._worker_pool.free() > 0:
            return spawn()
        worker_ctx = None
        with eventlet.Timeout(max(deadline - time.time(), 0), False):
            worker_ctx = spawn()
        return worker_ctx


def rpc(method: Method) -> Method:
    """Let callers call this method; see the module."""
    decorated: Method = Rpc.decorator(method)
    return decorated
