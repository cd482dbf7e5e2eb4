"""Commands to the container engine and to Compose: bounded, and loud when they fail."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence

from services.common.basics.untyped import JsonDict


class Failed(Exception):
    """A command failed, or what was waited for did not come."""


def docker(*arguments: str, seconds: float = 60) -> str:
    return run(["docker", *arguments], seconds)


def refused(*arguments: str) -> bool:
    """Return whether a docker command fails, for commands that should."""
    return subprocess.run(["docker", *arguments], capture_output=True, timeout=60, check=False).returncode != 0


def inspect(container: str) -> JsonDict:
    found: dict[str, object] = json.loads(docker("inspect", container))[0]
    return found


def health(container: str) -> str:
    """Return starting, healthy or unhealthy. A container that ended has none of them."""
    return str(inspect(container)["State"]["Health"]["Status"])


def address(container: str, network: str) -> str:
    """Return where the machine itself reaches a container, whatever is published."""
    return str(inspect(container)["NetworkSettings"]["Networks"][network]["IPAddress"])


def run(command: Sequence[str], seconds: float, environ: Mapping[str, str] | None = None) -> str:
    """Return the standard output. Raise Failed with all of the output if the command fails or takes too long."""
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(command)}: no end after {seconds:.0f} s") from late
    if done.returncode:
        raise Failed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout
