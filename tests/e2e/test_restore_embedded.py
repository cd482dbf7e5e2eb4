"""The embedded form goes back to a backup of one service that was taken while it ran, and goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from deploy.demo.story import Demo
from deploy.operate import by_hand as operate
from deploy.operate.backup.restore import restore
from deploy.operate.backup.take import take
from deploy.run import processes
from services.common.runtime.config import ConfigError

SECONDS = 90.0


def test_the_embedded_form_goes_back_to_a_backup_and_goes_on(tmp_path: Path) -> None:
    (port,) = processes.free_ports(1)
    environ = {"PLEDGE_DATA_DIR": str(tmp_path / "data"), "PLEDGE_HTTP_ADDRESS": f"127.0.0.1:{port}"}
    url = environ["PLEDGE_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    with embedded(environ, tmp_path / "log"):
        a_reviewed_order(url)
        backup = take(environ)
        after = a_reviewed_order(url)
        with pytest.raises(ConfigError, match="another process works"):
            restore(environ, backup, "logistics")
    before = shipments(environ)

    restore(environ, backup, "logistics")
    assert len(shipments(environ)) == 1

    with embedded(environ, tmp_path / "log"):
        assert processes.until(lambda: len(shipments(environ)) == 2, SECONDS)
        after.the_warehouse_hands_the_parcel_over(after.number, after.customer)
    assert [each[:3] for each in shipments(environ)] == [each[:3] for each in before]
    assert operate.verify(environ, []) == 0


class Ordered(Demo):
    """A demo that remembers its order."""

    def begin(self) -> None:
        order, self.customer = self.a_guest_orders_and_pays()
        self.number = order["number"]
        self.the_review_passes_by_itself(self.number, self.customer)


def a_reviewed_order(url: str) -> Ordered:
    demo = Ordered(url)
    demo.begin()
    return demo


def shipments(environ: Mapping[str, str]) -> list[tuple[str, ...]]:
    path = Path(environ["PLEDGE_DATA_DIR"], "logistics.db")
    columns = "number, order_number, dispatch_due_at, status"
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT {columns} FROM shipments ORDER BY number").fetchall()  # noqa: S608


@contextmanager
def embedded(environ: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run the whole platform as one process, as `make run` starts it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    command = [sys.executable, "-m", "deploy.run.embedded"]
    running = processes.start(command, env={**inherited, **environ}, log=log)
    try:
        assert processes.until(lambda: not running.alive or _healthy(environ), SECONDS), log.read_text()
        assert running.alive, log.read_text()
        yield
    finally:
        processes.stop(running, signal.SIGTERM, seconds=40)


def _healthy(environ: Mapping[str, str]) -> bool:
    try:
        with urlopen(f"{environ['PLEDGE_PUBLIC_URL']}/v1/health", timeout=5) as answer:  # noqa: S310 (our own address)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
