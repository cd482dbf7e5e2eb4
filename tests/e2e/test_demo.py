"""The story of the README: one order's whole life on the embedded form, and over a crash in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.demo.client import Client, wait_for
from deploy.demo.practice import more_work
from deploy.demo.story import Demo
from deploy.run import processes

ROOT = Path(__file__).parents[2]


def test_the_demo_on_the_embedded_form(demo: Demo) -> None:
    demo.play()


def await_listed(staff: Client, path: str, number: str) -> None:
    wait_for(lambda: number in str(staff.get(path, limit=100)["items"]))


def test_practice_leaves_work_of_every_kind(demo: Demo) -> None:
    left = more_work(demo)

    for work, role, path in (
        ("inspect", "aftersales", "/v1/returns"),
        ("check", "lead", "/v1/verifications"),
        ("dispute", "lead", "/v1/disputes"),
        ("suggestion", "agent", "/v1/tickets"),
    ):
        await_listed(demo.as_staff(role), path, left[work])


def test_work_interrupted_by_a_kill_is_done_after_the_restart(tmp_path: Path) -> None:
    """The embedded bus forgets everything with its process; the journal does not."""
    address = f"127.0.0.1:{processes.free_ports(1)[0]}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    environ = {**clean, **settings(tmp_path, address)}
    demo = Demo(f"http://{address}")
    with embedded(environ, tmp_path):
        wait_for(lambda: demo.guest.try_get("/v1/health"))
        sku = demo.guest.get("/v1/products")["items"][0]["sku"]
        order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
        customer = demo.guest.with_token(order["access_token"])
        started = customer.post(f"/v1/orders/{order['number']}/payments", {})
        demo.guest.post("/sandbox/payments", {"client_secret": started["client_secret"]})
        wait_for(lambda: captured(customer, order["number"]))
        # killed right here, wherever the review, the shipment and the mails have got to

    with embedded(environ, tmp_path):
        wait_for(lambda: demo.guest.try_get("/v1/health"))
        clock = wait_for(lambda: demo.clock(customer, order["number"], "dispatch"))
        shipments = customer.get(f"/v1/orders/{order['number']}")["shipments"]

        assert clock["status"] == "running"
        assert len(shipments) == 1


def captured(customer: Client, number: str) -> bool:
    return bool(customer.get(f"/v1/orders/{number}")["payment"]["status"] == "captured")


class embedded:
    """The embedded form as a process; killed without warning at the end of the block."""

    def __init__(self, environ: dict[str, str], folder: Path):
        self._environ, self._log = environ, folder / "log"

    def __enter__(self) -> None:
        command = [sys.executable, "-m", "deploy.run.embedded"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environ, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


def settings(folder: Path, address: str) -> dict[str, str]:
    return {
        "PLEDGE_DATA_DIR": str(folder / "data"),
        "PLEDGE_HTTP_ADDRESS": address,
        "PLEDGE_PUBLIC_URL": f"http://{address}",
        "PLEDGE_LOG_FORMAT": "text",
    }
