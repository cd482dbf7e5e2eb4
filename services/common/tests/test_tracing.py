"""Spans are optional: off, nothing of OpenTelemetry is loaded; on, nothing depends on their collector."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.run import processes
from services.common import tracing
from services.common.testing import running
from services.common.tests.toys import Follower, Teller

ROOT = Path(__file__).parents[3]
OFF = """
import sys
import eventlet
eventlet.monkey_patch()
from services.common import tracing
from services import SERVICES
from services.members import service_class
for name in (*SERVICES, "gateway"):
    service_class(name)
tracing.configure("", ("all",))()
sys.exit(any(name.partition(".")[0] in ("opentelemetry", "google") for name in sys.modules))
"""


@pytest.mark.pure
def test_without_an_endpoint_nothing_of_it_is_imported() -> None:
    assert (
        subprocess.run([sys.executable, "-W", "ignore", "-c", OFF], cwd=ROOT, timeout=60, check=False).returncode == 0
    )


def test_an_endpoint_without_the_library_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(
        tracing.LibraryMissing, match=r"PLEDGE_OTLP_ENDPOINT needs what requirements-otlp\.txt installs"
    ):
        tracing.configure("http://127.0.0.1:4318", ("teller",))


def test_a_missing_collector_disturbs_no_service(tmp_path: Path) -> None:
    (port,) = processes.free_ports(1)
    send_the_last = tracing.configure(f"http://127.0.0.1:{port}", ("teller", "follower"))
    try:
        with running(Teller, Follower, folder=tmp_path) as platform:
            platform.call("teller", "tell", "a kettle", [*range(50)])
            noted = platform.eventually_recorded("follower", "noted", 50)
            dead = platform.dead_letters("follower")
    finally:
        send_the_last()

    assert (len(noted), dead) == (50, [])


@pytest.mark.parametrize(("text", "number"), [("0" * 31 + "a", 10), ("test", 0), ("x" * 32, 0), ("", 0)])
def test_what_is_no_trace_id_of_w3c_begins_a_trace_of_its_own(text: str, number: int) -> None:
    assert tracing._number(text) == number
