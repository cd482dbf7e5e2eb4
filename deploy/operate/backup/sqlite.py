"""The embedded form: a service's database is a file. A restore holds the data folder for that time."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from deploy.operate.backup.manifest import Facts, Refused

SUFFIX = ".db"


def take(url: str, target: Path) -> Facts:
    """Take a picture of one moment with SQLite's online backup. Writers continue meanwhile."""
    source = _path(url)
    if not source.exists():
        raise Refused(f"{source} does not exist: nothing was ever stored there")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # a backup is one file; the service turns WAL on again
        return _facts(copy)


def load(url: str, source: Path, _admin: str) -> str:
    """Load the backup beside the database, for a look at it and a later swap. Return its URL."""
    path = _path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".restoring")
    shutil.copyfile(source, fresh)
    return f"sqlite:///{fresh}"


def facts(url: str) -> Facts:
    with closing(sqlite3.connect(_path(url))) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Refused(f"{_path(url)} is damaged inside")
        return _facts(connection)


def swap(url: str, fresh: str, now: datetime, _admin: str) -> str:
    """Swap the fresh database with the other, which is kept. Return where that is now ("": there was none)."""
    path, new = _path(url), _path(fresh)
    _into_one_file(new)
    kept = path.with_name(f"{path.stem}.replaced-{now:%Y%m%dT%H%M%S}{SUFFIX}")
    if path.exists():
        _into_one_file(path)
        os.link(path, kept)  # the name is never free: a start in between would make an empty database
    new.replace(path)
    return str(kept) if kept.exists() else ""


def hand_over(_url: str, _fresh: str, _admin: str, _owner: str | None) -> None:
    """Do nothing: a file has no roles."""


def discard(fresh: str, _admin: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{_path(fresh)}{suffix}").unlink(missing_ok=True)


def who_works(_url: str, _admin: str) -> str:
    """Return "": this process holds the lock on the data folder."""
    return ""


def _into_one_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _facts(connection: sqlite3.Connection) -> Facts:
    (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    (position,) = connection.execute("SELECT coalesce(max(position), 0) FROM journal").fetchone()
    return Facts(revision, position)


def _path(url: str) -> Path:
    return Path(sa.make_url(url).database or "")
