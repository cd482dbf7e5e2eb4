"""The composed form, for real: `python -m deploy.compose.test [--keep] [--cut SECONDS]`, or `make compose-test`.

Builds the images, starts everything (one service on a database server of its own), tries what must be closed, plays one
order's whole life through the published port, and lets customers in. While they order, pay, send back and ask, orders
is scaled to three and replaced side by side, a container is killed, RabbitMQ and PostgreSQL restart, and a service is
cut off its network. In the end the fault harness's checker judges every promise by the databases and by what the
customers wrote down. All of it is taken down again, whatever happened.

Ends with exit code 1 at the first thing that is not as it should be, with 77 where no containers can be run.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from deploy.compose import engine, watched
from deploy.compose.closed import CHECKS, NAMES
from deploy.compose.crowd import crowd
from deploy.compose.docker import Failed, docker, inspect, run
from deploy.compose.make_secrets import make_secrets
from deploy.compose.roll import roll
from deploy.compose.stack import Stack
from deploy.compose.watched import Watch, alarms_go_off
from deploy.demo.client import Unexpected
from deploy.demo.story import Demo
from deploy.lab.chaos.__main__ import report, summary
from deploy.lab.chaos.promises import judge
from deploy.lab.chaos.run import END_LEASES
from deploy.run import packages, processes
from deploy.run.servers import NotStarted
from gateway.settings import RATES
from services import SERVICES
from services.common.basics.caller import STAFF

IMAGES = ("python:3.11-slim-bookworm", "rabbitmq:4.0-management", "postgres:15")
FOLDER = Path("var/compose-test")
REPLICAS = 3
PATIENCE_SECONDS, SETTLE_SECONDS = 180.0, 240.0
TIMER, PERIOD, PERIODS = "expire_unpaid", 15.0, 3
UNLIMITED = "1000000/second"


class Trial:
    """The steps, in their order; each leaves the platform whole."""

    def __init__(self, stack: Stack, url: str, cut_seconds: float):
        self.stack, self.url, self.cut_seconds = stack, url, cut_seconds
        self.demo, self.watch = Demo(url), Watch(stack)

    def run(self) -> None:
        self.step("every Compose takes the file", self.stack.is_accepted)
        self.step("build", self.build)
        self.step("alarms go off in their cases", lambda: alarms_go_off(self.stack.settings["PLEDGE_PROMETHEUS_IMAGE"]))
        self.step("the networks, a database apart", self.start_apart)
        with crowd(self.stack, self.url, FOLDER) as self.crowd:
            self.step("start", self.start)
            for name, closed in CHECKS.items():
                self.step(name, lambda check=closed: check(self.stack))  # type: ignore[misc]
            self.step("aftersales keeps its own apart", self.kept_apart)
            self.step("one order's life", self.demo.play)
            self.crowd.open()
            self.hurt()
            self.crowd.close()
            self.step("nothing waits, nothing is dead", self.settle)
            self.step("every question has an answer", self.watch.answers_every_question)
            self.step("operators have their commands", self.operators)
            self.step("the doctor finds nothing wrong", self.doctor)
            self.step("the journals are signed", self.sign)
            self.step("a backup is taken", self.back_up)
            self.step("stops cleanly", self.stop)
            self.step("every promise is kept", self.judge)

    def hurt(self) -> None:
        self.step(f"orders × {REPLICAS}, under load", self.scale)
        self.step("timers run once", self.timers_run_once)
        self.step("Prometheus sees every replica", lambda: self.watch.sees_everybody(len(NAMES) - 1 + REPLICAS))
        self.step("a container is killed", self.kill_one)
        self.step("orders is replaced, side by side", self.replace)
        self.step("RabbitMQ restarts", lambda: self.restart("rabbitmq"))
        self.step("PostgreSQL restarts", lambda: self.restart("postgres"))
        self.step(f"logistics is cut off for {self.cut_seconds:.0f} s", self.cut_off)
        self.step("orders go on", self.more_orders)

    def step(self, name: str, act: Callable[[], object]) -> None:
        began = time.monotonic()
        act()
        print(f"{name:40} ok {time.monotonic() - began:5.1f} s", flush=True)

    def build(self) -> None:
        self.stack.compose("build", seconds=900)
        for name in NAMES:
            size = int(run(["docker", "image", "inspect", "-f", "{{.Size}}", f"pledge/{name}:test"], 30))
            print(f"{'':40} pledge/{name}: {size / 1e6:.0f} MB")

    def start_apart(self) -> None:
        self.stack.up("apart", "rabbitmq", "postgres")
        self.stack.await_healthy("apart")

    def start(self) -> None:
        """Start the stack with the crowd's bank. Prometheus watches from the beginning."""
        self.stack.settings["PLEDGE_SANDBOX_URL"] = self.crowd.bank.url
        self.stack.up()
        self.stack.up("--no-deps", "prometheus")
        for service in ("rabbitmq", "postgres", *NAMES):
            self.stack.await_healthy(service)

    def operators(self) -> None:
        """Run the commands of the runbook inside a container."""
        for service in SERVICES:
            for command in ("verify", "dead-letters", "redrive"):
                said = docker("exec", self.stack.one(service), "python", "-m", "deploy.operate", command)
                if not all(line.startswith(service) for line in said.splitlines()) or not said.strip():
                    raise Failed(f"{command} of {service}: {said}")

    def doctor(self) -> None:
        """Run the doctor in a container of its own.

        With a finding it ends with 1, which is reported with its output. The database that stands apart has one role,
        which owns everything: the doctor must find that, and nothing else.
        """
        self.stack.compose("build", "operations", seconds=600)
        try:
            self.stack.compose("run", "--rm", "operations")
        except Failed as found:
            if "owns_its_journal in aftersales" not in str(found) or "\n1 findings" not in str(found):
                raise

    def sign(self) -> None:
        """Sign the journals where no service can write, and compare them with what was signed."""
        for command in (["deploy.operate.notary"], ["deploy.operate", "verify"]):
            self.stack.compose("run", "--rm", "operations", "python", "-m", *command)

    def back_up(self) -> None:
        """Back up into the volume, where the next container must find a file of each service."""
        said = self.stack.compose("run", "--rm", "operations", "python", "-m", "deploy.operate.backup", "take")
        kept = self.stack.compose("run", "--rm", "operations", "ls", said.split()[-1])
        if missing := [service for service in SERVICES if service not in kept]:
            raise Failed(f"no backup of {', '.join(missing)}: {said} {kept}")

    def kept_apart(self) -> None:
        """Check that its variable alone sent it to the other server: its database here is empty."""
        count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        if self.stack.sql("aftersales", count) != ["0"] or self.stack.sql("orders", count) == ["0"]:
            raise Failed("aftersales did not go where its variable says")

    def scale(self) -> None:
        self.stack.up("--no-recreate", orders=REPLICAS)
        self.stack.await_healthy("orders", REPLICAS)
        self.spreads()

    def spreads(self) -> None:
        def spread() -> bool:
            self.crowd.passer_by.place()
            placed = ("pledge_worker_seconds_count", "place_order", "ok", "orders")
            return all(self.stack.metrics(each).get(placed, 0) > 0 for each in self.stack.containers("orders"))

        self.await_(spread, PATIENCE_SECONDS, "not every replica got work")

    def timers_run_once(self) -> None:
        """Check that a timer runs once: a claim moves its row by a period, so more runs are double runs."""
        beat, runs = self.beat(), self.runs()
        self.await_(lambda: self.beat() - beat >= PERIODS * PERIOD, PATIENCE_SECONDS, "the timer stands still")
        made, periods = self.runs() - runs, (self.beat() - beat) / PERIOD
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

    def replace(self) -> None:
        """Replace a service as a deployment does, with a version that differs in a setting."""
        self.stack.settings["PLEDGE_ANSWER_WITHIN_DAYS"] = "13"
        old = set(self.stack.containers("orders"))
        for code in roll(self.stack.compose, "orders"):
            self.crowd.record.note("ended", name="orders", told=True, code=code)
        new = self.stack.containers("orders")
        if len(new) != REPLICAS or old & {*new}:
            raise Failed(f"{len(old & {*new})} of the old ones are still there, and {len(new)} in all")
        if not all("PLEDGE_ANSWER_WITHIN_DAYS=13" in inspect(each)["Config"]["Env"] for each in new):
            raise Failed("what replaced the old ones is not the new version")
        self.spreads()

    def restart(self, service: str) -> None:
        docker("restart", "-t", "30", self.stack.one(service), seconds=90)
        self.stack.await_healthy(service)
        self.more_orders()

    def cut_off(self) -> None:
        """Cut a service off. Orders are taken meanwhile, and the operator is told."""
        began = time.monotonic()
        self.stack.cut("logistics")
        self.more_orders()
        self.watch.raises("ServiceDown", member="logistics")
        time.sleep(max(0.0, began + self.cut_seconds - time.monotonic()))  # the outage's length is what is tried
        self.stack.mend("logistics")
        self.stack.await_healthy("logistics")

    def more_orders(self) -> None:
        """Place orders, whatever the customers wait for."""
        for _ in range(10):
            self.crowd.passer_by.place()

    def settle(self) -> None:
        """Wait until every entry is published and handled on all services.

        Nothing may be parked in inboxes or at the broker.
        """
        self.stack.sql("support", END_LEASES)  # of mails under way when their database stopped: now, not minutes later

        def waiting() -> dict[str, float]:
            return {**self.crowd.evidence().unsettled(), **self.queued(), "the bank": not self.crowd.bank.all_told}

        if not processes.until(lambda: not any(waiting().values()), SETTLE_SECONDS):
            raise Failed(f"still waiting: {waiting()}")

    def queued(self) -> dict[str, float]:
        lines = self.stack.broker("--no-table-headers", "list_queues", "-p", "pledge", "name", "messages").splitlines()
        return {name: float(count) for name, count in map(str.split, lines) if "inbox" in name or "dead" in name}

    def stop(self) -> None:
        """Stop with SIGTERM. Each process must end by itself with 0; none but the killed one may have ended before."""
        restarts = {name: inspect(each)["RestartCount"] for name in NAMES for each in self.stack.containers(name)}
        if any(restarts.values()):  # the one that was killed has been replaced since
            raise Failed(f"ended by themselves and were started again: {restarts}")
        self.stack.compose("stop", "--timeout", "35", *NAMES)
        ended = [(name, each) for name in NAMES for each in self.stack.containers(name, stopped=True)]
        if len(ended) != len(SERVICES) + REPLICAS:
            raise Failed(f"{len(ended)} containers stopped")
        for name, each in ended:
            self.crowd.record.note("ended", name=name, told=True, code=inspect(each)["State"]["ExitCode"])

    def judge(self) -> None:
        evidence = self.crowd.evidence()
        print(summary(evidence))
        if report(judge(evidence)):
            raise Failed("promises are broken")

    def await_(self, condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
        if not processes.until(condition, seconds):
            raise Failed(f"{otherwise} ({seconds:.0f} s)")


@contextmanager
def stack(folder: Path, port: int, *, keep: bool) -> Iterator[Stack]:
    """Run a stack of its own beside others. What an earlier run left is removed first."""
    make_secrets(folder / "secrets")
    apart = secrets.token_hex(16)
    settings = {
        "PLEDGE_SECRETS": str((folder / "secrets").resolve()),
        "PLEDGE_VERSION": "test",
        "PLEDGE_PORT": str(port),
        "PLEDGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PLEDGE_PROMETHEUS_IMAGE": watched.image(),
        "PLEDGE_AFTERSALES_DATABASE_URL": f"postgresql+psycopg2://aftersales:{apart}@apart/aftersales",
        "PLEDGE_TEST_APART_PASSWORD": apart,
        "PLEDGE_CLOSURES": "/etc/pledge/closures.yaml",
        "PLEDGE_RATING_WAIT_MINUTES": "0",
        "PLEDGE_HOLD_PIECES": "1000000",
        "PLEDGE_STAFF": ", ".join(f"{role}@pledge.example={role}" for role in sorted(STAFF)),
        "PLEDGE_SECOND_FACTOR": "optional",
        **dict.fromkeys(RATES, UNLIMITED),
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
    except (packages.Missing, NotStarted) as reason:
        lines = str(reason).splitlines()
        print("\n".join(lines[1:-1]))  # of the engine's log, its last line says most
        print(f"containers cannot be run here: {' '.join(dict.fromkeys([lines[0], lines[-1]]))}")
        return engine.CANNOT
    except (Failed, Unexpected) as problem:
        print(f"\nNot as it should be: {problem}", file=sys.stderr)
        return 1
    print("\nEverything is as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
