"""What a backup says of itself: `manifest.json`, written last, so that a folder with one is whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from services.common.basics.clock import parse_rfc3339, rfc3339

NAME = "manifest.json"
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Refused(Exception):
    """It is not done, and nothing was changed; says why and what to do."""


class Facts(NamedTuple):
    """What a database holds: the revision of its tables, and the position of its newest journal entry (0: none)."""

    revision: str
    position: int


@dataclass(frozen=True)
class Item:
    """One service's backup; `taken_at` is the moment of the snapshot."""

    service: str
    file: str
    form: str
    taken_at: datetime
    revision: str
    position: int
    sha256: str = ""

    def sealed(self, folder: Path) -> Item:
        return replace(self, sha256=digest(folder / self.file))


def write(folder: Path, items: list[Item]) -> None:
    kept = {item.service: {**asdict(item), "taken_at": rfc3339(item.taken_at)} for item in items}
    (folder / NAME).write_text(json.dumps(kept, indent=2) + "\n")


def read(folder: Path, service: str | None = None) -> dict[str, Item]:
    """Read the backups in a folder, all or one service's, each verified to be the file that was written."""
    try:
        kept = json.loads((folder / NAME).read_text())
        items = {name: Item(**{**each, "taken_at": parse_rfc3339(each["taken_at"])}) for name, each in kept.items()}
    except FileNotFoundError:
        raise Refused(f"{folder} holds no {NAME}: it is no backup, or one that was cut short") from None
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise Refused(f"{folder / NAME} is not readable: {problem}") from problem
    if service is not None:
        if service not in items:
            raise Refused(f"{folder} holds no backup of {service}, but of {', '.join(items)}")
        items = {service: items[service]}
    for item in items.values():
        if not (folder / item.file).exists():
            raise Refused(f"{folder / item.file} is missing")
        if digest(folder / item.file) != item.sha256:
            raise Refused(f"{folder / item.file} is not what the manifest says (SHA-256): damaged, or another file")
    return items


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
