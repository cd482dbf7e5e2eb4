"""The npm tools that read the document: installed into node_modules on demand, exactly as package-lock.json says."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STAMP = MODULES / ".installed"
NODE_AT_LEAST = (20, 19)  # redocly's own minimum
INSTALL_SECONDS = 300
QUIET = {"CI": "1", "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


class Tools:
    """Node.js with the packages of package-lock.json."""

    def __init__(self, node: str):
        self._node = node

    def run(
        self, program: str | Path, *arguments: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a tool by its name, or a script by its path. Return its outcome, whatever its exit code."""
        command = self.command(program, *arguments)
        return subprocess.run(command, cwd=cwd, env=environ(), capture_output=True, text=True, timeout=200, check=False)

    def command(self, program: str | Path, *arguments: str | Path) -> list[str]:
        script = MODULES / ".bin" / program if isinstance(program, str) else program
        return [self._node, str(script), *map(str, arguments)]


def environ(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for tools: nothing in it concerns the platform, and no tool asks for updates."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    return {**inherited, **QUIET, **(more or {})}


def installed() -> Tools:
    """Return the tools, after `npm ci` if needed. Skip if Node.js and npm are missing, fail if they are too old."""
    node, npm = (os.environ.get(f"PLEDGE_{name.upper()}") or shutil.which(name) for name in ("node", "npm"))
    if not node or not npm:
        pytest.skip("no Node.js and npm: make test-openapi")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    found = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if found < NODE_AT_LEAST:
        pytest.fail(f"Node.js 20.19 or newer is needed, {node} is {said.strip()}; PLEDGE_NODE names another")
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            command, cwd=HERE, env=environ({"PATH": path}), capture_output=True, text=True, timeout=INSTALL_SECONDS,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"npm ci failed:\n{done.stdout}{done.stderr}"
        STAMP.write_text(wanted)
    return Tools(node)
