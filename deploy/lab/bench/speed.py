"""What each piece of the speed room gains: `python -m deploy.lab.bench.speed [PIECE …] [--pairs 30]`.

Two platforms run in one process, on private RabbitMQ and PostgreSQL: one with everything, one without the piece. Blocks
of a few orders, which are placed, paid and reviewed and reach the warehouse, are sent to them in turns. Each block
counts the CPU, user and system time, of the process and of the servers. So what else the machine does meets both alike,
and the timers of both run in every block. The gain is how much more CPU of the process a block takes without the
piece: the median over the pairs of neighbours, and how sure that is.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and "--inside" in sys.argv:  # before anything else is imported
    import eventlet

    eventlet.monkey_patch()

import argparse
import gc
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, stdev
from tempfile import TemporaryDirectory
from typing import NamedTuple

import sqlalchemy as sa
from eventlet import GreenPool

from deploy.lab.bench import meters
from deploy.lab.bench.places import NEVER_LIMITED, Ground
from deploy.lab.bench.shop import SKUS, Shop, Target
from deploy.run import processes
from gateway.settings import RATES
from services import SERVICES
from services.common.basics import speed
from services.common.basics.caller import ADMIN
from services.common.basics.speed import Piece
from services.common.runtime.runner import settle_memory
from services.common.testing import Platform, eventually, running, staff
from services.members import service_class
from services.orders.adapters.payments.sandbox import DEVELOPMENT_SECRET

ORDERS, CLIENTS = 6, 1  # of a block: one after the other, so that the batches of followers are alike
WARM_BLOCKS = 3


class Block(NamedTuple):
    """What one block took, in ms of CPU an order."""

    own: float
    servers: float


class Side:
    """One of the two platforms, and its clients."""

    def __init__(self, platform: Platform, url: str, off: Sequence[Piece]):
        self._platform, self._off = platform, off
        self._shops = [Shop(Target(url, "", DEVELOPMENT_SECRET, "")) for _ in range(CLIENTS)]
        self._placed = 0
        product = {"title": "A mug", "price": {"amount": "18.50", "currency": "USD"}}
        for sku in SKUS:
            platform.call("orders", "put_product", sku, product, caller=staff(ADMIN))
            many = {"delta": 1_000_000, "reason": "for the load"}
            platform.call("orders", "adjust_stock", sku, many, caller=staff(ADMIN))

    def block(self, servers: dict[str, int]) -> Block:
        """Place and pay some orders, and wait until the warehouse has them all."""
        with speed.without(*self._off):
            use_memory()
            before, began = meters.cpu_seconds(servers), time.process_time()
            list(GreenPool(CLIENTS).imap(self._order_some, self._shops))
            self._placed += ORDERS
            eventually(lambda: self._in_warehouse() >= self._placed)
            own, spent = time.process_time() - began, meters.spent_between(before, meters.cpu_seconds(servers))
        return Block(1000 * own / ORDERS, 1000 * sum(spent.values()) / ORDERS)

    def _order_some(self, shop: Shop) -> None:
        for _ in range(ORDERS // CLIENTS):
            shop.pay(shop.place())

    def _in_warehouse(self) -> int:
        with self._platform.store("logistics").reader.connect() as connection:
            return connection.scalar(sa.text("SELECT count(*) FROM shipments")) or 0


def use_memory() -> None:
    """Collect garbage as this process is told to now: it has one collector for both platforms."""
    if speed.is_on(Piece.MEMORY):
        settle_memory()
    else:
        gc.unfreeze()
        gc.set_threshold(700, 10, 10)


@contextmanager
def side(bus: str, off: Sequence[Piece]) -> Iterator[Side]:
    """Run all members of the platform in this process, on that bus, without these pieces."""
    (port,) = processes.free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environ = {"PLEDGE_HTTP_ADDRESS": f"127.0.0.1:{port}", "PLEDGE_PUBLIC_URL": url, "PLEDGE_HOLD_PIECES": "1000000"}
    members = [service_class(each) for each in (*SERVICES, "gateway")]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        with speed.without(*off):
            os.environ["PLEDGE_TEST_AMQP_URI"] = bus
            limits = dict.fromkeys(RATES, NEVER_LIMITED)
            platform = stack.enter_context(running(*members, folder=folder, environ={**environ, **limits}))
            made = Side(platform, url, off)
        yield made


def gain(piece: Piece, pairs: int, servers: dict[str, int]) -> str:
    """Return in a line what an order takes more without the piece."""
    bus = os.environ["PLEDGE_TEST_AMQP_URI"]
    with side(bus, []) as full, side(f"{bus.rpartition('/')[0]}/bench", [piece]) as plain:
        for each in (full, plain) * WARM_BLOCKS:
            each.block(servers)
        found = []
        for number in range(pairs):
            first, second = (full, plain) if number % 2 else (plain, full)
            blocks = {id(first): first.block(servers), id(second): second.block(servers)}
            found.append((blocks[id(full)], blocks[id(plain)]))
    os.environ["PLEDGE_TEST_AMQP_URI"] = bus
    own = [b.own / a.own - 1 for a, b in found]
    every = [sum(b) / sum(a) - 1 for a, b in found]
    sure = 1.25 * stdev(own) / len(own) ** 0.5  # the standard error of a median
    with_, without = median(a.own for a, _ in found), median(b.own for _, b in found)
    return (
        f"without {piece}: {median(own):+.1%} ± {sure:.1%} CPU of the platform ({with_:.1f} → {without:.1f} ms an "
        f"order), {median(every):+.1%} with RabbitMQ and PostgreSQL"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.lab.bench.speed", description="what each piece gains")
    parser.add_argument("pieces", nargs="*", type=Piece, default=list(Piece), metavar="PIECE")
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--inside", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        for piece in options.pieces:
            print(gain(piece, options.pairs, options.inside), flush=True)
        return
    with Ground() as ground:
        command = [sys.executable, "-m", "deploy.lab.bench.speed", *options.pieces, "--pairs", str(options.pairs)]
        subprocess.run([*command, "--inside", json.dumps(ground.servers)], env={**os.environ, **ground.environ})


if __name__ == "__main__":
    main()
