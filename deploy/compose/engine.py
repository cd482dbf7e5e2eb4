"""A container engine and a Compose: those that are there, else Debian's, installed and started for as long as needed.

An engine that answers is used as it is and left alone. Else, as root, `dockerd` is started here and stopped at the end;
one that an earlier run left behind is found by its record and stopped too.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.run import packages, processes
from deploy.run.processes import Process
from deploy.run.servers import NotStarted

CANNOT = 77  # the exit code of a test that cannot be run here, as automake has it
START_SECONDS = 90.0
RECORD = Path("/run/pledge-dockerd.json")
PID_FILE = Path("/var/run/docker.pid")


def answers() -> bool:
    """Return whether an engine accepts our commands."""
    return bool(shutil.which("docker")) and _succeeds("docker", "info")


@contextmanager
def running(log: Path) -> Iterator[None]:
    """Run an engine for the time of a block. packages.Missing or NotStarted say what is missing."""
    found = answers()
    if not found:
        program = _program()
        _forget_stranger()
        started = processes.start([str(program)], env=os.environ, log=log, cwd=Path("/"))
        RECORD.write_text(json.dumps(started))
    try:
        if not found and not _answers_soon(started):
            raise NotStarted(f"dockerd does not answer:\n{log.read_text(errors='replace')[-3000:]}")
        yield
    finally:
        if ours := _ours():
            processes.stop(ours, signal.SIGTERM, seconds=60)
            RECORD.unlink()


def compose() -> list[str]:
    """Return the Compose to use: of PLEDGE_DOCKER_COMPOSE, the docker client's own, or docker-compose 1.29."""
    if os.environ.get("PLEDGE_DOCKER_COMPOSE") or not _succeeds("docker", "compose", "version"):
        return [str(packages.path_of("docker-compose"))]
    return ["docker", "compose"]


def composes() -> list[list[str]]:
    """Return every Compose that is installed."""
    found = [["docker", "compose"], ["docker-compose"]]
    return [command for command in found if shutil.which(command[0]) and _succeeds(*command, "version")]


def have_images(names: Sequence[str]) -> None:
    """Provide public images: those that are here, else a registry's, else what PLEDGE_BASE_IMAGES builds.

    That is a program, for places that reach no registry. NotStarted names the images that cannot be had.
    """
    lost = [name for name in names if not has_image(name)]
    builder = os.environ.get("PLEDGE_BASE_IMAGES")
    if lost and builder and subprocess.run([builder, *lost], timeout=900, check=False).returncode == 0:
        lost = [name for name in lost if not has_image(name)]
    if lost:
        raise NotStarted(f"these images are not here, and no registry gives them: {', '.join(lost)}")


def has_image(name: str) -> bool:
    """Return whether an image is here, or could be fetched just now."""
    return _succeeds("docker", "image", "inspect", name) or _succeeds("docker", "pull", "-q", name, seconds=300)


def _program() -> Path:
    if os.geteuid() != 0:
        raise packages.Missing("no container engine answers: start Docker, or run this as root, which starts one")
    packages.ensure("dockerd", "docker-compose")
    return packages.path_of("dockerd")


def _answers_soon(started: Process) -> bool:
    processes.until(lambda: answers() or not started.alive, START_SECONDS)
    return answers()


def _ours() -> Process | None:
    with suppress(FileNotFoundError):
        kept = Process(*json.loads(RECORD.read_text()))
        if kept.alive:
            return kept
    return None


def _forget_stranger() -> None:
    """Remove a pid file of another process: dockerd refuses to start while its pid file names a living process."""
    with suppress(FileNotFoundError, ValueError):
        pid = int(PID_FILE.read_text())
        name = Path(f"/proc/{pid}/comm")
        if not name.exists() or name.read_text().strip() != "dockerd":
            PID_FILE.unlink()


def _succeeds(*command: str, seconds: float = 30) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=seconds, check=False).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
