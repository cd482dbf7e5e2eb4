"""Are there known holes in what we run, and is what is installed what we locked? `python -m deploy.operate.audit`.

First pip-audit asks the OSV database about every version in requirements.lock. Where it cannot be reached that is
said, and is no success: the check was not made. It is no failure either, unless `--must-look` makes it one.

Then every package that is installed here must be in the lock, in that version, or among what requirements-dev.txt and
-otlp.txt pin, which is in no image; and every file of it must be as its wheel listed it. That a wheel is the one that
was locked is for pip to see, by its hash, when it installs: the images are built with --require-hashes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from deploy.checks import locked

TOOLS = [locked.LOCK.with_name(f"requirements-{name}.txt") for name in ("dev", "otlp")]
INSTALLERS = {"pip", "setuptools", "wheel"}  # they come with the virtual environment; images have none of them
SECONDS = 300


class Unreachable(Exception):
    """The database of known holes did not answer; says what pip-audit said."""


def known_holes(lock: Path, osv_url: str | None = None) -> list[str]:
    """Return one line for each known hole. Raise Unreachable if the database of holes cannot be asked."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip"]
    command += ["-s", "osv", "-f", "json", "--progress-spinner", "off", *(["--osv-url", osv_url] if osv_url else [])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        audited = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        raise Unreachable(f"no answer in {SECONDS} s") from None
    except ValueError:
        raise Unreachable((done.stderr.strip().splitlines() or ["it says nothing"])[-1]) from None
    found = [(each, hole) for each in audited for hole in each["vulns"]]
    return [f"{each['name']} {each['version']}: {hole['id']}, {_remedy(hole['fix_versions'])}" for each, hole in found]


def _remedy(versions: list[str]) -> str:
    return f"fixed in {', '.join(versions)}" if versions else "not fixed yet"


def deviations(
    installed: Iterable[Distribution], lock: Mapping[str, locked.Locked], tools: Mapping[str, str]
) -> Iterator[str]:
    """Yield how what is installed differs from what was pinned, package by package."""
    here = {canonicalize_name(each.metadata["Name"]): each for each in installed}
    for name in sorted(lock.keys() - here.keys()):
        yield f"{name} {lock[name].version} is locked, but not installed"
    for name, found in sorted(here.items()):
        pinned = lock[name].version if name in lock else tools.get(name)
        if pinned is None and name not in INSTALLERS:
            yield f"{name} {found.version} is installed, but neither locked nor a pinned tool"
        elif pinned not in (None, found.version):
            yield f"{name} {found.version} is installed, but {pinned} is pinned"
        elif name in lock:
            yield from (f"{name} {found.version}: {path} is not as it came" for path in _changed(found))


def _changed(found: Distribution) -> Iterator[str]:
    """Yield files that differ from the wheel's own list (RECORD), or are gone."""
    for file in found.files or ():
        if file.hash is None:
            continue
        try:
            digest = hashlib.new(file.hash.mode, Path(str(file.locate())).read_bytes()).digest()
        except OSError:
            digest = b""
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            yield str(file)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.operate.audit", description="known holes, and what is installed"
    )
    parser.add_argument("--must-look", action="store_true", help="fail when the database of known holes is away")
    parser.add_argument("--osv-url", help="another place that answers as https://api.osv.dev/v1/query does")
    given = parser.parse_args(arguments)
    lock = locked.read(locked.LOCK.read_text("utf-8"))
    wrong = False
    try:
        holes = known_holes(locked.LOCK, given.osv_url)
        wrong = bool(holes)
        print("\n".join(holes) if holes else f"no known holes in the {len(lock)} locked packages")
    except Unreachable as problem:
        wrong = given.must_look
        print(f"COULD NOT LOOK for known holes, the database cannot be reached: {problem}")
    differ = [*deviations(distributions(), lock, locked.pins("\n".join(path.read_text("utf-8") for path in TOOLS)))]
    print("\n".join(differ) if differ else f"what is installed is what was locked: {len(lock)} packages, file by file")
    return 1 if wrong or differ else 0


if __name__ == "__main__":
    sys.exit(main())
