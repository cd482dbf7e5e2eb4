"""Our kit without a business: one service on our RPC that answers like a real one, or burns CPU.

    python -m deploy.lab.bench.echo      # with the PLEDGE_* variables of the platform

It takes the name `orders`, so that the real gateway can stand in front of it.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import hashlib
import os

from deploy.lab.bench.samples import PRODUCT
from services.common.bus.rpc import rpc
from services.common.runtime import telemetry
from services.common.runtime.runner import Runner


class EchoService:
    """Stands in for orders."""

    name = "orders"

    @rpc
    def get_product(self, sku: str) -> dict[str, object]:
        return {**PRODUCT, "sku": sku}

    @rpc
    def place_order(self, order: dict[str, object]) -> dict[str, object]:
        return {**PRODUCT, "number": "ORD-0000-0000-0"}

    @rpc
    def burn(self, rounds: int) -> str:
        """Work that only a processor can do: `rounds` hashes in Python, without a pause for others."""
        value = b""
        for _ in range(rounds):
            value = hashlib.sha256(value).digest()
        return value.hex()


def main() -> None:
    runner = Runner(os.environ)
    telemetry.configure_logging(runner.settings)
    runner.add_service(EchoService)
    runner.start()
    print("ready", flush=True)
    runner.wait()


if __name__ == "__main__":
    main()
