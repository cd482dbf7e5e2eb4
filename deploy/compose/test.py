"""The composed form, for real: `python -m deploy.compose.test [--keep] [--cut SECONDS]`, or `make compose-test`.

Builds the images, starts everything, plays one order's whole life through the published port, scales orders to three
while customers order, and then hurts it: a container is killed, RabbitMQ and PostgreSQL restart, a service is cut off
its network. In the end every order that was acknowledged is there, once, and every journal verifies. All of it is
taken down again, whatever happened. Ends with exit code 1 at the first thing that is not as it should be.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from deploy import packages, processes
from deploy.compose import engine
from deploy.compose.closed import CHECKS
from deploy.compose.load import Acknowledged, Load
from deploy.compose.make_secrets import SERVICES, make_secrets
from deploy.compose.stack import Failed, Stack, docker, inspect
from deploy.demo import Demo
from deploy.demo_client import Unexpected
from deploy.servers import NotStarted
from gateway.settings import GatewaySettings

IMAGES = ("python:3.11-slim-bookworm", "rabbitmq:4.0-management", "postgres:15")
NAMES = (*SERVICES, "gateway")
FOLDER = Path("var/compose-test")
SKU = "COMPOSE-TEST"
REPLICAS = 3
SETTLE_SECONDS = 180.0
TIMER, PERIODS = "sweep_commitments", 10
UNLIMITED = "1000000/second"


class Trial:
    """The steps, in their order; each leaves the platform whole."""

    def __init__(self, stack: Stack, url: str, cut_seconds: float):
        self.stack, self.url, self.cut_seconds = stack, url, cut_seconds
        self.demo = Demo(url)

    def run(self) -> None:
        self.step("build", lambda: self.stack.compose("build", seconds=900))
        self.step("start", self.start)
        for name, closed in CHECKS.items():
            self.step(name, lambda check=closed: check(self.stack))  # type: ignore[misc]
        self.step("one order's life", self.demo.play)
        self.step("a product with stock", self.stock_up)
        with Load(self.url, SKU) as load:
            self.load = load
            self.step(f"orders × {REPLICAS}, under load", self.scale)
            self.step("timers run once", self.timers_run_once)
            self.step("a container is killed", self.kill_one)
            self.step("RabbitMQ restarts", lambda: self.restart("rabbitmq"))
            self.step("PostgreSQL restarts", lambda: self.restart("postgres"))
            self.step(f"logistics is cut off for {self.cut_seconds:.0f} s", self.cut_off)
            self.step("orders go on", self.more_orders)
        self.step("nothing waits, nothing is dead", self.settle)
        self.step("every order is there, once", self.orders_are_there)
        self.step("every journal verifies", self.journals_verify)
        self.step("stops cleanly", self.stop)

    def step(self, name: str, act: Callable[[], object]) -> None:
        began = time.monotonic()
        act()
        print(f"{name:40} ok {time.monotonic() - began:5.1f} s", flush=True)

    def start(self) -> None:
        self.stack.up()
        for service in ("rabbitmq", "postgres", *NAMES):
            self.stack.await_healthy(service)

    def stock_up(self) -> None:
        admin = self.demo.as_staff("admin")
        admin.put(f"/v1/products/{SKU}", {"title": "Spoon", "price": {"amount": "2.50", "currency": "USD"}})
        admin.post(f"/v1/products/{SKU}/stock", {"delta": 1_000_000, "reason": "for the test"})

    def scale(self) -> None:
        self.stack.up("--no-recreate", orders=REPLICAS)
        self.stack.await_healthy("orders", REPLICAS)

        def spread() -> bool:
            placed = ("pledge_worker_seconds_count", "place_order", "ok", "orders")
            return all(self.stack.metrics(each).get(placed, 0) > 0 for each in self.stack.containers("orders"))

        self.await_(spread, 60, "not every replica got work")

    def timers_run_once(self) -> None:
        """Each claim of a timer moves its row on by a period, so more runs than periods would mean a double run."""
        beat, runs = self.beat(), self.runs()
        self.await_(lambda: self.beat() - beat >= PERIODS, 60, "the timer stands still")
        made, periods = self.runs() - runs, self.beat() - beat
        if not 0 < made <= periods + REPLICAS:
            raise Failed(f"{TIMER} ran {made:.0f} times in {periods:.0f} periods")

    def beat(self) -> float:
        (due,) = self.stack.sql("orders", f"SELECT next_at FROM schedule WHERE name = 'orders.{TIMER}'")  # noqa: S608
        return datetime.fromisoformat(due).timestamp()

    def runs(self) -> float:
        counted = ("pledge_worker_seconds_count", TIMER, "ok", "orders")
        return sum(self.stack.metrics(each).get(counted, 0) for each in self.stack.containers("orders"))

    def kill_one(self) -> None:
        self.stack.crash(self.stack.one("orders"))
        self.more_orders()
        self.stack.await_healthy("orders", REPLICAS)

    def restart(self, service: str) -> None:
        docker("restart", "-t", "30", self.stack.one(service), seconds=90)
        self.stack.await_healthy(service)
        self.more_orders()

    def cut_off(self) -> None:
        self.stack.cut("logistics")
        self.more_orders()
        time.sleep(self.cut_seconds)  # the length of the outage is what is tried
        self.stack.mend("logistics")
        self.stack.await_healthy("logistics")

    def more_orders(self) -> None:
        """Orders are acknowledged that were not before."""
        before = len(self.load.orders)
        self.await_(lambda: len(self.load.orders) >= before + 10, 90, "no more orders are taken")

    def settle(self) -> None:
        """Every entry published and handled, on all services; nothing parked, in our inboxes or at the broker."""

        def waiting() -> dict[tuple[str, ...], float]:
            backlog = {
                name: value
                for service in SERVICES
                for each in self.stack.containers(service)
                for name, value in self.stack.metrics(each).items()
                if name[0] == "pledge_backlog" and value
            }
            return {**backlog, **self.queued()}

        if not processes.until(lambda: not waiting(), SETTLE_SECONDS):
            raise Failed(f"still waiting: {waiting()}")

    def queued(self) -> dict[tuple[str, ...], float]:
        command = ("rabbitmqctl", "-q", "--no-table-headers", "list_queues", "-p", "pledge", "name", "messages")
        lines = docker("exec", self.stack.one("rabbitmq"), *command).splitlines()
        durable = [line.split() for line in lines if "inbox" in line or "dead" in line]
        return {("queue", name): float(count) for name, count in durable if count != "0"}

    def orders_are_there(self) -> None:
        load = self.load
        if load.unanswered or len(load.orders) != load.keys:
            raise Failed(f"{len(load.orders)} of {load.keys} were answered; not: {load.unanswered[:5]}")
        with ThreadPoolExecutor(8) as readers:
            wrong = [found for found in readers.map(self.look_up, load.orders) if found]
        if wrong:
            raise Failed(f"{len(wrong)} are not as they were acknowledged: {wrong[:5]}")
        where = f"email LIKE 'load-{load.run}-%'"
        (counted,) = self.stack.sql("orders", f"SELECT count(*) FROM orders WHERE {where}")  # noqa: S608
        (reserved,) = self.stack.sql("orders", f"SELECT reserved FROM stock WHERE sku = '{SKU}'")  # noqa: S608
        expected = (len(load.orders), sum(each.quantity for each in load.orders))
        if (int(counted), int(reserved)) != expected:
            raise Failed(f"orders and units reserved: {counted}, {reserved}; acknowledged: {expected}")
        print(f"{'':40} {counted} orders, {reserved} units")

    def look_up(self, acknowledged: Acknowledged) -> str:
        """How the order differs from what was acknowledged; empty when it does not."""
        customer = self.demo.guest.with_token(acknowledged.token)
        order = customer.get(f"/v1/orders/{acknowledged.number}")
        lines = [(line["sku"], line["quantity"]) for line in order["lines"]]
        return "" if lines == [(SKU, acknowledged.quantity)] else f"{acknowledged} has {lines}"

    def journals_verify(self) -> None:
        proof = self.demo.as_staff("lead").get("/v1/journal/verification")
        if proof["missing"] or any(proof["services"].values()) or {*proof["services"]} != {*SERVICES}:
            raise Failed(f"the journals: {proof}")

    def stop(self) -> None:
        """SIGTERM, and each process ends by itself with 0."""
        self.stack.compose("stop", "--timeout", "35", *NAMES)
        ended = [(name, each) for name in NAMES for each in self.stack.containers(name, stopped=True)]
        codes = [(name, inspect(each)["State"]["ExitCode"]) for name, each in ended]
        if any(code for _, code in codes) or len(codes) != len(SERVICES) + REPLICAS:
            raise Failed(f"exit codes: {codes}")

    def await_(self, condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
        if not processes.until(condition, seconds):
            raise Failed(f"{otherwise} ({seconds:.0f} s)")


@contextmanager
def stack(folder: Path, port: int, *, keep: bool) -> Iterator[Stack]:
    """A stack of its own beside whatever else runs; what an earlier run left is removed first."""
    make_secrets(folder / "secrets")
    settings = {
        "PLEDGE_SECRETS": str((folder / "secrets").resolve()),
        "PLEDGE_VERSION": "test",
        "PLEDGE_PORT": str(port),
        "PLEDGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **{row.env: UNLIMITED for row in GatewaySettings.describe() if row.env.startswith("PLEDGE_RATE_")},
    }
    os.environ["PLEDGE_EASYPOST_WEBHOOK_SECRET"] = (folder / "secrets" / "easypost_webhook_secret").read_text().strip()
    made = Stack(engine.compose(), "pledge-test", settings, folder)
    made.down()
    try:
        yield made
    finally:
        if not keep:
            made.down()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.compose.test", description="the composed form, for real")
    parser.add_argument("--keep", action="store_true", help="leave the stack up, to look into it")
    parser.add_argument("--cut", type=float, default=60, metavar="SECONDS", help="how long a service is cut off")
    given = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with engine.running(FOLDER / "dockerd.log"):
            engine.have_images(IMAGES)
            (port,) = processes.free_ports(1)
            with stack(FOLDER, port, keep=given.keep) as made:
                Trial(made, f"http://127.0.0.1:{port}", given.cut).run()
    except (packages.Missing, NotStarted, Failed, Unexpected) as problem:
        print(f"\nNot as it should be: {problem}", file=sys.stderr)
        return 1
    print("\nEverything is as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
