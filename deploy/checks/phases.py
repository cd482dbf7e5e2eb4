"""All tests, in their phases: `python -m deploy.checks checks distributed e2e embedded asyncio openapi chaos compose`.

checks       ruff, ruff format, mypy
distributed  the suite and the integration tests, on a private RabbitMQ and PostgreSQL
e2e          the platform as processes, over HTTP and in Chromium
embedded     the suite on the embedded bus and SQLite: no server, no network
asyncio      what waits, listens or starts, and the demo, on the event loop of asyncio instead of eventlet's own
openapi      the OpenAPI document of a running platform, as other people's tools read it; the clients they make are run
chaos        the platform as processes, two of each service, under load and faults; then what was promised is checked
compose      the platform as containers (see deploy.compose.test); skipped, with the reason, where none can be run

Phases share no server and no port, so three run at a time, each as a process of its own; what it says is shown as
`phase | line`. Name the longest first: the short ones fill the end. Those that meet servers and a browser wait more
than they compute, and leave a core half idle; those in GIVES_WAY compute, and take what is left. Those in ALONE measure
the platform under load and run one by one after the others. Each phase runs even when another failed, and the exit code
tells whether any did.

Phases share the machine, so a test can fail for want of time. One to three tests of a phase that fail are run once
more, alone, and must pass then; a fault of ours fails twice. The table at the end names them in any case.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from typing import NamedTuple

from deploy.compose.engine import CANNOT
from deploy.run import infra, packages
from deploy.run.servers import NotStarted

PASSED, SKIPPED, FAILED = "passed", "skipped", "FAILED"
SIDE_BY_SIDE = 3
GIVES_WAY, NICE = ("embedded", "checks"), ("nice", "-n", "5")
ALONE = ("chaos", "compose")
CODE = ["services", "gateway", "deploy", "tests", "conftest.py"]
CHAOS_SEED = "7"
COVERED_PERCENT = 95
WHOLE_LIVES = ("tests/shop/test_standard.py", "tests/shop/test_speed_room.py", "tests/shop/test_lives.py")
MEETS_THE_HUB = ("services/common", "gateway", *WHOLE_LIVES)
NAMES_A_TEST = ("FAILED ", "ERROR ")
NAMED_AT_MOST, NAMED_WIDTH = 20, 160
PYTEST = ("-m", "pytest", "-q", "--durations=20")
DID_NOT_PASS = re.compile(r"(\d+) (?:failed|error)")
RUN_AGAIN_AT_MOST = 3
SERVERS = ("rabbitmq-server", "postgres")
NEEDED = {
    "distributed": (*SERVERS, "dovecot"),
    "e2e": (*SERVERS, "chromium"),
    "openapi": ("node", "npm"),
    "chaos": SERVERS,
}


class Outcome(NamedTuple):
    """named: what failed, in pytest's words."""

    phase: str
    state: str
    seconds: float
    closing: str
    named: tuple[str, ...] = ()


class Skipped(Exception):
    """A phase cannot be run here; says why."""


def checks() -> tuple[bool, str]:
    python = [sys.executable, "-m"]
    code = [path for path in CODE if Path(path).exists()]
    commands = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", *code]]
    failed = [command[0] for command in commands if run([*python, *command], {})[0]]
    return not failed, f"failed: {', '.join(failed)}" if failed else "ruff, mypy"


def embedded() -> tuple[bool, str]:
    """Run the suite; of domain/ and handlers/ of each service, it must reach COVERED_PERCENT of lines and branches.

    Slipcover counts by instrumenting what is counted and traces nothing: the suite takes a third of the time that it
    takes under a tracer. It does not see modules that pytest imports by file, hence the import mode.
    """
    counted = sorted(map(str, [*Path("services").glob("*/domain"), *Path("services").glob("*/handlers")]))
    quiet = ["-W", "ignore:Module already imported", "-W", "ignore:Unable to activate pytest branch coverage"]
    patient = ["-o", "timeout=300"]  # it gives way to the phases beside it
    suite = ["--import-mode=prepend", *quiet, *patient, "-m", "not integration and not e2e", *cached("embedded")]
    with NamedTemporaryFile("r", prefix="pledge-covered-") as report:
        counting = ["--branch", "--source", ",".join(counted), "--skip-covered", "--out", report.name]
        code, closing = run([sys.executable, "-m", "slipcover", *counting, *PYTEST, *suite], {})
        covered = report.read().strip()
    print(covered)
    percent = int(covered.rpartition(" ")[2] or 0)
    passed, closing = run_again((code == 0, closing), {}, *suite)
    return passed and percent >= COVERED_PERCENT, f"{closing}; {percent} % of lines and branches"


def distributed() -> tuple[bool, str]:
    with servers() as environ:
        only_urls = {name: value for name, value in environ.items() if name.startswith("PLEDGE_TEST_")}
        return pytest(only_urls, "-m", "not e2e and not pure", *cached("distributed"))


