"""The files that were sent, as part of a backup: one archive, and its SHA-256 beside it.

They are copied after the databases: a file is there before its row says so, so each file that a row of the backup names
is in it, but for those that were being removed just then. A restore adds what is missing and changes nothing that is
there: a file under a name is always the same file.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from deploy.operate.backup.manifest import Refused, digest
from services.common.runtime.uploads import NAME, UploadStore

FILE, SEAL = "uploads.tar", "uploads.tar.sha256"


def take(store: UploadStore, folder: Path) -> None:
    """Copy all files that there are. One that is removed meanwhile is left out."""
    with tarfile.open(folder / FILE, "w") as archive:
        for name in sorted(store.names()):
            try:
                file = store.open(name)
            except FileNotFoundError:
                continue  # its time has ended
            with file:
                member = tarfile.TarInfo(name)
                member.size = file.seek(0, 2)
                file.seek(0)
                archive.addfile(member, file)
    (folder / SEAL).write_text(digest(folder / FILE))


def check(folder: Path) -> None:
    """Raise Refused for a damaged archive. A backup of an older release has none."""
    if (folder / SEAL).exists() and (
        not (folder / FILE).exists() or digest(folder / FILE) != (folder / SEAL).read_text().strip()
    ):
        raise Refused(f"{folder / FILE} is not what {SEAL} says (SHA-256): damaged, or another file")


def load(store: UploadStore, folder: Path) -> int:
    """Add the files of the backup that are missing. Return how many."""
    if not (folder / SEAL).exists():
        return 0
    known, added = {*store.names()}, 0
    with tarfile.open(folder / FILE) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and NAME.fullmatch(member.name) else None
            if file is not None and member.name not in known:
                with file:
                    store.keep(member.name, file)
                added += 1
    return added
