"""`pip install .` installs all that runs: the code of the three packages and every file that the code reads."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "gateway", "deploy")
LEFTOVERS = shutil.ignore_patterns("__pycache__", ".*")
DESCRIBING = ("pyproject.toml", "LICENSE", "requirements.txt", "requirements-otlp.txt")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what is to be installed, because the build writes beside it."""
    folder = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=LEFTOVERS)
    for name in DESCRIBING:
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Build the wheel, without the network, by the setuptools that requirements-dev.txt pins."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    command += ["--no-index", "--no-deps", "--no-build-isolation", "--check-build-dependencies"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(target), str(source)], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = target.glob("pledge-*.whl")
    return ZipFile(path)


def test_the_wheel_has_every_file_but_the_tests(source: Path, wheel: ZipFile) -> None:
    files = [path for package in PACKAGES for path in (source / package).rglob("*") if path.is_file()]
    expected = {str(path.relative_to(source)) for path in files if "tests" not in path.relative_to(source).parts}

    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert {Path(name).suffix for name in expected} >= {".py", ".json", ".yaml", ".mako", ".html", ".js", ".css"}
    assert packed == expected


def test_the_wheel_requires_what_requirements_txt_pins(wheel: ZipFile) -> None:
    (name,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
    required = message_from_bytes(wheel.read(name)).get_all("Requires-Dist", [])

    always = {each for each in required if ";" not in each}

    assert always == set(re.findall(r"(?m)^[\w.-]+==\S+", (ROOT / "requirements.txt").read_text("utf-8")))


def test_the_installed_code_can_be_imported(wheel: ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    look = "import gateway.app, services.orders.service as s; print(s.__file__)"

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", look],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.strip() == str(tmp_path / "services/orders/service.py"), done.stderr
