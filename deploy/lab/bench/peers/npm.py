"""Packages from npm, installed once into a folder outside the tree.

    folder = install(Path("var/peers/vendure"))        # NotHad says in one line why not

What has been installed for the same package.json is used as it is. Scripts of packages are not run.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from deploy.run import packages

HERE = Path(__file__).parent
SECONDS = 300.0
_COMMAND = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")


class NotHad(Exception):
    """npm, its registry or the packages are not to be had here; says so in one line."""


def install(folder: Path, wanted: Path = HERE / "package.json", seconds: float = SECONDS) -> Path:
    """Have in that folder what package.json asks for. Return the folder. Raise NotHad; a repeat begins again."""
    stamp = folder / ".installed"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    shutil.copyfile(wanted, folder / "package.json")
    log = folder / "npm.log"
    with log.open("wb") as told:
        code = _run([str(program("npm")), *_COMMAND], folder, told.fileno(), seconds)
    if code is None:
        raise NotHad(f"npm had not installed {folder} after {seconds:.0f} s; what it said is in {log}")
    if code:
        said = log.read_text(errors="replace").strip().splitlines() or ["nothing"]
        raise NotHad(f"npm cannot install {folder}: {said[0][:200]} (exit code {code}; the rest is in {log})")
    stamp.write_text(wanted.read_text())
    return folder


def program(name: str) -> Path:
    """Return where node or npm is. Raise NotHad."""
    try:
        return packages.path_of(name)
    except packages.Missing as problem:
        raise NotHad(f"{name} is not to be had: {' '.join(str(problem).split())}") from problem


def environ() -> dict[str, str]:
    """Return the environment of what comes from npm: nothing of ours, and nothing is reported to its makers."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    return {**inherited, "NO_COLOR": "1", "VENDURE_DISABLE_TELEMETRY": "true", "NO_UPDATE_NOTIFIER": "1"}


def _run(command: list[str], folder: Path, told: int, seconds: float) -> int | None:
    """Run it, with all that it starts, for so long at most. Return its exit code, or None if it took longer."""
    child = subprocess.Popen(
        command, cwd=folder, env=environ(), stdin=subprocess.DEVNULL, stdout=told, stderr=told, start_new_session=True
    )
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)  # its session is its own: this ends npm and what it started
            child.wait()
