"""What is put under load: the platform in both of its forms, its gateway before an echo, and the stock twin.

All of it is private to one run: `Ground` holds the servers and a folder, and takes both away in the end.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import orjson

from deploy.lab.bench.children import helpers
from deploy.lab.bench.meters import idle_shares, wait_until_quiet
from deploy.lab.bench.postgres import Server
from deploy.lab.bench.rounds import Place
from deploy.lab.bench.shop import Shop, Target
from deploy.lab.people import member_of_staff
from deploy.run import infra, processes, up
from deploy.run.postgres import create_databases, start_postgres
from gateway.settings import RATES
from services import SERVICES
from services.common.edge.keys import DEVELOPMENT_PUBLIC_KEYS, DEVELOPMENT_SUPPORT_KEYS
from services.common.runtime.config import Settings
from services.common.runtime.messaging import declare_topology
from services.members import service_class

NEVER_LIMITED = "1000000/second"
IDLE_SECONDS = 4.0
EMBEDDED, DISTRIBUTED = "embedded", "distributed"
FORMS = (EMBEDDED, DISTRIBUTED)


class Ground:
    """Private RabbitMQ and PostgreSQL (durable, as in production) and a folder for what the processes write."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="pledge-bench-"))
        self.environ: dict[str, str] = {}

    def __enter__(self) -> Ground:
        try:
            self._start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        self._remove()

    def _start(self) -> None:
        self.environ = infra.up(self.folder)
        self.amqp_uri = self.environ["PLEDGE_AMQP_URI"]
        self.postgres = Server(self.environ["PLEDGE_TEST_PG_URL"])
        self.postgres.set("track_commit_timestamp", "on")
        databases = self._server("postgres")
        databases.stop()
        twins = create_databases(start_postgres(self.folder), ("bench_stock", "bench_floor"))
        self.stock_url, self.floor_url = twins["bench_stock"], twins["bench_floor"]
        broker = self._server("rabbitmq")
        infra.rabbitmqctl(broker, "add_vhost", "bench")
        infra.rabbitmqctl(broker, "set_permissions", "-p", "bench", "pledge", ".*", ".*", ".*")
        self.echo_uri = self.amqp_uri.rpartition("/")[0] + "/bench"

    def _remove(self) -> None:
        infra.down(self.folder, at_once=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _server(self, name: str) -> infra.Server:
        found = infra.find(self.folder.resolve(), name)
        assert found
        return found

    @property
    def servers(self) -> dict[str, int]:
        return {name: self._server(name).pid for name in infra.SERVERS}

    @property
    def postgres_log(self) -> Path:
        return self.folder / "postgres.log"


class Platform(NamedTuple):
    """The running platform: where it answers, how it is measured, and what the load generator must know."""

    form: str
    place: Place
    target: Target

    def job(self, operation: str, clients: int) -> dict[str, object]:
        return {"operation": operation, "clients": clients, "target": self.target._asdict()}


def settings(folder: Path, port: int) -> dict[str, str]:
    """Return the variables of a run: secrets of its own, no rate limits, only warnings logged."""
    url = f"http://127.0.0.1:{port}"
    given = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    return {
        **given,
        "PYTHONWARNINGS": "ignore",
        "PLEDGE_SECRET": secrets.token_urlsafe(24),
        "PLEDGE_SANDBOX_SECRET": secrets.token_urlsafe(24),
        "PLEDGE_EASYPOST_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "PLEDGE_SIGNING_KEYS": DEVELOPMENT_SUPPORT_KEYS,  # as which `member_of_staff` signs in
        "PLEDGE_PUBLIC_KEYS": DEVELOPMENT_PUBLIC_KEYS,
        "PLEDGE_DEV": "1",
        "PLEDGE_DATA_DIR": str(folder),
        "PLEDGE_HTTP_ADDRESS": f"127.0.0.1:{port}",
        "PLEDGE_PUBLIC_URL": url,
        "PLEDGE_LOG_LEVEL": os.environ.get("PLEDGE_LOG_LEVEL", "WARNING"),
        "PLEDGE_HOLD_PIECES": "1000000",
        **dict.fromkeys(RATES, NEVER_LIMITED),
    }


@contextmanager
def platform(form: str, ground: Ground | None = None) -> Iterator[Platform]:
    """Run the platform in that form, with products in stock; the distributed one on these servers."""
    (port,) = processes.free_ports(1)
    with ExitStack() as stack:
        folder = Path(mkdtemp(prefix="pledge-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        environ = settings(folder, port)
        if form == EMBEDDED:
            tiers, counters, logs = stack.enter_context(_embedded(environ, folder)), None, folder
        else:
            assert ground
            own = {name: value for name, value in ground.environ.items() if name != "PLEDGE_SECRET"}
            running = stack.enter_context(up.platform({**environ, **own}, folder / "log"))
            tiers = {**{name: process.pid for name, process in running.items()}, **ground.servers}
            counters, logs = ground.postgres.counters, folder / "log"
        database = Settings.load({**environ, **(ground.environ if ground else {})}).database_url("support")
        target = Target(
            environ["PLEDGE_PUBLIC_URL"], member_of_staff(database, "bench@pledge.example"),
            environ["PLEDGE_SANDBOX_SECRET"], environ["PLEDGE_EASYPOST_WEBHOOK_SECRET"],
        )  # fmt: skip
        Shop(target).fill_shelves()
        wait_until_quiet(tiers, seconds=5)
        yield Platform(form, Place(tiers, counters, idle_shares(tiers, IDLE_SECONDS), logs), target)


@contextmanager
def _embedded(environ: Mapping[str, str], folder: Path) -> Iterator[dict[str, int]]:
    command = [sys.executable, "-m", "deploy.run.embedded"]
    process = processes.start(command, env=environ, log=folder / "all.log")
    try:
        await_answer(f"{environ['PLEDGE_PUBLIC_URL']}/v1/health", lambda: process.alive, folder / "all.log")
        yield {"all": process.pid}
    finally:
        processes.stop(process, signal.SIGTERM, seconds=30)


@contextmanager
def echo(ground: Ground, replicas: int = 1) -> Iterator[dict[str, int]]:
    """Run our kit's echo service, under the name orders, on a virtual host of its own."""
    environ = {**settings(ground.folder, 0), "PLEDGE_AMQP_URI": ground.echo_uri}
    environ["PLEDGE_HTTP_ADDRESS"] = "127.0.0.1:1"  # it has none
    declare_topology(ground.echo_uri, [service_class(name) for name in SERVICES])
    with helpers() as start:
        command = [sys.executable, "-m", "deploy.lab.bench.echo"]
        names = ["service"] if replicas == 1 else [f"service {number + 1}" for number in range(replicas)]
        yield {name: start(command, environ, ground.folder / "echo.log") for name in names}


@contextmanager
def gateway(ground: Ground) -> Iterator[tuple[str, dict[str, int]]]:
    """Run our real gateway in front of the echo's virtual host. Yield its address and its process."""
    (port,) = processes.free_ports(1)
    environ = {**settings(ground.folder, port), "PLEDGE_AMQP_URI": ground.echo_uri}
    log = ground.folder / "gateway-echo.log"
    process = processes.start([sys.executable, "-m", "services", "gateway"], env=environ, log=log)
    try:
        url = environ["PLEDGE_PUBLIC_URL"]
        await_answer(f"{url}/v1/openapi.json", lambda: process.alive, log)
        yield url, {"gateway": process.pid}
    finally:
        processes.stop(process, signal.SIGTERM, seconds=30)


@contextmanager
def stock(ground: Ground, *names: str) -> Iterator[tuple[str, dict[str, int]]]:
    """Run these services of the stock twin, each as a process. Yield the address of its gateway and the processes."""
    (port,) = processes.free_ports(1)
    config = {"AMQP_URI": ground.amqp_uri, "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}", "DB_URL": ground.stock_url}
    environ = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with helpers() as start:
        tiers = {}
        for name in names:
            wish = orjson.dumps({**config, "service": name}).decode()
            command = [sys.executable, "-m", "deploy.lab.bench.stock", wish]
            tiers[name] = start(command, environ, ground.folder / f"stock-{name}.log")
        yield f"http://127.0.0.1:{port}", tiers


@contextmanager
def bare_echo(ground: Ground) -> Iterator[dict[str, int]]:
    """Run the echo of the floor."""
    with helpers() as start:
        command = [sys.executable, "-m", "deploy.lab.bench.floor", ground.amqp_uri]
        yield {"echo": start(command, os.environ, ground.folder / "floor.log")}


def await_answer(url: str, alive: Callable[[], bool], log: Path, seconds: float = 90.0) -> float:
    """Return the seconds until that address answered 200. Raise up.NotReady, with the end of the log, if it did not."""
    began = time.perf_counter()
    while alive() and time.perf_counter() - began < seconds:
        try:
            with urlopen(url, timeout=3) as answer:  # noqa: S310 (our own address)
                if answer.status == 200:
                    return time.perf_counter() - began
        except (URLError, OSError):
            time.sleep(0.02)
    raise up.NotReady(f"{url} did not answer:\n{log.read_text(errors='replace')[-3000:]}")
