"""The files that were sent: each is where support says, and the disk has room for more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from deploy.operate.by_hand import opened
from deploy.operate.doctor.finding import Finding, critical, warning
from services.common.runtime.object_store import StorageAway
from services.common.runtime.upload_settings import UploadSettings
from services.common.runtime.uploads import FREE
from services.support import tables as t
from services.support.settings import SupportSettings

LITTLE = 4 * FREE


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    settings = SupportSettings.load(environ)
    store, url = settings.part(UploadSettings).store, sa.make_url(settings.database_url("support"))
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return  # told elsewhere
    row = t.uploads.c
    name = sa.func.coalesce(row.same_as, row.id)
    kept = sa.select(name).where(row.ready_at.is_not(None), row.kept_until.is_(None))
    with opened(settings.database_url("support")) as database:
        try:
            with database.reader.connect() as connection:
                wanted = {*connection.scalars(kept)} if sa.inspect(connection).has_table(t.uploads.name) else set()
        except SQLAlchemyError:
            return  # told elsewhere
    try:
        missing = wanted - {*store.names()}
    except StorageAway as problem:
        yield critical(
            "uploads_away", store.where, problem.message, "see that PLEDGE_UPLOADS_S3 and its key are right; else wait",
        )  # fmt: skip
        missing = set()
    if missing:
        yield critical(
            "files_missing", store.where, f"{len(missing)} of {len(wanted)} files are not there, {min(missing)}",
            "give all gateways, support and the doctor one folder (PLEDGE_UPLOADS_DIR) or bucket (PLEDGE_UPLOADS_S3); "
            "or restore them from a backup",
        )  # fmt: skip
    if store.folder.exists() and shutil.disk_usage(store.folder).free < LITTLE:
        free = shutil.disk_usage(store.folder).free / 2**20
        yield warning(
            "uploads_disk_nearly_full", str(store.folder), f"{free:.0f} MB are left; below {FREE >> 20} none is taken",
            "make room, or move the folder: PLEDGE_UPLOADS_DIR",
        )  # fmt: skip
