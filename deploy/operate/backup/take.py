"""Taking a backup: each service's database by itself, consistent in itself, while all services work on.

The files that were sent come last (`files`).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa

from deploy.operate.backup import files, manifest, postgres, sqlite
from deploy.operate.backup.manifest import Item, Refused
from services import SERVICES
from services.common.basics import clock
from services.common.runtime.config import Settings
from services.common.runtime.upload_settings import UploadSettings
from services.support.settings import SupportSettings


def form_of(url: str) -> ModuleType:
    """Return the module that can take and restore a database of that kind."""
    return sqlite if sa.make_url(url).get_backend_name() == "sqlite" else postgres


def take(environ: Mapping[str, str], folder: Path | None = None) -> Path:
    """Take a backup of every service. Its folder, open to its owner only, gets its name when it is complete."""
    settings = Settings.load(environ)
    target = folder or settings.data_dir / "backups" / f"{clock.now():%Y%m%dT%H%M%S}"
    if target.exists():
        raise Refused(f"{target} exists already; a backup is never overwritten")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.mkdir(parents=True, mode=0o700)
    except OSError as problem:
        raise Refused(f"{target.parent} takes no backup: {problem.strerror}; name another folder: TO=") from problem
    try:
        items = [_take_one(service, settings.database_url(service), unfinished) for service in SERVICES]
        files.take(SupportSettings.load(environ).part(UploadSettings).store, unfinished)
        manifest.write(unfinished, items)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    return target


def _take_one(service: str, url: str, folder: Path) -> Item:
    form = form_of(url)
    name, at = f"{service}{form.SUFFIX}", clock.now()
    found = form.take(url, folder / name)
    kind = manifest.SQLITE if form is sqlite else manifest.POSTGRESQL
    return Item(service, name, kind, at, found.revision, found.position).sealed(folder)
