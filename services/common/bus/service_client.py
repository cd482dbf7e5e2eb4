"""`ServiceClient`: how a worker of the gateway calls a service, typed by the service's interface; see `rpc`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from nameko.constants import AMQP_URI_CONFIG_KEY, HEARTBEAT_CONFIG_KEY
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider, SharedExtension

from services.common.basics.api import Api, Declared
from services.common.bus.connections import HEARTBEAT_SECONDS
from services.common.bus.rpc_client import RpcClient
from services.common.bus.travel import write_argument

A = TypeVar("A", bound=Api)


class SharedClient(SharedExtension):
    """The one RpcClient of a container: one connection and one reply queue for all its clients."""

    client: RpcClient

    def setup(self) -> None:
        config = self.container.config
        self.client = RpcClient(config[AMQP_URI_CONFIG_KEY], config.get(HEARTBEAT_CONFIG_KEY, HEARTBEAT_SECONDS))

    def stop(self) -> None:
        self.client.close()

    def kill(self) -> None:
        self.client.close()


class ServiceClient(DependencyProvider, Generic[A]):
    """`orders = ServiceClient(OrdersApi)`: in a worker, `self.orders.get_order(number)` calls the service.

    timeout: seconds that a call may take, unless the worker's own deadline is earlier. Outside of a worker, the
    provider itself calls: `provider.client.call("orders", "get_health", caller=…)`.
    """

    calls = SharedClient()

    if TYPE_CHECKING:  # what nameko puts in its place on each worker's instance

        def __get__(self, instance: object, owner: type) -> A: ...

    def __init__(self, interface: type[A], timeout: float = 5.0):
        self.interface, self.timeout = interface, timeout
        self._remote = _class_for(interface)

    @property
    def client(self) -> RpcClient:
        return self.calls.client

    @property
    def connected(self) -> bool:
        """Whether calls can be sent at the moment, for readiness."""
        return self.client.connected

    def get_dependency(self, worker_ctx: object) -> A:
        """Return the client for one worker. Called before each worker."""
        return cast(A, self._remote(self.client, self.timeout, worker_ctx))


class RemoteService:
    """What `self.orders` is inside a worker: one method for each that the interface declares."""

    def __init__(self, client: RpcClient, timeout: float, worker_ctx: WorkerContext):
        self.client, self.timeout, self.worker_ctx = client, timeout, worker_ctx


def _class_for(interface: type[Api]) -> type[RemoteService]:
    methods = {name: _remote(interface.service, declared) for name, declared in interface.methods.items()}
    return type(f"Remote{interface.__name__}", (RemoteService,), methods)


def _remote(service: str, declared: Declared) -> Callable[..., object]:
    name, repeatable = declared.name, declared.is_query

    def call(self: RemoteService, *arguments: object) -> object:
        context = self.worker_ctx
        return self.client.call(
            service,
            name,
            [write_argument(each) for each in arguments],
            caller=context.data.get("caller"),
            timeout=self.timeout,
            deadline=getattr(context, "deadline", None),
            repeatable=repeatable,
        )

    return call
