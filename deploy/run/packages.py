"""Programs that pip cannot bring: found, installed by apt when that is permitted, or asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# program: (variable that may name its path, Debian package, folders beside the PATH where it may live)
KNOWN = {
    "rabbitmq-server": ("PLEDGE_RABBITMQ_SERVER", "rabbitmq-server", ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin"]),
    "postgres": ("PLEDGE_POSTGRES", "postgresql", ["/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin"]),
    "pg_dump": ("PLEDGE_PG_DUMP", "postgresql-client", ["/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/libpq/bin"]),
    "chromium": ("PLEDGE_CHROMIUM", "chromium", []),
    "node": ("PLEDGE_NODE", "nodejs", []),
    "npm": ("PLEDGE_NPM", "npm", []),
    "dockerd": ("PLEDGE_DOCKERD", "docker.io", []),
    "docker-compose": ("PLEDGE_DOCKER_COMPOSE", "docker-compose", []),
    "prometheus": ("PLEDGE_PROMETHEUS", "prometheus", []),
    "dovecot": ("PLEDGE_DOVECOT", "dovecot-imapd", ["/usr/sbin"]),
    "promtool": ("PLEDGE_PROMTOOL", "prometheus", []),
}
_POLICY = Path("/usr/sbin/policy-rc.d")


class Missing(Exception):
    """A program is not here and we may not install it; says what to do."""


def path_of(program: str) -> Path:
    """Return where the program is, and install it if needed. Missing says what to install or set."""
    ensure(program)
    found = _find(program)
    if found is None:
        raise Missing(f"{program} was installed, but is in none of the folders where it is looked for")
    return found


def ensure(*programs: str) -> None:
    """Have all of them: with one installation by apt when we are root, else Missing names every one."""
    missing = [program for program in programs if _find(program) is None]
    if not missing:
        return
    packages = sorted({KNOWN[program][1] for program in missing})
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        lines = [f"  {each}: install the package {KNOWN[each][1]!r} or set {KNOWN[each][0]}" for each in missing]
        raise Missing("programs that are needed are missing:\n" + "\n".join(lines))
    print(f"installing {', '.join(packages)}", flush=True)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_services_started():
        for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *packages]):
            done = subprocess.run(["apt-get", *command], env=environ, timeout=600, stdout=subprocess.DEVNULL)
            if done.returncode:
                raise Missing(f"apt-get {command[0]} did not bring {', '.join(packages)}: exit code {done.returncode}")


def _find(program: str) -> Path | None:
    variable, _, folders = KNOWN[program]
    if named := os.environ.get(variable):
        if not os.access(named, os.X_OK):
            raise Missing(f"{variable} names {named}, which is no program")
        return Path(named)
    for folder in folders:
        for candidate in sorted(Path("/").glob(f"{folder[1:]}/{program}"), reverse=True):
            if os.access(candidate, os.X_OK):
                return candidate
    on_path = shutil.which(program)
    return Path(on_path) if on_path else None


@contextmanager
def _no_services_started() -> Iterator[None]:
    """Keep Debian from starting what it installs, on the usual ports: only the programs are wanted."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
