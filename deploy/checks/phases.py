"""All tests, in their phases: `python -m deploy.checks checks embedded distributed e2e openapi asyncio chaos compose`.

checks       ruff, ruff format, mypy
embedded     the suite on the embedded bus and SQLite: no server, no network
distributed  the same suite and the integration tests, on a private RabbitMQ and PostgreSQL
e2e          the platform as processes, over HTTP and in Chromium
openapi      the OpenAPI document of a running platform, as other people's tools read it; the clients they make are run
asyncio      the suite and the demo on the event loop of asyncio instead of eventlet's own
chaos        the platform as processes, two of each service, under load and faults; then what was promised is checked
compose      the platform as containers (see deploy.compose.test); skipped, with the reason, where none can be run

Each phase is run even when one before it failed, and the exit code tells whether any did.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from deploy.compose.engine import CANNOT
from deploy.run import infra, packages
from deploy.run.servers import NotStarted

FAILED = "FAILED"
CODE = ["services", "gateway", "deploy", "tests", "conftest.py"]
CHAOS_SEED = "7"
SERVERS = ("rabbitmq-server", "postgres")
NEEDED = {"distributed": SERVERS, "e2e": (*SERVERS, "chromium"), "openapi": ("node", "npm"), "chaos": SERVERS}


class Outcome(NamedTuple):
    phase: str
    state: str
    seconds: float
    closing: str


class Skipped(Exception):
    """A phase cannot be run here; says why."""


def checks() -> tuple[bool, str]:
    python = [sys.executable, "-m"]
    code = [path for path in CODE if Path(path).exists()]
    commands = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", *code]]
    failed = [command[0] for command in commands if run([*python, *command], {})[0]]
    return not failed, f"failed: {', '.join(failed)}" if failed else "ruff, mypy"


def embedded() -> tuple[bool, str]:
    """Run the suite with the coverage gate of pyproject.toml: domain/ and handlers/ of each service, by branches."""
    return pytest({}, "-m", "not integration and not e2e", "--cov")


def distributed() -> tuple[bool, str]:
    with servers() as environ:
        only_urls = {name: value for name, value in environ.items() if name.startswith("PLEDGE_TEST_")}
        return pytest(only_urls, "-m", "not e2e and not pure")


def e2e() -> tuple[bool, str]:
    browser = {"PLEDGE_NO_PATCH": "1", "PLEDGE_CHROMIUM": str(packages.path_of("chromium"))}
    with servers() as environ:
        return pytest({**environ, **browser}, "tests/e2e", "--timeout=300")


def openapi() -> tuple[bool, str]:
    """Run the tests of the OpenAPI document. `npm ci` puts the npm packages into tests/openapi/node_modules."""
    javascript = {"PLEDGE_NODE": str(packages.path_of("node")), "PLEDGE_NPM": str(packages.path_of("npm"))}
    return pytest({"PLEDGE_NO_PATCH": "1", **javascript}, "tests/openapi", "--timeout=300")


def asyncio() -> tuple[bool, str]:
    """Run the suite and the demo on eventlet's asyncio hub, since eventlet's own hubs are being retired."""
    hub = {"EVENTLET_HUB": "asyncio"}
    passed, closing = pytest(hub, "-m", "not integration and not e2e and not pure")
    if not passed:
        return False, closing
    return pytest({**hub, "PLEDGE_NO_PATCH": "1"}, "tests/e2e/test_demo.py", "--timeout=300", "-k", "embedded")


def chaos() -> tuple[bool, str]:
    """Run the quick chaos, with a fixed seed so that a failure repeats; `make chaos` takes a new seed each time."""
    code, last = run([sys.executable, "-m", "deploy.lab.chaos", "--quick", "--seed", CHAOS_SEED], {})
    return code == 0, last


def compose() -> tuple[bool, str]:
    code, last = run([sys.executable, "-m", "deploy.compose.test"], {})
    if code == CANNOT:
        raise Skipped(last)
    return code == 0, last


def servers() -> AbstractContextManager[dict[str, str]]:
    """Start fresh servers for a phase, so that what one phase leaves in a queue does not meet the next."""
    return infra.temporary(Path(mkdtemp(prefix="pledge-test-")))


def pytest(environ: Mapping[str, str], *arguments: str) -> tuple[bool, str]:
    code, last = run([sys.executable, "-m", "pytest", "-q", *arguments], environ)
    return code == 0, last


def run(command: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """Run a command and show what it says; its exit code, and its last line."""
    print(f"\n$ {' '.join(command[2:])}", flush=True)
    programs = {"PLEDGE_BASE_IMAGES", *(variable for variable, _, _ in packages.KNOWN.values())}
    inherited = {
        name: value for name, value in os.environ.items() if name in programs or not name.startswith("PLEDGE_")
    }
    last = ""
    with subprocess.Popen(command, env={**inherited, **environ}, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    return child.returncode, last


def main(names: list[str]) -> int:
    phases = {phase.__name__: phase for phase in (checks, embedded, distributed, e2e, openapi, asyncio, chaos, compose)}
    if not names or not {*names} <= {*phases}:
        sys.exit(__doc__)
    outcomes = []
    try:
        packages.ensure(*sorted({program for name in names for program in NEEDED.get(name, ())}))
        for name in names:
            began = time.monotonic()
            try:
                passed, closing = phases[name]()
                state = "passed" if passed else FAILED
            except Skipped as reason:
                state, closing = "skipped", str(reason)
            outcomes.append(Outcome(name, state, time.monotonic() - began, closing))
    except (packages.Missing, NotStarted) as problem:
        print(problem, file=sys.stderr)
        return 1
    print()
    for phase, state, seconds, closing in outcomes:
        print(f"{phase:12} {state:7} {seconds:4.0f} s  {closing}")
    return 1 if any(outcome.state == FAILED for outcome in outcomes) else 0
