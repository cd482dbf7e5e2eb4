"""`ServiceClient`: how a worker of the gateway calls a service; see `rpc`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nameko.constants import AMQP_URI_CONFIG_KEY, HEARTBEAT_CONFIG_KEY
from nameko.extensions import DependencyProvider, SharedExtension

from services.common.bus.connections import HEARTBEAT_SECONDS
from services.common.bus.rpc_client import RpcClient


class Calls(SharedExtension):
    """The one RpcClient of a container: one connection and one reply queue for all its clients."""

    client: RpcClient

    def setup(self) -> None:
        config = self.container.config
        self.client = RpcClient(config[AMQP_URI_CONFIG_KEY], config.get(HEARTBEAT_CONFIG_KEY, HEARTBEAT_SECONDS))

    def stop(self) -> None:
        self.client.close()

    def kill(self) -> None:
        self.client.close()


class ServiceClient(DependencyProvider):
    """`orders = ServiceClient("orders", timeout=5.0)`: calls of one service, in a worker of the gateway.

    Outside of a worker, the provider itself calls: `provider.client.call("orders", "get_health", caller=…)`.
    """

    calls = Calls()

    def __init__(self, service: str, timeout: float = 5.0):
        self.service, self.timeout = service, timeout

    @property
    def client(self) -> RpcClient:
        return self.calls.client

    @property
    def connected(self) -> bool:
        """Whether calls can be sent at the moment, for readiness."""
        return self.client.connected

    def get_dependency(self, worker_ctx: Any) -> RemoteService:
        """Called before each worker."""
        return RemoteService(self.client, self.service, self.timeout, worker_ctx)


class RemoteService:
    """What `self.orders` is inside a worker: each attribute is a method of the service (see `RpcClient.call`)."""

    def __init__(self, client: RpcClient, service: str, timeout: float, worker_ctx: Any):
        self._client, self._service, self._timeout, self._worker_ctx = client, service, timeout, worker_ctx

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            context = self._worker_ctx
            return self._client.call(
                self._service,
                method,
                args,
                caller=context.data.get("caller"),
                timeout=self._timeout,
                deadline=getattr(context, "deadline", None),
                kwargs=kwargs,
            )

        return call
