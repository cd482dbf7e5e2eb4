"""requirements.lock, read: what the images install, in which version, known by which hashes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

LOCK = Path(__file__).parents[2] / "requirements.lock"
_PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Locked(NamedTuple):
    """One package. There is a hash for each file that may be installed as this version, one per kind of machine."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read(text: str) -> dict[str, Locked]:
    """Read the locked packages, by canonical name. Raise ValueError for a line without a pinned version or a hash."""
    found: dict[str, Locked] = {}
    for entry in re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*$", "", text)).splitlines():
        if not entry.strip():
            continue
        pinned, hashes = _PINNED.match(entry), tuple(_HASH.findall(entry))
        if not pinned or not hashes:
            raise ValueError(f"{entry.split()[0]} is not pinned with its hashes")
        found[canonicalize_name(pinned[1])] = Locked(pinned[1], pinned[2], hashes)
    return found


def pins(text: str) -> dict[str, str]:
    """Return the versions that a requirements file pins, by canonical name."""
    return {canonicalize_name(name): version for name, version in re.findall(rf"(?m)^{_PINNED.pattern}", text)}
