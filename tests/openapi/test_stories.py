"""Clients are generated from the document, and a customer who uses one gets to the end of their story."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.openapi.house import House
from tests.openapi.tools import HERE, MODULES, Tools, environ

STORIES = HERE / "stories"
SECONDS = 150


@pytest.fixture(scope="module")
def typescript(npm: Tools, document_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the types of the document and the program that uses them."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(MODULES)
    shutil.copy(STORIES / "customer.mts", folder)
    made = npm.run("openapi-typescript", document_file, "--output", folder / "api.d.ts")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def python(document_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the Python client of the document."""
    folder = tmp_path_factory.mktemp("python")
    command = [
        sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document_file), "--meta", "none",
        "--config", str(HERE / "python-client.yaml"), "--output-path", str(folder / "pledge_client"),
        "--fail-on-warning",
    ]  # fmt: skip
    made = subprocess.run(command, env=environ(), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert made.returncode == 0, f"{made.stdout}{made.stderr}"
    assert "WARNING" not in made.stdout + made.stderr
    return folder


def test_a_typescript_customer_gets_to_the_end(npm: Tools, typescript: Path, house: House) -> None:
    """The types suffice for `tsc --strict`, and what the program does with them is what the platform does."""
    compiled = npm.run(
        "tsc", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--lib", "es2023,dom,dom.asynciterable",
        "--module", "nodenext", "--types", "node", "customer.mts", cwd=typescript,
    )  # fmt: skip
    assert compiled.returncode == 0, compiled.stdout

    assert play(npm.command(typescript / "customer.mjs", house.url), house)[-1].startswith("refunded ")


def test_a_python_customer_gets_to_the_end(python: Path, house: House) -> None:
    command = [sys.executable, str(STORIES / "customer.py"), house.url]

    assert play(command, house, {"PYTHONPATH": str(python)})[-1].startswith("refunded ")


def play(command: list[str], house: House, more: dict[str, str] | None = None) -> list[str]:
    """Run a customer's program and do the shop's part each time that it says so. Return what it said."""
    turns: dict[str, Callable[[str], None]] = {
        "paid": house.deliver, "asked": house.answer, "returned": house.settle,
    }  # fmt: skip
    said = []
    with subprocess.Popen(
        command, env=environ(more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as customer:
        end = threading.Timer(SECONDS, customer.kill)
        end.start()
        try:
            for line in customer.stdout or ():
                said.append(line.rstrip())
                word, _, number = said[-1].partition(" ")
                if word in turns:
                    turns[word](number)
        except BaseException:
            customer.kill()
            raise
        finally:
            end.cancel()
    assert customer.returncode == 0, "\n".join(said[-40:])
    return said
