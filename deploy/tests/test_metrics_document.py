"""docs/metrics.md and what each process serves at /metrics say the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services import SERVICES

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(pledge_\w+)` \| (\w+) \| (.+?) \| (.+?) \| .+ \|$", re.MULTILINE)
OF_THE_LIBRARY = ("python_", "process_")
NAMES = (*SERVICES, "gateway")
ASK = """
import json, sys
import eventlet
eventlet.monkey_patch()
from prometheus_client import REGISTRY
from services.members import service_class
from services.common.runtime.telemetry import ops_app
service_class(sys.argv[1])
page = b"".join(ops_app([])({"PATH_INFO": "/metrics"}, lambda *_: None)).decode()
labels = {one._name: one._labelnames for one in REGISTRY._collector_to_names if hasattr(one, "_labelnames")}
print(json.dumps([page, labels]))
"""


def documented(service: str) -> dict[str, tuple[str, list[str]]]:
    """Return {metric: (type, labels)} of what that process serves, by the document."""
    rows = ROW.findall((ROOT / "docs/metrics.md").read_text("utf-8"))
    return {
        name: (kind, re.findall(r"`(\w+)`", labels))
        for name, kind, labels, served_by in rows
        if served_by == "all" or service in served_by.split(", ")
    }


@pytest.mark.parametrize("service", NAMES)
def test_a_process_serves_what_is_documented_and_nothing_else(service: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK, service],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    page, labels = json.loads(done.stdout)
    served = {name: kind for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", page, re.MULTILINE)}
    ours = {
        name.removesuffix("_total"): kind
        for name, kind in served.items()
        if not name.startswith(OF_THE_LIBRARY) and not name.endswith("_created")
    }
    assert {name: (kind, labels[name]) for name, kind in ours.items()} == documented(service)
