"""Where the files lie that customers and staff have sent: one folder, or bucket, that gateways and support share.

    store = settings.part(UploadSettings).store
    with store.scratch() as file: …                # a file without a name: gone with the process
    store.keep("01a2…", file)                      # whole under its name, or not there at all
    store.open("01a2…"), store.remove("01a2…")

Names are ids that were made here, so no name that a stranger gave is ever a path. A file appears under its name at
once and whole: it is written beside, forced to the disk, and renamed. Keeping one twice, and removing one that is
gone, are harmless. What the disk refuses is raised as OSError (`is_full` says whether it is full). With
PLEDGE_UPLOADS_S3 they lie in an S3-compatible object store instead (`object_store`).

The bytes are in no database and pass no broker. Support knows what each file is and to what it belongs; it removes
files, and the gateways add them.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.small)?")
SMALL = ".small"
"""What the name of a file's little picture ends with."""
FREE = 256 << 20
"""Bytes that are left free on the disk: a database may live there too."""
PIECE = 256 << 10


class UploadStore:
    """The files below one folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def where(self) -> str:
        """What operators know it by."""
        return str(self.folder)

    def scratch(self) -> IO[bytes]:
        """Return an empty file without a name, on the same disk. Raise OSError (ENOSPC) when little is free."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return tempfile.TemporaryFile(dir=self.folder)

    def keep(self, name: str, file: IO[bytes]) -> None:
        """Keep what the file has, from its start, under that name."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.seek(0)
        handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                shutil.copyfileobj(file, out, PIECE)
                out.flush()
                os.fsync(out.fileno())
            Path(beside).rename(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read. Raise FileNotFoundError where there is none."""
        return self._path(name).open("rb")

    def remove(self, name: str) -> None:
        """Remove a file and its little picture, if they are there."""
        for each in (name, f"{name}{SMALL}"):
            self._path(each).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Yield the names of all files that are kept."""
        yield from (path.name for path in self.folder.glob("??/*") if NAME.fullmatch(path.name))

    def _path(self, name: str) -> Path:
        return self.folder / place_of(name)


def place_of(name: str) -> str:
    """Return where a file lies below the folder. ValueError for what is no name of a file here."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a file here")
    return f"{name[34:36]}/{name}"


def is_full(problem: OSError) -> bool:
    """Return whether it says that there is no room."""
    return problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
