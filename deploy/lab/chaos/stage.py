"""Everything that a run stands on, private and on the loopback interface: servers, proxies, replicas, the gateway.

Every process reaches the broker and its database through links of its own, so that one process can be cut off alone.
All of it is stopped by its process id when the block ends, whatever ended it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import sqlalchemy as sa

from deploy.lab.chaos.member import Member
from deploy.lab.chaos.proxy import Proxies, ProxyPort
from deploy.lab.chaos.record import Record
from deploy.lab.people import member_of_staff
from deploy.run import infra, processes
from gateway.settings import RATES
from services import SERVICES

GATEWAY = "gateway"
READY_SECONDS = 90.0
NEVER_LIMITED = "1000000/second"


class NotReady(Exception):
    """A process did not become ready; carries the end of its log."""


class Stage:
    """The platform under faults. `members` by name; `servers` are `rabbitmq` and `postgres`."""

    def __init__(self, folder: Path, record: Record, settings: Mapping[str, str]):
        self.folder, self.record, self.settings = folder, record, settings
        self.secret, self.carrier_secret, self.sandbox_secret = (secrets.token_urlsafe(24) for _ in range(3))
        (self._port,) = processes.free_ports(1)
        self.url = f"http://127.0.0.1:{self._port}"
        self.proxies = Proxies()
        self.members: dict[str, Member] = {}
        self.server_locks = {name: threading.Lock() for name in infra.SERVERS}

    def build(self, replicas: int, bank_url: str) -> None:
        """Build servers, databases, queues and members. They do not run yet."""
        direct = infra.up(self.folder, durable=False)
        self.amqp_uri = direct["PLEDGE_AMQP_URI"]
        self.databases = {name: direct[f"PLEDGE_{name.upper()}_DATABASE_URL"] for name in SERVICES}
        self.owners = {name: direct[f"PLEDGE_{name.upper()}_OWNER_URL"] for name in SERVICES}
        self._common = common = self._environ(bank_url)
        prepared = [sys.executable, "-m", "deploy.run.prepare"]
        subprocess.run(prepared, env={**common, **direct, "PLEDGE_SECRET": self.secret}, check=True, timeout=180)
        self.staff = member_of_staff(self.databases["support"], "chaos@pledge.example")
        names = [f"{service}.{copy + 1}" for service in SERVICES for copy in range(replicas)]
        for name, ops_port in zip([*names, GATEWAY], processes.free_ports(len(names) + 1), strict=True):
            self.members[name] = self._member(name, ops_port)

    def add(self, name: str) -> Member:
        """Add one more replica, such as `orders.3`. It does not run yet."""
        (ops_port,) = processes.free_ports(1)
        self.members[name] = self._member(name, ops_port)
        return self.members[name]

    def start(self) -> None:
        for member in self.members.values():
            member.start()
        self.await_ready()

    def await_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when every member can work; NotReady names the first that cannot."""
        deadline = time.monotonic() + seconds
        for member in self.members.values():
            if not processes.until(member.ready, deadline - time.monotonic()):
                end = member.log.read_text(errors="replace")[-3000:]
                raise NotReady(f"{member.name} is not ready:\n{end}")

    def replicas(self, service: str) -> list[Member]:
        return [member for member in self.members.values() if member.service == service]

    def links(self) -> list[ProxyPort]:
        found = [link for member in self.members.values() for link in (member.broker, member.database)]
        return [link for link in found if link is not None]

    def server(self, name: str) -> infra.Server:
        found = infra.find(self.folder.resolve(), name)
        assert found is not None, f"{name} does not run"
        return found

    def kill_server(self, name: str) -> None:
        """Kill the server and every process that it started."""
        pid = self.server(name).pid
        family = [pid, *_children(pid)]
        for each in family:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        processes.until(lambda: all(processes.started_at(each) is None for each in family), 20)
        processes.reap(pid)

    def restart_server(self, name: str) -> None:
        """Restart the server on its port, with the data it left."""
        port = int((self.folder / f"{name}.port").read_text())
        if name == "rabbitmq":
            infra.start_rabbitmq(self.folder, port)
        else:
            infra.start_postgres(self.folder, port, durable=False)

    def restart_dead(self) -> None:
        """Start again what ended by itself, and note it, as a supervisor does."""
        for member in self.members.values():
            if not member.lock.acquire(blocking=False):
                continue  # a fault has it in hand
            try:
                if member.child is not None and member.child.poll() is not None and not member.told:
                    self.record.note("ended", name=member.name, told=False, code=member.child.returncode)
                    member.start()
            finally:
                member.lock.release()

    def restart_all(self) -> None:
        """End every member as on a quiet evening, all at once, and start it again."""
        self.await_ready()
        for member in self.members.values():
            member.terminate()
        for member in self.members.values():
            self.record.note("ended", name=member.name, told=True, code=member.await_end())
            member.start()
        self.await_ready()

    def close(self) -> None:
        for member in self.members.values():
            member.told = True
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGKILL)
            if member.child is not None:
                member.child.wait()
        infra.down(self.folder, at_once=True)
        self.proxies.close()

    def _environ(self, bank_url: str) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
        return {
            **given,
            "PYTHONWARNINGS": "ignore",
            "PLEDGE_DEV": "1",
            "PLEDGE_SECRET": self.secret,
            "PLEDGE_SANDBOX_SECRET": self.sandbox_secret,
            "PLEDGE_SANDBOX_URL": bank_url,
            "PLEDGE_EASYPOST_WEBHOOK_SECRET": self.carrier_secret,
            "PLEDGE_DATA_DIR": str(self.folder),
            "PLEDGE_HTTP_ADDRESS": f"127.0.0.1:{self._port}",
            "PLEDGE_PUBLIC_URL": self.url,
            "PLEDGE_LOG_LEVEL": "WARNING",
            "PLEDGE_LOG_FORMAT": "text",
            "PLEDGE_RATING_WAIT_MINUTES": "0",
            "PLEDGE_HOLD_PIECES": "1000000",
            **dict.fromkeys(RATES, NEVER_LIMITED),
            **self.settings,
        }

    def _member(self, name: str, ops_port: int) -> Member:
        service = name.partition(".")[0]
        broker = self.proxies.link(int((self.folder / "rabbitmq.port").read_text()))
        amqp = sa.make_url(self.amqp_uri).set(port=broker.port)
        environ = {
            **self._common,
            "PLEDGE_AMQP_URI": amqp.render_as_string(hide_password=False),
            "PLEDGE_OPS_ADDRESS": f"127.0.0.1:{ops_port}",
        }
        database = None
        if service in self.databases:
            database = self.proxies.link(int((self.folder / "postgres.port").read_text()))
            url = sa.make_url(self.databases[service]).set(port=database.port)
            environ[f"PLEDGE_{service.upper()}_DATABASE_URL"] = url.render_as_string(hide_password=False)
        return Member(name, environ, ops_port, self.folder / f"{name}.log", broker, database)


@contextmanager
def stage(folder: Path, record: Record, settings: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """Make a stage for the time of a block. `build` and `start` it. settings: what its processes are told besides."""
    made = Stage(folder, record, settings or {})
    try:
        yield made
    finally:
        made.close()


@contextmanager
def temporary_folder(keep: bool = False) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="pledge-chaos-"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _children(pid: int) -> Sequence[int]:
    """Return the processes that this one started, and those that they started."""
    found: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            found.setdefault(parent, []).append(int(path.parent.name))
    family, queue = [], [pid]
    while queue:
        below = found.get(queue.pop(), [])
        family += below
        queue += below
    return family