def e2e() -> tuple[bool, str]:
    browser = {"PLEDGE_NO_PATCH": "1", "PLEDGE_CHROMIUM": str(packages.path_of("chromium"))}
    with servers() as environ:
        return pytest({**environ, **browser}, "tests/e2e", "--timeout=300", *cached("e2e"))


def openapi() -> tuple[bool, str]:
    """Run the tests of the OpenAPI document. `npm ci` puts the npm packages into tests/openapi/node_modules."""
    javascript = {"PLEDGE_NODE": str(packages.path_of("node")), "PLEDGE_NPM": str(packages.path_of("npm"))}
    return pytest({"PLEDGE_NO_PATCH": "1", **javascript}, "tests/openapi", "--timeout=300", *cached("openapi"))


def asyncio() -> tuple[bool, str]:
    """Run the suite and the demo on eventlet's asyncio hub, since eventlet's own hubs are being retired.

    What handlers do in one transaction meets no hub: of the services' own tests those run that start the service, and
    of the shop's those that play the whole life of an order or a parcel.
    """
    hub = {"EVENTLET_HUB": "asyncio"}
    started = map(str, Path("services").glob("*/tests/test_service.py"))
    chosen = "-m", "not integration and not e2e and not pure", *cached("asyncio")
    passed, closing = pytest(hub, *chosen, *MEETS_THE_HUB, *started)
    if not passed:
        return False, closing
    demo = "tests/e2e/test_demo.py", "--timeout=300", "-k", "embedded", *cached("asyncio")
    passed, played = pytest({**hub, "PLEDGE_NO_PATCH": "1"}, *demo)
    return passed, f"{closing}; the demo: {played}"


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
    code, closing = run([sys.executable, *PYTEST, *arguments], environ)
    return run_again((code == 0, closing), environ, *arguments)


def run_again(ended: tuple[bool, str], environ: Mapping[str, str], *arguments: str) -> tuple[bool, str]:
    """Run again what failed in a run of pytest with these arguments, if it is not more than RUN_AGAIN_AT_MOST."""
    passed, closing = ended
    if passed or not 1 <= sum(map(int, DID_NOT_PASS.findall(closing))) <= RUN_AGAIN_AT_MOST:
        return ended
    code, again = run([sys.executable, *PYTEST, *arguments, "--last-failed"], environ)
    return code == 0, f"{closing}; run again: {again}"


def cached(phase: str) -> tuple[str, str]:
    """Return where pytest remembers what failed: phases run side by side."""
    return "-o", f"cache_dir=.pytest_cache/{phase}"


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


PHASES = {phase.__name__: phase for phase in (checks, distributed, e2e, embedded, asyncio, openapi, chaos, compose)}


def run_here(name: str) -> int:
    """Run one phase in this process; the last line it prints closes it. Returns the exit code."""
    try:
        passed, closing = PHASES[name]()
    except Skipped as reason:
        print(f"{SKIPPED}: {reason}")
        return 0
    except NotStarted as problem:
        print(problem)
        return 1
    print(closing)
    return 0 if passed else 1


def run_beside(name: str, width: int) -> Outcome:
    """Run one phase as a process and show each of its lines under its name."""
    began = time.monotonic()
    last = ""
    named: list[str] = []
    command = [*(NICE if name in GIVES_WAY else ()), sys.executable, "-m", "deploy.checks", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        for line in child.stdout or ():
            print(f"{name:{width}} | {line}", end="", flush=True)
            last = line.strip() or last
            if line.startswith(NAMES_A_TEST) and len(named) < NAMED_AT_MOST:
                named.append(line.strip())
    state = FAILED if child.returncode else SKIPPED if last.startswith(f"{SKIPPED}: ") else PASSED
    return Outcome(name, state, time.monotonic() - began, last, tuple(named))


def main(names: list[str]) -> int:
    if not names or not {*names} <= {*PHASES}:
        sys.exit(__doc__)
    try:
        packages.ensure(*sorted({program for name in names for program in NEEDED.get(name, ())}))
    except packages.Missing as problem:
        print(problem, file=sys.stderr)
        return 1
    if len(names) == 1:
        return run_here(names[0])
    width = max(map(len, names))
    together = [name for name in names if name not in ALONE]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as lanes:
        outcomes = list(lanes.map(lambda name: run_beside(name, width), together))
    outcomes += [run_beside(name, width) for name in names if name in ALONE]
    print()
    for phase, state, seconds, closing, named in outcomes:
        print(f"{phase:12} {state:7} {seconds:4.0f} s  {closing}")
        for line in named:
            print(f"{'':12} {line[:NAMED_WIDTH]}")
    return int(any(outcome.state == FAILED for outcome in outcomes))
